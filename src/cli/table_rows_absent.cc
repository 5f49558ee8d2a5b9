// For a build on a machine without libpq.
#include "cli/table_rows.h"

namespace cloison::cli {

Result<std::unique_ptr<TableRows>> TableRows::Open(const TableOptions&, std::string* problem) {
  *problem = "this cloison was built without a PostgreSQL client (libpq-dev)";
  return Error{Code::kUnavailable, "no PostgreSQL client"};
}

}  // namespace cloison::cli
