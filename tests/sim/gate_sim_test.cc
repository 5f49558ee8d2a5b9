// Budgets through the whole gate: many threads, clocks that are set, reboots, restarts. What was
// decided is read off the ledger's order and put to the oracle, entry by entry.
#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "base/testing/manual_clock.h"
#include "store/memory/memory_store.h"
#include "store/rocks/rocks_store.h"
#include "store/testing/temp_directory.h"
#include "tests/sim/ceiling_oracle.h"
#include "tests/sim/seeds.h"
#include "tests/sim/sim_vault.h"
#include "tests/sim/window_oracle.h"

namespace cloison::sim {
namespace {

using access::Counter;
using access::CounterSet;
using access::RefusalCode;

constexpr std::size_t kPeople = 24, kNobodies = 12, kBatchMax = 4;
constexpr std::size_t kRounds = 60;

struct Purpose {
  const char* name;
  const char* field;
  CounterSet counters;  // of a stranger; the world has no caseloads
};

const Purpose& PurposeAt(std::size_t i) {
  static const Purpose purposes[] = {
      {"list", "identity.birth_name",
       CounterSet().Add(Counter::kGlimpsed).Add(Counter::kGlimpsedOff)},
      {"support", "contact.email",
       CounterSet()
           .Add(Counter::kGlimpsed)
           .Add(Counter::kGlimpsedOff)
           .Add(Counter::kOpened)
           .Add(Counter::kOpenedOff)},
      {"benefit", "civil_number.nir",
       CounterSet()
           .Add(Counter::kGlimpsed)
           .Add(Counter::kGlimpsedOff)
           .Add(Counter::kOpened)
           .Add(Counter::kOpenedOff)
           .Add(Counter::kSensitive)},
  };
  return purposes[i];
}

struct Request {
  std::size_t agent, purpose;
  std::uint32_t client;
  std::vector<std::size_t> people;  // from kPeople on: codes of nobody
};
struct Decided {
  Request request;
  std::uint64_t index = 0;  // of its first entry: the order of decisions
  bool charged = false;     // shown, or a miss
  bool spent = false;
};

access::Caps SmallCaps(base::Random& random) {
  access::Caps caps;
  for (auto& of : caps.of) {
    auto cap = static_cast<std::uint32_t>(1 + random.Below(5));
    for (std::uint32_t& one : of) {
      one = cap;
      cap += static_cast<std::uint32_t>(random.Below(7));
    }
  }
  return caps;
}

// Between nothing and what the agents have together. Clients have none, for an agent that changes
// its client is counted twice: their promise is held at the end.
std::vector<access::CeilingSpec> SomeCeilings(base::Random& random) {
  std::vector<access::CeilingSpec> ceilings;
  // A policy refuses a ceiling that one above it makes impossible to reach.
  std::array<std::uint32_t, access::kCounters> caps;
  for (std::uint32_t& cap : caps) cap = static_cast<std::uint32_t>(3 + random.Below(7));
  for (const access::Scope scope :
       {access::Scope::kOffice, access::Scope::kOrganisation, access::Scope::kRegister}) {
    if (random.Below(3) == 0) continue;
    const bool day = random.Below(2) == 0;
    access::CeilingSpec spec{scope, {}, {}, day ? base::kHourMs : base::kDayMs, 0, {}};
    spec.buckets = day ? 24 : 7;
    for (std::size_t c = 0; c < caps.size(); ++c) {
      spec.caps[c] = caps[c] += static_cast<std::uint32_t>(random.Below(5));
    }
    ceilings.push_back(spec);
  }
  return ceilings;
}

class GateWorld {
 public:
  // `threads` 0: everything on one seeded thread.
  GateWorld(std::uint64_t seed, std::size_t threads, bool rocks)
      : random_(seed),
        seeded_(seed),
        threads_(threads),
        rocks_(rocks),
        caps_(SmallCaps(random_)),
        ceilings_(SomeCeilings(random_)),
        vault_({files_, keys_random_, clock_, directory_.path() + "/vault",
                threads == 0 ? &seeded_ : nullptr},
               caps_, ceilings_) {
    for (std::size_t i = 0; i < kAgents; ++i) {
      budget_.emplace_back(caps_);
      real_.emplace_back(caps_);
    }
  }

