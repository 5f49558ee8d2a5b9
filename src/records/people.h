// The four capabilities over people's records, and the pieces of work that change them.
//
//   Opener   gives values to somebody: takes a Receipt, by value: it is used once; masks inside.
//   Matcher  opens candidates inside; gives ids and scores.
//   Editor   opens and seals again inside; gives a sealed row and postings.
//   Rekeyer  seals again inside, under another key. See too remnant.h (damaged), rewriter.h.
// The last three have no path to bytes: see tests/must_not_compile.
#ifndef CLOISON_RECORDS_PEOPLE_H_
#define CLOISON_RECORDS_PEOPLE_H_

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

#include "commit/committer.h"
#include "ledger/receipt.h"
#include "records/audience.h"
#include "records/index.h"
#include "records/internal/postings.h"
#include "records/row.h"
#include "records/search.h"

namespace cloison::records {

// A person's row and key as read at one moment; whether it still holds is asked of
// Staging::UnchangedSince(RowKeyOf(person), snapshot). Holds no plain value.
struct Sighting {
  keys::PersonKey key;
  Bytes row;
  RowHeader header;
  store::Version snapshot;
  store::Version written = 0;  // the commit that wrote the row
};
store::Key RowKeyOf(const PersonId& person);

// Row of store::Family::kMeta that is written when the register goes on from older copies, by a
// recovery ceremony. The next change of a row that was written before it is numbered kSeqJump
// further: nobody who read a later one, which is lost, takes a new one for it.
inline constexpr char kWentBackRow[] = "went_back";
inline constexpr std::uint64_t kSeqJump = 1u << 16;

struct OpenedValue {
  FieldId field;
  crypto::SecretBytes text;  // as the receipt's form says: whole, or masked
};

class Opener {
 public:
  explicit Opener(const Schema& schema) : schema_(schema) {}
  // Opens what the receipt names, in its form; fields without a value are left out. Uses the
  // receipt up. Ascending by field.
  // Fails    kConflict the sighting is not of the receipt's person or row version (seq)
  //          kCorrupt  the row does not open: the caller raises an alarm
  //          kDenied   the receipt's form shows no values (exists, matches)
  // Threads  any. Cost: 1 us, and 1 us per compartment.
  Result<std::vector<OpenedValue>> Open(const Sighting& sighting, ledger::Receipt receipt) const;

 private:
  const Schema& schema_;
};

class People;

// Threads: any.
class Matcher {
 public:
  explicit Matcher(const People& people) : people_(people) {}
  // The people whose stored value equals the criterion's, at most `limit`.
  // Fails kExhausted: a slot over kSlotPostingsMax. kCorrupt: a page or a candidate does not open.
  Task<Result<std::vector<PersonId>>> Exact(const Criterion& criterion, std::size_t limit) const;
  // The people whom a search by name may mean, best first or none, ranked among those whom
  // `audience` gives (null: everybody); compared on the pool of People::SearchOn, where the call
  // goes on. Fails kUnavailable: more than kSearchesAtOnceMax. kCorrupt as Exact.
  struct Found {
    std::vector<Sighting> people;  // at most kSearchRowsMax
    bool narrow = false;           // more are alike: none is given, another criterion is needed
  };
  Task<Result<Found>> Search(const SearchForms& query, const Audience* audience = nullptr) const;
  // Whether the record is (still) one that a search may mean. kCorrupt.
  Result<bool> IsAlike(const Sighting& sighting, const SearchForms& query) const;
  // Whether a stored value of this person's, of the criterion's index, equals the canonical one.
  // kCorrupt.
  Result<bool> Equals(const Sighting& sighting, const Criterion& criterion) const;
  // Whether the record has a value of this field; whether it is this one, in the form it is stored
  // in. kCorrupt.
  Result<bool> Has(const Sighting& sighting, FieldId field) const;
  Result<bool> Is(const Sighting& sighting, FieldId field, const crypto::SecretBytes& value) const;
  // Whether the stored date of this field lies before that day (days since 1970). Without a value:
  // no. kInvalid: the field is no date; kCorrupt. (records/archive.cc)
  Result<bool> IsBefore(const Sighting& sighting, FieldId date, std::int64_t days) const;

 private:
  Result<Verdict> VerdictOn(const Sighting& sighting, const SearchForms& query) const;
  Task<Result<Found>> SearchHere(const SearchForms& query, const Audience* audience) const;
  Result<bool> AnyValue(const Sighting& sighting, FieldId field,
                        const crypto::SecretBytes* value) const;

  const People& people_;
};

// A new record on its way into the store: made outside, checked and staged on the committer.
class Registration {
 public:
  const PersonId& person() const { return key_.person(); }
  const keys::PersonKey& key() const { return key_; }
  const std::vector<FieldId>& fields() const { return fields_; }
  // Before it is submitted, or never: most of what Load would do, which the committer does for one
  // work after the other. Looks at people: not before the caller may. What fails is Load's to tell.
  // Threads: goes on on any.
  Task<void> LoadAhead();
  // In Load: pages of every indexed value, and who already has a unique one.
  Task<Status> Load(commit::Staging& staging);
  // In Stage: kConflict when somebody has a unique value (existing() names them) or the person has
  // a row already; else row and postings are staged.
  Result<commit::Staged> Stage(commit::Staging& staging);
  const std::optional<PersonId>& existing() const { return unique_.existing(); }

