// The answer tick: what is held, what is not, and that nobody can tell a stranger from nobody by an
// answer or by how long it took.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <set>
#include <thread>

#include "api/testing/api_world.h"
#include "api/testing/distinguisher.h"
#include "crypto/base64.h"

namespace cloison::api {
namespace {

using net::Method;
using testing::Advantage;
using testing::ApiWorld;
using testing::ApiWorldOptions;
using testing::Ask;
using testing::Observation;

// ---- the statistic itself, on times that are made up

enum class Spread { kEven, kBell, kTwoPeaks };

std::int64_t MadeUpTime(Spread spread, std::mt19937_64& random) {
  switch (spread) {
    case Spread::kEven: return std::uniform_int_distribution<std::int64_t>(0, 4'000)(random);
    case Spread::kBell:
      return static_cast<std::int64_t>(std::normal_distribution<double>(50'000, 1'500)(random));
    case Spread::kTwoPeaks:
      return (random() % 10 == 0 ? 100'000 : 50'000) + static_cast<std::int64_t>(random() % 900);
  }
  return 0;
}

TEST(Distinguisher, FindsWhatIsThereAndNothingElse) {
  struct Row {
    const char* why;
    Spread spread;
    std::int64_t later_us;   // of kind 1
    int other_rest_percent;  // of kind 1: how many answers read differently
    double least, most;
  };
  const Row rows[] = {
      {"the same", Spread::kEven, 0, 0, -0.01, 0.01},
      {"the same, in a bell", Spread::kBell, 0, 0, -0.01, 0.01},
      {"the same, in two peaks", Spread::kTwoPeaks, 0, 0, -0.01, 0.01},
      {"200 us later in 4 ms of noise", Spread::kEven, 200, 0, 0.012, 1},
      {"200 us later in a bell of 1.5 ms", Spread::kBell, 200, 0, 0.012, 1},
      {"200 us later in two sharp peaks", Spread::kTwoPeaks, 200, 0, 0.05, 1},
      {"another text, one time in twenty", Spread::kEven, 0, 5, 0.012, 1},
      {"another text, always", Spread::kEven, 0, 100, 0.45, 1},
  };
  for (const Row& row : rows) {
    std::mt19937_64 random(7);
    std::vector<Observation> all;
    for (int i = 0; i < 60'000; ++i) {
      const int kind = static_cast<int>(random() % 3);
      const bool odd = kind == 1;
      const bool other_rest = odd && static_cast<int>(random() % 100) < row.other_rest_percent;
      all.push_back(
          {kind, MadeUpTime(row.spread, random) + (odd ? row.later_us : 0), other_rest ? 2 : 1});
    }
    const Advantage pair = testing::DistinguishPair(all, 0, 1);
    EXPECT_GE(pair.value, row.least) << row.why;
    EXPECT_LE(pair.value, row.most) << row.why;
    EXPECT_LT(pair.half_width, 0.006) << row.why;
    EXPECT_LE(testing::DistinguishPair(all, 0, 2).value, 0.01) << row.why;
    EXPECT_LE(testing::Distinguish(all, 3).value, row.most) << row.why;
  }
}

// ---- what is held

std::string DisclosureOf(const std::string& code, const std::string& purpose = "support",
                         const std::string& field = "identity.birth_name") {
  return R"({"person":")" + code + R"(","fields":[")" + field + R"("],"purpose":")" + purpose +
         R"(","case_ref":"A-1"})";
}

std::string LookUpOf(const std::string& nir, const std::string& purpose = "support") {
  return R"({"criteria":{"nir":")" + nir + R"("},"purpose":")" + purpose + R"(","case_ref":"A-1"})";
}

constexpr const char* kDisclose = "/v1/disclosures";
constexpr const char* kLookUp = "/v1/lookups";
constexpr const char* kNobody = "0000-0000-0000-0000";