  void Start() {
    OpenStores();
    ASSERT_TRUE(vault_.Create(*main_, *keys_).ok());
    ASSERT_TRUE(vault_.Open(*main_, *keys_).ok());
    ASSERT_TRUE(vault_.Enrol().ok());
    for (std::size_t i = 0; i < kPeople; ++i) {
      Result<std::string> code = vault_.Register(i);
      ASSERT_TRUE(code.ok()) << code.error().text();
      codes_.push_back(*code);
    }
    for (std::size_t i = 0; i < kNobodies; ++i) codes_.push_back("nobody-" + std::to_string(i));
    begun_ms_ = vault_.vault().committer().Now().budget_ms;
  }

  void Round() {
    PassTime();
    if (random_.Below(4) == 0) Disturb();
    std::vector<Request> requests;
    const std::size_t count = 1 + random_.Below(threads_ == 0 ? 3 : 4 * threads_);
    for (std::size_t i = 0; i < count; ++i) requests.push_back(DrawRequest());
    std::vector<Decided> decided = threads_ == 0 ? AskInTurn(requests) : AskAtOnce(requests);
    if (testing::Test::HasFailure()) return;
    std::ranges::sort(decided, {}, &Decided::index);
    for (const Decided& one : decided) Judge(one);
  }

  void Finish() {
    for (std::size_t i = 0; i < kAgents; ++i) {
      EXPECT_EQ(budget_[i].Broken(), "") << "in budget time";
      EXPECT_EQ(real_[i].Broken(), "") << "in real time";
    }
    EXPECT_EQ(above_.Broken(), "") << "in budget time";
    EXPECT_EQ(really_above_.Broken(), "") << "in real time";
    EXPECT_TRUE(vault_.Stop().ok());
  }

  std::size_t above() const { return above_spent_; }
  std::size_t charged() const { return charged_; }
  std::size_t spent() const { return spent_; }
  std::size_t disturbed() const { return disturbed_; }

 private:
  void OpenStores() {
    if (!rocks_) {
      if (main_ == nullptr) main_ = std::make_unique<store::MemoryStore>();
      if (keys_ == nullptr) keys_ = std::make_unique<store::MemoryStore>();
      return;
    }
    main_ = OpenRocks("/main", store::kMainFamilies);
    keys_ = OpenRocks("/keys", store::kKeyFamilies);
  }

  std::unique_ptr<store::Store> OpenRocks(const char* name,
                                          std::span<const store::Family> families) {
    store::RocksOptions options;
    options.path = directory_.path() + name;
    options.families = families;
    auto opened = store::RocksStore::Open(options);
    CLOISON_CHECK(opened.ok());
    return std::move(*opened);
  }

  void PassTime() {
    static constexpr std::int64_t kMost[] = {1, base::kMinuteMs, base::kHourMs, base::kDayMs,
                                             8 * base::kDayMs};
    Go(static_cast<std::int64_t>(random_.Below(static_cast<std::uint64_t>(kMost[Pick(5)]) + 1)));
  }
  void Go(std::int64_t ms) {
    clock_.Advance(ms);
    real_ms_ += ms;
  }
  std::size_t Pick(std::size_t bound) { return random_.Below(bound); }

  // What happens to a server's clocks and processes.
  void Disturb() {
    ++disturbed_;
    const std::int64_t wall_step_ms =
        static_cast<std::int64_t>(random_.Below(80 * base::kDayMs)) - 40 * base::kDayMs;
    switch (Pick(4)) {
      case 0: clock_.StepWall(wall_step_ms); break;
      case 1: Restart(0, false); break;
      case 2: Restart(static_cast<std::int64_t>(random_.Below(3 * base::kHourMs)), false); break;
      default: Restart(static_cast<std::int64_t>(random_.Below(3 * base::kDayMs)), true);
    }
    const std::int64_t now_ms = vault_.vault().committer().Now().budget_ms;
    EXPECT_LE(now_ms - begun_ms_, real_ms_) << "budget time ran ahead";
    EXPECT_GE(now_ms, last_ms_) << "budget time went back";
  }

