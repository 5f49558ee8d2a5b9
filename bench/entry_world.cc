#include "bench/entry_world.h"

#include <algorithm>
#include <thread>

#include "access/principals.h"
#include "vault/embedded.h"

namespace cloison::bench {
namespace {

constexpr char kPolicy[] = R"(
version = 1
[[class]]
name = "bench"
opened = [100000, 100000, 100000, 100000]
opened_off_caseload = [100000, 100000, 100000, 100000]
sensitive = [100000, 100000, 100000, 100000]
glimpsed = [100000, 100000, 100000, 100000]
glimpsed_off_caseload = [100000, 100000, 100000, 100000]
[[role]]
name = "system"
kind = "system"
class = "bench"
[[role]]
name = "adviser"
kind = "agent"
class = "bench"
)";

PrincipalId PrincipalAt(std::uint64_t i) {
  return PrincipalId(crypto::Truncate<16>(crypto::Sha256(base::BigU64(i))));
}

// One disclosure's worth of state and entry.
class EntryWork final : public commit::Work {
 public:
  using Promise = ledger::Receipt;
  EntryWork(access::Principals& principals, ledger::Ledger& log, PrincipalId principal,
            PersonId person, ledger::SubjectKey key)
      : principals_(principals),
        ledger_(log),
        principal_(principal),
        person_(person),
        key_(std::move(key)) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  // As the gate does before it submits.
  Task<Status> Prefetch() {
    CLOISON_CO_TRY_ASSIGN(head_, co_await ledger_.PrefetchHead(key_));
    co_return Ok();
  }
  Task<Status> Load(commit::Staging& staging) override {
    CLOISON_CO_TRY(co_await principals_.Load(staging, principal_));
    co_return co_await ledger_.LoadHead(key_, head_);
  }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    access::PrincipalState& state = principals_.Get(principal_);
    access::CounterSet counters;
    counters.Add(access::Counter::kOpened).Add(access::Counter::kGlimpsed);
    const access::Principals::Debit debit{{principals_.SeenOf(principal_, person_), counters},
                                          key_.aud().array()};
    if (principals_.WouldPass(staging, state, ClientId(1), {&debit.showing, 1}).has_value()) {
      return Error{Code::kExhausted, "the bench's own budget is spent"};
    }
    const access::PrincipalInfo& info = state.info();
    ledger::EntryDraft draft{
        ledger::Kind::kDisclosure,
        ledger::EntryDraft::Subject{person_,
                                    &key_,
                                    1,
                                    {FieldId(0x0101), FieldId(0x0103)},
                                    ledger::Form::kPlain,
                                    ByteArray<16>{}},
        {info.id, &state.key(), state.n(), info.organisation, info.office, info.role},
        ledger::Decision::kAllow,
        "support",
        "BENCH-0001",
        SessionId(ByteArray<16>{}),
        ClientId(1),
        "support/caseload",
        1};
    pending_ = ledger_.Stage(std::move(draft));
    principals_.Charge(staging, state, ClientId(1), 1, {&debit, 1});
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable& durable) {
    return ledger_.RedeemReceipt(std::move(*pending_), durable);
  }

 private:
  access::Principals& principals_;
  ledger::Ledger& ledger_;
  PrincipalId principal_;
  PersonId person_;
  ledger::SubjectKey key_;
  std::optional<ledger::PrefetchedHead> head_;
  std::optional<ledger::Pending> pending_;
};

// Many showings of one principal, and one entry for them.
class ShowWork final : public commit::Work {
 public:
  using Promise = bool;
  ShowWork(access::Principals& principals, ledger::Ledger& log, PrincipalId principal,
           std::size_t people)
      : principals_(principals), ledger_(log), principal_(principal), people_(people) {}
  Task<Status> Load(commit::Staging& staging) override {
    co_return co_await principals_.Load(staging, principal_);
  }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    access::PrincipalState& state = principals_.Get(principal_);
    access::CounterSet counters;
    counters.Add(access::Counter::kOpened).Add(access::Counter::kGlimpsed);
    std::vector<access::Principals::Debit> debits;
    for (std::uint64_t i = 1; i <= people_; ++i) {
      const access::SeenId who = principals_.SeenOf(principal_, PersonId(base::BigU64(i)));
      debits.push_back({{who, counters}, who});
    }
    const access::PrincipalInfo& info = state.info();
    (void)ledger_.Stage(
        {ledger::Kind::kLoad,
         std::nullopt,
         {info.id, &state.key(), state.n(), info.organisation, info.office, info.role},
         ledger::Decision::kAllow,
         "support",
         "BENCH-0001",
         std::nullopt,
         std::nullopt,
         "bench",
         0});
    principals_.Charge(staging, state, ClientId(1), 1, debits);
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return true; }

 private:
  access::Principals& principals_;
  ledger::Ledger& ledger_;
  PrincipalId principal_;
  std::size_t people_;
};

}  // namespace

EntryWorld::EntryWorld(const std::string& name, Is is) : is_(is) {
  directory_ = std::filesystem::current_path() / "build/bench-data" / name;
  if (is == Is::kOld) {
    CLOISON_CHECK(base::SyncWait(Open(false)).ok());
    return;
  }
  std::filesystem::remove_all(directory_);
  std::filesystem::create_directories(directory_);
  CLOISON_CHECK(base::SyncWait(Open(true)).ok());
  EnrolAll();
}

EntryWorld::~EntryWorld() {
  CLOISON_CHECK(base::SyncWait(vault_->Stop()).ok());
  vault_.reset();
  main_store_.reset();
  key_store_.reset();
  if (is_ != Is::kNewKept) std::filesystem::remove_all(directory_);
}