struct HeldRow {
  const char* why;
  Ask ask;
  int status;
};

class HeldTest : public ::testing::Test {
 protected:
  static constexpr std::int64_t kHeldMs = 20;

  static void SetUpTestSuite() {
    ApiWorldOptions options;
    options.answer_tick_ms = kHeldMs;
    world_ = new ApiWorld(options);
  }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  static std::string Theirs() {
    return world_->CodeFor("adviser.ft", world_->world().of_adviser_ft.person);
  }
  static std::string Others() {
    return world_->CodeFor("adviser.ft", world_->world().stranger.person);
  }
  static std::uint64_t Held() {
    const ApiStats& stats = world_->service().stats;
    return stats.at_first_tick.value() + stats.at_later_tick.value();
  }

  static void Check(const std::vector<HeldRow>& rows, bool held) {
    const base::SystemClock clock;
    for (const HeldRow& row : rows) {
      const std::uint64_t before = Held();
      const std::int64_t sent_us = clock.mono_us();
      const net::Response answer = world_->Send(row.ask);
      EXPECT_EQ(answer.status, row.status) << row.why << "\n" << answer.body;
      EXPECT_EQ(Held() - before, held ? 1u : 0u) << row.why;
      if (held) {
        EXPECT_GE(clock.mono_us() - sent_us, kHeldMs * 1000) << row.why;
      }
    }
  }

  static ApiWorld* world_;
};
ApiWorld* HeldTest::world_ = nullptr;

TEST_F(HeldTest, WhatIsGivenLeavesAtOnce) {
  const std::string& nir = world_->world().of_adviser_ft.nir;
  Check(
      {
          {"fields", {"adviser.ft", Method::kPost, kDisclose, DisclosureOf(Theirs())}, 201},
          {"a row", {"adviser.ft", Method::kPost, kLookUp, LookUpOf(nir)}, 200},
          {"one's rights", {"adviser.ft", Method::kGet, "/v1/me/capabilities"}, 200},
          {"what anybody may read", {"", Method::kGet, "/v1/status"}, 200},
          {"a body that no gate saw", {"adviser.ft", Method::kPost, kDisclose, "{}"}, 422},
          {"nobody is signed in", {"", Method::kPost, kDisclose, DisclosureOf(Theirs())}, 401},
      },
      false);
}

// Where the policy has sealed accesses: one has just warmed the person's row, perhaps.
TEST_F(HeldTest, WhatACitizenReadsOfThemselvesLeavesAtTheTick) {
  ASSERT_TRUE(world_->vault().policy()->HasSealed());
  const std::string own = R"({"self":true,"fields":["identity.birth_name"],"purpose":"own"})";
  Check(
      {
          {"one's own record", {"citizen.one", Method::kPost, kDisclose, own}, 201},
          {"one's own trail", {"citizen.one", Method::kGet, "/v1/me/disclosures"}, 200},
          {"with proofs",
           {"citizen.one", Method::kGet, "/v1/me/disclosures", "", {{"prefer", "proof"}}},
           200},
      },
      true);
}

TEST_F(HeldTest, WhatIsNotShownLeavesAtTheTick) {
  const std::string stranger = LookUpOf(world_->world().stranger.nir);
  const std::string no_purpose = LookUpOf(world_->world().of_adviser_ft.nir, "x");
  const std::string not_given = DisclosureOf(Others(), "support", "disability.recognised");
  const std::string nobody =
      R"({"criteria":{"email":"nobody@example.net"},"purpose":"support","case_ref":"A-1"})";
  Check(
      {
          {"a stranger", {"adviser.ft", Method::kPost, kDisclose, DisclosureOf(Others())}, 404},
          {"nobody", {"adviser.ft", Method::kPost, kDisclose, DisclosureOf(kNobody)}, 404},
          {"no code", {"adviser.ft", Method::kPost, kDisclose, DisclosureOf("1-2")}, 404},
          {"a field that is not given", {"adviser.ft", Method::kPost, kDisclose, not_given}, 403},
          {"no such purpose", {"adviser.ft", Method::kPost, kLookUp, no_purpose}, 403},
          {"a row for somebody else", {"adviser.ce", Method::kPost, kLookUp, stranger}, 200},
          {"nobody's address", {"adviser.ce", Method::kPost, kLookUp, nobody}, 200},
          {"not enrolled",
           {"nobody.enrolled", Method::kPost, kDisclose, DisclosureOf(Others())},
           403},
      },
      true);
}

