#include "records/internal/page_runs.h"

#include <algorithm>

namespace cloison::records::internal {
namespace {

struct Unpacked {
  std::uint32_t page;
  Posting posting;
};
Unpacked Unpack(const PackedPosting& packed) {
  base::Reader reader(packed);
  const std::uint32_t page = reader.U32();
  const std::uint8_t low = reader.U8();
  return {page, Posting{low, PersonId(reader.Array<PersonId::kSize>())}};
}

// The postings of the page that begins at `at`, which moves behind them.
std::vector<Posting> TakeChain(const std::vector<PackedPosting>& packed, std::size_t& at) {
  const std::uint32_t page = Unpack(packed[at]).page;
  std::vector<Posting> chain;
  for (; at < packed.size(); ++at) {
    const Unpacked one = Unpack(packed[at]);
    if (one.page != page) break;
    chain.push_back(one.posting);
  }
  return chain;
}

// Page j of a chain.
Page PageOf(const std::vector<Posting>& chain, std::size_t j) {
  const std::size_t begin = j * kPostingsPerPage;
  const std::size_t end = std::min(begin + kPostingsPerPage, chain.size());
  const bool last = j == kOverflowPagesMax;  // what a search has beyond it is left out
  Page page{.page_seq = 1, .more = end < chain.size() && !last, .postings = {}};
  for (std::size_t i = begin; i < end; ++i) page.postings.push_back(chain[i]);
  return page;
}

Status SealOverflow(const People& people, const Slot& where, const std::vector<Posting>& chain,
                    std::map<std::string, Bytes>& out) {
  for (std::size_t j = 1; j * kPostingsPerPage < chain.size(); ++j) {
    if (j > kOverflowPagesMax && IsSearchIndex(where.index)) break;
    if (j > kOverflowPagesMax) {
      return Error{Code::kExhausted, "an index page has too many overflow pages"};
    }
    const auto overflow = static_cast<std::uint16_t>(j);
    const IndexKeys& keys = people.index_keys();
    out.emplace(keys.PageKey(where.index, where.generation, where.page, overflow).bytes,
                keys.SealPage(where, overflow, PageOf(chain, j), people.random()));
  }
  return Ok();
}

// Pages come in the order of their keys; overflow pages, under random ones, are few and wait in a
// map for their place.
Status WriteIndex(const People& people, std::uint16_t index, std::uint32_t generation,
                  std::vector<PackedPosting>& packed, store::BulkLoader& loader) {
  std::sort(packed.begin(), packed.end());
  std::map<std::string, Bytes> waiting;
  for (std::size_t at = 0; at < packed.size();) {
    const std::vector<Posting> chain = TakeChain(packed, at);
    const Slot where{index, generation, Unpack(packed[at - 1]).page, 0};
    CLOISON_TRY(SealOverflow(people, where, chain, waiting));
  }
  for (std::size_t at = 0; at < packed.size();) {
    const std::vector<Posting> chain = TakeChain(packed, at);
    const Slot where{index, generation, Unpack(packed[at - 1]).page, 0};
    const std::string key = people.index_keys().PageKey(index, generation, where.page, 0).bytes;
    while (!waiting.empty() && waiting.begin()->first < key) {
      const auto next = waiting.extract(waiting.begin());
      CLOISON_TRY(loader.Add(AsBytes(next.key()), next.mapped()));
    }
    const Bytes page = people.index_keys().SealPage(where, 0, PageOf(chain, 0), people.random());
    CLOISON_TRY(loader.Add(AsBytes(key), page));
  }
  for (const auto& [key, page] : waiting) {
    CLOISON_TRY(loader.Add(AsBytes(key), page));
  }
  packed.clear();
  return Ok();
}

}  // namespace

PackedPosting Pack(const Slot& slot, const PersonId& person) {
  Bytes bytes;
  base::AppendU32(bytes, slot.page);
  base::AppendU8(bytes, slot.low);
  base::AppendBytes(bytes, person.bytes());
  PackedPosting packed{};
  std::copy(bytes.begin(), bytes.end(), packed.begin());
  return packed;
}

Status WritePages(const People& people, std::uint32_t generation, store::Version version,
                  Postings& postings) {
  if (postings.empty()) return Ok();
  CLOISON_TRY_ASSIGN(const std::unique_ptr<store::BulkLoader> loader,
                     people.store().LoadRun(store::Family::kIndex, version));
  for (auto& [index, packed] : postings) {
    CLOISON_TRY(WriteIndex(people, index, generation, packed, *loader));
  }
  return loader->Finish(version);
}

}  // namespace cloison::records::internal
