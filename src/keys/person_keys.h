// The keys of each person, in a database of their own: destroying the wrapped form is how a person
// is erased, backups included (docs/design/0004-two-databases.md).
//
//   WK (104 bytes) and AUD row as in docs/format/keys.md; vectors "WK", "aud_row".
// Register  WK, AUD row and intent row synced here, then the main commit, then Adopted or Abandon;
// a
//           crash in between leaves an intent row, which start-up checks against the main store.
// Erase     erase journal, main commit, then Destroy here; start-up finishes what the journal
//           holds.
// Re-key    erase journal, Renew here, main commit (the row under the new key), then
//           DestroySuperseded; start-up finishes it too.
// Every write has a precondition (absent, or unchanged), so a re-wrap can't bring an erased key
// back.
#ifndef CLOISON_KEYS_PERSON_KEYS_H_
#define CLOISON_KEYS_PERSON_KEYS_H_

#include <memory>
#include <vector>

#include "keys/key_ring.h"
#include "ledger/entry.h"

namespace cloison::keys {

// PDK and PLK of one person, unwrapped. Move-only; wiped. The bytes never leave: it derives what it
// is asked for. Threads: const use from any. Cost: 0.1 to 0.3 us per derived key.
class PersonKey {
 public:
  PersonKey(RegisterId register_id, LogId log_id, PersonId person, std::uint32_t pkv,
            const crypto::Secret<32>& pdk, const crypto::Secret<32>& plk);
  const PersonId& person() const { return person_; }
  std::uint32_t pkv() const { return pkv_; }
  crypto::BoxKey CompartmentKey(CompartmentId compartment) const;  // CK[c]
  crypto::Secret<32> RowKey() const;                               // RK
  const ledger::SubjectKey& subject() const { return subject_; }
  const Aud& aud() const { return subject_.aud(); }

 private:
  RegisterId register_id_;
  PersonId person_;
  std::uint32_t pkv_;
  crypto::HmacKey pdk_;
  ledger::SubjectKey subject_;
};

inline constexpr std::size_t kWrappedPersonKeyBytes = 104;
inline constexpr std::size_t kPersonKeyVersionsMax = 1'000;  // WK rows of one person
inline constexpr std::size_t kIntentsPerCommitMax = 1'024;   // adopted ones that one commit removes
inline constexpr std::size_t kAdoptedMax = 65'536;           // adopted ones kept in memory
inline constexpr int kCreateAttemptsMax = 64;

// Threads  any, for every call; tasks that write resume on `home`, the others where the store's do.
// Cost     Load one read and 2 us; a write one commit of the key database, shared with those
// waiting. Fails    beside what each says: kUnavailable and kUnknownOutcome as the store and the
// committer do,
//          kCorrupt when a row does not open, which is never taken for "erased".
class PersonKeys {
 public:
  // All references outlive it and its tasks.
  PersonKeys(KeyRing& ring, store::Store& key_store, commit::Committer& key_committer,
             const commit::SealedState& state, LogId log_id, base::Random& random);

  // Draws a person_id that is free, makes PDK and PLK, writes WK, AUD row and an intent row,
  // synced. kConflict: kCreateAttemptsMax draws met a taken id or the end of an epoch.
  Task<Result<PersonKey>> Create(base::Executor& home);
  // A person of a first load into empty databases: drawn, wrapped, and written nowhere. Whoever
  // drafts writes both rows, durably, before the register knows the person, and none of a person
  // whom it will not know; after the last, current_epoch() is `epoch` still.
  struct Draft {
    PersonKey key;
    std::uint32_t epoch;  // that wraps the rows
    store::Put wk, aud_row;
  };
  Result<Draft> DraftPerson() const;
  std::uint32_t current_epoch() const;
  store::Store& store() const;
  // The main commit is durable: the intent row may go. It goes with a later Create or with Flush;
  // one forgotten by a crash, or past kAdoptedMax, is adopted again at the next start.
  void Adopted(const PersonId& person);
  // Removes the intent rows of all adopted so far: before a clean stop.
  Task<Status> Flush(base::Executor& home);
  // The main commit did not happen: WK, AUD row and intent row go now. Fine when they are gone.
  // kConflict: the person is adopted, nothing is removed.
  Task<Status> Abandon(PersonId person, base::Executor& home);

