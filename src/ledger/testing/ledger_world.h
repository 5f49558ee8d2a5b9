// A ledger with everything it needs, on one seeded executor and a store in memory, that can be
// closed (or crash) and be opened again; and a small register of people and agents to write about.
#ifndef CLOISON_LEDGER_TESTING_LEDGER_WORLD_H_
#define CLOISON_LEDGER_TESTING_LEDGER_WORLD_H_

#include <deque>
#include <map>
#include <set>

#include "base/files.h"
#include "base/testing/manual_clock.h"
#include "base/testing/seeded_executor.h"
#include "commit/committer.h"
#include "ledger/ledger.h"
#include "ledger/publisher.h"
#include "store/memory/memory_store.h"
#include "store/testing/fault_store.h"
#include "store/testing/temp_directory.h"

namespace cloison::ledger::testing {

// Keys of months, made when asked for; a destroyed one stays destroyed.
class FakeMonthKeys final : public MonthKeys {
 public:
  Task<Status> Ensure(std::uint32_t month) override;
  Result<std::shared_ptr<const crypto::HmacKey>> KeyOf(std::uint32_t month) override;
  Status DestroyMonth(std::uint32_t month) override;
  std::vector<std::uint32_t> Numbers() const;  // of the keys that are there
  bool available = true;

 private:
  std::map<std::uint32_t, std::shared_ptr<const crypto::HmacKey>> keys_;
};

class FakeHoldKeys final : public HoldKeys {
 public:
  Task<Status> EnsureHold(std::uint32_t hold) override { return keys_.Ensure(hold); }
  Result<std::shared_ptr<const crypto::HmacKey>> HoldKeyOf(std::uint32_t hold) override {
    return keys_.KeyOf(hold);
  }
  std::vector<std::uint32_t> Holds() const override { return keys_.Numbers(); }
  Status DestroyHold(std::uint32_t hold) override { return keys_.DestroyMonth(hold); }

 private:
  FakeMonthKeys keys_;
};

// What a test submits: one entry of an agent about a person, or about nobody.
struct Look {
  std::size_t agent = 0;
  std::optional<std::size_t> person;
  Decision decision = Decision::kAllow;
  bool fail_after_stage = false;  // the work ends with kDenied after it staged its entry
  std::optional<PrefetchedHead> prefetched = {};
  bool sealed = false;
};

class LedgerWorld {
 public:
  static constexpr std::size_t kAgents = 3;
  static constexpr std::size_t kPeople = 4;

  explicit LedgerWorld(std::uint64_t seed, std::size_t fold_entries = 1'000'000);
  ~LedgerWorld();

  // Opens ledger and committer on what the store holds.
  Status Open();
  // What was queued never happens; what is durable stays.
  void Crash();
  void Close();  // stops both

  // Submits; the outcome is there once the executor has run.
  struct Outcome {
    Look look;
    std::optional<Result<Recorded>> recorded;
    bool had_receipt = false;
  };
  Outcome& Submit(Look look);
  std::deque<Outcome>& outcomes() { return outcomes_; }
  void Run() { executor.RunAll(); }
  // As the server does each second.
  Status Publish();

  // Everything the store holds fits together, and with every receipt ever given. Empty: it does;
  // else what does not. Needs an open ledger.
  std::string Audit();

  // As the gate reads it before it submits. Runs the executor.
  Result<std::optional<PrefetchedHead>> Prefetch(std::size_t person);
  // Reads while other things happen: `out` is set once the executor has run.
  void BeginPrefetch(std::size_t person, std::optional<Result<std::optional<PrefetchedHead>>>& out);

  const SubjectKey& person_key(std::size_t i) const { return people_[i]; }
  const SealedKey& sealed_key(std::size_t i) const { return sealed_[i]; }
  const ActorKey& agent_key(std::size_t i) const { return agents_[i]; }

  base::testing::SeededExecutor executor;
  base::testing::ManualClock clock;
  base::testing::SeededRandom random;
  store::MemoryStore memory{&executor};
  store::testing::FaultStore store{memory};
  FakeMonthKeys months;
  FakeHoldKeys holds;
  store::testing::TempDirectory directory;
  base::SystemFiles files;
  commit::SealedState state;
  crypto::Ed25519Signer signer;
  std::size_t fold_entries;
  bool cache_heads = true;
  decltype(Ledger::Options::before_signing) before_signing;
  std::unique_ptr<commit::Committer> committer;
  std::unique_ptr<Ledger> ledger;
  // Of the publisher; read when it is opened.
  std::string tiles = directory.path() + "/tiles";
  base::Files* tile_files = &files;
  std::size_t slice_entries = kSliceEntries;
  std::size_t tail_entries_max = kTailEntriesMax;
  std::unique_ptr<Publisher> publisher;

 private:
  class LookWork;
  std::string AuditTree(std::uint64_t size);
  std::string AuditPeople();
  // One person's entries of one space against the receipts that were given.
  template <class Entries>
  std::string AuditTrail(std::size_t person, bool sealed, std::uint64_t next,
                         const Entries& entries);
  std::string AuditAgents();

  std::vector<SubjectKey> people_;
  std::vector<SealedKey> sealed_;
  std::vector<ActorKey> agents_;
  std::deque<Outcome> outcomes_;
};

}  // namespace cloison::ledger::testing

#endif  // CLOISON_LEDGER_TESTING_LEDGER_WORLD_H_