 private:
  friend class People;
  Registration(const People& people, keys::PersonKey key) : people_(people), key_(std::move(key)) {}

  const People& people_;
  keys::PersonKey key_;
  std::vector<FieldId> fields_;
  Bytes row_;
  internal::Reposting posted_;
  internal::PagesAhead pages_;
  internal::Uniqueness unique_;
};

// A change of an existing record, or its end: the row under the next seq, postings that differ.
class Change {
 public:
  const Sighting& sighting() const { return sighting_; }
  // That differ; all of the record's for an erasure, none for another key. Ascending.
  const std::vector<FieldId>& fields() const { return fields_; }
  std::uint64_t new_seq() const { return new_seq_; }  // of an erasure: the last row's
  Task<Status> Load(commit::Staging& staging);
  // kConflict: the record changed since it was sighted (make the change again), or a unique value
  // is taken (existing() names by whom).
  Result<commit::Staged> Stage(commit::Staging& staging);
  const std::optional<PersonId>& existing() const { return unique_.existing(); }

 private:
  friend class Editor;
  friend class Rekeyer;
  friend class Remnant;
  friend class Rewriter;
  Change(const People& people, Sighting sighting)
      : people_(people), sighting_(std::move(sighting)) {}

  const People& people_;
  Sighting sighting_;
  std::vector<FieldId> fields_;
  std::uint64_t new_seq_ = 0;
  std::optional<Bytes> row_;  // nothing: the record goes
  internal::Reposting posted_;
  internal::Uniqueness unique_;
};

struct FieldChange {
  FieldId field;
  std::optional<crypto::SecretBytes> text;  // canonical; nothing: the field is emptied
};

// Threads: any. Cost: about 3 us per compartment to open and 3 us to seal.
class Editor {
 public:
  explicit Editor(const People& people) : people_(people) {}
  // Fails    kInvalid   a required field would be empty, nothing differs, a field that is unknown
  //                     or named twice, an empty value
  //          kExhausted a compartment over its size; seq over what the key is for
  //          kCorrupt   the row does not open
  Result<Change> Update(Sighting sighting, std::vector<FieldChange> changes) const;
  Result<Change> Erase(Sighting sighting) const;

 private:
  Status Repost(std::vector<internal::Posted> before, const Values& after, Change& made) const;

  const People& people_;
};

// What the capabilities work on. Threads: any. All references outlive it.
class People {
 public:
  People(const Schema& schema, store::Store& store, const commit::Committer& committer,
         keys::PersonKeys& keys, const keys::KeyRing& ring, const commit::SealedState& state,
         base::Random& random);
  // Which generation of the indexes is in force, from now on: joins the committer; and
  // kWentBackRow. Before anything else, once. kCorrupt: the row of generations does not open.
  Task<Status> Open(commit::Committer& committer);

  // kNotFound: nobody, or erased. One read of the row and one of the key.
  Task<Result<Sighting>> Sight(PersonId person) const;
  // One answer per person, in their order. kExhausted: more than store::kMultiGetKeysMax.
  Task<Result<std::vector<Result<Sighting>>>> SightMany(std::vector<PersonId> persons) const;

  // The record of a new person under `key` (PersonKeys::Create), seq 1; `values` as of SealRow.
  // Fails kInvalid: a required field is missing. kExhausted: a compartment over its size.
  Result<Registration> Register(keys::PersonKey key, const Values& values) const;

  // Of the next row of somebody's.
  std::uint64_t NextSeq(const Sighting& sighting) const {
    return sighting.header.seq + (sighting.written < went_back_ ? kSeqJump : 1);
  }

  // Where searches by name compare; outlives this. Before there is one: where the caller is.
  void SearchOn(base::Executor& pool) { search_pool_ = &pool; }
  const Schema& schema() const { return schema_; }
  const IndexKeys& index_keys() const { return index_keys_; }
  Generations& generations() const { return generations_; }
  store::Store& store() const { return store_; }
  const commit::Committer& committer() const { return committer_; }
  keys::PersonKeys& keys() const { return keys_; }
  base::Random& random() const { return random_; }

 private:
  Task<Result<Sighting>> SightBySteps(PersonId person) const;
  const Schema& schema_;
  store::Store& store_;
  const commit::Committer& committer_;
  keys::PersonKeys& keys_;
  IndexKeys index_keys_;
  mutable Generations generations_;
  store::Version went_back_ = 0;  // of kWentBackRow
  base::Random& random_;
  friend class Matcher;
  base::Executor* search_pool_ = nullptr;
  mutable std::atomic<std::size_t> searches_ = 0;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_PEOPLE_H_
