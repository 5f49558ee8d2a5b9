#include "sentinel/decoy_pages.h"

#include <algorithm>

#include "access/ceilings.h"
#include "base/check.h"

namespace cloison::sentinel {

using access::Decoy;
using store::Family;

namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::size_t kDecoyBytes = PersonId::kSize + Aud::kSize + sizeof(std::uint64_t);
constexpr std::size_t kHeadBytes = 1 + 4 + 4 + 2;
constexpr std::uint32_t kShareMax = 100'000;

}  // namespace

Bytes Serialise(const DecoyPage& page) {
  CLOISON_CHECK(page.decoys.size() <= kDecoysPerPage);
  Bytes out{kVersion};
  base::AppendU32(out, page.number);
  base::AppendU32(out, page.share);
  base::AppendU16(out, static_cast<std::uint16_t>(page.decoys.size()));
  for (const Decoy& decoy : page.decoys) {
    base::AppendBytes(out, decoy.person.bytes());
    base::AppendBytes(out, decoy.aud.bytes());
    base::AppendU64(out, decoy.origin);
  }
  out.resize(kHeadBytes + kDecoysPerPage * kDecoyBytes);
  return out;
}

Result<DecoyPage> ParseDecoyPage(ByteView plain) {
  constexpr Error kBad{Code::kCorrupt, "a page of the list of decoys does not parse"};
  base::Reader reader(plain);
  DecoyPage page;
  const std::uint8_t version = reader.U8();
  page.number = reader.U32();
  page.share = reader.U32();
  const std::size_t used = reader.U16();
  const bool fit = plain.size() == kHeadBytes + kDecoysPerPage * kDecoyBytes &&
                   version == kVersion && page.number < kDecoyPagesMax &&
                   page.share <= (page.number == 0 ? kShareMax : 0) && used <= kDecoysPerPage;
  if (!fit) return kBad;
  for (std::size_t i = 0; i < used; ++i) {
    const PersonId person(reader.Array<PersonId::kSize>());
    const Aud aud(reader.Array<Aud::kSize>());
    page.decoys.push_back({person, aud, reader.U64()});
  }
  const ByteView rest = reader.Take((kDecoysPerPage - used) * kDecoyBytes);
  const bool zeros = std::ranges::all_of(rest, [](std::uint8_t byte) { return byte == 0; });
  if (!zeros || reader.failed() || !reader.empty()) return kBad;
  return page;
}

store::Key DecoyPages::KeyOf(std::uint32_t page) const {
  return {Family::kDecoys, ground_->state.Prf(Family::kDecoys, {base::BigU32(page)})};
}

Task<Status> DecoyPages::Recover(store::Store& store) {
  constexpr Error kBad{Code::kCorrupt, "the list of decoys is not whole"};
  std::vector<DecoyPage> pages;
  store::Range range{Family::kDecoys, "", ""};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage found,
                          co_await store.Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& keyed : found.rows) {
      const store::Key key{Family::kDecoys, keyed.key};
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                            ground_->state.Open(key, keyed.row.value));
      CLOISON_CO_TRY_ASSIGN(DecoyPage page, ParseDecoyPage(plain.Reveal()));
      if (KeyOf(page.number).bytes != keyed.key) co_return kBad;
      pages.push_back(std::move(page));
    }
    more = found.next.has_value();
    if (more) range.begin = *found.next;
  }
  std::ranges::sort(pages, {}, &DecoyPage::number);
  for (DecoyPage& page : pages) {
    if (page.number != kept_.size()) co_return kBad;
    for (const Decoy& decoy : page.decoys) {
      if (!places_.emplace(decoy.aud, page.number).second) co_return kBad;
    }
    Bytes stored = Serialise(page);
    kept_.push_back({std::move(page), std::move(stored), false});
  }
  co_return Ok();
}

DecoyPages::Kept& DecoyPages::Grow() {
  CLOISON_CHECK(kept_.size() < kDecoyPagesMax);
  kept_.push_back({{static_cast<std::uint32_t>(kept_.size()), 0, {}}, std::nullopt, true});
  return kept_.back();
}

std::vector<Decoy> DecoyPages::All() const {
  std::vector<Decoy> all;
  for (const Kept& kept : kept_) {
    all.insert(all.end(), kept.page.decoys.begin(), kept.page.decoys.end());
  }
  return all;
}

void DecoyPages::Add(std::span<const Decoy> decoys) {
  std::size_t page = 0;
  for (const Decoy& decoy : decoys) {
    if (places_.contains(decoy.aud)) continue;
    while (page < kept_.size() && kept_[page].page.decoys.size() == kDecoysPerPage) ++page;
    Kept& kept = page < kept_.size() ? kept_[page] : Grow();
    kept.page.decoys.push_back(decoy);
    kept.dirty = true;
    places_.emplace(decoy.aud, kept.page.number);
  }
}

void DecoyPages::Remove(std::span<const Decoy> decoys) {
  for (const Decoy& decoy : decoys) {
    const auto place = places_.find(decoy.aud);
    if (place == places_.end()) continue;
    Kept& kept = kept_[place->second];
    std::erase_if(kept.page.decoys, [&](const Decoy& one) { return one.aud == decoy.aud; });
    kept.dirty = true;
    places_.erase(place);
  }
}

void DecoyPages::SetShare(std::uint32_t per_100000) {
  CLOISON_CHECK(per_100000 <= kShareMax);
  Kept& first = kept_.empty() ? Grow() : kept_[0];
  first.page.share = per_100000;
  first.dirty = true;
}

void DecoyPages::PutRows(commit::Staging& staging) {
  for (Kept& kept : kept_) {
    if (!kept.dirty) continue;
    Bytes row = Serialise(kept.page);
    ground_->ceilings.Tie(kept.stored, row);
    store::Key key = KeyOf(kept.page.number);
    Bytes sealed = ground_->state.Seal(key, row);
    staging.Put(std::move(key), std::move(sealed));
    kept.stored = std::move(row);
    kept.dirty = false;
  }
}

}  // namespace cloison::sentinel
