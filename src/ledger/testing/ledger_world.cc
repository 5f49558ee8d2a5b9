#include "ledger/testing/ledger_world.h"

#include <algorithm>

#include "tlog/checkpoint.h"

namespace cloison::ledger::testing {

namespace {

constexpr RegisterId kRegister{7};

crypto::Secret<32> KeyFrom(std::uint8_t tag, std::size_t number) {
  crypto::Secret<32> key;
  std::ranges::fill(key.Reveal(), tag);
  key.Reveal()[0] = static_cast<std::uint8_t>(number);
  return key;
}

PersonId PersonOf(std::size_t number) {
  return PersonId({0, 0, 0, 0, 0, 0, 0, static_cast<std::uint8_t>(number)});
}

PrincipalId AgentOf(std::size_t number) {
  return PrincipalId({static_cast<std::uint8_t>(number)});
}

store::Key AgentRow(std::size_t number) {
  return store::Key{store::Family::kPrincipals, "agent " + std::to_string(number)};
}

std::uint64_t NumberIn(const store::Row& row) {
  return row.present() ? base::LoadBig(row.value) : 0;
}

template <class T>
Task<void> Into(Task<T> task, std::optional<T>& out) {
  T value = co_await std::move(task);
  out.emplace(std::move(value));
}

}  // namespace

Task<Status> FakeMonthKeys::Ensure(std::uint32_t month) {
  if (!available) co_return Error{Code::kUnavailable, "no keys now"};
  if (!keys_.contains(month)) {
    keys_[month] = std::make_shared<const crypto::HmacKey>(KeyFrom(0xaa, month % 256));
  }
  co_return Ok();
}

Result<std::shared_ptr<const crypto::HmacKey>> FakeMonthKeys::KeyOf(std::uint32_t month) {
  const auto found = keys_.find(month);
  if (found == keys_.end() || found->second == nullptr) {
    return Error{Code::kNotFound, "no such month"};
  }
  return found->second;
}

Status FakeMonthKeys::DestroyMonth(std::uint32_t month) {
  if (!keys_.contains(month)) return Error{Code::kNotFound, "no such month"};
  keys_[month] = nullptr;
  return Ok();
}

std::vector<std::uint32_t> FakeMonthKeys::Numbers() const {
  std::vector<std::uint32_t> numbers;
  for (const auto& [number, key] : keys_) {
    if (key != nullptr) numbers.push_back(number);
  }
  return numbers;
}

// Moves the agent's running number on and stages the entry, as the gate does.
class LedgerWorld::LookWork final : public commit::Work {
 public:
  struct Promise {
    Recorded recorded;
    bool had_receipt;
  };
  LookWork(LedgerWorld& world, Look look) : world_(world), look_(look) {}

  Task<Status> Load(commit::Staging& staging) override {
    std::vector<store::Key> keys{AgentRow(look_.agent)};
    CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
    if (look_.person) {
      const SubjectKey& key = world_.people_[*look_.person];
      const SealedKey& sealed = world_.sealed_[*look_.person];
      if (look_.sealed) co_return co_await world_.ledger->LoadHead(sealed);
      co_return co_await world_.ledger->LoadHead(key, look_.prefetched);
    }
    co_return Ok();
  }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    const std::uint64_t n = NumberIn(staging.Get(AgentRow(look_.agent)));
    staging.Put(AgentRow(look_.agent), base::ToBytes(base::BigU64(n + 1)));
    pending_.emplace(world_.ledger->Stage(Draft(n)));
    if (look_.fail_after_stage) return Error{Code::kDenied, "refused after all"};
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable& durable) {
    if (look_.person && look_.decision == Decision::kAllow) {
      const Receipt receipt = world_.ledger->RedeemReceipt(std::move(*pending_), durable);
      CLOISON_CHECK(receipt.person() == PersonOf(*look_.person));
      CLOISON_CHECK(receipt.principal() == AgentOf(look_.agent));
      return {receipt.recorded(), true};
    }
    return {world_.ledger->Redeem(std::move(*pending_), durable), false};
  }

 private:
  EntryDraft Draft(std::uint64_t n) const {
    const EntryDraft::Actor actor{AgentOf(look_.agent),
                                  &world_.agents_[look_.agent],
                                  n,
                                  OrganisationId(5),
                                  OfficeId(12),
                                  "adviser"};
    EntryDraft draft{look_.person ? Kind::kDisclosure : Kind::kRefusal,
                     std::nullopt,
                     actor,
                     look_.decision,
                     "support",
                     "CASE-1",
                     {},
                     ClientId(3),
                     "support/caseload",
                     1};
    if (look_.person) {
      const ByteArray<16> code{1, 2, 3};
      draft.subject = EntryDraft::Subject{PersonOf(*look_.person),
                                          &world_.people_[*look_.person],
                                          1,
                                          {FieldId(0x101)},
                                          Form::kPlain,
                                          code};
      if (look_.sealed) draft.subject->sealed = &world_.sealed_[*look_.person];
    }
    return draft;
  }

