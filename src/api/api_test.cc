// What the API gives, over real TLS: the flows that the demo tells, one after the other.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "api/internal/answers.h"
#include "api/management.h"
#include "api/testing/api_world.h"
#include "crypto/base64.h"
#include "ledger/entry.h"

namespace cloison::api {
namespace {

using net::Method;
using nlohmann::json;
using testing::ApiWorld;
using testing::Ask;
using testing::HeaderList;

class ApiTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new ApiWorld; }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }
  ApiTest() { world_->NextMonth(); }

  static json Parsed(const net::Response& response) { return json::parse(response.body); }

  static net::Response Disclose(const std::string& who, const std::string& code,
                                const std::string& fields = R"(["identity.birth_name"])",
                                const std::string& purpose = "support") {
    return world_->Send({who, Method::kPost, "/v1/disclosures",
                         R"({"person":")" + code + R"(","fields":)" + fields + R"(,"purpose":")" +
                             purpose + R"(","case_ref":"A-1"})"});
  }

  static net::Response LookUp(const std::string& who, const std::string& criterion,
                              const std::string& text) {
    return world_->Send({who, Method::kPost, "/v1/lookups",
                         R"({"criteria":{")" + criterion + R"(":")" + text +
                             R"("},"purpose":"support","case_ref":"A-1"})"});
  }

  static net::Response Register(const std::string& fields, const std::string& key) {
    return world_->Send({"app.case",
                         Method::kPost,
                         "/v1/people",
                         R"({"fields":)" + fields + "}",
                         {{"idempotency-key", key}}});
  }

  static std::string Fresh() {
    static int number = 0;
    return R"({"identity.birth_name":"ROUX","identity.first_name":"Ada","contact.email":"ada)" +
           std::to_string(++number) + R"(@example.org"})";
  }

  static ApiWorld* world_;
};
ApiWorld* ApiTest::world_ = nullptr;

TEST_F(ApiTest, AnAdviserFindsAPersonAndOpensTwoFields) {
  const vault::DemoPerson& person = world_->world().of_adviser_ft;
  const net::Response found = LookUp("adviser.ft", "nir", person.nir);
  ASSERT_EQ(found.status, 200) << found.body;
  const json rows = Parsed(found)["rows"];
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_NE(rows[0]["fields"]["identity.birth_name"], person.birth_name) << "not masked";
  EXPECT_EQ(found.body.find(person.nir), std::string::npos);

  const net::Response opened =
      Disclose("adviser.ft", rows[0]["person"], R"(["contact.email","identity.birth_name"])");
  ASSERT_EQ(opened.status, 201) << opened.body;
  const json answer = Parsed(opened);
  const json& one = answer["disclosures"][0];
  EXPECT_EQ(one["fields"]["identity.birth_name"], person.birth_name);
  EXPECT_EQ(one["fields"]["contact.email"], person.email);
  EXPECT_EQ(one["fields"].size(), 2u);
  EXPECT_TRUE(one["id"].get<std::string>().starts_with("acc_"));
  EXPECT_EQ(answer["budget"]["opened"]["hour"], 59);
  EXPECT_EQ(answer["budget"]["opened_off_caseload"]["hour"], 12);
  EXPECT_NE(opened.headers.get("ratelimit").find("\"opened-hour\";r=59"), std::string::npos);
  EXPECT_EQ(opened.headers.get("cache-control"), "no-store");

  const net::Response again = Disclose("adviser.ft", rows[0]["person"]);
  EXPECT_EQ(Parsed(again)["budget"]["opened"]["hour"], 59) << "the same person again is free";
}

TEST_F(ApiTest, AReceiptOpensTheReadersHalfOfTheLeaf) {
  const std::string code = world_->CodeFor("adviser.ft", world_->world().of_adviser_ft.person);
  const json receipt = Parsed(Disclose("adviser.ft", code))["disclosures"][0]["receipt"];
  const auto bytes = [&receipt](const char* key) {
    return *crypto::FromBase64(receipt[key].get<std::string>());
  };
  const Bytes leaf = bytes("leaf");
  const auto randomness = crypto::Secret<32>::FromBytes(bytes("randomness"));
  const crypto::Digest actor = ledger::Commit(*randomness, "actor", bytes("actor_part"));
  const auto stored =
      base::SyncWait(world_->vault().ledger().ReadLeaves(receipt["index"].get<std::uint64_t>(), 1));
  ASSERT_TRUE(stored.ok());
  EXPECT_EQ(base::ToHex(leaf), base::ToHex(stored->front()));
  EXPECT_NE(base::ToHex(leaf).find(base::ToHex(actor)), std::string::npos);
  EXPECT_EQ(receipt["log"], "cloison.example/test");
}

