#include "records/index_build.h"

#include "records/internal/build_works.h"

namespace cloison::records {
namespace {

using What = BuildStep::What;

// Before all pages of a generation of an index; of the generation behind the last one: behind them.
std::string PagesFrom(std::uint16_t index, std::uint64_t generation) {
  std::string key;
  const bool in_index = generation <= UINT32_MAX;
  base::AppendU16(key, in_index ? index : static_cast<std::uint16_t>(index + 1));
  base::AppendU32(key, in_index ? static_cast<std::uint32_t>(generation) : 0);
  return key;
}

store::Range PagesOf(std::uint16_t index, std::uint32_t generation) {
  return {store::Family::kIndex, PagesFrom(index, generation),
          PagesFrom(index, std::uint64_t{generation} + 1)};
}

// The generations that have pages of the index; a read for each.
Task<Result<std::vector<std::uint32_t>>> GenerationsIn(store::Store& store, std::uint16_t index) {
  constexpr std::uint64_t kBehindAll = std::uint64_t{UINT32_MAX} + 1;
  std::vector<std::uint32_t> found;
  store::Range range{store::Family::kIndex, PagesFrom(index, 0), PagesFrom(index, kBehindAll)};
  while (found.size() <= kGenerationsDroppedMax + 2) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await store.Scan(range, 1));
    if (page.rows.empty()) break;
    base::Reader reader(AsBytes(page.rows.front().key));
    (void)reader.U16();
    const std::uint32_t generation = reader.U32();
    if (reader.failed()) co_return Error{Code::kCorrupt, "a page of no index"};
    found.push_back(generation);
    range.begin = PagesFrom(index, std::uint64_t{generation} + 1);
    if (range.begin == range.end) break;
  }
  co_return std::move(found);
}

}  // namespace

Task<Status> IndexBuild::EnsureRow(base::Executor& home) {
  auto work = std::make_unique<internal::BeginWork>(people_, false);
  const Result<BuildStep> done = co_await committer_.Submit(std::move(work), home);
  co_return done.ok() ? Ok() : Status(done.error());
}

Task<Status> IndexBuild::CheckRow() const {
  const std::shared_ptr<const IndexState> state = people_.generations().Current();
  for (const std::uint16_t index : kIndexes) {
    CLOISON_CO_TRY_ASSIGN(const std::vector<std::uint32_t> found,
                          co_await GenerationsIn(people_.store(), index));
    bool in_force = false, next = false;
    for (const std::uint32_t generation : found) {
      if (!state->Knows(generation)) {
        co_return Error{Code::kCorrupt, "index pages of a generation that nothing tells of"};
      }
      in_force = in_force || generation == state->in_force.generation;
      next = next || (state->next.has_value() && generation == state->next->generation);
    }
    // Whoever is in the next one is in this one, and pages never go by themselves.
    if (next && !in_force) co_return Error{Code::kCorrupt, "the index pages in force are gone"};
  }
  co_return Ok();
}

bool IndexBuild::HasWork() const {
  const std::shared_ptr<const IndexState> state = people_.generations().Current();
  if (!state->dropped.empty() || state->next.has_value()) return true;
  const Layout wanted = Layout::Of(people_.schema(), state->last + 1);
  return wanted.page_bits != state->in_force.page_bits && wanted.capacity != state->refused;
}

Task<Result<BuildStep>> IndexBuild::Next(base::Executor& home) {
  const std::shared_ptr<const IndexState> state = people_.generations().Current();
  if (!state->dropped.empty()) co_return co_await Drop(state->dropped.front(), home);
  if (state->next.has_value()) {
    auto work = std::make_unique<internal::WalkWork>(people_, people_per_step_);
    co_return co_await committer_.Submit(std::move(work), home);
  }
  if (!HasWork()) co_return BuildStep();
  auto work = std::make_unique<internal::BeginWork>(people_, true);
  co_return co_await committer_.Submit(std::move(work), home);
}

Task<Result<BuildStep>> IndexBuild::Drop(std::uint32_t generation, base::Executor& home) {
  if (dropping_ != generation) {
    dropping_ = generation;
    dropping_index_ = 0;
    dropping_from_.clear();
  }
  std::vector<store::Key> pages;
  while (pages.empty() && dropping_index_ < std::size(kIndexes)) {
    store::Range range = PagesOf(kIndexes[dropping_index_], generation);
    if (!dropping_from_.empty()) range.begin = dropping_from_;
    CLOISON_CO_TRY_ASSIGN(store::ScanPage page,
                          co_await people_.store().Scan(std::move(range), kPagesPerStep));
    for (store::KeyedRow& row : page.rows) {
      pages.push_back({store::Family::kIndex, std::move(row.key)});
    }
    if (!page.next.has_value()) ++dropping_index_;
    dropping_from_ = page.next.value_or("");
  }
  const bool last = pages.empty();
  auto work = std::make_unique<internal::DropWork>(people_, generation, std::move(pages), last);
  Result<BuildStep> done = co_await committer_.Submit(std::move(work), home);
  if (!done.ok() || last) dropping_ = 0;  // what failed is looked at again
  co_return done;
}

}  // namespace cloison::records
