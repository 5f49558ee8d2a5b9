// Index pages written as sorted runs, beside the committer: by a first load and by a restore.
// Postings come in any order; what memory does not hold is put aside, sealed.
//
// A chain has an end here too (records/internal/postings.h): whom it has no room for is said while
// they are added, and of a search index left out.
//
// Threads  HasRoom, Add: one at a time; Write: once, after the last. Memory: two bytes a page, a
//          tenth of the place's, as much for each index of which pages run over, and while writing,
//          one part of each thread.
#ifndef CLOISON_RECORDS_INTERNAL_PAGE_RUNS_H_
#define CLOISON_RECORDS_INTERNAL_PAGE_RUNS_H_

#include <array>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "records/internal/row_runs.h"
#include "records/people.h"

namespace cloison::records::internal {

class PageRuns {
 public:
  // Into an empty family, as pages of the layout's generation.
  PageRuns(const People& people, Layout layout, const SpillPlace& place);

  const Layout& layout() const { return layout_; }
  // Whether the chains of exact indexes have room for all of one person's.
  bool HasRoom(std::span<const Slot> slots) const;
  void Expect(const Slot& slot) const;  // it is added soon
  // kExhausted: the chain of an exact index has no room; else fails as the files do.
  Status Add(const Slot& slot, const PersonId& person);
  // Durable when it returns; rows get `version`, of a commit that was made. Fails as the store and
  // the files do.
  Status Write(store::Version version, const base::Parallel& parallel);

 private:
  Status WriteParts(store::Version version, std::size_t begin, std::size_t end);
  Status WritePart(std::size_t part, store::BulkLoader& loader);
  Status AddOverflow(const Slot& where, const std::vector<Posting>& chain);

  const People& people_;
  const Layout layout_;
  const SpillPlace place_;
  Spill spill_;
  // By index, in the order of kIndexes, and page: how many postings.
  std::array<std::vector<std::uint16_t>, std::size(kIndexes)> counts_;
  std::mutex mutex_;  // guards what follows
  // By index: the pages behind the first of a chain, whose keys are random.
  std::map<std::uint16_t, std::unique_ptr<RowRuns>> overflow_;
};

}  // namespace cloison::records::internal

#endif  // CLOISON_RECORDS_INTERNAL_PAGE_RUNS_H_
