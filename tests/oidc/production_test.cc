// A production register from its first day to a frozen account.
#include "tests/oidc/production.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "text/date.h"

namespace cloison::oidc {
namespace {

using e2e::Contains;
using e2e::Ended;
using e2e::ReadFile;
using e2e::WriteFile;

constexpr std::int64_t kDeadWithinUs = 5'000'000;

constexpr char kLook[] = "lookup --nir 182019935011424 --purpose reception --case A-1";

// Whoever is no founder is nobody yet, and the provider's word is looked at.
void FoundersSignIn(Production& world) {
  EXPECT_EQ(world.SignIn("alice"), 3) << world.said;
  EXPECT_TRUE(Contains(world.said, "not_enrolled")) << world.said;
  EXPECT_EQ(world.SignIn("anna", "", {.sub = "anna", .denies = true}), 3) << world.said;
  EXPECT_EQ(world.SignIn("anna", "", {.sub = "anna", .acr = "eidas1"}), 3) << "a level too low";
  for (const char* name : {"anna", "bruno", "carla"}) {
    ASSERT_EQ(world.SignIn(name), 0) << world.said;
    EXPECT_TRUE(Contains(world.said, std::string("\"agents:") + name + "\"")) << world.said;
    EXPECT_FALSE(Contains(world.said, "cls_")) << "the token stays in its file";
  }
  world.Expect("stat -c %a anna.session", 0, "600");
}

// The application registers somebody; the adviser finds them and opens what her work needs.
void AliceWorks(Production& world) {
  world.Expect("\"$cloison\" generate --people 1 --out people.csv", 0);
  const Ended registered = world.AsApplication("import people.csv");
  ASSERT_EQ(registered.exit, 0) << registered.out << registered.err;
  ASSERT_EQ(world.SignIn("alice"), 0) << world.said;
  const Ended found = world.As("alice", std::string(kLook) + " --json");
  ASSERT_EQ(found.exit, 0) << found.out << found.err;
  const std::string code = json::parse(found.out)["rows"][0].value("person", "");
  ASSERT_NE(code, "");
  const std::string open =
      "disclose " + code + " --fields contact.email --purpose support --case A-1";
  EXPECT_NE(world.As("alice", open).exit, 0) << "nobody she follows";
  const Ended assigned = world.AsApplication("caseload assign " + code + " --agent agents:alice");
  ASSERT_EQ(assigned.exit, 0) << assigned.out << assigned.err;
  const Ended opened = world.As("alice", open);
  ASSERT_EQ(opened.exit, 0) << opened.out << opened.err;
  EXPECT_TRUE(Contains(opened.out, "guy.kukram.0@example.org")) << opened.out;
}

// Who enrols or freezes sees what an account may do; nobody else does, and each look is recorded.
void StandingsAreShown(Production& world) {
  const Ended founder = world.As("carla", "principal show agents:anna --json");
  ASSERT_EQ(founder.exit, 0) << founder.out << founder.err;
  const json anna = json::parse(founder.out);
  EXPECT_EQ(anna.value("founder", false), true) << founder.out;
  // Kept in budget time, whose milliseconds are not the wall clock's.
  const auto ends = text::ParseUtcMs(anna.value("expires", ""));
  const auto asked = text::ParseUtcMs(world.expires() + "T00:00:00Z");
  ASSERT_TRUE(ends.ok() && asked.ok()) << founder.out;
  EXPECT_LT(std::abs(*ends - *asked), base::kMinuteMs) << founder.out;
  EXPECT_FALSE(anna.contains("enrolled"));
  EXPECT_FALSE(Contains(founder.out, "HR-")) << "a reference of a human is told nobody";
  const Ended alice = world.As("anna", "principal show agents:alice --plain");
  ASSERT_EQ(alice.exit, 0) << alice.err;
  for (const char* line : {"role\tadviser\n", "office\t101\n", "manager\tagents:anna\n",
                           "founder\tno\n", "frozen\tno\n"}) {
    EXPECT_TRUE(Contains(alice.out, line)) << line << alice.out;
  }
  EXPECT_TRUE(Contains(alice.out, "reduced_until\t")) << alice.out;
  EXPECT_EQ(world.As("alice", "principal show agents:anna").exit, 3) << "an adviser";
  EXPECT_EQ(world.As("anna", "principal show agents:nobody").exit, 5);
}

// A session is worth nothing without its key, nor from a file that others may read.
void TokensAloneOpenNothing(Production& world) {
  const std::string alice = ReadFile(world.path("alice.session"));
  const std::string bruno = ReadFile(world.path("bruno.session"));
  WriteFile(world.path("thief.session"),
            bruno.substr(0, bruno.find("\ntoken ")) + alice.substr(alice.find("\ntoken ")));
  world.Expect("chmod 600 thief.session", 0);
  EXPECT_EQ(world.As("thief", kLook).exit, 3);
  world.Expect("chmod 640 bruno.session", 0);
  const Ended open_file = world.As("bruno", "approval list");
  EXPECT_EQ(open_file.exit, 2);
  EXPECT_TRUE(Contains(open_file.err, "0600")) << open_file.err;
  world.Expect("chmod 600 bruno.session", 0);
}

// One officer stops a stolen account, and it is dead within five seconds.
void CarlaFreezes(Production& world) {
  const Ended frozen = world.As("carla", "principal freeze agents:alice");
  ASSERT_EQ(frozen.exit, 0) << frozen.out << frozen.err;
  base::SystemClock clock;
  const std::int64_t until_us = clock.mono_us() + kDeadWithinUs;
  while (world.As("alice", kLook).exit != 3 && clock.mono_us() < until_us) {
  }
  const Ended dead = world.As("alice", kLook);
  EXPECT_EQ(dead.exit, 3) << dead.out << dead.err;
  EXPECT_TRUE(Contains(dead.err, "401")) << "the session itself: " << dead.err;
  EXPECT_EQ(world.SignIn("alice"), 3) << "nor by signing in again";
}

// What an operator sees of all this: counts by issuer and outcome, and nobody's name.
void MetricsNameNobody(Production& world) {
  const std::string metrics = world.Metrics();
  const auto has = [&metrics](const std::string& line) {
    EXPECT_TRUE(Contains(metrics, "\ncloison_" + line)) << line << "\n" << metrics;
  };
  const std::string ends = "sign_ins_total{issuer=\"agents\",outcome=";
  has(ends + "\"opened\"} 5\n");
  has(ends + "\"cancelled\"} 1\n");
  has(ends + "\"not_enrolled\"} 1\n");
  has(ends + "\"too_weak\"} 1\n");
  has(ends + "\"frozen\"} 1\n");
  has(ends + "\"refused\"} 0\n");
  has("sessions_open 3\n");
  has("sessions_killed_total 1\n");
  has("issuer_key_fetches_total{issuer=\"agents\",outcome=\"failed\"} 0\n");
  EXPECT_FALSE(Contains(metrics, "proofs_refused_total{reason=\"nonce\"} 0\n")) << metrics;
  EXPECT_FALSE(Contains(metrics, "outcome=\"came\"} 0\n")) << metrics;
  for (const char* name : {"alice", "anna", "bruno", "carla", "HR-", "127.0.0.1"}) {
    EXPECT_FALSE(Contains(metrics, name)) << name;
  }
}

// Whoever watches over the register hears of it, though nobody can sign in to ask.
TEST(ProductionTest, AProviderThatIsGoneIsAnAlarm) {
  Production world;
  world.Begin();
  world.StopProvider();
  const std::string config = world.path("r/cloison.toml"), alarms = world.path("alarms.jsonl");
  world.Expect("sed -i 's|^ocsf_file = .*|ocsf_file = \"" + alarms + "\"|' r/cloison.toml", 0);
  ASSERT_TRUE(Contains(ReadFile(config), alarms)) << ReadFile(config);
  world.Serve();
  const std::string told = R"("what":"provider_out","why":"agents")";
  ASSERT_TRUE(Until([&] { return Contains(ReadFile(alarms), told); })) << ReadFile(alarms);
  std::size_t times = 0;
  for (const std::string& line : e2e::LinesOf(ReadFile(alarms))) times += Contains(line, told);
  EXPECT_EQ(times, 1u) << "once an outage";
}

// Else whoever may write its configuration would enrol themselves.
TEST(ProductionTest, DevelopmentModeDoesNotServeWhatOfficersBegan) {
  Production world;
  world.Begin();
  WriteFile(world.path("mine.toml"),
            "[[principal]]\nname = \"thief\"\norganisation = 1\nrole = \"adviser\"\n");
  const std::string serve =
      "timeout 60 \"$cloisond\" serve --config r/cloison.toml --set mode=development "
      "--set credentials=c "
      "--set listen.certificate= --set identity.issuers= ";
  world.Expect("timeout 60 \"$cloisond\" serve --config r/cloison.toml --set principals=mine.toml",
               2, "principals are of development mode");
  world.Expect(serve + "--set principals=mine.toml", 1, "two officers began this register");
  world.Expect(serve, 1, "two officers began this register");
  world.Serve();
}

TEST(ProductionTest, FromTheFirstDayToAFrozenAccount) {
  Production world;
  world.Begin();
  world.Serve();
  FoundersSignIn(world);
  world.Enrol("agents:alice",
              "--role adviser --office 101 --manager agents:anna --human HR-0042 --reason HR-12");
  world.Enrol("agents:case", "--role case-application --reason IT-3");
  AliceWorks(world);
  if (HasFatalFailure()) return;
  StandingsAreShown(world);
  TokensAloneOpenNothing(world);
  ASSERT_EQ(world.SignIn("anna", "--step-up"), 0) << world.said;
  EXPECT_EQ(world.As("anna", "approval list").exit, 0) << "the session goes on";
  CarlaFreezes(world);
  MetricsNameNobody(world);

  // Signed out: nothing is left here or there.
  const std::string kept = ReadFile(world.path("bruno.session"));
  world.Expect("\"$cloison\" sign-out --session bruno.session", 0, "Signed out");
  EXPECT_FALSE(std::filesystem::exists(world.path("bruno.session")));
  WriteFile(world.path("bruno.session"), kept);
  world.Expect("chmod 600 bruno.session", 0);
  EXPECT_EQ(world.As("bruno", "approval list").exit, 3);
}

}  // namespace
}  // namespace cloison::oidc
