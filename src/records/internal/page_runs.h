// Index pages written as one sorted run, beside the committer: by a first load and by a restore.
// 13 bytes of memory per posting.
#ifndef CLOISON_RECORDS_INTERNAL_PAGE_RUNS_H_
#define CLOISON_RECORDS_INTERNAL_PAGE_RUNS_H_

#include <map>
#include <vector>

#include "records/people.h"

namespace cloison::records::internal {

// u32 page ‖ u8 low ‖ person: sorted as bytes, it is in the order of pages and of their postings.
using PackedPosting = ByteArray<4 + 1 + PersonId::kSize>;
PackedPosting Pack(const Slot& slot, const PersonId& person);

using Postings = std::map<std::uint16_t, std::vector<PackedPosting>>;  // by index
// As pages of `generation`, into an empty family, durably; rows get `version`, of a commit that was
// made. Empties `postings`.
// kExhausted: a chain of an exact index over kOverflowPagesMax.
Status WritePages(const People& people, std::uint32_t generation, store::Version version,
                  Postings& postings);

}  // namespace cloison::records::internal

#endif  // CLOISON_RECORDS_INTERNAL_PAGE_RUNS_H_