  void Restart(std::int64_t down_ms, bool reboot) {
    ASSERT_TRUE(vault_.Stop().ok());
    if (rocks_) {
      main_.reset();
      keys_.reset();
    }
    if (reboot) {
      clock_.Reboot(down_ms);
      real_ms_ += down_ms;
      if (random_.Below(2) == 0) clock_.StepWall(-2 * base::kDayMs);
    } else {
      Go(down_ms);
    }
    OpenStores();
    ASSERT_TRUE(vault_.Open(*main_, *keys_).ok());
    commit::TimeKeeper& time = vault_.vault().committer().time_keeper();
    EXPECT_TRUE(!reboot || !time.confirmed());
    if (reboot && random_.Below(2) == 0) time.Confirm(down_ms);
  }

  Request DrawRequest() {
    Request request{Pick(kAgents), Pick(3), static_cast<std::uint32_t>(1 + Pick(2)), {}};
    const std::size_t size = Pick(3) == 0 ? 1 + Pick(kBatchMax) : 1;
    for (std::size_t i = 0; i < size; ++i) {
      const bool nobody = Pick(8) == 0;
      request.people.push_back(nobody ? kPeople + Pick(kNobodies) : Pick(kPeople));
    }
    return request;
  }

  std::vector<Decided> AskInTurn(const std::vector<Request>& requests) {
    std::vector<Decided> decided;
    for (const Request& request : requests) decided.push_back(Ask(request));
    return decided;
  }

  std::vector<Decided> AskAtOnce(const std::vector<Request>& requests) {
    std::vector<Decided> decided(requests.size());
    std::vector<std::thread> askers;
    for (std::size_t t = 0; t < threads_; ++t) {
      askers.emplace_back([this, t, &requests, &decided] {
        for (std::size_t i = t; i < requests.size(); i += threads_) decided[i] = Ask(requests[i]);
      });
    }
    for (std::thread& asker : askers) asker.join();
    return decided;
  }

  Decided Ask(const Request& request) {
    const Purpose& purpose = PurposeAt(request.purpose);
    access::DisclosureRequest disclosure;
    for (const std::size_t person : request.people) disclosure.persons.push_back(codes_[person]);
    disclosure.fields.push_back(vault_.Field(purpose.field));
    disclosure.reason = {purpose.name, ""};
    auto outcome = vault_.Wait(vault_.vault().gate().Disclose(
        vault_.CallerOf(AgentId(request.agent), ClientId(request.client)), std::move(disclosure)));
    Decided decided{request};
    EXPECT_TRUE(outcome.ok());
    if (!outcome.ok()) return decided;
    if (const auto* refusal = std::get_if<access::Refusal>(&*outcome)) {
      decided.spent = refusal->code == RefusalCode::kBudgetSpent;
      decided.charged = refusal->code == RefusalCode::kNotAvailable;
      EXPECT_TRUE(decided.spent || decided.charged) << refusal->rule;
      EXPECT_TRUE(!decided.spent || refusal->retry_after_ms >= 0);
      decided.index = refusal->recorded->index;
      return decided;
    }
    const auto& shown = std::get<access::Disclosed>(*outcome);
    EXPECT_EQ(shown.records.size(), request.people.size());
    decided.charged = true;
    decided.index = shown.records.front().recorded.front().index;
    return decided;
  }