// For the partner's adviser a stranger looks like nobody: status, headers, body and budget.
TEST_F(ApiTest, AStrangerLooksLikeNobody) {
  const std::string stranger = world_->CodeFor("adviser.ce", world_->world().stranger.person);
  struct Row {
    const char* why;
    std::string code;
  };
  const Row rows[] = {
      {"another's person", stranger},
      {"a code of nobody", "0123-4567-89AB-CDEF"},
      {"not a code at all", "x"},
      {"another organisation's code",
       world_->CodeFor("adviser.ft", world_->world().of_adviser_ft.person)},
  };
  std::string first;
  for (const Row& row : rows) {
    world_->NextMonth();
    const net::Response response = Disclose("adviser.ce", row.code);
    EXPECT_EQ(response.status, 404) << row.why;
    json body = Parsed(response);
    EXPECT_EQ(body["code"], "not_available") << row.why;
    body.erase("request_id");
    std::string all = body.dump();
    for (std::size_t i = 0; i < response.headers.size(); ++i) {
      if (response.headers.name(i) == "request-id") continue;
      all += "\n" + std::string(response.headers.name(i)) + ":" +
             std::string(response.headers.value(i));
    }
    if (first.empty()) first = all;
    EXPECT_EQ(all, first) << row.why;
  }
  // And on the way there: a look-up of the stranger and one of nobody, each at the same price.
  world_->NextMonth();
  json of_stranger = Parsed(LookUp("adviser.ce", "nir", world_->world().stranger.nir));
  world_->NextMonth();
  json of_nobody = Parsed(LookUp("adviser.ce", "email", "nobody.at.all@example.net"));
  EXPECT_EQ(of_stranger["budget"]["glimpsed"]["week"], of_nobody["budget"]["glimpsed"]["week"]);
  EXPECT_EQ(of_stranger["rows"], of_nobody["rows"]);
}

TEST_F(ApiTest, AFieldThatThePurposeDoesNotNeedIsNamed) {
  const std::string code = world_->CodeFor("adviser.ft", world_->world().of_adviser_ft.person);
  const net::Response refused =
      Disclose("adviser.ft", code, R"(["identity.birth_name","disability.needs"])");
  EXPECT_EQ(refused.status, 403);
  const json problem = Parsed(refused);
  EXPECT_EQ(problem["code"], "purpose_refused");
  EXPECT_EQ(problem["errors"][0]["pointer"], "/fields/1");
  EXPECT_EQ(problem["decision"]["rule"], "purpose/field");
  EXPECT_EQ(problem["budget"]["opened"]["hour"], 60);
}

