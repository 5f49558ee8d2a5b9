#include "cli/list_pages.h"

namespace cloison::cli {

ExitCode ListPages(Connection& connection, OneRequest request, const std::string& what,
                   const std::function<std::string(const codec::JsonValue&)>& in_words,
                   const Common& common, const Terminal& terminal,
                   const std::function<void(const codec::JsonValue&)>& at_page) {
  while (true) {
    ExitCode exit = ExitCode::kDone;
    const std::optional<net::Response> answer = Ask(connection, request, terminal, exit);
    if (!answer.has_value()) return exit;
    const Result<codec::JsonDocument> page = codec::JsonDocument::Parse(AsBytes(answer->body));
    const auto items = page.ok() ? page->root().Find("items") : std::nullopt;
    if (!items.has_value() || !items->is_array()) {
      terminal.Complain("the server's answer is no list of " + what);
      return ExitCode::kFailure;
    }
    if (at_page) at_page(page->root());
    if (common.json) terminal.Line(answer->body);
    for (auto at = items->First(); at.has_value() && !common.json; at = at->Next()) {
      terminal.Line(in_words(*at));
    }
    const auto next = TextMember(page->root(), "next_page_token");
    if (!next.has_value()) return ExitCode::kDone;
    request.query = "page_token=" + *next;
  }
}

}  // namespace cloison::cli
