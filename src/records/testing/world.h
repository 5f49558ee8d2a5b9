// A whole register without a ledger: both databases, committers, keys, people. Committers have a
// thread each; callers come back on `home`.
//
//   World world;
//   Result<PersonId> person = world.Register({{"identity.birth_name", "Lefèvre"}, ...});
#ifndef CLOISON_RECORDS_TESTING_WORLD_H_
#define CLOISON_RECORDS_TESTING_WORLD_H_

#include "base/testing/manual_clock.h"
#include "keys/testing/memory_key_objects.h"
#include "records/people.h"
#include "records/spill_place.h"
#include "records/testing/samples.h"
#include "store/memory/memory_store.h"
#include "store/testing/fault_store.h"
#include "store/testing/temp_directory.h"

namespace cloison::records::testing {

// What the gate does with a registration, without deciding anything.
class RegisterWork final : public commit::Work {
 public:
  using Promise = PersonId;
  RegisterWork(Registration registration, std::optional<PersonId>* existing)
      : registration_(std::move(registration)), existing_(existing) {}
  Task<Status> Load(commit::Staging& staging) override { return registration_.Load(staging); }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    Result<commit::Staged> staged = registration_.Stage(staging);
    if (existing_ != nullptr) *existing_ = registration_.existing();
    return staged;
  }
  Promise Take(const commit::Durable&) { return registration_.person(); }

 private:
  Registration registration_;
  std::optional<PersonId>* existing_;
};

class ChangeWork final : public commit::Work {
 public:
  using Promise = std::uint64_t;  // the new seq
  explicit ChangeWork(Change change) : change_(std::move(change)) {}
  Task<Status> Load(commit::Staging& staging) override { return change_.Load(staging); }
  Result<commit::Staged> Stage(commit::Staging& staging) override { return change_.Stage(staging); }
  Promise Take(const commit::Durable&) { return change_.new_seq(); }

 private:
  Change change_;
};

inline Task<int> StopCommitter(commit::Committer& committer) {
  co_await committer.Stop();
  co_return 0;
}

class World {
 public:
  explicit World(std::uint64_t capacity = 10'000) : schema(JobSeekers(kVectorRegister, capacity)) {
    key_committer = Must(commit::Committer::Open(key_store, key_thread, clock, {}));
    committer = Must(commit::Committer::Open(faulty, thread, clock, {}));
    CLOISON_CHECK(base::SyncWait(
                      keys::KeyRing::Create(objects, *key_committer, kVectorRegister, random, home))
                      .ok());
    ring = Must(
        keys::KeyRing::Open(objects, key_store, *key_committer, kVectorRegister, random, home));
    state = std::make_unique<commit::SealedState>(kVectorRegister, ring->state_generation(),
                                                  ring->state().Duplicate(), random);
    persons = std::make_unique<keys::PersonKeys>(*ring, key_store, *key_committer, *state, log_id,
                                                 random);
    OpenPeople();
  }
  ~World() {
    base::SyncWait(StopCommitter(*committer));
    base::SyncWait(StopCommitter(*key_committer));
  }

  // As after a restart, under a schema of another capacity.
  void Reopen(std::uint64_t capacity) {
    base::SyncWait(StopCommitter(*committer));
    people.reset();
    schema = JobSeekers(kVectorRegister, capacity);
    committer = Must(commit::Committer::Open(faulty, thread, clock, {}));
    OpenPeople();
  }

  // Small: what a test loads is put aside, and comes in many runs.
  SpillPlace spill_place() { return {files, directory.path(), 1u << 16, 1u << 12}; }
  keys::PersonKey NewKey() { return Must(persons->Create(home)); }

