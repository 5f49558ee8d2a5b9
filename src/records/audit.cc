#include "records/audit.h"

#include <algorithm>
#include <utility>

namespace cloison::records {
namespace {

// u16 index ‖ u32 generation, then u32 page or the 16 bytes of an overflow page's name.
constexpr std::size_t kPageKeyBytes = 10, kOverflowKeyBytes = 22;
constexpr Error kLost{Code::kCorrupt, "a page of an index is missing"};

}  // namespace

Result<std::vector<Slot>> Auditor::SlotsOf(const keys::PersonKey& key, ByteView row) const {
  CLOISON_TRY_ASSIGN(const Values values, internal::OpenWholeRow(people_.schema(), key, row));
  CLOISON_TRY_ASSIGN(const std::vector<internal::Posted> posted,
                     internal::AllPostedOf(people_.schema(), values));
  const std::shared_ptr<const IndexState> state = people_.generations().Current();
  std::vector<Slot> slots;
  for (const internal::Posted& one : posted) {
    slots.push_back(internal::SlotOf(state->in_force, people_.index_keys(), one.criterion));
    if (!state->IsBuiltFor(key.person())) continue;
    slots.push_back(internal::SlotOf(*state->next, people_.index_keys(), one.criterion));
  }
  return slots;
}

Task<Result<bool>> Auditor::IsPosted(Slot slot, PersonId person) const {
  for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
    const PageName name{slot.index, slot.generation, slot.page, overflow};
    const Result<Page> page = co_await Read(name);
    if (!page.ok()) co_return page.error();
    const Posting wanted{slot.low, person};
    if (std::binary_search(page->postings.begin(), page->postings.end(), wanted)) co_return true;
    // A chain that is full takes no more of a search.
    const bool full = overflow == kOverflowPagesMax && page->postings.size() == kPostingsPerPage;
    if (!page->more) co_return full&& IsSearchIndex(slot.index);
  }
  co_return Error{Code::kCorrupt, "a chain of pages without an end"};
}

Result<Auditor::Key> Auditor::ParseKey(std::string_view key) const {
  base::Reader reader(AsBytes(key));
  const std::uint16_t index = reader.U16();
  const std::uint32_t generation = reader.U32();
  const bool known =
      std::find(std::begin(kIndexes), std::end(kIndexes), index) != std::end(kIndexes);
  const bool sized = key.size() == kPageKeyBytes || key.size() == kOverflowKeyBytes;
  const std::shared_ptr<const IndexState> state = people_.generations().Current();
  if (!known || !sized || !state->Knows(generation)) {
    return Error{Code::kCorrupt, "a page of no index"};
  }
  Key parsed{Kind::kOverflow, PageName{index, generation, 0, 0}};
  if (state->IsDropped(generation)) parsed.kind = Kind::kLeftover;
  if (parsed.kind == Kind::kLeftover || key.size() == kOverflowKeyBytes) return parsed;
  parsed.kind = Kind::kFirst;
  parsed.name.page = reader.U32();
  return parsed;
}

bool Auditor::MayHold(const PageName& name, const PersonId& person) const {
  const std::shared_ptr<const IndexState> state = people_.generations().Current();
  return name.generation == state->in_force.generation || state->IsBuiltFor(person);
}

Task<Result<Page>> Auditor::Read(PageName name) const {
  const Slot where{name.index, name.generation, name.page, 0};
  std::vector<store::Key> keys{
      people_.index_keys().PageKey(name.index, name.generation, name.page, name.overflow)};
  Result<std::vector<store::Row>> rows =
      co_await people_.store().MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  if (!rows->front().present()) co_return kLost;
  co_return people_.index_keys().OpenPage(where, name.overflow, rows->front().value);
}

}  // namespace cloison::records
