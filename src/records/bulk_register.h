// The first load of an empty register, beside the committers.
#ifndef CLOISON_RECORDS_BULK_REGISTER_H_
#define CLOISON_RECORDS_BULK_REGISTER_H_

#include <memory>
#include <utility>
#include <vector>

#include "base/parallel.h"
#include "records/people.h"
#include "records/spill_place.h"

namespace cloison::records {

inline constexpr std::size_t kBulkRootPeople = 1'000;  // people under one root

// First load of an empty register: people's keys, rows and index pages as sorted runs that lie side
// by side in both stores; the caller's commit of the load entries ends it. A load that ends
// otherwise is begun again on empty stores. Both have had a commit before (kInvalid otherwise):
// runs are given its version. Nobody registers while it runs (docs/format/index.md).
//
// Takes people in any order. Memory: 14 bytes per unique value, two per index page, the place's,
// and at the end a part of the rows (1/512) on each thread; the rest is put aside on the disk,
// sealed once more.
// Threads  Prepare: any; the others one at a time.
class BulkRegister {
 public:
  BulkRegister(const People& people, const SpillPlace& place);
  ~BulkRegister();
  // kConflict: there are people or index pages. Before the first Take.
  Task<Status> CheckEmpty() const;

  // One more person, in two steps, so that several threads share the first: keys are drawn, the row
  // is sealed; then, in the order that decides who of two equals stays, they are taken.
  struct Prepared {
    PersonId person;
    Aud aud;
    std::uint32_t epoch;
    store::Put wk, aud_row;
    Bytes row;
    std::vector<Slot> slots;
    std::vector<ByteArray<11>> unique;  // keyed digests
  };
  // Fails as People::Register.
  Result<Prepared> Prepare(const Values& values) const;
  enum class Taken : std::uint8_t {
    kYes,
    kThereAlready,  // somebody has a unique value of theirs (compared by keyed digest)
    kNoRoom,        // the index pages of a value are full: thousands share it
  };
  // Of whom is not taken, nothing is. Fails as the files do, and kUnavailable: the epoch of the
  // keys has ended meanwhile; the load is over.
  Result<Taken> Take(const Prepared& prepared);
  // They are taken soon: what that looks at is fetched into the processor's caches.
  void Expect(const Prepared& prepared) const;

  // Writes everything, durably, on the caller's thread and those of `parallel`; gives, per
  // kBulkRootPeople people in their order, the SHA-256 Merkle root (RFC 6962) of their AUDs for the
  // ledger's load entries. Once.
  // Fails    kUnavailable: the epoch of the keys has ended meanwhile, or one id was drawn twice
  //          (once in 20,000 loads of 43 million); as the stores and the files do.
  Result<std::vector<crypto::Digest>> Finish(const base::Parallel& parallel);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_BULK_REGISTER_H_
