// Exact search: sealed index pages of one size (docs/format/index.md; vectors "index"). A thief of
// the store sees pages of 1,024 bytes under keys that tell the page number alone.
#ifndef CLOISON_RECORDS_INDEX_H_
#define CLOISON_RECORDS_INDEX_H_

#include <memory>
#include <mutex>
#include <vector>

#include "base/random.h"
#include "crypto/box.h"
#include "records/schema.h"
#include "store/store.h"

namespace cloison::records {

inline constexpr std::size_t kPageBytes = 1'024;
inline constexpr std::size_t kPostingsPerPage = 108;
inline constexpr std::size_t kSlotPostingsMax =
    400;  // past it a slot is refused as the only criterion
inline constexpr std::uint16_t kOverflowPagesMax = 64;
inline constexpr std::size_t kKeptGenerations = 2;  // whose keys of slots are kept

struct Slot {
  std::uint16_t index;
  std::uint32_t generation;
  std::uint32_t page;
  std::uint8_t low;  // slot & 15
  friend auto operator<=>(const Slot&, const Slot&) = default;
};

// What a look-up asks: one exact identifier, canonical (Schema::IndexForm).
struct Criterion {
  std::uint16_t index;
  crypto::SecretBytes canonical;
};

struct Posting {
  std::uint8_t low;
  PersonId person;
  friend auto operator<=>(const Posting&, const Posting&) = default;
};

// One page, opened. A multiset of postings, sorted.
struct Page {
  std::uint64_t page_seq = 0;
  bool more = false;  // overflow j + 1 exists
  std::vector<Posting> postings;
};

// Keys of the indexes of one register. Threads: any. Cost: SlotOf 0.12 us and a lock, of a
// generation that was not asked for lately 5 us; a page 1.9 us to seal and 1.1 us to open.
class IndexKeys {
 public:
  IndexKeys(RegisterId register_id, const crypto::Secret<32>& idx, const crypto::Secret<32>& pg);

  // page_bits: kPageBitsMin..kPageBitsMax.
  Slot SlotOf(std::uint16_t index, std::uint32_t generation, std::uint8_t page_bits,
              ByteView canonical) const;
  // overflow 0: the page itself.
  store::Key PageKey(std::uint16_t index, std::uint32_t generation, std::uint32_t page,
                     std::uint16_t overflow) const;
  // kPageBytes. CHECKs that the postings are sorted and at most kPostingsPerPage. The low bits of
  // `where` don't matter.
  Bytes SealPage(const Slot& where, std::uint16_t overflow, const Page& page,
                 base::Random& random) const;
  // kCorrupt: not sealed by us for this very place, or not a page as SealPage makes it.
  Result<Page> OpenPage(const Slot& where, std::uint16_t overflow, ByteView sealed) const;

 private:
  // Of kIndexes, of one generation: IK.
  struct SlotKeys {
    std::uint32_t generation;
    std::vector<crypto::HmacKey> keys;
  };
  crypto::Secret<32> SlotKey(std::uint16_t index, std::uint32_t generation) const;  // IK
  std::shared_ptr<const SlotKeys> KeysOf(std::uint32_t generation) const;

  RegisterId register_id_;
  crypto::HmacKey idx_;
  crypto::HmacKey pg_;
  mutable std::mutex mutex_;                                   // guards kept_
  mutable std::vector<std::shared_ptr<const SlotKeys>> kept_;  // the newest behind
};

namespace internal {
// The plain text of a page, apart for vectors and fuzzing.
crypto::SecretBytes EncodePage(const Page& page);
Result<Page> ParsePage(ByteView plain);
}  // namespace internal

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_INDEX_H_