TEST_F(ApiTest, ASpentBudgetSaysWhichAndForHowLong) {
  int opened = 0;
  net::Response last;
  for (const PersonId& person : world_->world().people) {
    last = Disclose("adviser.ft.003", world_->CodeFor("adviser.ft", person),
                    R"(["identity.birth_name"])", "reception");
    if (last.status == 429) break;
    if (last.status == 201) ++opened;
  }
  ASSERT_EQ(last.status, 429) << last.body;
  const json problem = Parsed(last);
  EXPECT_EQ(problem["code"], "budget_spent");
  EXPECT_EQ(problem["decision"]["budget"], "opened_off_caseload/hour");
  EXPECT_EQ(problem["decision"]["scope"], "principal");
  EXPECT_EQ(problem["decision"]["approval"], "raise");
  EXPECT_EQ(opened, 12);
  EXPECT_GT(problem["retry_after_s"].get<int>(), 3'000);
  EXPECT_EQ(last.headers.get("retry-after"), std::to_string(problem["retry_after_s"].get<int>()));
}

TEST_F(ApiTest, RegistrationIsIdempotent) {
  const std::string fields = Fresh();
  const net::Response first = Register(fields, "once");
  ASSERT_EQ(first.status, 201) << first.body;
  EXPECT_EQ(first.headers.get("etag"), "\"1\"");
  const net::Response second = Register(fields, "once");
  EXPECT_EQ(second.status, 201);
  EXPECT_EQ(Parsed(second)["person"], Parsed(first)["person"]);
  EXPECT_EQ(Parsed(second)["receipt"]["index"], Parsed(first)["receipt"]["index"]);
  const net::Response other = Register(Fresh(), "once");
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(Parsed(other)["code"], "idempotency_key_reused");
}

TEST_F(ApiTest, ParallelRegistrationsWithOneKeyMakeOnePerson) {
  const std::string fields = Fresh();
  const std::string key = world_->FreshKey();
  constexpr int kThreads = 8, kEach = 8;
  std::vector<std::string> people(kThreads * kEach);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      const auto client = world_->NewClient("app.case");
      for (int i = 0; i < kEach; ++i) {
        const net::Response response = client->Send({"app.case",
                                                     Method::kPost,
                                                     "/v1/people",
                                                     R"({"fields":)" + fields + "}",
                                                     {{"idempotency-key", key}}});
        people[static_cast<std::size_t>(t * kEach + i)] =
            response.status == 201 ? Parsed(response)["person"].get<std::string>() : response.body;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& person : people) EXPECT_EQ(person, people.front());
}

TEST_F(ApiTest, WhoIsThereIsNamedToTheOneWhoRegisters) {
  const vault::DemoPerson& person = world_->world().of_adviser_ft;
  const net::Response refused =
      Register(R"({"identity.birth_name":"X","identity.first_name":"Y","civil_number.nir":")" +
                   person.nir + "\"}",
               world_->FreshKey());
  EXPECT_EQ(refused.status, 409) << refused.body;
  EXPECT_EQ(Parsed(refused)["code"], "person_exists");
  EXPECT_EQ(Parsed(refused)["person"], world_->CodeFor("app.case", person.person));
}

TEST_F(ApiTest, AnUpdateNeedsTheVersionItChanges) {
  const std::string person =
      Parsed(Register(Fresh(), world_->FreshKey()))["person"].get<std::string>();
  const auto update = [&person](const HeaderList& headers) {
    return world_->Send(
        {"app.case", Method::kPatch, "/v1/people",
         R"({"person":")" + person + R"(","fields":{"contact.phone":"+33639981234"}})", headers});
  };
  struct Row {
    const char* why;
    HeaderList headers;
    int status;
    const char* code;
  };
  const Row rows[] = {
      {"no If-Match", {}, 428, "if_match_missing"},
      {"any version", {{"if-match", "*"}}, 400, "if_match_malformed"},
      {"a weak tag", {{"if-match", "W/\"1\""}}, 400, "if_match_malformed"},
      {"two tags", {{"if-match", "\"1\", \"2\""}}, 400, "if_match_malformed"},
      {"twice", {{"if-match", "\"1\""}, {"if-match", "\"1\""}}, 400, "if_match_malformed"},
      {"no quotes", {{"if-match", "1"}}, 400, "if_match_malformed"},
      {"no number", {{"if-match", "\"one\""}}, 400, "if_match_malformed"},
      {"a leading zero", {{"if-match", "\"01\""}}, 400, "if_match_malformed"},
      {"too large a number", {{"if-match", "\"99999999999999999999\""}}, 400, "if_match_malformed"},
      {"another version", {{"if-match", "\"2\""}}, 412, "version_changed"},
  };
  for (const Row& row : rows) {
    const net::Response response = update(row.headers);
    EXPECT_EQ(response.status, row.status) << row.why << response.body;
    EXPECT_EQ(Parsed(response)["code"], row.code) << row.why;
  }
  const net::Response changed = update({{"if-match", "\"1\""}});
  EXPECT_EQ(changed.status, 200) << changed.body;
  EXPECT_EQ(changed.headers.get("etag"), "\"2\"");
  EXPECT_EQ(Parsed(changed)["version"], 2);
  EXPECT_EQ(update({{"if-match", "\"1\""}}).status, 412);
}