TEST_F(HeldTest, WhatIsNotChangedLeavesAtTheTick) {
  const auto named = [](const std::string& code, const std::string& rest) {
    return R"({"person":")" + code + "\"," + rest + "}";
  };
  const std::string phone = R"("fields":{"contact.phone":"+33639981234"})";
  const std::string assigned =
      R"({"assignments":[)" + named(kNobody, R"("agent":"adviser.ft")") + "]}";
  const testing::HeaderList version_1 = {{"if-match", "\"1\""}, {"idempotency-key", "held-1"}};
  const testing::HeaderList version_99 = {{"if-match", "\"99\""}};
  const char* const people = "/v1/people";
  const char* const freeze = "/v1/principals:freeze";
  const std::string registered =
      R"({"fields":{"identity.birth_name":"TIC","identity.first_name":"Ada"}})";
  const std::string another =
      R"({"fields":{"identity.birth_name":"TAC","identity.first_name":"Ada"}})";
  const testing::HeaderList same_key = {{"idempotency-key", "held-2"}};
  ASSERT_EQ(world_->Send({"app.case", Method::kPost, people, registered, same_key}).status, 201);
  Check(
      {
          {"a key that came with another body",
           {"app.case", Method::kPost, people, another, same_key},
           422},
          {"nobody", {"app.case", Method::kPatch, people, named(kNobody, phone), version_1}, 404},
          {"another version",
           {"app.case", Method::kPatch, people, named(Others(), phone), version_99},
           412},
          {"no right to erase",
           {"app.case", Method::kPost, "/v1/people:erase", named(Others(), R"("reason":"x")"),
            version_1},
           403},
          {"nobody on a caseload",
           {"app.case", Method::kPost, "/v1/caseloads", assigned, version_1},
           404},
          {"no right to freeze",
           {"adviser.ft", Method::kPost, freeze, R"({"principal":"adviser.ce"})"},
           403},
      },
      true);
}

TEST_F(HeldTest, NothingIsHeldWhenItIsOff) {
  world_->service().answer_tick_ms = 0;
  Check({{"nobody", {"adviser.ft", Method::kPost, kDisclose, DisclosureOf(kNobody)}, 404}}, false);
  world_->service().answer_tick_ms = kHeldMs;
}

// ---- what can be told from outside

constexpr int kConnections = 64;  // an account each
constexpr int kKinds = 4;
constexpr const char* kKindNames[kKinds] = {"stranger", "nobody", "guess", "wrong"};
constexpr int kCodesOfAKind = 1'000;
constexpr int kWarmUp = 8;       // probes of each connection that are not counted
constexpr int kCap = 1'000'000;  // of the test's policy: what is left has a number all its own
constexpr std::int64_t kTickMs = 50;
constexpr std::uint64_t kPaceUs = 51'000;  // between the probes of a connection, or a little more

bool IsLong() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  const char* wish = std::getenv("CLOISON_LONG");
  return wish != nullptr && std::string_view(wish) == "1";
#endif
}

