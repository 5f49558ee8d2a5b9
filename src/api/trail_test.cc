// A citizen's trail over HTTP: every row proven by what is in the answer; sealed accesses in
// nothing of it, until they are unsealed.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <functional>
#include <map>
#include <random>
#include <thread>

#include "api/openapi.h"
#include "api/testing/api_world.h"
#include "api/testing/distinguisher.h"
#include "api/testing/json_schema.h"
#include "api/testing/trail_checker.h"

namespace cloison::api {
namespace {

using net::Method;
using nlohmann::json;
using testing::ApiWorld;
using testing::ApiWorldOptions;
using testing::Ask;
using testing::Observation;
using testing::TrailCounts;
using testing::TrailFault;

constexpr const char* kTrail = "/v1/me/disclosures";

class TrailTest : public ::testing::Test {
 protected:
  json Send(const Ask& ask, int status) {
    const net::Response response = world_.Send(ask);
    EXPECT_EQ(response.status, status) << response.body;
    return json::parse(response.body);
  }
  // The index of the entry that an account's look left.
  std::uint64_t LookAt(const std::string& who, const PersonId& person, const std::string& purpose) {
    const std::string code = world_.CodeFor(who, person);
    const std::string body = R"({"person":")" + code + R"(","fields":["contact.phone"],)" +
                             R"("purpose":")" + purpose + R"(","case_ref":"Quetzal-7"})";
    const json shown = Send({who, Method::kPost, "/v1/disclosures", body}, 201);
    return shown["disclosures"][0]["receipt"]["index"];
  }
  std::uint64_t OpenLook() { return LookAt("adviser.ft", Citizen(), "support"); }
  std::uint64_t SealedLook() { return LookAt("investigator", Citizen(), "judicial"); }
  PersonId Citizen() { return world_.world().citizen_one.person; }
  json Unseal(std::uint64_t index, int status, const std::string& who = "officer.security") {
    const std::string body = R"({"index":)" + std::to_string(index) + R"(,"reason":"TJ-1"})";
    const Ask ask{
        who, Method::kPost, "/v1/unsealings", body, {{"idempotency-key", world_.FreshKey()}}};
    if (status != 200) return Send(ask, status);
    const net::Response agreed = world_.Agree(who + ".b", world_.Send(ask));
    EXPECT_EQ(agreed.status, 200) << agreed.body;
    return json::parse(agreed.body);
  }
  json Trail(const std::string& query = {}) {
    const std::string path = kTrail + (query.empty() ? "" : "?" + query);
    return Send({"citizen.one", Method::kGet, path, "", {{"prefer", "proof"}}}, 200);
  }
  void Publish() {
    const Status published = base::SyncWait(world_.vault().publisher().Publish());
    ASSERT_TRUE(published.ok()) << published.error().text();
  }
  testing::TrailRules Rules() {
    testing::TrailRules rules{world_.vault().ledger().origin(), world_.vault().ledger().vkey(), {}};
    for (const records::FieldSpec& field : world_.vault().schema().fields()) {
      rules.fields[field.id.value()] = field.name;
    }
    return rules;
  }