TEST_F(ApiTest, AnErasedPersonIsNobody) {
  const std::string person =
      Parsed(Register(Fresh(), world_->FreshKey()))["person"].get<std::string>();
  const auto erase = [&person](const std::string& who) {
    return world_->Send({who,
                         Method::kPost,
                         "/v1/people:erase",
                         R"({"person":")" + person + R"(","reason":"RGPD-17-1"})",
                         {{"idempotency-key", "erase"}, {"if-match", "\"1\""}}});
  };
  EXPECT_EQ(erase("app.case").status, 403);
  const net::Response asked = erase("officer.privacy");
  EXPECT_EQ(asked.status, 202) << asked.body;
  EXPECT_EQ(Parsed(asked)["state"], "pending");
  EXPECT_EQ(world_->Agree("officer.privacy", asked).status, 403) << "by whoever asked";
  EXPECT_EQ(world_->Agree("officer.security", asked).status, 404) << "not theirs to see";
  const net::Response erased = world_->Agree("officer.privacy.b", asked);
  EXPECT_EQ(erased.status, 200) << erased.body;
  EXPECT_EQ(Parsed(erased)["state"], "used");
  EXPECT_EQ(Disclose("adviser.ft", person).status, 404);
}

TEST_F(ApiTest, ARekeyedPersonIsTheSameUnderAnotherKey) {
  const std::string person =
      Parsed(Register(Fresh(), world_->FreshKey()))["person"].get<std::string>();
  const auto rekey = [&person](const std::string& who, const std::string& key) {
    std::vector<std::pair<std::string, std::string>> headers;
    if (!key.empty()) headers.emplace_back("idempotency-key", key);
    return world_->Send({who, Method::kPost, "/v1/people:rekey",
                         R"({"person":")" + person + R"(","reason":"INC-7"})", headers});
  };
  EXPECT_EQ(rekey("app.case", "rekey").status, 403);
  EXPECT_EQ(rekey("officer.security", "").status, 400) << "without a key of its own";
  const net::Response asked = rekey("officer.security", "rekey");
  ASSERT_EQ(asked.status, 202) << asked.body;
  EXPECT_EQ(Parsed(asked)["kind"], "rekey");
  EXPECT_EQ(Parsed(asked)["what"]["person"], person);
  EXPECT_EQ(Parsed(asked)["what"]["key"], 1);
  EXPECT_EQ(Parsed(rekey("officer.security", "rekey"))["approval"], Parsed(asked)["approval"])
      << "the same request again";
  EXPECT_EQ(world_->Agree("officer.security", asked).status, 403) << "by whoever asked";
  EXPECT_EQ(world_->Agree("officer.privacy.b", asked).status, 404) << "not theirs to see";
  const net::Response other = rekey("officer.security", "other");
  ASSERT_EQ(other.status, 202) << other.body;
  const net::Response done = world_->Agree("officer.security.b", asked);
  ASSERT_EQ(done.status, 200) << done.body;
  EXPECT_EQ(Parsed(done)["state"], "used");
  const net::Response again = world_->Agree("officer.security.b", other);
  EXPECT_EQ(again.status, 412) << again.body;
  EXPECT_EQ(Parsed(again)["code"], "version_changed");
  EXPECT_EQ(Parsed(rekey("officer.security", "third"))["what"]["key"], 2);
}

TEST_F(ApiTest, AnAssignedPersonIsOnTheCaseloadUntilRemoved) {
  const std::string person =
      Parsed(Register(Fresh(), world_->FreshKey()))["person"].get<std::string>();
  const auto assign = [&person](const std::string& rest) {
    return world_->Send(
        {"app.case",
         Method::kPost,
         "/v1/caseloads",
         R"({"assignments":[{"agent":"adviser.ft","person":")" + person + "\"" + rest + "}]}",
         {{"idempotency-key", world_->FreshKey()}}});
  };
  const std::string email = R"(["contact.email"])";
  EXPECT_EQ(Disclose("adviser.ft", person, email).status, 404);
  const net::Response assigned = assign("");
  EXPECT_EQ(assigned.status, 200) << assigned.body;
  EXPECT_EQ(Parsed(assigned)["assigned"], 1);
  EXPECT_EQ(Disclose("adviser.ft", person, email).status, 201);
  EXPECT_EQ(assign(R"(,"remove":true)").status, 200);
  EXPECT_EQ(Disclose("adviser.ft", person, email).status, 404);
}

