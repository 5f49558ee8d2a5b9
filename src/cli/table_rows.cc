#include "cli/table_rows.h"

#include <libpq-fe.h>

#include <array>
#include <streambuf>

#include "crypto/secret.h"

namespace cloison::cli {

namespace {

struct CloseConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeText {
  void operator()(char* text) const { PQfreemem(text); }
};
using Connected = std::unique_ptr<PGconn, CloseConnection>;
using Answered = std::unique_ptr<PGresult, ClearResult>;
using Text = std::unique_ptr<char, FreeText>;

// Rows of a COPY that has begun. Each is wiped when the next one is asked for.
class CopyBuffer final : public std::streambuf {
 public:
  CopyBuffer(PGconn* connection, std::istream& owner) : connection_(connection), owner_(owner) {}
  ~CopyBuffer() override { Drop(); }

 protected:
  int_type underflow() override {
    Drop();
    if (ended_) return traits_type::eof();
    char* row = nullptr;
    const int length = PQgetCopyData(connection_, &row, 0);
    if (length > 0) {
      row_.reset(row);
      setg(row, row, row + length);
      return traits_type::to_int_type(*row);
    }
    ended_ = true;
    // -1: all rows came; whether the statement ended well comes after. -2: the server is gone.
    const Answered last(length == -1 ? PQgetResult(connection_) : nullptr);
    if (PQresultStatus(last.get()) != PGRES_COMMAND_OK) owner_.setstate(std::ios::badbit);
    return traits_type::eof();
  }

 private:
  void Drop() {
    if (row_ == nullptr) return;
    crypto::Wipe(
        {reinterpret_cast<std::uint8_t*>(eback()), static_cast<std::size_t>(egptr() - eback())});
    row_.reset();
    setg(nullptr, nullptr, nullptr);
  }

  PGconn* connection_;
  std::istream& owner_;
  Text row_;
  bool ended_ = false;
};

class CopiedRows final : public TableRows {
 public:
  explicit CopiedRows(Connected connection)
      : connection_(std::move(connection)), stream_(nullptr), buffer_(connection_.get(), stream_) {
    stream_.rdbuf(&buffer_);
  }
  std::istream& stream() override { return stream_; }

 private:
  Connected connection_;
  std::istream stream_;
  CopyBuffer buffer_;
};

Result<std::string> Quoted(PGconn* connection, const std::string& name) {
  const Text text(PQescapeIdentifier(connection, name.data(), name.size()));
  if (text == nullptr) return Error{Code::kInvalid, "a name is no identifier"};
  return std::string(text.get());
}

Result<std::string> StatementOf(PGconn* connection, const TableOptions& options) {
  const std::size_t dot = options.table.find('.');
  std::string from;
  if (dot != std::string::npos) {
    CLOISON_TRY_ASSIGN(from, Quoted(connection, options.table.substr(0, dot)));
    from += '.';
  }
  CLOISON_TRY_ASSIGN(
      const std::string table,
      Quoted(connection, dot == std::string::npos ? options.table : options.table.substr(dot + 1)));
  std::string order;
  for (const std::string& column : options.order_by) {
    CLOISON_TRY_ASSIGN(const std::string quoted, Quoted(connection, column));
    order += (order.empty() ? " ORDER BY " : ", ") + quoted;
  }
  return "COPY (SELECT * FROM " + from + table + order +
         ") TO STDOUT WITH (FORMAT csv, HEADER true, ENCODING 'UTF8')";
}

bool HoldsPassword(const std::string& connection) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> parsed(
      PQconninfoParse(connection.c_str(), nullptr), &PQconninfoFree);
  for (const PQconninfoOption* at = parsed.get(); at != nullptr && at->keyword != nullptr; ++at) {
    if (std::string(at->keyword) == "password" && at->val != nullptr) return true;
  }
  return false;
}

Connected Connect(const std::string& connection) {
  // What stands later wins: the connection's own words over ours, but for the session's settings.
  const std::array<const char*, 6> keys = {"sslmode",         "application_name", "dbname",
                                           "client_encoding", "options",          nullptr};
  const std::array<const char*, 6> values = {
      "verify-full",
      "cloison import",
      connection.c_str(),
      "UTF8",
      "-c datestyle=ISO -c default_transaction_read_only=on -c intervalstyle=iso_8601",
      nullptr};
  return Connected(PQconnectdbParams(keys.data(), values.data(), 1));
}

}  // namespace

Result<std::unique_ptr<TableRows>> TableRows::Open(const TableOptions& options,
                                                   std::string* problem) {
  if (HoldsPassword(options.connection)) {
    *problem = "a password on the command line is there for everybody to see: use PGPASSFILE";
    return Error{Code::kInvalid, "a password in the connection"};
  }
  Connected connection = Connect(options.connection);
  if (PQstatus(connection.get()) != CONNECTION_OK) {
    *problem = PQerrorMessage(connection.get());
    while (problem->ends_with('\n')) problem->pop_back();
    return Error{Code::kUnavailable, "PostgreSQL does not answer"};
  }
  CLOISON_TRY_ASSIGN(const std::string statement, StatementOf(connection.get(), options));
  const Answered begun(PQexec(connection.get(), statement.c_str()));
  if (PQresultStatus(begun.get()) != PGRES_COPY_OUT) {
    const char* state = PQresultErrorField(begun.get(), PG_DIAG_SQLSTATE);
    *problem = "PostgreSQL refuses to copy the table: SQLSTATE " +
               std::string(state == nullptr ? "unknown" : state);
    return Error{Code::kInvalid, "the table cannot be read"};
  }
  return std::unique_ptr<TableRows>(std::make_unique<CopiedRows>(std::move(connection)));
}

}  // namespace cloison::cli