  ApiWorld world_;
};

TEST_F(TrailTest, EveryRowIsProvenByWhatIsInTheAnswer) {
  for (int i = 0; i < 3; ++i) OpenLook();
  const std::uint64_t sealed = SealedLook();
  SealedLook();
  const std::string own = R"({"self":true,"fields":["identity.birth_name"],"purpose":"own"})";
  Send({"citizen.one", Method::kPost, "/v1/disclosures", own}, 201);
  Unseal(sealed, 200);
  Publish();
  OpenLook();
  const json answer = Trail();
  TrailCounts counts;
  EXPECT_EQ(TrailFault(answer, Rules(), &counts), "") << answer.dump(1);
  EXPECT_EQ(counts.rows, 7) << "with this reading itself";
  EXPECT_EQ(counts.unsealed, 1);
  EXPECT_EQ(counts.pending, 0) << "no row is without a proof";
  EXPECT_EQ(counts.unpublished, 2) << "the look and the reading after the publication";
  EXPECT_EQ(counts.published, 6);
  const json& unseal = answer["items"][2];
  EXPECT_EQ(unseal["kind"], "unseal");
  EXPECT_EQ(unseal["unsealed"]["role"], "investigator");
  EXPECT_EQ(unseal["unsealed"]["purpose"], "judicial");
  EXPECT_EQ(unseal["unsealed"]["index"], sealed);
  EXPECT_EQ(answer.dump().find("Quetzal"), std::string::npos) << "no case";
  EXPECT_EQ(answer.dump().find("session"), std::string::npos);
}

// Nothing that a citizen is told to wait for: no proof of a closed log is made any more.
TEST_F(TrailTest, RowsOfAClosedLogSayThatItIsClosed) {
  for (int i = 0; i < 2; ++i) OpenLook();
  const std::uint64_t sealed = SealedLook();
  const testing::TrailRules before = Rules();
  (void)world_.RecoverLedger();
  const net::Response asked = world_.Send({"officer.security",
                                           Method::kPost,
                                           "/v1/unsealings",
                                           R"({"index":)" + std::to_string(sealed) + R"(,"log":")" +
                                               before.origin + R"(","reason":"TJ-1"})",
                                           {{"idempotency-key", world_.FreshKey()}}});
  ASSERT_EQ(world_.Agree("officer.security.b", asked).status, 200);
  const json newest = Trail();
  EXPECT_EQ(newest["proofs"]["logs"][0]["origin"], before.origin + "/2");
  ASSERT_EQ(newest["items"].size(), 2u);
  for (const json& row : newest["items"]) EXPECT_FALSE(row["proof"].contains("closed"));
  ASSERT_TRUE(newest["items"][1].contains("unsealed"));
  const json& brought = newest["items"][1]["unsealed"];
  EXPECT_EQ(brought["log"], before.origin);
  EXPECT_TRUE(brought["proof"].value("closed", false));
  EXPECT_FALSE(brought["proof"].contains("proof_pending"));

  const json older = Trail("page_token=" + newest["next_page_token"].get<std::string>());
  TrailCounts counts;
  EXPECT_EQ(TrailFault(older, before, &counts), "") << older.dump(1);
  EXPECT_EQ(counts.rows, 2);
  EXPECT_EQ(counts.closed, counts.rows);
  EXPECT_EQ(counts.pending + counts.published + counts.unpublished, 0);
  for (const json* page : {&newest, &older}) {
    const json document = json::parse(OpenApiJson());
    EXPECT_EQ(testing::Misfit(document, document["components"]["schemas"]["Looks"], *page), "");
  }
}

// The checker finds what it is for; so a row that passes it is proven.
TEST_F(TrailTest, WhateverIsAlteredIsFound) {
  for (int i = 0; i < 2; ++i) OpenLook();
  const std::uint64_t sealed = SealedLook();
  Unseal(sealed, 200);
  Publish();
  const json good = Trail();
  ASSERT_EQ(TrailFault(good, Rules()), "");
  const auto flip = [](json& text) {
    std::string changed = text;
    char& symbol = changed[changed.size() / 2];
    symbol = symbol == 'A' ? 'B' : 'A';
    text = changed;
  };
  struct Row {
    const char* why;
    std::function<void(json&)> alter;
  };
  const Row kRows[] = {
      {"a row left out", [](json& a) { a["items"].erase(2); }},
      {"the oldest row left out", [](json& a) { a["items"].erase(a["items"].size() - 1); }},
      {"a row twice", [](json& a) { a["items"].push_back(a["items"][0]); }},
      {"two numbers exchanged", [](json& a) { std::swap(a["items"][2]["n"], a["items"][3]["n"]); }},
      {"another purpose", [](json& a) { a["items"][2]["purpose"] = "benefit"; }},
      {"another role", [](json& a) { a["items"][2]["role"] = "citizen"; }},
      {"no organisation", [](json& a) { a["items"][2].erase("organisation"); }},
      {"fewer fields", [](json& a) { a["items"][2]["fields"] = json::array(); }},
      {"another time", [](json& a) { a["items"][2]["time"] = "2020-01-01T00:00:00.000Z"; }},
      {"another form", [](json& a) { a["items"][2]["form"] = "masked"; }},
      {"another index", [](json& a) { a["items"][2]["index"] = 1; }},
      {"the leaf", [&](json& a) { flip(a["items"][2]["proof"]["leaf"]); }},
      {"the subject part", [&](json& a) { flip(a["items"][2]["proof"]["subject_part"]); }},
      {"r_s", [&](json& a) { flip(a["items"][2]["proof"]["subject_randomness"]); }},
      {"the actor part", [&](json& a) { flip(a["items"][2]["proof"]["actor_part"]); }},
      {"r_a", [&](json& a) { flip(a["items"][2]["proof"]["actor_randomness"]); }},
      {"the proof", [&](json& a) { flip(a["items"][2]["proof"]["tlog_proof"]); }},
      {"proofs exchanged",
       [](json& a) {
         std::swap(a["items"][2]["proof"]["tlog_proof"], a["items"][3]["proof"]["tlog_proof"]);
       }},
      {"the trail key", [&](json& a) { flip(a["proofs"]["logs"][0]["trail_key"]); }},
      {"the person", [&](json& a) { flip(a["proofs"]["aud"]); }},
      {"the page said to be shorter", [](json& a) { a["proofs"]["covers"]["first"] = 1; }},
      {"the unsealed look's purpose",
       [](json& a) { a["items"][1]["unsealed"]["purpose"] = "support"; }},
      {"another access as the unsealed one",
       [](json& a) {
         json other = a["items"][2];
         other.erase("n");
         a["items"][1]["unsealed"] = other;
       }},
  };
  ASSERT_EQ(good["items"][1]["kind"], "unseal");
  for (const Row& row : kRows) {
    json bad = good;
    row.alter(bad);
    EXPECT_NE(TrailFault(bad, Rules()), "") << row.why;
  }
}

