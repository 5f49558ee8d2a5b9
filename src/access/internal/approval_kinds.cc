#include "access/internal/approval_kinds.h"

namespace cloison::access::internal {

ApprovalKind* FindKind(const ApprovalKinds& kinds, std::string_view name) {
  for (const std::unique_ptr<ApprovalKind>& kind : kinds) {
    if (kind->name() == name) return kind.get();
  }
  return nullptr;
}

}  // namespace cloison::access::internal
