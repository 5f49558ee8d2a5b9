// ledger: how many decided entries a second become durable, everything written, and how late at
// half that rate?
//
// Each entry is what a disclosure leaves: a principal's row, a seen row, a leaf, a sealed record,
// tags; 60,000 principals, 1,000,000 people, RocksDB, folding on. Closed loop with 1,024 callers
// for the maximum; open loop at 25,000 a second, latency from the intended start. Expect about 12
// us of crypto, 3 us of rows (logged as one value, kept in a table, folded), 6 us of keys outside
// the committer, and as much again around them: 35 us, so some 50,000 to 57,000 a second on 2
// cores; p50 about two syncs and half a batch. Baseline in the same run: fdatasync of as many bytes
// as a batch writes, into a preallocated file.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <thread>

#include "access/principals.h"
#include "bench/report.h"
#include "store/rocks/rocks_store.h"
#include "vault/embedded.h"
#include "vault/vault.h"

namespace cloison::bench {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::size_t kPrincipals = 60'000;
constexpr std::uint64_t kPeople = 1'000'000;
constexpr std::size_t kCallers = 1'024;
constexpr int kOpenRate = 25'000;

struct Settings {
  int runs = 5;
  double seconds = 6;
  bool closed_only = false;  // to profile
};

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
class = "bench"
[[role]]
name = "adviser"
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
    if (state.windows().WouldPass(staging.time().budget_ms, {&debit.showing, 1}).has_value()) {
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
    principals_.Charge(staging, state, 1, {&debit, 1});
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

class World {
 public:
  World() {
    directory_ = std::filesystem::current_path() / "build/bench-data/ledger";
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
    CLOISON_CHECK(base::SyncWait(Open()).ok());
    EnrolAll();
  }
  ~World() {
    CLOISON_CHECK(base::SyncWait(vault_->Stop()).ok());
    vault_.reset();
    main_store_.reset();
    key_store_.reset();
    std::filesystem::remove_all(directory_);
  }

  // One caller: draws a principal and a person, waits for the receipt.
  Task<bool> Once(std::uint64_t draw) {
    const PrincipalId principal = PrincipalAt(draw % kPrincipals);
    const std::uint64_t number = draw / kPrincipals % kPeople;
    const PersonId person(base::BigU64(number + 1));
    crypto::Secret<32> plk;
    crypto::ExpandInto(AsBytes("bench"), person.bytes(), plk.Reveal());
    ledger::SubjectKey key(vault_->schema().register_id(), vault_->ledger().log_id(), person,
                           std::move(plk));
    auto work = std::make_unique<EntryWork>(vault_->gate().principals(), vault_->ledger(),
                                            principal, person, std::move(key));
    if (!(co_await work->Prefetch()).ok()) co_return false;
    Result<ledger::Receipt> receipt =
        co_await vault_->committer().Submit(std::move(work), callers_);
    co_return receipt.ok();
  }
  base::Executor& callers() { return callers_; }
  base::Random& random() { return random_; }
  std::uint64_t batches() const { return vault_->committer().stats().batches.value(); }

 private:
  Task<Status> Open() {
    const std::string root = directory_.string();
    store::RocksOptions rocks;
    rocks.path = root + "/main";
    rocks.families = store::kMainFamilies;
    CLOISON_CO_TRY_ASSIGN(main_store_, store::RocksStore::Open(rocks));
    rocks.path = root + "/keys";
    rocks.families = store::kKeyFamilies;
    CLOISON_CO_TRY_ASSIGN(key_store_, store::RocksStore::Open(rocks));
    CLOISON_CO_TRY_ASSIGN(objects_,
                          keys::FileKeyObjects::Open(files_, random_, root + "/objects", true));
    std::vector<std::string> problems;
    CLOISON_CO_TRY_ASSIGN(schema_,
                          records::Schema::Parse(vault::JobSeekersSchemaToml(), &problems));
    CLOISON_CO_TRY_ASSIGN(policy_, access::Policy::Parse(kPolicy, *schema_, &problems));
    const vault::Environment environment{*main_store_, *key_store_, *objects_,
                                         files_,       clock_,      random_,
                                         events_,      committer_,  key_committer_,
                                         background_,  callers_,    base::Parallel(&builders_, 1)};
    const vault::Settings settings{schema_, policy_, "bench.example/ledger", root};
    CLOISON_CO_TRY(co_await vault::Vault::Create(environment, settings));
    CLOISON_CO_TRY_ASSIGN(vault_, co_await vault::Vault::Open(environment, settings));
    co_return Ok();
  }

  // Many callers at once: one after the other would wait for a sync each.
  void EnrolAll() {
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
  Task<void> Enrol(std::vector<access::PrincipalInfo> infos, std::atomic<std::uint64_t>& enrolled) {
    const std::size_t count = infos.size();
    CLOISON_CHECK((co_await vault_->gate().Enrol(std::move(infos), callers_)).ok());
    enrolled += count;
  }

  std::filesystem::path directory_;
  base::SystemFiles files_;
  base::SystemClock clock_;
  base::SystemRandom random_;
  base::NullEventSink events_;
  // As cloisond has them.
  base::ThreadPool committer_{1}, key_committer_{1};
  base::ThreadPool background_{1, base::ThreadPool::kLast}, callers_{1};
  base::ThreadPool builders_{1};
  std::unique_ptr<store::RocksStore> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::shared_ptr<const records::Schema> schema_;
  std::shared_ptr<const access::Policy> policy_;
  std::unique_ptr<vault::Vault> vault_;
};

struct Counts {
  std::atomic<bool> stop{false};
  std::atomic<std::uint64_t> done{0}, failed{0}, running{0};
};

Task<void> CallUntilStopped(World& world, Counts& counts) {
  co_await world.callers().Schedule();
  while (!counts.stop) {
    const std::uint64_t draw = base::LoadBig(world.random().Draw<8>());
    const bool ok = co_await world.Once(draw);
    ++(ok ? counts.done : counts.failed);
  }
  --counts.running;
}

double CpuSeconds() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(used.ru_utime) + seconds(used.ru_stime);
}

struct Closed {
  double per_s;
  double cpu_us;  // of the whole process per entry: callers, committer, folding, compaction
};

Closed ClosedLoop(World& world, double run_seconds) {
  Counts counts;
  counts.running = kCallers;
  const auto start = Steady::now();
  const double cpu_before = CpuSeconds();
  for (std::size_t i = 0; i < kCallers; ++i) base::Detach(CallUntilStopped(world, counts));
  std::this_thread::sleep_for(std::chrono::duration<double>(run_seconds));
  const double seconds = std::chrono::duration<double>(Steady::now() - start).count();
  const auto done = static_cast<double>(counts.done);
  const double cpu = CpuSeconds() - cpu_before;
  counts.stop = true;
  while (counts.running > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  CLOISON_CHECK(counts.failed == 0);
  return {done / seconds, cpu * 1e6 / std::max(done, 1.0)};
}

struct Latencies {
  std::mutex mutex;
  std::vector<double> ms;
  std::atomic<std::uint64_t> running{0}, failed{0};
};

Task<void> CallOnce(World& world, Latencies& latencies, Steady::time_point due) {
  co_await world.callers().Schedule();
  const std::uint64_t draw = base::LoadBig(world.random().Draw<8>());
  const bool ok = co_await world.Once(draw);
  if (!ok) ++latencies.failed;
  const double ms = std::chrono::duration<double, std::milli>(Steady::now() - due).count();
  {
    const std::lock_guard lock(latencies.mutex);
    latencies.ms.push_back(ms);
  }
  --latencies.running;
}

// Gives p50 and p99.
std::pair<double, double> OpenLoop(World& world, double run_seconds) {
  Latencies latencies;
  const auto total = static_cast<std::uint64_t>(kOpenRate * run_seconds);
  const auto start = Steady::now();
  for (std::uint64_t i = 0; i < total; ++i) {
    const auto due = start + std::chrono::nanoseconds(i * 1'000'000'000ull / kOpenRate);
    // Coarse sleeps would make bursts of our own; a short one keeps the core for the server.
    while (Steady::now() < due) std::this_thread::sleep_for(std::chrono::microseconds(50));
    ++latencies.running;
    base::Detach(CallOnce(world, latencies, due));
  }
  while (latencies.running > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  if (latencies.failed > 0) {
    std::printf("  %llu of %llu refused: the queue was full\n",
                static_cast<unsigned long long>(latencies.failed),
                static_cast<unsigned long long>(total));
  }
  return {Quantile(latencies.ms, 0.5), Quantile(latencies.ms, 0.99)};
}

std::uint64_t BytesWritten() {
  std::ifstream file("/proc/self/io");
  std::string word;
  std::uint64_t value = 0;
  while (file >> word >> value) {
    if (word == "wchar:") return value;
  }
  return 0;
}

// fdatasync of `bytes` at a time into a preallocated file: p50 and p99 in ms.
std::pair<double, double> SyncBaseline(std::size_t bytes) {
  const std::string path = "build/bench-data/sync";
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  CLOISON_CHECK(fd >= 0);
  constexpr std::size_t kFileBytes = 256u << 20;
  const std::vector<char> zeros(1u << 20, 0);
  for (std::size_t at = 0; at < kFileBytes; at += zeros.size()) {
    CLOISON_CHECK(write(fd, zeros.data(), zeros.size()) > 0);
  }
  CLOISON_CHECK(fsync(fd) == 0);
  std::vector<char> block(bytes, 1);
  std::vector<double> ms;
  for (std::size_t i = 0, at = 0; i < 4'000; ++i, at += bytes) {
    if (at + bytes > kFileBytes) at = 0;
    const auto start = Steady::now();
    CLOISON_CHECK(pwrite(fd, block.data(), bytes, static_cast<off_t>(at)) > 0);
    CLOISON_CHECK(fdatasync(fd) == 0);
    ms.push_back(std::chrono::duration<double, std::milli>(Steady::now() - start).count());
  }
  close(fd);
  std::filesystem::remove(path);
  return {Quantile(ms, 0.5), Quantile(ms, 0.99)};
}

struct Figures {
  Figure rate{"entries_per_s", {}, 0}, cpu{"cpu_us", {}, 1}, p50{"p50_ms", {}}, p99{"p99_ms", {}};
  Figure sync50{"sync_p50_ms", {}}, sync99{"sync_p99_ms", {}}, batch{"batch_bytes", {}, 0};
};

void OneRun(World& world, const Settings& settings, Figures& figures) {
  const Closed closed = ClosedLoop(world, settings.seconds);
  figures.rate.runs.push_back(closed.per_s);
  figures.cpu.runs.push_back(closed.cpu_us);
  std::printf("%.0f/s closed, %.1f us of CPU each", closed.per_s, closed.cpu_us);
  if (!settings.closed_only) {
    const std::uint64_t bytes = BytesWritten(), batches = world.batches();
    const auto [open50, open99] = OpenLoop(world, settings.seconds);
    const auto per_batch = static_cast<std::size_t>(
        (BytesWritten() - bytes) / std::max<std::uint64_t>(1, world.batches() - batches));
    const auto [base50, base99] = SyncBaseline(std::max<std::size_t>(4'096, per_batch));
    figures.p50.runs.push_back(open50);
    figures.p99.runs.push_back(open99);
    figures.sync50.runs.push_back(base50);
    figures.sync99.runs.push_back(base99);
    figures.batch.runs.push_back(static_cast<double>(per_batch));
    std::printf("; open p50 %.2f p99 %.2f ms; sync p50 %.2f p99 %.2f ms", open50, open99, base50,
                base99);
  }
  std::printf("\n");
  std::fflush(stdout);
}

int Main(const Settings& settings) {
  World world;
  std::printf("60,000 principals enrolled; warming up\n");
  std::fflush(stdout);
  ClosedLoop(world, settings.seconds);
  Figures figures;
  for (int run = 0; run < settings.runs; ++run) OneRun(world, settings, figures);
  if (settings.closed_only) return 0;
  Report("ledger",
         "How many decided entries a second become durable, everything written; and how late at "
         "25,000 a second?",
         {figures.rate, figures.p50, figures.p99, figures.sync50, figures.sync99, figures.cpu,
          figures.batch});
  return 0;
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  cloison::bench::Settings settings;
  CLI::App app("How fast decided entries become durable");
  app.add_option("--runs", settings.runs)->check(CLI::Range(1, 100));
  app.add_option("--seconds", settings.seconds, "of each loop");
  app.add_flag("--closed-only", settings.closed_only,
               "only the closed loop, no result: to profile");
  CLI11_PARSE(app, argc, argv);
  return cloison::bench::Main(settings);
}
