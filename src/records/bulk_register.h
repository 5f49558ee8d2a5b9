// The first load of an empty register, beside the committer.
#ifndef CLOISON_RECORDS_BULK_REGISTER_H_
#define CLOISON_RECORDS_BULK_REGISTER_H_

#include <memory>
#include <utility>
#include <vector>

#include "records/people.h"

namespace cloison::records {

inline constexpr std::size_t kBulkRunRowsMax = 65'536;  // sealed rows in memory at a time
inline constexpr std::size_t kBulkRootPeople = 1'000;   // people under one root

// First load of an empty register: rows and index pages as sorted runs, without the committer; the
// caller's commit of the load entries ends it. A load that ends otherwise is begun again on an
// empty store. The store has had a commit before (kInvalid otherwise): runs are given its version.
// Takes people in any order; keeps 13 bytes per posting and about 32 per unique value in memory.
// Not thread-safe. Nobody registers while it runs (docs/format/index.md).
class BulkRegister {
 public:
  explicit BulkRegister(const People& people);
  ~BulkRegister();
  // kConflict: there are people or index pages. Before the first Add.
  Task<Status> CheckEmpty() const;
  // The sealed row of one more person. kConflict: a unique value is there twice (compared by keyed
  // digest); that person is left out. Else fails as People::Register and the store do.
  Status Add(const keys::PersonKey& key, const Values& values);
  // Add in two steps, so that several threads share the first: the row sealed and what it posts,
  // from any thread; then one at a time, in the order that decides who of two equals stays.
  struct Prepared {
    PersonId person;
    Aud aud;
    Bytes row;
    std::vector<std::pair<std::uint16_t, ByteArray<4 + 1 + PersonId::kSize>>> postings;
    std::vector<ByteArray<16>> unique;  // keyed digests
  };
  Result<Prepared> Prepare(const keys::PersonKey& key, const Values& values) const;
  Status Take(Prepared prepared);
  // Writes what is left, durably; gives, per kBulkRootPeople people in their order, the SHA-256
  // Merkle root (RFC 6962) of their AUDs for the ledger's load entries. Once.
  Result<std::vector<crypto::Digest>> Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_BULK_REGISTER_H_