  LedgerWorld& world_;
  Look look_;
  std::optional<Pending> pending_;
};

Result<std::optional<PrefetchedHead>> LedgerWorld::Prefetch(std::size_t person) {
  std::optional<Result<std::optional<PrefetchedHead>>> out;
  BeginPrefetch(person, out);
  Run();
  return std::move(*out);
}

void LedgerWorld::BeginPrefetch(std::size_t person,
                                std::optional<Result<std::optional<PrefetchedHead>>>& out) {
  base::Detach(Into(ledger->PrefetchHead(people_[person]), out));
}

LedgerWorld::LedgerWorld(std::uint64_t seed, std::size_t fold)
    : executor(seed),
      random(seed),
      state(kRegister, 1, KeyFrom(0xcc, 0), random),
      signer(KeyFrom(0xdd, 0)),
      fold_entries(fold) {
  const auto key =
      tlog::VerifierKey::Make("log.test/people", tlog::KeyType::kSignature, signer.public_key());
  const LogId log_id = tlog::LogIdOf(*key);
  for (std::size_t i = 0; i < kPeople; ++i) {
    people_.emplace_back(kRegister, log_id, PersonOf(i), KeyFrom(0x11, i));
    sealed_.push_back(OversightKey(KeyFrom(0x33, 0)).Of(log_id, people_[i].aud()));
  }
  for (std::size_t i = 0; i < kAgents; ++i) agents_.emplace_back(log_id, KeyFrom(0x22, i));
}

LedgerWorld::~LedgerWorld() {
  if (committer != nullptr) Close();
}

Status LedgerWorld::Open() {
  Ledger::Options options{"log.test/people", kRegister, directory.path() + "/signed", fold_entries,
                          cache_heads};
  options.before_signing = before_signing;
  const Ledger::Parts parts{store, state, signer, months, files, clock, random, executor, &holds};
  auto opened = executor.Wait(Ledger::Open(options, parts));
  CLOISON_CHECK(opened.has_value());
  if (!opened->ok()) return opened->error();
  auto made = executor.Wait(commit::Committer::Open(store, executor, clock, {}));
  CLOISON_CHECK(made.has_value());
  if (!made->ok()) return made->error();
  ledger = std::move(**opened);
  committer = std::move(**made);
  publisher = std::make_unique<Publisher>(
      Publisher::Options{tiles, slice_entries, tail_entries_max},
      Publisher::Parts{*ledger, *tile_files, clock, executor, executor});
  ledger->Attach(*committer, publisher.get());
  return ledger->Publish();
}

void LedgerWorld::Crash() {
  executor.DropAll();
  // For ever: the jobs that never ran still name them, and works may be waiting.
  static auto* const dead =
      new std::vector<std::tuple<std::unique_ptr<Ledger>, std::unique_ptr<Publisher>,
                                 std::unique_ptr<commit::Committer>>>;
  dead->emplace_back(std::move(ledger), std::move(publisher), std::move(committer));
}

Status LedgerWorld::Publish() {
  const std::optional<Status> done = executor.Wait(publisher->Publish());
  CLOISON_CHECK(done.has_value());
  return *done;
}

void LedgerWorld::Close() {
  if (ledger != nullptr) base::Detach(ledger->Stop());
  executor.RunAll();
  base::Detach(committer->Stop());
  executor.RunAll();
  if (publisher != nullptr) base::Detach(publisher->Stop());
  executor.RunAll();
  publisher.reset();
  ledger.reset();
  committer.reset();
}

LedgerWorld::Outcome& LedgerWorld::Submit(Look look) {
  Outcome& outcome = outcomes_.emplace_back(Outcome{look, std::nullopt, false});
  const auto submit = [](LedgerWorld& world, Outcome& out) -> Task<void> {
    auto work = std::make_unique<LookWork>(world, out.look);
    auto done = co_await world.committer->Submit(std::move(work), world.executor);
    if (done.ok()) {
      out.had_receipt = done->had_receipt;
      out.recorded.emplace(std::move(done->recorded));
    } else {
      out.recorded.emplace(done.error());
    }
  };
  base::Detach(submit(*this, outcome));
  return outcome;
}