// The demo's policy with budgets that 100,000 probes do not spend.
std::string GenerousPolicy() {
  std::string policy(vault::DemoPolicyToml());
  const std::size_t begin = policy.find("opened = [60");
  const std::size_t end = policy.find("\n\n", begin);
  CLOISON_CHECK(begin != std::string::npos && end != std::string::npos);
  const std::string caps = std::to_string(kCap);
  std::string lines;
  for (const char* counter :
       {"opened", "opened_off_caseload", "sensitive", "glimpsed", "glimpsed_off_caseload"}) {
    lines += std::string(counter) + " = [" + caps + ", " + caps + ", " + caps + ", " + caps + "]\n";
  }
  return policy.replace(begin, end - begin, lines);
}

ApiWorldOptions ManyAdvisers() {
  ApiWorldOptions options;
  options.size.advisers_1 = kConnections;
  options.size.caseload_1 = 5;
  options.policy = GenerousPolicy();
  options.threads = 2;
  options.answer_tick_ms = kTickMs;
  return options;
}

// Codes of organisation 1 by kind: people of nobody's caseload, ids that nobody has, codes that are
// well-formed but no id's, codes whose check does not hold.
using CodesOfKinds = std::vector<std::vector<std::string>>;

CodesOfKinds MakeCodes(ApiWorld& world) {
  const records::Codes& codes = world.vault().codes();
  const OrganisationId organisation(1);
  std::set<std::uint32_t> followed;
  for (const auto& [agent, people] : world.world().caseloads) {
    followed.insert(people.begin(), people.end());
  }
  CodesOfKinds out(kKinds);
  std::mt19937_64 random(11);
  for (std::uint32_t i = 0; i < world.world().people.size() && out[0].size() < kCodesOfAKind; ++i) {
    if (followed.contains(i)) continue;
    out[0].push_back(codes.Encode(organisation, world.world().people[i])->Text());
  }
  while (out[1].size() < kCodesOfAKind) {
    ByteArray<8> id;
    for (std::uint8_t& byte : id) byte = static_cast<std::uint8_t>(random());
    out[1].push_back(codes.Encode(organisation, PersonId(id))->Text());
  }
  static constexpr std::string_view kSymbols = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  while (out[2].size() < kCodesOfAKind || out[3].size() < kCodesOfAKind) {
    std::string code = out[1][random() % kCodesOfAKind];
    code[code.size() - 2 - random() % 3] = kSymbols[random() % kSymbols.size()];
    code.back() = kSymbols[random() % kSymbols.size()];
    const Result<PersonId> read = codes.Decode(organisation, code);
    if (read.ok()) continue;  // the same code again
    const std::size_t kind = read.error().code() == Code::kNotFound ? 2 : 3;
    if (out[kind].size() < kCodesOfAKind) out[kind].push_back(code);
  }
  return out;
}

// Where one may ask about a code.
struct Door {
  const char* name;
  const char* path;
  std::string (*body)(const std::string& code);
  const char* status;  // of every answer
};

std::string MatchOf(const std::string& code) {
  return R"({"person":")" + code +
         R"(","field":"contact.phone","value":"+33639981234",)"
         R"("purpose":"verification","case_ref":"A-1"})";
}
std::string ExistsOf(const std::string& code) {
  return R"({"person":")" + code +
         R"(","form":"exists","fields":["contact.phone"],)"
         R"("purpose":"verification","case_ref":"A-1"})";
}

const Door kDoors[] = {
    {"disclosures", kDisclose, [](const std::string& code) { return DisclosureOf(code); }, "404"},
    {"decisions", "/v1/decisions", [](const std::string& code) { return DisclosureOf(code); },
     "404"},
    {"matches", "/v1/matches", MatchOf, "200"},
    {"exists", kDisclose, ExistsOf, "201"},
};