TEST_F(TrailTest, ProofsAreForWhoAsks) {
  OpenLook();
  struct Row {
    const char* why;
    std::vector<std::string> prefer;
    bool proofs;
  };
  const Row kRows[] = {
      {"nothing is said", {}, false},
      {"it is", {"proof"}, true},
      {"among others", {"respond-async, wait=10 , Proof;x=1, handling=lenient"}, true},
      {"in a second header", {"respond-async", "proof"}, true},
      {"part of a word", {"proofs"}, false},
      {"a value of another", {"handling=proof"}, false},
      {"a parameter of another", {"handling=lenient; proof"}, false},
      {"empty", {""}, false},
      {"commas alone", {", ,,"}, false},
  };
  for (const Row& row : kRows) {
    Ask ask{"citizen.one", Method::kGet, kTrail};
    for (const std::string& one : row.prefer) ask.headers.emplace_back("prefer", one);
    const net::Response response = world_.Send(ask);
    ASSERT_EQ(response.status, 200) << row.why;
    EXPECT_EQ(response.headers.get("preference-applied"), row.proofs ? "proof" : "") << row.why;
    const json answer = json::parse(response.body);
    EXPECT_EQ(answer.contains("proofs"), row.proofs) << row.why;
    EXPECT_EQ(answer["items"][0].contains("proof"), row.proofs) << row.why;
  }
}

TEST_F(TrailTest, PagesAreWholeAndAnswerForEveryNumber) {
  for (int i = 0; i < 9; ++i) OpenLook();
  Publish();
  std::string token;
  std::uint64_t below = 0, rows = 0;
  for (int page = 0; page < 10; ++page) {
    const json answer = Trail("page_size=4" + (token.empty() ? "" : "&page_token=" + token));
    TrailCounts counts;
    ASSERT_EQ(TrailFault(answer, Rules(), &counts), "") << page;
    const json& covers = answer["proofs"]["covers"];
    if (page > 0) {
      EXPECT_EQ(covers["end"], below) << "each begins where the last one ended";
    }
    below = covers["first"];
    rows += static_cast<std::uint64_t>(counts.rows);
    if (!answer.contains("next_page_token")) break;
    token = answer["next_page_token"];
  }
  EXPECT_EQ(below, 0u);
  EXPECT_EQ(rows, 10u) << "nine looks, and the first reading";
}

// The largest size of a checkpoint that an answer's rows are proven by.
std::uint64_t LargestSizeIn(const json& answer) {
  std::uint64_t largest = 0;
  for (const json& row : answer["items"]) {
    if (!row["proof"].contains("tlog_proof")) continue;
    const std::string text = row["proof"]["tlog_proof"];
    const std::size_t origin = text.find("\n\n") + 2;
    largest = std::max<std::uint64_t>(largest, std::stoull(text.substr(text.find('\n', origin))));
  }
  return largest;
}

