// The rows of a live PostgreSQL table as one CSV stream with a header: COPY ... TO STDOUT, read as
// it comes, so a table of any size takes no memory.
//
// One statement of one snapshot, read only; rows in the order of the columns given, which names
// each row for a later run: as long as the table does not change in between. NULL is an empty cell.
// Without a word about it in the connection, a server that is not on this machine must prove who it
// is (sslmode=verify-full). A password may not stand in the connection, where the list of processes
// shows it: PGPASSFILE or a service file.
//
// Threads  one. Source  PostgreSQL 15, "COPY", "Connection Strings".
#ifndef CLOISON_CLI_TABLE_ROWS_H_
#define CLOISON_CLI_TABLE_ROWS_H_

#include <istream>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace cloison::cli {

struct TableOptions {
  std::string connection;             // "host=/run/postgresql dbname=agency", as psql takes it
  std::string table;                  // name or schema.name
  std::vector<std::string> order_by;  // columns
};

class TableRows {
 public:
  virtual ~TableRows() = default;
  // Bad when the server breaks off.
  virtual std::istream& stream() = 0;

  // Fails: kInvalid, kUnavailable; `problem` (never null) says what is wrong: of the connection in
  // PostgreSQL's words, of the statement by its SQLSTATE alone, since those words may hold values.
  static Result<std::unique_ptr<TableRows>> Open(const TableOptions& options, std::string* problem);
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_TABLE_ROWS_H_
