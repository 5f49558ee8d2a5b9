// Running numbers of persons that were looked at lately, so that the next look need not read the
// store. The committer sets it for every head of a batch, so what it says of a person is the
// newest; who is not here is in the tail or in the store.
//
// Sets of four, one line of the processor's cache each; of a full one, whoever was set longest ago
// goes. With as many people about as a third of its places, one in a hundred finds no place; with
// half, four.
// A place keeps 96 of a key's 128 bits, and 19 more say which set it is: keys are outputs of a
// pseudorandom function, and two of 50 million people share those 115 with probability 2^-65.
//
// Threads: its owner locks. Cost: 2,097,152 places in at most 32 MiB, taken as it fills; 0.1 us.
#ifndef CLOISON_LEDGER_INTERNAL_HEAD_CACHE_H_
#define CLOISON_LEDGER_INTERNAL_HEAD_CACHE_H_

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "ledger/internal/segment.h"

namespace cloison::ledger::internal {

class HeadCache {
 public:
  static constexpr std::size_t kPages = 256;
  static constexpr std::size_t kSetsPerPage = 2'048;
  static constexpr std::size_t kPlacesPerSet = 4;

  HeadCache() : pages_(kPages) {}
  // The next number of this person; nothing: not known here.
  std::optional<std::uint64_t> Find(const HeadKey& key) const;
  // Whoever has no entry yet (0), or 2^32 or more, is not kept.
  void Set(const HeadKey& key, std::uint64_t next);
  // The same, of a person who is here already; else nothing.
  void Update(const HeadKey& key, std::uint64_t next);

 private:
  using Rest = ByteArray<12>;
  struct Place {
    Rest rest{};
    std::uint32_t next = 0;  // 0: free
  };
  using Places = std::array<Place, kPlacesPerSet>;  // whoever was set last comes first
  struct alignas(64) Page {
    std::array<Places, kSetsPerPage> sets;
  };
  static std::size_t PageOf(const HeadKey& key) { return key[0]; }
  static std::size_t SetOf(const HeadKey& key) {
    return (std::size_t{key[1]} << 8 | key[2]) % kSetsPerPage;
  }
  static Rest RestOf(const HeadKey& key);

  std::vector<std::unique_ptr<Page>> pages_;
};

}  // namespace cloison::ledger::internal

#endif  // CLOISON_LEDGER_INTERNAL_HEAD_CACHE_H_