// A receipt is random but for what it says: who asked, for what, and what was decided. That stays.
std::string WhatReceiptsSay(const std::string& body) {
  nlohmann::json answer = nlohmann::json::parse(body, nullptr, false);
  if (answer.is_discarded() || answer.contains("code")) return body;
  const auto said = [](nlohmann::json& one) {
    one["id"] = one["id"].get<std::string>().size();
    nlohmann::json& receipt = one["receipt"];
    const Result<Bytes> bytes = crypto::FromBase64(receipt["actor_part"].get<std::string>());
    const Result<ledger::ActorPart> part = ledger::ParseActorPart(*bytes);
    CLOISON_CHECK(part.ok());
    const nlohmann::json what = {static_cast<int>(part->kind),
                                 static_cast<int>(part->decision),
                                 part->role,
                                 part->purpose,
                                 part->case_commitment.has_value(),
                                 part->shown_commitment.has_value(),
                                 bytes->size()};
    for (auto& [name, value] : receipt.items()) {
      value = value.is_string() && name != "checkpoint" ? value.get<std::string>().size() : 0;
    }
    receipt["says"] = what;
  };
  if (answer.contains("receipt")) said(answer);
  for (nlohmann::json& one : answer["disclosures"]) said(one);
  return answer.dump();
}

// Everything of an answer but the request's own id; `left` people may be glimpsed after it.
std::string RestOf(const net::Response& answer, int left) {
  const std::string body = WhatReceiptsSay(answer.body);
  std::string text = std::to_string(answer.status) + "\n";
  for (std::size_t i = 0; i < answer.headers.size(); ++i) {
    // The digits of a receipt's index, and of the tree's size, are as many as the log is long.
    if (answer.headers.name(i) == "content-length" && body != answer.body) continue;
    text += std::string(answer.headers.name(i)) + ": " + std::string(answer.headers.value(i));
    text += "\n";
  }
  text += body;
  const auto replace = [&text](const std::string& from, const std::string& to) {
    for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
      text.replace(at, from.size(), to);
    }
  };
  replace(std::string(answer.headers.get("request-id")), "<id>");
  replace(std::to_string(left), "<left>");
  return text;
}

class Prober {
 public:
  Prober(ApiWorld& world, std::string who, const CodesOfKinds& codes, const Door& door)
      : client_(world.NewClient(who)), codes_(codes), door_(door) {}

  void Run(int probes, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    for (int i = -kWarmUp; i < probes; ++i) {
      const int kind = static_cast<int>(random() % kKinds);
      const auto& codes = codes_[static_cast<std::size_t>(kind)];
      const std::string& code = codes[random() % codes.size()];
      asked_.insert(code);
      Ask ask{"", Method::kPost, door_.path, door_.body(code)};
      const std::int64_t before_us = clock_.mono_us();
      const net::Response answer = client_->Send(ask);
      const std::int64_t took_us = clock_.mono_us() - before_us;
      // Whatever an answer takes, the next probe comes as late: the server has the same to do with
      // the tick and without, and is never asked more than it can answer.
      const auto pace_us = static_cast<std::int64_t>(kPaceUs + random() % (kPaceUs / 5));
      std::this_thread::sleep_for(std::chrono::microseconds(pace_us - took_us));
      if (i < 0) continue;
      const std::string rest = RestOf(answer, kCap - static_cast<int>(asked_.size()));
      seen.push_back({kind, took_us, rests.try_emplace(rest, rests.size()).first->second});
    }
  }

  std::vector<Observation> seen;
  std::map<std::string, int> rests;  // and their numbers, this prober's own

 private:
  base::SystemClock clock_;
  std::unique_ptr<testing::ApiClient> client_;
  const CodesOfKinds& codes_;
  const Door& door_;
  std::set<std::string> asked_;
};

struct Probed {
  std::vector<Observation> seen;
  std::map<std::string, int> rests;
};

