// cloison ledger proof, predecessors: what the server tells of its log beside the published files.
#include "cli/ledger_read.h"

#include <algorithm>

#include "cli/request.h"

namespace cloison::cli {

namespace {

// "acc_" and letters, digits, "-" or "_": it becomes a part of a path.
bool IsDisclosure(std::string_view id) {
  constexpr std::string_view kPrefix = "acc_";
  if (!id.starts_with(kPrefix) || id.size() == kPrefix.size()) return false;
  return std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

}  // namespace

ExitCode LedgerProof(const LedgerReadOptions& options, const Common& common,
                     const Terminal& terminal) {
  if (!IsDisclosure(options.disclosure)) {
    terminal.Complain("a disclosure is acc_ and letters, as cloison disclose gives it");
    return ExitCode::kUsage;
  }
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer =
      AskOnce({net::Method::kGet, "/v1/disclosures/" + options.disclosure + "/proof"}, common,
              terminal, exit);
  if (!answer.has_value()) return exit;
  terminal.Out(answer->body);
  return ExitCode::kDone;
}

ExitCode LedgerPredecessors(const LedgerReadOptions&, const Common& common,
                            const Terminal& terminal) {
  ExitCode exit = ExitCode::kDone;
  const std::optional<net::Response> answer =
      AskOnce({net::Method::kGet, "/ledger/predecessors"}, common, terminal, exit);
  if (!answer.has_value()) return exit;
  const std::optional<codec::JsonDocument> all = ObjectOf(*answer, "a list of logs", terminal);
  if (!all.has_value()) return ExitCode::kFailure;
  const std::optional<codec::JsonValue> logs = ListMember(all->root(), "logs", terminal);
  if (!logs.has_value()) return ExitCode::kFailure;
  if (common.json) {
    terminal.Line(answer->body);
    return ExitCode::kDone;
  }
  if (logs->size() == 0) terminal.Note("none: the log is the register's first");
  for (auto at = logs->First(); at.has_value(); at = at->Next()) {
    const std::string gap = common.plain ? "\t" : "  ";
    terminal.Line(
        TextMember(*at, "log").value_or("?") + gap + std::to_string(NumberMember(*at, "size")) +
        gap + TextMember(*at, "closed").value_or("?") + gap + TextMember(*at, "key").value_or("?"));
  }
  return ExitCode::kDone;
}

}  // namespace cloison::cli
