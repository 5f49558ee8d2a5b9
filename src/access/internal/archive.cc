#include "access/internal/archive.h"

namespace cloison::access::internal {

bool IsArchivist(const Core& core, const std::string& role) {
  const Role* const of = core.parts.policy.Now().FindRole(role);
  return of != nullptr && of->archive;
}

Result<bool> IsKeptAway(const Core& core, const ArchiveQuestion& question, const Target& target,
                        Relation relation) {
  const std::optional<ArchiveSpec>& archive = core.parts.policy.Now().archive();
  if (!archive.has_value() || relation == Relation::kSelf) return false;
  if (question.archivist && question.alone && question.has_motive) return false;
  if (!target.sighting.has_value()) return false;  // said elsewhere
  const std::int64_t first_kept = question.wall_ms / base::kDayMs - archive->after_days;
  return records::Matcher(core.parts.people).IsBefore(*target.sighting, archive->field, first_kept);
}

}  // namespace cloison::access::internal
