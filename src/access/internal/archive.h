// Whether the archive keeps a person from whoever asks. Decided on the committer, inside: nothing
// of the date leaves the record, and who is kept away learns no more than of a person who is not
// there.
#ifndef CLOISON_ACCESS_INTERNAL_ARCHIVE_H_
#define CLOISON_ACCESS_INTERNAL_ARCHIVE_H_

#include "access/internal/targets.h"

namespace cloison::access::internal {

// Of one request.
struct ArchiveQuestion {
  bool archivist = false;  // the role has archive = true
  bool alone = false;      // nobody else is asked for with the person
  bool has_motive = false;
  std::int64_t wall_ms = 0;
};

// Whether the role may reach people of the archive at all.
bool IsArchivist(const Policy& policy, const std::string& role);
// An archivist reaches one person at a time, with a motive; oneself is never archived. Cost: of a
// policy without an archive nothing, else as the opening of a compartment. kCorrupt.
Result<bool> IsKeptAway(const Core& core, const ArchiveQuestion& question, const Target& target,
                        Relation relation);
// The same of a record that is not the asker's own. Threads: any.
Result<bool> IsKeptAway(const Core& core, const Policy& policy, const ArchiveQuestion& question,
                        const records::Sighting& sighting);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_ARCHIVE_H_