// While the person is looked at and the log is published: an entry that came between the page and
// its proofs would be one that the answer's own checkpoint holds and its rows leave out.
TEST_F(TrailTest, NoCheckpointOfAnAnswerIsNewerThanItsRows) {
  constexpr int kReads = 600;
  std::atomic<bool> done{false};
  std::thread others([&] {
    const auto client = world_.NewClient("citizen.one");
    while (!done) {
      EXPECT_EQ(
          client->Send({"citizen.one", Method::kGet, "/v1/me/disclosures?page_size=1"}).status,
          200);
    }
  });
  std::thread publisher([&] {
    while (!done) EXPECT_TRUE(base::SyncWait(world_.vault().publisher().Publish()).ok());
  });
  std::vector<std::pair<std::uint64_t, std::uint64_t>> answers;  // covers.end, size
  for (int i = 0; i < kReads; ++i) {
    const json answer = Trail("page_size=20");
    answers.emplace_back(answer["proofs"]["covers"]["end"], LargestSizeIn(answer));
  }
  done = true;
  others.join();
  publisher.join();
  std::map<std::uint64_t, std::uint64_t> index_of;
  std::string token;
  do {
    const json page = Trail("page_size=100" + token);
    for (const json& row : page["items"]) index_of[row["n"]] = row["index"];
    token.clear();
    if (page.contains("next_page_token")) {
      token = "&page_token=" + page["next_page_token"].get<std::string>();
    }
  } while (!token.empty());
  for (const auto& [end, size] : answers) {
    ASSERT_TRUE(index_of.contains(end)) << end;
    EXPECT_GE(index_of[end], size) << "number " << end;
  }
}

TEST_F(TrailTest, UnsealingsThatAreRefused) {
  const std::uint64_t sealed = SealedLook(), open = OpenLook();
  struct Row {
    const char* why;
    std::uint64_t index;
    const char* who;
    int status;
    const char* code;
  };
  const Row kRows[] = {
      {"who looked", sealed, "investigator", 403, "no_right"},
      {"another officer", sealed, "officer.privacy", 403, "no_right"},
      {"the person", sealed, "citizen.one", 403, "no_right"},
      {"a look that is not sealed", open, "officer.security", 409, "not_sealed"},
      {"no such entry", 1'000'000, "officer.security", 404, "not_available"},
      {"it", sealed, "officer.security", 200, nullptr},
      {"it again", sealed, "officer.security", 409, "conflict"},
  };
  for (const Row& row : kRows) {
    const json answer = Unseal(row.index, row.status, row.who);
    if (row.code != nullptr) {
      EXPECT_EQ(answer["code"], row.code) << row.why;
    }
  }
  const std::uint64_t late = SealedLook();
  ASSERT_TRUE(world_.vault()
                  .ring()
                  .DestroyMonth(ledger::MonthOf(world_.vault().committer().Now().wall_ms))
                  .ok());
  world_.NextMonth();
  EXPECT_EQ(Unseal(late, 410)["code"], "record_expired");
}

TEST_F(TrailTest, AnUnsealSaysThatItsAccessHasExpired) {
  const std::uint64_t sealed = SealedLook();
  const auto month = ledger::MonthOf(world_.vault().committer().Now().wall_ms);
  world_.NextMonth();
  Unseal(sealed, 200);
  const json before = Trail()["items"][1];
  EXPECT_EQ(before["kind"], "unseal");
  EXPECT_TRUE(before.contains("unsealed") && !before.contains("unsealed_expired"));
  ASSERT_TRUE(world_.vault().ring().DestroyMonth(month).ok());
  const json after = Trail()["items"][2];
  EXPECT_EQ(after["kind"], "unseal");
  EXPECT_TRUE(!after.contains("unsealed") && after["unsealed_expired"] == true) << after;
}

// ---- what can be told from outside

bool IsLong() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return false;
#else
  const char* wish = std::getenv("CLOISON_LONG");
  return wish != nullptr && std::string_view(wish) == "1";
#endif
}