// What comes of a proof, of an approval or of a declaration of one's own is not written by word.
TEST_F(ApiTest, OnlyWhatIsWrittenByWordIsAnExplanation) {
  const std::string person =
      Parsed(Register(Fresh(), world_->FreshKey()))["person"].get<std::string>();
  const auto explain = [&person](const std::string& kind) {
    return world_->Send({"app.case",
                         Method::kPost,
                         "/v1/explanations",
                         R"({"explanations":[{"agent":"adviser.ft","person":")" + person +
                             R"(","kind":")" + kind + "\"}]}",
                         {{"idempotency-key", world_->FreshKey()}}});
  };
  EXPECT_EQ(explain("ticket").status, 200);
  for (const char* kind : {"presence", "second_person", "transfer", "emergency", "word"}) {
    const net::Response refused = explain(kind);
    EXPECT_EQ(refused.status, 422) << kind;
    EXPECT_NE(refused.body.find("/explanations/0/kind"), std::string::npos) << refused.body;
  }
}

// However many connections somebody opens with one account, the others keep their places.
TEST_F(ApiTest, OneAccountHasItsShareOfRequestsAtOnce) {
  access::Shares& shares = world_->api().at_once().requests;
  const PrincipalId adviser = vault::DemoPrincipalId("adviser.ft");
  std::vector<access::Shares::Place> under_way;
  for (std::size_t i = 0; i < kAtOnceOfApplicationMax; ++i) {
    under_way.push_back(shares.Take(adviser, kAtOnceOfApplicationMax));
    ASSERT_TRUE(under_way.back());
  }
  const std::uint64_t size = world_->vault().ledger().size();
  const Ask ask{"adviser.ft", Method::kGet, "/v1/me/capabilities"};
  const net::Response refused = world_->Send(ask);
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(json::parse(refused.body).value("code", ""), "overloaded");
  EXPECT_EQ(refused.headers.get("retry-after"), "1");
  EXPECT_EQ(world_->vault().ledger().size(), size) << "nothing was decided";
  EXPECT_EQ(world_->api().at_once().refused.value(), 1u);
  EXPECT_EQ(world_->Send({"adviser.ce", Method::kGet, "/v1/me/capabilities"}).status, 200);
  under_way.pop_back();
  EXPECT_EQ(world_->Send(ask).status, 200);
  under_way.clear();
  EXPECT_EQ(shares.size(), 0u) << "all are given back";
}

TEST_F(ApiTest, AFrozenAccountSeesNobody) {
  const std::string code = world_->CodeFor("adviser.ce", world_->world().of_adviser_ce.person);
  const auto freeze = [](const std::string& verb, const std::string& who) {
    return world_->Send({who,
                         Method::kPost,
                         "/v1/principals:" + verb,
                         R"({"principal":"adviser.ce"})",
                         {{"idempotency-key", world_->FreshKey()}}});
  };
  EXPECT_EQ(Disclose("adviser.ce", code).status, 201);
  EXPECT_EQ(freeze("freeze", "manager.a").status, 403);
  EXPECT_EQ(freeze("freeze", "officer.security").status, 200);
  const net::Response refused = Disclose("adviser.ce", code);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(Parsed(refused)["code"], "principal_frozen");
  const net::Response asked = freeze("unfreeze", "officer.security");
  EXPECT_EQ(asked.status, 202) << asked.body;
  EXPECT_EQ(Disclose("adviser.ce", code).status, 403) << "nobody has agreed yet";
  EXPECT_EQ(world_->Agree("officer.security.b", asked).status, 200);
  EXPECT_EQ(Disclose("adviser.ce", code).status, 201);
}

