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
  std::vector<Slot> slots;
  for (const Value& value : values) {
    const auto posted = internal::PostedOf(people_.schema(), people_.index_keys(), value.field,
                                           value.text.Reveal());
    if (posted.has_value()) slots.push_back(posted->slot);
  }
  CLOISON_TRY_ASSIGN(const auto searched,
                     internal::SearchPostedOf(people_.schema(), people_.index_keys(), values));
  for (const internal::Posted& one : searched) slots.push_back(one.slot);
  return slots;
}

Task<Result<bool>> Auditor::IsPosted(Slot slot, PersonId person) const {
  for (std::uint16_t overflow = 0; overflow <= kOverflowPagesMax; ++overflow) {
    const PageName name{slot.index, slot.page, overflow};
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

Result<std::optional<Auditor::PageName>> Auditor::NameOf(std::string_view key) const {
  base::Reader reader(AsBytes(key));
  const std::uint16_t index = reader.U16();
  const std::uint32_t generation = reader.U32();
  const bool known =
      std::find(std::begin(kIndexes), std::end(kIndexes), index) != std::end(kIndexes);
  const bool sized = key.size() == kPageKeyBytes || key.size() == kOverflowKeyBytes;
  if (!known || !sized || generation != kIndexGeneration) {
    return Error{Code::kCorrupt, "a page of no index"};
  }
  if (key.size() == kOverflowKeyBytes) return std::optional<PageName>();
  return std::optional<PageName>(PageName{index, reader.U32(), 0});
}

Task<Result<Page>> Auditor::Read(PageName name) const {
  const Slot where{name.index, kIndexGeneration, name.page, 0};
  std::vector<store::Key> keys{
      people_.index_keys().PageKey(name.index, kIndexGeneration, name.page, name.overflow)};
  Result<std::vector<store::Row>> rows =
      co_await people_.store().MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  if (!rows->front().present()) co_return kLost;
  co_return people_.index_keys().OpenPage(where, name.overflow, rows->front().value);
}

}  // namespace cloison::records