std::string LedgerWorld::AuditTree(std::uint64_t size) {
  tlog::Frontier tree;
  std::vector<Leaf> all;
  while (all.size() < size) {
    const auto leaves = executor.Wait(ledger->ReadLeaves(all.size(), kReadEntriesMax));
    if (!leaves->ok()) return "leaves cannot be read";
    for (const Leaf& leaf : **leaves) {
      if (!tree.Append(tlog::LeafHash(leaf)).ok()) return "a leaf does not fit";
      all.push_back(leaf);
    }
  }
  const auto key = tlog::VerifierKey::Parse(ledger->vkey());
  const auto head = tlog::OpenCheckpoint(ledger->checkpoint(), *key);
  if (!head.ok()) return "the checkpoint does not open";
  if (head->head.size != size || head->head.root != tree.Root()) {
    return "the signed root is not that of the leaves";
  }
  for (const Outcome& outcome : outcomes_) {
    if (!outcome.recorded || !outcome.recorded->ok()) continue;
    const Recorded& given = **outcome.recorded;
    if (given.index >= size) return "a receipt names an entry that is not there";
    if (all[given.index] != given.leaf) return "a receipt names another leaf";
    const auto own = tlog::OpenCheckpoint(given.batch->checkpoint, *key);
    if (!own.ok() || own->head.size > size) return "a receipt's checkpoint is not of this log";
  }
  return "";
}

template <class Entries>
std::string LedgerWorld::AuditTrail(std::size_t person, bool sealed, std::uint64_t next,
                                    const Entries& entries) {
  if (entries.size() != next) return "a trail has a gap, or more than its head says";
  for (std::uint64_t i = 0; i < next; ++i) {
    const TrailEntry& entry = entries[i];
    if (entry.n != next - 1 - i) return "a trail is out of order";
    if (!entry.subject || entry.subject->aud != people_[person].aud() ||
        !Opens(people_[person], entry)) {
      return "a trail of somebody else";
    }
    if (entry.record.sealed_n.has_value() != sealed) return "an entry in the other space";
  }
  for (const Outcome& outcome : outcomes_) {
    const bool of_trail = outcome.look.person == person && outcome.look.sealed == sealed;
    if (!of_trail || !outcome.recorded || !outcome.recorded->ok()) continue;
    const std::uint64_t index = (**outcome.recorded).index;
    if (std::ranges::none_of(entries, [index](const auto& e) { return e.index == index; })) {
      return "a trail has not what somebody has a receipt of";
    }
  }
  return "";
}

std::string LedgerWorld::AuditPeople() {
  for (std::size_t person = 0; person < people_.size(); ++person) {
    const auto head = executor.Wait(ledger->HeadOf(people_[person]));
    const auto sealed_head = executor.Wait(ledger->HeadOf(sealed_[person]));
    if (!head->ok() || !sealed_head->ok()) return "a head cannot be read";
    const std::uint64_t next = **head, sealed_next = **sealed_head;
    const auto trail = executor.Wait(ledger->ReadTrail(people_[person], next + 1, next + 1));
    const auto sealed =
        executor.Wait(ledger->ReadSealedTrail(sealed_[person], sealed_next + 1, sealed_next + 1));
    if (!trail->ok() || !sealed->ok()) return "a trail cannot be read";
    std::string fault = AuditTrail(person, false, next, **trail);
    if (fault.empty()) fault = AuditTrail(person, true, sealed_next, **sealed);
    if (!fault.empty()) return fault;
  }
  return "";
}

std::string LedgerWorld::AuditAgents() {
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < kAgents; ++i) {
    std::vector<store::Key> keys{AgentRow(i)};
    auto rows = executor.Wait(memory.MultiGet(std::move(keys), store::ReadMode::kAny));
    const std::uint64_t next = NumberIn((*rows)->front());
    total += next;
    const auto has = executor.Wait(ledger->HasActorTag(agents_[i].TagOf(next)));
    if (!has->ok() || **has) return "an agent's next tag is in the log already";
    if (next == 0) continue;
    const auto activity = executor.Wait(ledger->ReadActivity(agents_[i], next - 1, next));
    if (!activity->ok() || (*activity)->entries.size() != next) return "an activity has a gap";
  }
  return total == ledger->size() ? "" : "agents have more or fewer entries than the log";
}

std::string LedgerWorld::Audit() {
  std::string fault = AuditTree(ledger->size());
  if (fault.empty()) fault = AuditPeople();
  if (fault.empty()) fault = AuditAgents();
  return fault;
}

}  // namespace cloison::ledger::testing
