#include "access/internal/archive.h"

namespace cloison::access::internal {

bool IsArchivist(const Policy& policy, const std::string& role) {
  const Role* const of = policy.FindRole(role);
  return of != nullptr && of->archive;
}

Result<bool> IsKeptAway(const Core& core, const ArchiveQuestion& question, const Target& target,
                        Relation relation) {
  if (relation == Relation::kSelf || !target.sighting.has_value()) return false;  // said elsewhere
  return IsKeptAway(core, core.parts.policy.Now(), question, *target.sighting);
}

Result<bool> IsKeptAway(const Core& core, const Policy& policy, const ArchiveQuestion& question,
                        const records::Sighting& sighting) {
  const std::optional<ArchiveSpec>& archive = policy.archive();
  if (!archive.has_value()) return false;
  if (question.archivist && question.alone && question.has_motive) return false;
  const std::int64_t first_kept = question.wall_ms / base::kDayMs - archive->after_days;
  return records::Matcher(core.parts.people).IsBefore(sighting, archive->field, first_kept);
}

}  // namespace cloison::access::internal
