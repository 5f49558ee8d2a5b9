// What is wrong with a checkpoint: as a note, as a statement of this log, as a witnessed one.
#ifndef CLOISON_VERIFY_INTERNAL_CHECKPOINT_H_
#define CLOISON_VERIFY_INTERNAL_CHECKPOINT_H_

#include <string_view>

#include "verify/log.h"

namespace cloison::verify::internal {

// Opens `text` against the log's key. `path` names it in a fault.
struct OpenedNote {
  tlog::Head head{};
  std::optional<Fault> fault;
};
OpenedNote OpenNote(std::string_view text, const std::string& path, const tlog::VerifierKey& key);

// Which of the witnesses signed; a wrong signature of one of them, or too few of them, is a fault.
std::optional<Fault> CheckWitnesses(std::string_view text, const LogOptions& options,
                                    std::vector<Cosigned>& cosigned);

// kInvalid as VerifyLog.
Status CheckOptions(const LogOptions& options);

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_CHECKPOINT_H_