Probed Probe(ApiWorld& world, const CodesOfKinds& codes, const Door& door, int probes) {
  std::vector<std::unique_ptr<Prober>> probers;
  for (const vault::DemoPrincipal& principal : world.world().principals) {
    if (!principal.name.starts_with("adviser.ft")) continue;
    probers.push_back(std::make_unique<Prober>(world, principal.name, codes, door));
  }
  CLOISON_CHECK(probers.size() == kConnections);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < probers.size(); ++i) {
    threads.emplace_back([prober = probers[i].get(), probes, i] {
      prober->Run(probes / kConnections + 1, 1'000 + i);
    });
  }
  for (std::thread& thread : threads) thread.join();
  Probed all;
  for (const auto& prober : probers) {
    std::map<int, int> numbers;
    for (const auto& [rest, number] : prober->rests) {
      numbers[number] = all.rests.try_emplace(rest, all.rests.size()).first->second;
    }
    for (const Observation& one : prober->seen) {
      all.seen.push_back({one.kind, one.us, numbers[one.rest]});
    }
  }
  return all;
}

// What one may guess right by luck: in `make test` there are few guesses, so only an advantage that
// luck does not give once in a million runs counts.
double Bound(std::size_t guesses) {
  constexpr double kBound = 0.01;
  const double luck = 0.5 / std::sqrt(static_cast<double>(guesses));
  return IsLong() ? kBound : kBound + 5 * luck;
}

void ExpectWithin(const char* one, const char* other, const Advantage& advantage) {
  std::printf("  %-8s %-8s advantage %+.4f ± %.4f of %zu guesses\n", one, other, advantage.value,
              advantage.half_width, advantage.guesses);
  EXPECT_LE(advantage.value, Bound(advantage.guesses)) << one << " and " << other;
}

void PrintTimes(const std::vector<Observation>& seen) {
  for (int kind = 0; kind < kKinds; ++kind) {
    std::vector<std::int64_t> times;
    for (const Observation& one : seen) {
      if (one.kind == kind) times.push_back(one.us);
    }
    std::sort(times.begin(), times.end());
    const auto at = [&times](double share) {
      return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
    };
    std::printf("  %-8s %zu probes, us: min %lld p50 %lld p99 %lld max %lld\n", kKindNames[kind],
                times.size(), static_cast<long long>(at(0)), static_cast<long long>(at(0.5)),
                static_cast<long long>(at(0.99)), static_cast<long long>(at(1)));
  }
}

void ProbeDoor(ApiWorld& world, const CodesOfKinds& codes, const Door& door) {
  std::printf("  --- %s\n", door.name);
  const Probed probed = Probe(world, codes, door, IsLong() ? 100'000 : 2'000);
  PrintTimes(probed.seen);
  EXPECT_EQ(probed.rests.size(), 1u) << probed.rests.begin()->first << "\n"
                                     << probed.rests.rbegin()->first;
  EXPECT_TRUE(probed.rests.begin()->first.starts_with(door.status));
  EXPECT_GE(std::ranges::min(probed.seen, {}, &Observation::us).us, kTickMs * 1000);
  const Advantage all = testing::Distinguish(probed.seen, kKinds);
  ExpectWithin("all", "kinds", all);
  double most = all.value;
  for (int one = 0; one < kKinds; ++one) {
    for (int other = one + 1; other < kKinds; ++other) {
      const Advantage pair = testing::DistinguishPair(probed.seen, one, other);
      ExpectWithin(kKindNames[one], kKindNames[other], pair);
      most = std::max(most, pair.value);
    }
  }
  const ApiStats& stats = world.service().stats;
  std::printf("RESULT refusals door %s probes %zu advantage %.4f later_ticks %llu\n", door.name,
              probed.seen.size(), most,
              static_cast<unsigned long long>(stats.at_later_tick.value()));
}

TEST(Refusals, AStrangerNobodyAndAWrongCodeAreOneAnswer) {
  ApiWorld world(ManyAdvisers());
  const CodesOfKinds codes = MakeCodes(world);
  for (const Door& door : kDoors) {
    SCOPED_TRACE(door.name);
    ProbeDoor(world, codes, door);
    world.NextMonth();  // budgets are whole again: what is left is a part of the answer
  }
}

}  // namespace
}  // namespace cloison::api
