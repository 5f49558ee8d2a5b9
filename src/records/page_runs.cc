#include "records/internal/page_runs.h"

#include <algorithm>

namespace cloison::records::internal {
namespace {

constexpr std::size_t kPartBits = 6;  // of an index: 64 parts
constexpr std::size_t kPartsOfIndex = std::size_t{1} << kPartBits;
constexpr std::size_t kPartsOfAll = std::size(kIndexes) * kPartsOfIndex;
constexpr std::size_t kOverflowParts = 64;
constexpr std::size_t kOverflowRandomAt = 6;  // u16 index ‖ u32 generation ‖ 16 random bytes

// Runs hold several parts, of several indexes: keys ascend as these do.
static_assert(std::ranges::is_sorted(kIndexes));
constexpr std::size_t kChainPostingsMax = (kOverflowPagesMax + 1) * kPostingsPerPage;
constexpr std::size_t kPackedBytes = 4 + 1 + PersonId::kSize;  // u32 page ‖ u8 low ‖ person

// As two numbers, which sort in the order of pages and of their postings.
struct Packed {
  std::uint64_t slot;  // page << 8 | low
  std::uint64_t person;
  std::uint32_t page() const { return static_cast<std::uint32_t>(slot >> 8); }
  Posting posting() const {
    return {static_cast<std::uint8_t>(slot & 0xff), PersonId(base::BigU64(person))};
  }
  friend auto operator<=>(const Packed&, const Packed&) = default;
};

// Which of its index's parts a page belongs to: parts ascend as pages do.
std::size_t PartOf(std::uint32_t page, std::uint8_t page_bits) {
  return page_bits > kPartBits ? page >> (page_bits - kPartBits) : page;
}

// A tenth of the memory: of the postings of all indexes, or of the pages behind the first of one.
std::size_t ChunkOf(const SpillPlace& place, std::size_t parts) {
  return std::max<std::size_t>(place.memory_bytes / 10 / parts, 1);
}

std::size_t PlaceOf(std::uint16_t index) {
  const auto* const at = std::ranges::find(kIndexes, index);
  CLOISON_CHECK(at != std::end(kIndexes));
  return static_cast<std::size_t>(at - std::begin(kIndexes));
}

std::vector<Packed> SortedOf(ByteView part) {
  std::vector<Packed> all(part.size() / kPackedBytes);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const ByteView one = part.subspan(i * kPackedBytes, kPackedBytes);
    all[i] = {base::LoadBig(one.first(5)), base::LoadBig(one.last(PersonId::kSize))};
  }
  std::ranges::sort(all);
  return all;
}

// The postings of the page that begins at `at`, which moves behind them.
std::vector<Posting> TakeChain(const std::vector<Packed>& packed, std::size_t& at) {
  const std::uint32_t page = packed[at].page();
  std::vector<Posting> chain;
  for (; at < packed.size() && packed[at].page() == page; ++at) {
    chain.push_back(packed[at].posting());
  }
  return chain;
}

// Page j of a chain.
Page PageOfChain(const std::vector<Posting>& chain, std::size_t j) {
  const std::size_t begin = j * kPostingsPerPage;
  const std::size_t end = std::min(begin + kPostingsPerPage, chain.size());
  Page page{.page_seq = 1, .more = end < chain.size(), .postings = {}};
  for (std::size_t i = begin; i < end; ++i) page.postings.push_back(chain[i]);
  return page;
}

}  // namespace

PageRuns::PageRuns(const People& people, Layout layout, const SpillPlace& place)
    : people_(people),
      layout_(std::move(layout)),
      place_(place),
      spill_(place, {"load-postings", kPartsOfAll, ChunkOf(place, kPartsOfAll)}, people.random()) {}

bool PageRuns::HasRoom(std::span<const Slot> slots) const {
  for (const Slot& slot : slots) {
    const std::vector<std::uint16_t>& counts = counts_[PlaceOf(slot.index)];
    if (IsSearchIndex(slot.index) || counts.empty()) continue;
    const auto wanted = std::ranges::count_if(slots, [&slot](const Slot& other) {
      return other.index == slot.index && other.page == slot.page;
    });
    if (counts[slot.page] + static_cast<std::size_t>(wanted) > kChainPostingsMax) return false;
  }
  return true;
}

