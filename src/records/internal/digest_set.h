// Keyed digests that were seen: of the unique values of a load. 10 bytes each, in places of which
// three fifths to four fifths are taken, so 14 on average and 17 at most: 43 million people with
// two values each need 1.2 GB. Of 86 million digests two agree by chance with probability 10^-11
// (11 bytes count).
//
// Threads  one at a time. Cost: one look into memory; Expect begins it.
#ifndef CLOISON_RECORDS_INTERNAL_DIGEST_SET_H_
#define CLOISON_RECORDS_INTERNAL_DIGEST_SET_H_

#include <array>
#include <vector>

#include "base/bytes.h"

namespace cloison::records::internal {

using ShortDigest = ByteArray<11>;

class DigestSet {
 public:
  void Insert(const ShortDigest& digest);  // fine when it is there
  bool Contains(const ShortDigest& digest) const;
  void Expect(const ShortDigest& digest) const;  // it is asked for soon
  std::size_t size() const;

 private:
  // The first byte chooses the table, so that growing copies a 256th; the rest lies in it.
  struct Kept {
    ByteArray<8> random;  // places it
    ByteArray<2> rest;
    bool operator==(const Kept& other) const;
  };
  static_assert(sizeof(Kept) == 10);
  class Table {
   public:
    bool Contains(const Kept& kept) const {
      return !places_.empty() && places_[Find(kept)] == kept;
    }
    void Insert(const Kept& kept);
    void Expect(const Kept& kept) const;
    std::size_t size() const { return size_; }

   private:
    std::size_t Home(const Kept& kept) const;
    std::size_t Find(const Kept& kept) const;  // its place, or the free one for it
    void Grow();

    std::vector<Kept> places_;  // all zero is free: a digest is that with probability 2^-80
    std::size_t size_ = 0;
  };
  static Kept KeptOf(const ShortDigest& digest);

  std::array<Table, 256> tables_;
};

}  // namespace cloison::records::internal

#endif  // CLOISON_RECORDS_INTERNAL_DIGEST_SET_H_