Task<bool> EntryWorld::Once(std::uint64_t draw) {
  const PrincipalId principal = PrincipalAt(draw % kPrincipals);
  const std::uint64_t number = draw / kPrincipals % kPeople;
  const PersonId person(base::BigU64(number + 1));
  crypto::Secret<32> plk;
  crypto::ExpandInto(AsBytes("bench"), person.bytes(), plk.Reveal());
  ledger::SubjectKey key(vault_->schema().register_id(), vault_->ledger().log_id(), person,
                         std::move(plk));
  auto work = std::make_unique<EntryWork>(vault_->gate().principals(), vault_->ledger(), principal,
                                          person, std::move(key));
  if (!(co_await work->Prefetch()).ok()) co_return false;
  Result<ledger::Receipt> receipt = co_await vault_->committer().Submit(std::move(work), callers_);
  co_return receipt.ok();
}

Task<bool> EntryWorld::Show(std::uint64_t principal, std::size_t people) {
  auto work = std::make_unique<ShowWork>(vault_->gate().principals(), vault_->ledger(),
                                         PrincipalAt(principal), people);
  const Result<bool> shown = co_await vault_->committer().Submit(std::move(work), callers_);
  co_return shown.ok();
}

Task<Status> EntryWorld::Open(bool create) {
  const std::string root = directory_.string();
  store::RocksOptions rocks;
  rocks.path = root + "/main";
  rocks.families = store::kMainFamilies;
  CLOISON_CO_TRY_ASSIGN(main_store_, store::RocksStore::Open(rocks));
  rocks.path = root + "/keys";
  rocks.families = store::kKeyFamilies;
  CLOISON_CO_TRY_ASSIGN(key_store_, store::RocksStore::Open(rocks));
  CLOISON_CO_TRY_ASSIGN(objects_,
                        keys::FileKeyObjects::Open(files_, random_, root + "/objects", create));
  std::vector<std::string> problems;
  CLOISON_CO_TRY_ASSIGN(schema_, records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems));
  CLOISON_CO_TRY_ASSIGN(policy_, access::Policy::Parse(kPolicy, *schema_, &problems));
  const vault::Environment environment{*main_store_, *key_store_, *objects_,
                                       files_,       clock_,      random_,
                                       events_,      committer_,  key_committer_,
                                       background_,  home_,       base::Parallel(&builders_, 1)};
  const vault::Settings settings{schema_, policy_, "bench.example/ledger", root};
  if (create) {
    CLOISON_CO_TRY(co_await vault::Vault::Create(environment, settings));
  }
  CLOISON_CO_TRY_ASSIGN(vault_, co_await vault::Vault::Open(environment, settings));
  co_return Ok();
}

// Many callers at once: one after the other would wait for a sync each.
void EntryWorld::EnrolAll() {
  constexpr std::uint64_t kPerCaller = 200;
  std::atomic<std::uint64_t> enrolled = 0;
  for (std::uint64_t first = 0; first < kPrincipals; first += kPerCaller) {
    std::vector<access::PrincipalInfo> infos;
    for (std::uint64_t i = first; i < first + kPerCaller; ++i) {
      infos.push_back(
          {PrincipalAt(i), OrganisationId(1), OfficeId(1), "adviser", "bench", false, {}});
    }
    base::Detach(Enrol(std::move(infos), enrolled));
  }
  while (enrolled < kPrincipals) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
Task<void> EntryWorld::Enrol(std::vector<access::PrincipalInfo> infos,
                             std::atomic<std::uint64_t>& enrolled) {
  const std::size_t count = infos.size();
  CLOISON_CHECK((co_await vault_->gate().Enrol(std::move(infos), home_)).ok());
  enrolled += count;
}

namespace {

struct Calls {
  std::mutex mutex;
  Latencies latencies;
  std::atomic<std::uint64_t> running{0}, failed{0};
};

Task<void> CallOnce(EntryWorld& world, Calls& calls, Steady::time_point due, std::size_t second) {
  co_await world.callers().Schedule();
  const std::uint64_t draw = base::LoadBig(world.random().Draw<8>());
  const bool ok = co_await world.Once(draw);
  if (!ok) ++calls.failed;
  const double ms = std::chrono::duration<double, std::milli>(Steady::now() - due).count();
  {
    const std::lock_guard lock(calls.mutex);
    calls.latencies.by_second[second].push_back(ms);
  }
  --calls.running;
}

}  // namespace

std::vector<double> Latencies::All() const {
  std::vector<double> all;
  for (const std::vector<double>& second : by_second) {
    all.insert(all.end(), second.begin(), second.end());
  }
  return all;
}

Latencies OpenLoop(EntryWorld& world, int per_second, double seconds) {
  Calls calls;
  calls.latencies.by_second.resize(static_cast<std::size_t>(seconds) + 1);
  const auto total = static_cast<std::uint64_t>(per_second * seconds);
  const auto rate = static_cast<std::uint64_t>(per_second);
  const auto start = Steady::now();
  for (std::uint64_t i = 0; i < total; ++i) {
    const auto due = start + std::chrono::nanoseconds(i * 1'000'000'000ull / rate);
    // Coarse sleeps would make bursts of our own; a short one keeps the core for the server.
    while (Steady::now() < due) std::this_thread::sleep_for(std::chrono::microseconds(50));
    ++calls.running;
    base::Detach(CallOnce(world, calls, due, i / rate));
  }
  while (calls.running > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  calls.latencies.failed = calls.failed;
  return std::move(calls.latencies);
}

}  // namespace cloison::bench