TEST_F(ApiTest, ACitizenSeesWhoLooked) {
  const vault::DemoPerson& citizen = world_->world().citizen_one;
  const std::string code = world_->CodeFor("adviser.ft", citizen.person);
  const json looked = Parsed(Disclose("adviser.ft", code, R"(["contact.phone"])"));
  const std::uint64_t index = looked["disclosures"][0]["receipt"]["index"];
  const net::Response trail =
      world_->Send({"citizen.one", Method::kGet, "/v1/me/disclosures?page_size=100"});
  ASSERT_EQ(trail.status, 200) << trail.body;
  bool seen = false;
  const json page = Parsed(trail);
  for (const json& item : page["items"]) {
    if (item["index"] != index) continue;
    seen = true;
    EXPECT_EQ(item["organisation"], 1);
    EXPECT_EQ(item["role"], "adviser");
    EXPECT_EQ(item["purpose"], "support");
    EXPECT_EQ(item["fields"], json::array({"contact.phone"}));
    EXPECT_EQ(item["kind"], "disclosure");
  }
  EXPECT_TRUE(seen) << trail.body;
  // Reading the trail is an entry too.
  const json after =
      Parsed(world_->Send({"citizen.one", Method::kGet, "/v1/me/disclosures?page_size=1"}));
  EXPECT_GT(after["items"][0]["index"].get<std::uint64_t>(), index);
}

TEST_F(ApiTest, ATrailGoesOnWhereItsTokenSays) {
  for (int i = 0; i < 5; ++i) {
    (void)world_->Send({"citizen.one", Method::kGet, "/v1/me/disclosures"});
  }
  std::set<std::uint64_t> indexes;
  std::string path = "/v1/me/disclosures?page_size=2";
  std::string token;
  for (int page = 0; page < 3; ++page) {
    const json answer = Parsed(world_->Send({"citizen.one", Method::kGet, path}));
    for (const json& item : answer["items"]) {
      EXPECT_TRUE(indexes.insert(item["index"].get<std::uint64_t>()).second) << "shown twice";
    }
    token = answer["next_page_token"].get<std::string>();
    path = "/v1/me/disclosures?page_size=2&page_token=" + token;
  }
  EXPECT_EQ(indexes.size(), 6u);
  std::string changed = token;
  changed[5] = changed[5] == 'A' ? 'B' : 'A';
  struct Row {
    const char* why;
    const char* who;
    std::string token;
  };
  const Row rows[] = {
      {"another caller's", "adviser.ft", token},
      {"a changed one", "citizen.one", changed},
      {"a cut one", "citizen.one", token.substr(0, token.size() - 4)},
      {"an empty one", "citizen.one", ""},
      {"a number", "citizen.one", "12"},
  };
  for (const Row& row : rows) {
    const net::Response response =
        world_->Send({row.who, Method::kGet, "/v1/me/disclosures?page_token=" + row.token});
    EXPECT_EQ(response.status, 400) << row.why;
    EXPECT_EQ(Parsed(response)["code"], "page_token_refused") << row.why;
  }
}

TEST_F(ApiTest, FiftyPeopleAtOnceAreFiftyEntries) {
  std::string persons;
  const auto& caseloads = world_->world().caseloads;
  const auto own = std::find_if(caseloads.begin(), caseloads.end(), [](const auto& caseload) {
    return caseload.first == vault::DemoPrincipalId("adviser.ft");
  });
  ASSERT_NE(own, caseloads.end());
  ASSERT_GE(own->second.size(), 51u);
  const auto request = [&](std::size_t count) {
    persons.clear();
    for (std::size_t i = 0; i < count; ++i) {
      const PersonId& person = world_->world().people[own->second[i]];
      persons += (i == 0 ? "\"" : ",\"") + world_->CodeFor("adviser.ft", person) + "\"";
    }
    return world_->Send({"adviser.ft", Method::kPost, "/v1/disclosures",
                         R"({"persons":[)" + persons +
                             R"(],"fields":["identity.birth_name"],"purpose":"support",)"
                             R"("case_ref":"A-1"})"});
  };
  const std::uint64_t before = world_->vault().ledger().size();
  const net::Response shown = request(50);
  ASSERT_EQ(shown.status, 201) << shown.body;
  EXPECT_EQ(Parsed(shown)["disclosures"].size(), 50u);
  EXPECT_EQ(world_->vault().ledger().size(), before + 50);
  EXPECT_EQ(Parsed(shown)["budget"]["opened"]["hour"], 10);
  EXPECT_EQ(request(51).status, 422);
}