  // kNotFound: erased or never there. Where a re-key has left several, the first that a person
  // ever has if it is among them, else the last: what is current is what the person's row says, and
  // LoadVersion gets that one.
  Task<Result<PersonKey>> Load(PersonId person) const;
  Task<Result<PersonKey>> LoadVersion(PersonId person, std::uint32_t pkv) const;
  // Whichever opens, for what is the same in all of a person's (PLK, AUD). kCorrupt: none does.
  Task<Result<PersonKey>> LoadAny(PersonId person) const;
  // One answer per person, in their order; at most store::kMultiGetKeysMax (kExhausted past it).
  Task<Result<std::vector<Result<PersonKey>>>> LoadMany(std::vector<PersonId> persons) const;
  // The other way: kNotFound when the person is erased.
  Task<Result<PersonId>> PersonOf(Aud aud) const;

  // Deletes every WK and the AUD row of an erased person. Idempotent. A person of whom the id was
  // drawn again later is left alone.
  Task<Status> Destroy(PersonId person, Aud aud, base::Executor& home);

  // A person's next PDK, wrapped beside what is there, synced; PLK, and so AUD and trail, stay.
  // `pkv`: of the row that is to be sealed anew. Whoever calls is the only one for this person.
  // Fails kNotFound: no such WK (erased since); kExhausted: kPersonKeyVersionsMax; kConflict:
  //       kCreateAttemptsMax ends of epochs.
  Task<Result<PersonKey>> Renew(PersonId person, std::uint32_t pkv, base::Executor& home);
  // Deletes every WK of the person but that of `current`, which the durable row is under: older
  // ones, and what a re-key that was cut short left. Idempotent. The only one for this person, as
  // above.
  // Fails kNotFound: there is no WK of `current`, nothing is deleted; kConflict: a Hold is held.
  Task<Status> DestroySuperseded(PersonId person, std::uint32_t current, base::Executor& home);
  // While one is held no superseded WK goes: a backup, which has the main database as it was, is
  // about to copy the keys that its rows are under. Outlived by the PersonKeys.
  class Hold {
   public:
    explicit Hold(PersonKeys& keys);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    PersonKeys& keys_;
  };

  // Start-up: persons named by intent rows, for the caller to check against the main store.
  Task<Result<std::vector<PersonId>>> Intents() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

// The erase journal: who is being erased, and which keys of whom are no more, kept outside every
// store and synced before the main commit, so that neither a crash nor a restore of a backup brings
// anybody, or an exposed key, back. Records are
// sealed, each bound to its place; the file is append-only, mode 0600 (docs/format/keys.md).
// Threads: any (one append at a time). Cost: an append is one sync.
inline constexpr std::size_t kEraseItemsMax = 1'000'000;
class EraseJournal {
 public:
  struct Item {
    PersonId person;
    Aud aud;
    std::int64_t time_ms;
    // 0: the person is erased. Else: no row of theirs is under this pkv, or a lower one.
    std::uint32_t past_pkv = 0;
    friend bool operator==(const Item&, const Item&) = default;
  };
  // Makes the file when it is absent. kDenied: others could read it, or it is a link; kCorrupt: a
  // record inside the file does not open (a torn last record is dropped: it was never
  // acknowledged).
  static Result<std::unique_ptr<EraseJournal>> Open(base::Files& files, std::string path,
                                                    const commit::SealedState& state,
                                                    base::Random& random);
  // What a journal at that path holds; nothing is written, and one that is absent holds nothing.
  // kDenied, kCorrupt as Open.
  static Result<std::vector<Item>> ReadItems(base::Files& files, const std::string& path,
                                             const commit::SealedState& state);
  // Synced when it returns. kExhausted: kEraseItemsMax; kUnknownOutcome ends the use of the
  // journal: the process restarts, and what the file then holds is what counts.
  Status Append(const Item& item);
  std::size_t size() const;         // how many were acknowledged
  std::vector<Item> items() const;  // all ever written: a restore replays them
  // Whether they say the same, at whatever time they were written.
  static bool Same(const Item& a, const Item& b);
  bool Has(const Item& item) const;  // one that says the same. Cost: all are looked at

 private:
  struct State;
  explicit EraseJournal(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace cloison::keys

#endif  // CLOISON_KEYS_PERSON_KEYS_H_