  // What a request would charge: the people shown; or, when one of them is nobody, each code that
  // was named as a glimpse of its own: a code's, which is no person's.
  std::vector<WindowOracle::Shown> ChargesOf(const Request& request) const {
    std::vector<WindowOracle::Shown> shown;
    const CounterSet glimpse = PurposeAt(0).counters;
    const bool nobody =
        std::ranges::any_of(request.people, [](std::size_t person) { return person >= kPeople; });
    for (const std::size_t person : request.people) {
      if (nobody) shown.push_back({kPeople + kNobodies + person, glimpse});
    }
    if (nobody) return shown;
    for (const std::size_t person : request.people) {
      shown.push_back({person, PurposeAt(request.purpose).counters});
    }
    return shown;
  }

  void Judge(const Decided& decided) {
    const std::int64_t now_ms = vault_.vault().committer().Now().budget_ms;
    WindowOracle& oracle = budget_[decided.request.agent];
    const std::vector<WindowOracle::Shown> charges = ChargesOf(decided.request);
    const CeilingOracle::From from{decided.request.agent, kAgency.value(),
                                   OfficeOf(decided.request.agent).value(), decided.request.client};
    std::vector<CeilingOracle::Shown> pairs;
    for (const WindowOracle::Shown& shown : charges)
      pairs.push_back({shown.person, shown.counters});
    const bool own = oracle.Allows(now_ms, charges);
    const bool others = above_.Allows(now_ms, from, pairs);
    EXPECT_EQ(decided.charged, own && others) << "entry " << decided.index;
    last_ms_ = now_ms;
    ++(decided.charged ? charged_ : spent_);
    if (own && !others) ++above_spent_;
    if (!decided.charged) return;
    oracle.Show(now_ms, charges);
    real_[decided.request.agent].Show(real_ms_, charges);
    above_.Show(now_ms, from, pairs);
    really_above_.Show(real_ms_, from, pairs);
  }

  store::testing::TempDirectory directory_;
  base::SystemFiles files_;
  base::testing::SeededRandom random_;
  base::SystemRandom keys_random_;
  base::testing::ManualClock clock_;
  base::testing::SeededExecutor seeded_;
  const std::size_t threads_;
  const bool rocks_;
  const access::Caps caps_;
  const std::vector<access::CeilingSpec> ceilings_;
  std::unique_ptr<store::Store> main_, keys_;
  SimVault vault_;
  std::vector<std::string> codes_;
  CeilingOracle above_{ceilings_}, really_above_{ceilings_};
  std::vector<WindowOracle> budget_, real_;  // by agent: in the budget's time, and in real time
  std::int64_t begun_ms_ = 0, last_ms_ = 0, real_ms_ = 0;
  std::size_t charged_ = 0, spent_ = 0, disturbed_ = 0, above_spent_ = 0;
};

void RunWorlds(std::size_t threads, bool rocks, std::uint64_t usual, std::uint64_t many) {
  std::size_t charged = 0, spent = 0, disturbed = 0, above = 0;
  for (const std::uint64_t seed : Seeds(usual, many)) {
    SCOPED_TRACE(Replay(seed));
    const std::size_t asked = threads == 0 ? 0 : 1 + seed * 5 % threads;
    GateWorld world(seed, asked, rocks);
    world.Start();
    for (std::size_t i = 0; i < kRounds && !testing::Test::HasFailure(); ++i) world.Round();
    ASSERT_FALSE(testing::Test::HasFailure());
    world.Finish();
    charged += world.charged();
    spent += world.spent();
    disturbed += world.disturbed();
    above += world.above();
  }
  EXPECT_GT(charged, 20u);
  EXPECT_GT(spent, 20u);
  EXPECT_GT(disturbed, 4u);
  EXPECT_GT(above, 4u) << "no ceiling ever decided";
}

TEST(GateSim, OneThreadInMemory) {
  RunWorlds(0, false, 8, 400);
}
TEST(GateSim, OneThreadOnDisk) {
  RunWorlds(0, true, 2, 60);
}
TEST(GateSim, UpToSixteenThreadsInMemory) {
  RunWorlds(16, false, 6, 300);
}
TEST(GateSim, UpToSixteenThreadsOnDisk) {
  RunWorlds(16, true, 2, 60);
}

}  // namespace
}  // namespace cloison::sim