// The listener wipes the text of an answer that asks for it.
TEST(Answers, AreWipedOnceSent) {
  EXPECT_TRUE(internal::JsonAnswer(200, R"({"fields":{}})").wipe_body);
}

TEST_F(ApiTest, WithoutALedgerNothingIsShown) {
  struct Row {
    ServiceState state;
    const char* code;
  };
  const std::string code = world_->CodeFor("adviser.ft", world_->world().of_adviser_ft.person);
  for (const Row& row :
       {Row{ServiceState::kRefusing, "ledger_unavailable"}, Row{ServiceState::kSealed, "sealed"}}) {
    world_->service().state = row.state;
    const net::Response refused = Disclose("adviser.ft", code);
    const net::Response frozen = world_->Send(
        {"officer.security", Method::kPost, "/v1/principals:freeze", R"({"principal":"x"})"});
    const net::Response status = world_->Send({"", Method::kGet, "/v1/status"});
    const net::Response checkpoint = world_->Send({"", Method::kGet, "/ledger/checkpoint"});
    world_->service().state = ServiceState::kServing;
    EXPECT_EQ(refused.status, 503);
    EXPECT_EQ(Parsed(refused)["code"], row.code);
    EXPECT_FALSE(refused.headers.get("retry-after").empty());
    EXPECT_EQ(frozen.status, 503) << "no file for freezes here";
    EXPECT_EQ(status.status, 200);
    EXPECT_EQ(Parsed(status)["controls"]["ledger"], false);
    EXPECT_EQ(checkpoint.status, 200) << "what was published can be read all the same";
  }
  EXPECT_EQ(Disclose("adviser.ft", code).status, 201);
}

TEST_F(ApiTest, TheRootMovesAndAnybodyMayReadIt) {
  const net::Response before = world_->Send({"", Method::kGet, "/ledger/checkpoint"});
  EXPECT_EQ(before.status, 200);
  EXPECT_TRUE(before.body.starts_with("cloison.example/test\n"));
  (void)Disclose("adviser.ft", "0123-4567-89AB-CDEF");
  EXPECT_EQ(world_->Send({"", Method::kGet, "/ledger/checkpoint"}).body, before.body)
      << "not published yet";
  ASSERT_TRUE(base::SyncWait(world_->vault().publisher().Publish()).ok());
  EXPECT_NE(world_->Send({"", Method::kGet, "/ledger/checkpoint"}).body, before.body);
  const net::Response head = world_->Send({"", Method::kHead, "/ledger/checkpoint"});
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.body.empty());
}

TEST_F(ApiTest, ManagementTellsHealthAndNumbers) {
  const auto given = [](Management& management, const char* path, Method method = Method::kGet) {
    net::Request request;
    request.method = method;
    request.path = path;
    return base::SyncWait(management.Handle(std::move(request)));
  };
  Management management({world_->service(), &world_->main_store(), &world_->key_store(), {}});
  EXPECT_EQ(given(management, "/livez").status, 200);
  EXPECT_EQ(given(management, "/readyz").status, 200);
  EXPECT_EQ(given(management, "/other").status, 404);
  EXPECT_EQ(given(management, "/metrics", Method::kPost).status, 405);
  const std::string metrics = given(management, "/metrics").body;
  for (const char* name :
       {"cloison_ready 1", "cloison_ledger_size ", "cloison_ledger_published_size ",
        "cloison_ledger_publish_lag_seconds ", "cloison_people_shown_total",
        "cloison_http_answers_total{class=\"2xx\"}", "cloison_refusals_total{reason=\"held_back\"}",
        "cloison_job_steps_total{step=\"begun\"}", "cloison_job_batches_total ",
        "cloison_job_people_total{outcome=\"sealed\"}"}) {
    EXPECT_NE(metrics.find(name), std::string::npos) << name;
  }
  world_->service().state = ServiceState::kRefusing;
  EXPECT_EQ(given(management, "/readyz").status, 503);
  world_->service().state = ServiceState::kServing;
  Management storeless({world_->service(), nullptr, nullptr, {}});
  EXPECT_EQ(given(storeless, "/readyz").status, 503);
}

}  // namespace
}  // namespace cloison::api