  Result<PersonId> Register(const NamedTexts& texts, std::optional<PersonId>* existing = nullptr) {
    CLOISON_TRY_ASSIGN(Registration made, people->Register(NewKey(), ValuesOf(*schema, texts)));
    auto work = std::make_unique<RegisterWork>(std::move(made), existing);
    return base::SyncWait(committer->Submit(std::move(work), home));
  }
  Result<std::uint64_t> Submit(Change change) {
    return base::SyncWait(committer->Submit(std::make_unique<ChangeWork>(std::move(change)), home));
  }
  // An empty text empties the field.
  Result<Change> MakeChange(PersonId person, const NamedTexts& texts) {
    CLOISON_TRY_ASSIGN(Sighting sighting, base::SyncWait(people->Sight(person)));
    std::vector<FieldChange> changes;
    for (const auto& [name, text] : texts) {
      const FieldSpec* field = schema->Find(name);
      CLOISON_CHECK(field != nullptr);
      changes.push_back(FieldChange{field->id, std::nullopt});
      if (text.empty()) continue;
      CLOISON_TRY_ASSIGN(changes.back().text, schema->Canonical(*field, text, false));
    }
    return Editor(*people).Update(std::move(sighting), std::move(changes));
  }
  Result<std::uint64_t> Update(PersonId person, const NamedTexts& texts) {
    CLOISON_TRY_ASSIGN(Change change, MakeChange(person, texts));
    return Submit(std::move(change));
  }
  // Row and postings, then the keys.
  Status Erase(PersonId person) {
    CLOISON_TRY_ASSIGN(Sighting sighting, base::SyncWait(people->Sight(person)));
    const Aud aud = sighting.key.aud();
    CLOISON_TRY_ASSIGN(Change change, Editor(*people).Erase(std::move(sighting)));
    CLOISON_TRY(Submit(std::move(change)));
    return base::SyncWait(persons->Destroy(person, aud, home));
  }
  Criterion CriterionOf(const std::string& name, const std::string& text) const {
    const FieldSpec* field = schema->Find(name);
    CLOISON_CHECK(field != nullptr);
    Result<crypto::SecretBytes> canonical = schema->Canonical(*field, text, false);
    CLOISON_CHECK(canonical.ok());
    return Criterion{field->index, schema->IndexForm(*field, canonical->Reveal())};
  }
  Result<std::vector<PersonId>> Find(const std::string& name, const std::string& text,
                                     std::size_t limit = 100) {
    const Criterion criterion = CriterionOf(name, text);
    return base::SyncWait(Matcher(*people).Exact(criterion, limit));
  }
  // As records sees them; nothing for nobody.
  NamedTexts Read(PersonId person) {
    const Result<Sighting> sighting = base::SyncWait(people->Sight(person));
    if (!sighting.ok()) return {};
    const Result<Values> values = internal::OpenWholeRow(*schema, sighting->key, sighting->row);
    CLOISON_CHECK(values.ok());
    return TextsOf(*schema, *values);
  }
  std::vector<store::KeyedRow> Rows(store::Family family) { return RowsOf(store, family); }
  std::vector<store::KeyedRow> KeyRows(store::Family family) { return RowsOf(key_store, family); }
  void Overwrite(store::Key key, Bytes value) {
    store::WriteSet writes;
    writes.puts.push_back(store::Put{std::move(key), std::move(value)});
    CLOISON_CHECK(base::SyncWait(store.Commit(std::move(writes))).ok());
  }

  template <class T>
  static T Must(Task<Result<T>> task) {
    Result<T> out = base::SyncWait(std::move(task));
    CLOISON_CHECK(out.ok());
    return std::move(*out);
  }

  const LogId log_id{ByteArray<8>{1}};
  base::SystemRandom random;
  base::testing::ManualClock clock;
  base::ThreadPool home{4}, thread{1}, key_thread{1};
  base::SystemFiles files;
  store::testing::TempDirectory directory;
  keys::testing::MemoryKeyObjects objects{random};
  store::MemoryStore key_store, store;
  store::testing::FaultStore faulty{store};  // what is written and read through
  std::shared_ptr<const Schema> schema;
  std::unique_ptr<commit::Committer> key_committer, committer;
  std::unique_ptr<keys::KeyRing> ring;
  std::unique_ptr<commit::SealedState> state;
  std::unique_ptr<keys::PersonKeys> persons;
  std::unique_ptr<People> people;

 private:
  static std::vector<store::KeyedRow> RowsOf(store::Store& from, store::Family family) {
    auto page = base::SyncWait(from.Scan(store::Range{family, "", ""}, store::kScanRowsMax));
    CLOISON_CHECK(page.ok());
    return std::move(page->rows);
  }
  void OpenPeople() {
    people = std::make_unique<People>(*schema, faulty, *committer, *persons, *ring, *state, random);
    CLOISON_CHECK(base::SyncWait(people->Open(*committer)).ok());
  }
};

}  // namespace cloison::records::testing

#endif  // CLOISON_RECORDS_TESTING_WORLD_H_
