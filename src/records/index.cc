#include "records/index.h"

#include <algorithm>

namespace cloison::records {
namespace {

constexpr std::uint8_t kVersion = 1, kSuite = 1;
constexpr std::size_t kHeaderBytes = 12;
constexpr std::size_t kPlainHeaderBytes = 12;
constexpr std::size_t kPostingBytes = 1 + PersonId::kSize;
constexpr std::size_t kPlainBytes = kPageBytes - kHeaderBytes - crypto::kBoxOverhead;
static_assert(kPlainBytes == kPlainHeaderBytes + kPostingsPerPage * kPostingBytes);

constexpr Error kBad{Code::kCorrupt, "an index page does not open"};

Bytes Header(const Slot& where) {
  Bytes header;
  header.reserve(kPageBytes);
  base::AppendU8(header, kVersion);
  base::AppendU8(header, kSuite);
  base::AppendU16(header, where.index);
  base::AppendU32(header, where.generation);
  base::AppendU32(header, where.page);
  return header;
}

crypto::Context Aad(RegisterId register_id, std::uint16_t overflow, ByteView header) {
  return crypto::Context("page").U32(register_id.value()).U16(overflow).Raw(header);
}

crypto::BoxKey PageBox(const crypto::HmacKey& pg, RegisterId register_id, const Slot& where,
                       std::uint16_t overflow) {
  return crypto::BoxKey::Derive(pg, crypto::Context("pg")
                                        .U32(register_id.value())
                                        .U16(where.index)
                                        .U32(where.generation)
                                        .U32(where.page)
                                        .U16(overflow));
}

}  // namespace

namespace internal {

crypto::SecretBytes EncodePage(const Page& page) {
  CLOISON_CHECK(page.postings.size() <= kPostingsPerPage);
  CLOISON_CHECK(std::is_sorted(page.postings.begin(), page.postings.end()));
  crypto::SecretBytes plain(kPlainBytes);
  std::span<std::uint8_t> left = plain.Reveal();
  const auto put = [&left](ByteView bytes) {
    std::copy(bytes.begin(), bytes.end(), left.begin());
    left = left.subspan(bytes.size());
  };
  put(base::BigU16(static_cast<std::uint16_t>(page.postings.size())));
  put(ByteArray<2>{static_cast<std::uint8_t>(page.more ? 1 : 0), 0});
  put(base::BigU64(page.page_seq));
  for (const Posting& posting : page.postings) {
    CLOISON_CHECK(posting.low < 16);
    put(ByteArray<1>{posting.low});
    put(posting.person.bytes());
  }
  return plain;
}

Result<Page> ParsePage(ByteView plain) {
  if (plain.size() != kPlainBytes) return kBad;
  base::Reader reader(plain);
  const std::size_t count = reader.U16();
  const std::uint8_t more = reader.U8();
  const std::uint8_t reserved = reader.U8();
  Page page{.page_seq = reader.U64(), .more = more == 1, .postings = {}};
  if (count > kPostingsPerPage || more > 1 || reserved != 0) return kBad;
  page.postings.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t low = reader.U8();
    const PersonId person(reader.Array<PersonId::kSize>());
    if (low >= 16) return kBad;
    page.postings.push_back(Posting{low, person});
  }
  const ByteView rest = reader.rest();
  const bool zeros = std::all_of(rest.begin(), rest.end(), [](std::uint8_t b) { return b == 0; });
  const bool sorted = std::is_sorted(page.postings.begin(), page.postings.end());
  if (reader.failed() || !zeros || !sorted) return kBad;
  return page;
}

}  // namespace internal

IndexKeys::IndexKeys(RegisterId register_id, const crypto::Secret<32>& idx,
                     const crypto::Secret<32>& pg)
    : register_id_(register_id), idx_(idx), pg_(pg) {}

crypto::Secret<32> IndexKeys::SlotKey(std::uint16_t index, std::uint32_t generation) const {
  return idx_.Expand<32>(
      crypto::Context("ik").U32(register_id_.value()).U16(index).U32(generation));
}

std::shared_ptr<const IndexKeys::SlotKeys> IndexKeys::KeysOf(std::uint32_t generation) const {
  const std::lock_guard lock(mutex_);
  const auto known = std::ranges::find_if(
      kept_, [generation](const auto& keys) { return keys->generation == generation; });
  if (known != kept_.end()) return *known;
  auto made = std::make_shared<SlotKeys>();
  made->generation = generation;
  for (const std::uint16_t index : kIndexes) made->keys.emplace_back(SlotKey(index, generation));
  if (kept_.size() == kKeptGenerations) kept_.erase(kept_.begin());
  kept_.push_back(made);
  return made;
}

Slot IndexKeys::SlotOf(std::uint16_t index, std::uint32_t generation, std::uint8_t page_bits,
                       ByteView canonical) const {
  CLOISON_CHECK(page_bits >= kPageBitsMin && page_bits <= kPageBitsMax);
  CLOISON_CHECK(canonical.size() <= kValueTextBytesMax);
  const crypto::Context label =
      crypto::Context("ix").U16(index).U16(static_cast<std::uint16_t>(canonical.size()));
  const auto known = std::ranges::find(kIndexes, index);
  const crypto::Digest digest =
      known != std::end(kIndexes)
          ? KeysOf(generation)
                ->keys[static_cast<std::size_t>(known - std::begin(kIndexes))]
                .Mac({label.view(), canonical})
          : crypto::Hmac(SlotKey(index, generation), {label.view(), canonical});
  const std::uint32_t slot =
      static_cast<std::uint32_t>(base::LoadBig(ByteView(digest).first(4)) >> (32 - page_bits - 4));
  return Slot{index, generation, slot >> 4, static_cast<std::uint8_t>(slot & 15)};
}

store::Key IndexKeys::PageKey(std::uint16_t index, std::uint32_t generation, std::uint32_t page,
                              std::uint16_t overflow) const {
  std::string key;
  base::AppendU16(key, index);
  base::AppendU32(key, generation);
  if (overflow == 0) {
    base::AppendU32(key, page);
    return {store::Family::kIndex, std::move(key)};
  }
  const ByteArray<16> name = pg_.ExpandPublic<16>(crypto::Context("ov")
                                                      .U32(register_id_.value())
                                                      .U16(index)
                                                      .U32(generation)
                                                      .U32(page)
                                                      .U16(overflow));
  base::AppendBytes(key, name);
  return {store::Family::kIndex, std::move(key)};
}

Bytes IndexKeys::SealPage(const Slot& where, std::uint16_t overflow, const Page& page,
                          base::Random& random) const {
  Bytes out = Header(where);
  const crypto::Context aad = Aad(register_id_, overflow, out);
  const crypto::SecretBytes plain = internal::EncodePage(page);
  PageBox(pg_, register_id_, where, overflow).Seal(aad.view(), plain.Reveal(), random, out);
  CLOISON_CHECK(out.size() == kPageBytes);
  return out;
}

Result<Page> IndexKeys::OpenPage(const Slot& where, std::uint16_t overflow, ByteView sealed) const {
  if (sealed.size() != kPageBytes) return kBad;
  const Bytes header = Header(where);
  if (!base::Equal(sealed.first(kHeaderBytes), header)) return kBad;
  const crypto::BoxKey box = PageBox(pg_, register_id_, where, overflow);
  const crypto::Context aad = Aad(register_id_, overflow, header);
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain,
                     box.Open(aad.view(), sealed.subspan(kHeaderBytes)));
  return internal::ParsePage(plain.Reveal());
}

}  // namespace cloison::records