// What is random or counts entries of all, by its length alone: it must be as long.
void Blur(json& value) {
  static const std::set<std::string> kBlurred = {
      "index",      "time",       "leaf",       "subject_randomness", "actor_randomness",
      "actor_part", "randomness", "checkpoint", "next_page_token",    "subject_part",
      "id"};
  if (value.is_array()) {
    for (json& one : value) Blur(one);
  }
  if (!value.is_object()) return;
  for (auto& [key, member] : value.items()) {
    const bool receipts_proof = key == "proof" && member.is_string();
    if (key == "n" || key == "covers" || key == "tlog_proof" || receipts_proof) {
      member = nullptr;  // go up with each reading; as long as the log is large
    } else if (kBlurred.contains(key)) {
      member = member.dump().size();
    } else {
      Blur(member);
    }
  }
}

// Before each of a citizen's readings an investigator looks at somebody: at the citizen (kind 1) or
// at somebody else (kind 0). `open`: at the citizen, without a seal: what the classifier is to
// find.
class Outside : public ::testing::Test {
 protected:
  static constexpr int kPageSize = 4;

  static ApiWorldOptions Options() {
    ApiWorldOptions options;
    const std::string from = "opened = [5, 10, 20, 40]\nopened_off_caseload = [5, 10, 20, 40]";
    const std::string caps = "[1_000_000, 1_000_000, 1_000_000, 1_000_000]";
    const std::size_t at = options.policy.find(from);
    CLOISON_CHECK(at != std::string::npos);
    options.policy.replace(at, from.size(), "opened = " + caps + "\nopened_off_caseload = " + caps);
    options.answer_tick_ms = IsLong() ? 20 : 0;
    return options;
  }

  testing::Advantage Advantage(const char* path, bool open, int probes) {
    const base::SystemClock clock;
    std::mt19937_64 random(5);
    std::map<std::string, int> texts;
    std::vector<Observation> all;
    for (int i = 0; i < probes + kPageSize; ++i) {
      const int kind = static_cast<int>(random() % 2);
      Look(kind == 1 && open ? "adviser.ft" : "investigator",
           kind == 1 && open ? "support" : "judicial",
           kind == 1 ? world_.world().citizen_one.person : world_.world().stranger.person);
      Ask ask{"citizen.one", Method::kGet, path, "", {{"prefer", "proof"}}};
      if (std::string_view(path) == "/v1/disclosures") {
        ask.method = Method::kPost;
        ask.body = R"({"self":true,"fields":["identity.birth_name"],"purpose":"own"})";
      }
      const std::int64_t sent_us = clock.mono_us();
      const net::Response answer = world_.Send(ask);
      const std::int64_t took_us = clock.mono_us() - sent_us;
      CLOISON_CHECK(answer.status < 300);
      if (i < kPageSize) continue;  // until the page is full
      json body = json::parse(answer.body);
      Blur(body);
      const auto text = texts.try_emplace(body.dump(), static_cast<int>(texts.size())).first;
      // A time without a tick is that of the machine.
      all.push_back({kind, IsLong() ? took_us : 0, text->second});
    }
    return testing::DistinguishPair(all, 0, 1);
  }

  void Look(const std::string& who, const std::string& purpose, const PersonId& person) {
    const std::string body = R"({"person":")" + world_.CodeFor(who, person) +
                             R"(","fields":["contact.phone"],"purpose":")" + purpose +
                             R"(","case_ref":"A-1"})";
    const net::Response shown = world_.Send({who, Method::kPost, "/v1/disclosures", body});
    CLOISON_CHECK(shown.status == 201);
  }

  ApiWorld world_{Options()};
};

TEST_F(Outside, ASealedLookIsInNothingThatTheCitizenIsAnswered) {
  const int probes = IsLong() ? 3'000 : 400;
  const double most = IsLong() ? 0.06 : 0.15;  // far beyond what luck gives
  for (const char* path :
       {"/v1/me/disclosures?page_size=4", "/v1/disclosures", "/v1/me/capabilities"}) {
    const testing::Advantage sealed = Advantage(path, false, probes);
    EXPECT_LE(sealed.value, most) << path << " +- " << sealed.half_width;
  }
  EXPECT_GE(Advantage("/v1/me/disclosures?page_size=4", true, 100).value, 0.4)
      << "a look without a seal is seen";
}

}  // namespace
}  // namespace cloison::api
