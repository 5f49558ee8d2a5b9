// What commands about approvals share: the request, the answer in words, the exit code.
#ifndef CLOISON_CLI_APPROVAL_H_
#define CLOISON_CLI_APPROVAL_H_

#include <optional>
#include <string>

#include "cli/commands.h"

namespace cloison::cli {

struct AskedRequest {
  std::string path, body;
  bool once = true;  // with an Idempotency-Key made of all of it: again is the same request
  std::optional<std::uint64_t> version = std::nullopt;  // with If-Match of it
};
// Sends it, or shows it. An approval that waits for somebody is kWaiting.
ExitCode SendForApproval(const AskedRequest& request, bool dry_run, const Common& common,
                         const Terminal& terminal);
// One approval in words, or as one line of facts. Empty: it is none.
std::string ApprovalInWords(const codec::JsonValue& approval, bool plain);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_APPROVAL_H_