void PageRuns::Expect(const Slot& slot) const {
  const std::vector<std::uint16_t>& counts = counts_[PlaceOf(slot.index)];
  if (!counts.empty()) __builtin_prefetch(&counts[slot.page]);
}

Status PageRuns::Add(const Slot& slot, const PersonId& person) {
  const std::size_t index = PlaceOf(slot.index);
  const std::uint8_t bits = layout_.BitsOf(slot.index);
  std::vector<std::uint16_t>& counts = counts_[index];
  if (counts.empty()) counts.resize(std::size_t{1} << bits);
  if (counts[slot.page] == kChainPostingsMax) {
    if (IsSearchIndex(slot.index)) return Ok();  // a key that so many share finds nobody
    return Error{Code::kExhausted, "the index pages of a value are full", slot.index};
  }
  ++counts[slot.page];
  return spill_.Append(index * kPartsOfIndex + PartOf(slot.page, bits),
                       {base::BigU32(slot.page), ByteView(&slot.low, 1), person.bytes()});
}

Status PageRuns::AddOverflow(const Slot& where, const std::vector<Posting>& chain) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<RowRuns>& runs = overflow_[where.index];
  if (runs == nullptr) {
    RowRuns::Form form{store::Family::kIndex, kOverflowParts, ChunkOf(place_, kOverflowParts)};
    form.random_at = kOverflowRandomAt;
    form.name_end = "-" + std::to_string(where.index);
    runs = std::make_unique<RowRuns>(place_, std::move(form), people_.random());
  }
  for (std::size_t j = 1; j * kPostingsPerPage < chain.size(); ++j) {
    const auto overflow = static_cast<std::uint16_t>(j);
    const IndexKeys& keys = people_.index_keys();
    const store::Key key = keys.PageKey(where.index, where.generation, where.page, overflow);
    CLOISON_TRY(runs->Add(AsBytes(key.bytes),
                          keys.SealPage(where, overflow, PageOfChain(chain, j), people_.random())));
  }
  return Ok();
}

Status PageRuns::WritePart(std::size_t part, store::BulkLoader& loader) {
  CLOISON_TRY_ASSIGN(const Bytes bytes, spill_.Take(part));
  const std::vector<Packed> packed = SortedOf(bytes);
  const std::uint16_t index = kIndexes[part / kPartsOfIndex];
  for (std::size_t at = 0; at < packed.size();) {
    const Slot where{index, layout_.generation, packed[at].page(), 0};
    const std::vector<Posting> chain = TakeChain(packed, at);
    if (chain.size() > kPostingsPerPage) {
      CLOISON_TRY(AddOverflow(where, chain));
    }
    const IndexKeys& keys = people_.index_keys();
    const store::Key key = keys.PageKey(index, layout_.generation, where.page, 0);
    CLOISON_TRY(loader.Add(AsBytes(key.bytes),
                           keys.SealPage(where, 0, PageOfChain(chain, 0), people_.random())));
  }
  return Ok();
}

Status PageRuns::WriteParts(store::Version version, std::size_t begin, std::size_t end) {
  CLOISON_TRY_ASSIGN(const std::unique_ptr<store::BulkLoader> loader,
                     people_.store().LoadRun(store::Family::kIndex, version, store::Pace::kAlone));
  for (std::size_t part = begin; part < end; ++part) {
    CLOISON_TRY(WritePart(part, *loader));
  }
  return loader->Finish(version);
}

Status PageRuns::Write(store::Version version, const base::Parallel& parallel) {
  if (spill_.bytes() == 0) return Ok();
  // As if the capacity were used: a larger one has more pages, and runs are longer.
  const std::uint64_t pages = spill_.bytes() / kPackedBytes / kPostingsPerPageExpected;
  FirstFailure failure;
  parallel.ForSlices(spill_.parts(),
                     PartsOfRun(spill_.parts(), pages * kPageBytes, place_.run_bytes),
                     [&](std::size_t begin, std::size_t end) {
                       if (!failure.any()) failure.Take(WriteParts(version, begin, end));
                     });
  CLOISON_TRY(failure.status());
  for (const auto& [index, runs] : overflow_) {
    CLOISON_TRY(runs->Write(people_.store(), version, parallel));
  }
  return Ok();
}

}  // namespace cloison::records::internal
