// Lists of the API, page by page.
#ifndef CLOISON_CLI_LIST_PAGES_H_
#define CLOISON_CLI_LIST_PAGES_H_

#include <functional>
#include <string>

#include "cli/commands.h"
#include "cli/request.h"

namespace cloison::cli {

// Prints the whole list that `request` asks for: its pages as they came (--json), else a line per
// item. `what`: "approvals", for the complaint when the answer is no such list. `at_page`: whoever
// reads what else a page says.
ExitCode ListPages(Connection& connection, OneRequest request, const std::string& what,
                   const std::function<std::string(const codec::JsonValue&)>& in_words,
                   const Common& common, const Terminal& terminal,
                   const std::function<void(const codec::JsonValue&)>& at_page = {});

}  // namespace cloison::cli

#endif  // CLOISON_CLI_LIST_PAGES_H_
