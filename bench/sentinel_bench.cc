// sentinel: what do all detectors together cost per access?
//
// 10,000 accounts in turn, each shown somebody, one in twenty off the caseload, through
// Sentinel::See and HoldOn as the gate calls them, and the watch written as its row has it; one
// pool with bounds. Expect 0.2 to 0.5 us: some 20 compares per showing, 10 look-ups of quiet
// processes when a bound is crossed or a day begins (once per account here), 70 to 150 bytes
// written. The aim is 2 us.
#include <CLI/CLI.hpp>
#include <chrono>
#include <memory>

#include "access/ceilings.h"
#include "base/random.h"
#include "bench/report.h"
#include "sentinel/sentinel.h"
#include "vault/demo_world.h"
#include "vault/embedded.h"

namespace cloison::bench {
namespace {

constexpr std::size_t kAccounts = 10'000, kOffEvery = 20;
constexpr char kBounds[] =
    "\n[detectors]\nact = true\n[[detectors.pool]]\norganisation = 1\nscore = \"D9/pairs/day\"\n"
    "bounds = [[1000000, 0.01]]\n";

class NoEvents final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal, std::initializer_list<base::EventField>) override {}
};

class Bench {
 public:
  Bench();
  double Run(std::size_t accesses);

 private:
  struct Account {
    access::PrincipalInfo info;
    std::unique_ptr<access::Watch> watch;
  };
  base::SystemRandom random_;
  NoEvents events_;
  commit::SealedState state_{RegisterId(1), 1, crypto::Secret<32>(random_), random_};
  access::Ceilings ceilings_{state_};
  std::unique_ptr<access::PolicyInForce> policy_;
  sentinel::Sentinel sentinel_;
  std::vector<Account> accounts_;
  std::int64_t now_ms_ = 1'700'000'000'000;
  std::size_t written_ = 0;
};

Bench::Bench() {
  std::vector<std::string> problems;
  const auto schema = vault::DemoSchema({});
  policy_ = std::make_unique<access::PolicyInForce>(
      *access::Policy::Parse(std::string(vault::DemoPolicyToml()) + kBounds, *schema, &problems));
  sentinel_.Stand({*policy_, state_, ceilings_, random_, events_});
  for (std::size_t i = 0; i < kAccounts; ++i) {
    accounts_.push_back(
        {{PrincipalId(random_.Draw<16>()), OrganisationId(1), OfficeId(101), "adviser", "adviser"},
         sentinel_.NewWatch(now_ms_)});
  }
}

double Bench::Run(std::size_t accesses) {
  std::vector<access::ObservedShowing> showings(accesses);
  for (std::size_t i = 0; i < accesses; ++i) {
    showings[i].name = random_.Draw<16>();
    showings[i].family = access::ShowingFamily::kClass;
    showings[i].counters.Add(access::Counter::kGlimpsed).Add(access::Counter::kOpened);
    if (i % kOffEvery == 0) showings[i].counters.Add(access::Counter::kOpenedOff);
  }
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t i = 0; i < accesses; ++i) {
    Account& account = accounts_[i % kAccounts];
    if (i % 64 == 0) now_ms_ += 400;
    (void)sentinel_.HoldOn(account.info, "case-worker", *account.watch, now_ms_);
    access::Acting acting{account.info, "case-worker", {}};
    acting.time.budget_ms = acting.time.wall_ms = now_ms_;
    (void)sentinel_.See(acting, *account.watch, {&showings[i], 1});
    ByteArray<access::kWatchBytesMax> row;
    written_ += account.watch->Write(row);
  }
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
  return took.count() / static_cast<double>(accesses);
}

}  // namespace
}  // namespace cloison::bench

int main(int argc, char** argv) {
  int runs = 5;
  std::size_t accesses = 1'000'000;
  CLI::App app("What all detectors together cost per access");
  app.add_option("--runs", runs);
  app.add_option("--accesses", accesses);
  CLI11_PARSE(app, argc, argv);
  cloison::bench::Bench bench;
  cloison::bench::Figure us{"us_per_access", {}, 3};
  (void)bench.Run(accesses);
  for (int run = 0; run < runs; ++run) us.runs.push_back(bench.Run(accesses));
  cloison::bench::Report(
      "sentinel", "What do all detectors together cost per access? 0.2 to 0.5 us; aim 2", {us});
  return 0;
}
