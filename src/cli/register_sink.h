// Registers the rows of an import through the API, over several connections at once.
#ifndef CLOISON_CLI_REGISTER_SINK_H_
#define CLOISON_CLI_REGISTER_SINK_H_

#include <atomic>
#include <vector>

#include "cli/connection.h"
#include "ingest/importer.h"

namespace cloison::cli {

class RegisterSink final : public ingest::ImportSink {
 public:
  // `retry_s`: how long a row is tried again while the server is away or asks to wait. The row's
  // idempotency key makes every further try the same registration.
  // `schema`: what the rows are of. It outlives this, and so does `clock`.
  RegisterSink(const Connection& connection, const records::Schema& schema, std::size_t connections,
               std::int64_t retry_s, base::Clock& clock);
  Result<std::vector<ingest::RowAnswer>> Register(std::vector<ingest::ImportRow> rows) override;

  // How the last failing answer would end a command; kDone while none failed.
  ExitCode last_failure() const { return last_failure_.load(); }

 private:
  Result<ingest::RowAnswer> RegisterOne(Connection& connection, const ingest::ImportRow& row);
  // What an answer means for its row; nothing: try again.
  std::optional<Result<ingest::RowAnswer>> AnswerOf(const net::Response& response);

  const records::Schema& schema_;
  std::vector<Connection> connections_;
  std::int64_t retry_us_;
  base::Clock& clock_;
  std::atomic<ExitCode> last_failure_{ExitCode::kDone};
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_REGISTER_SINK_H_
