// A citizen's sign-in becomes a person: by the pivot identity and a second proof, once.
#include <gtest/gtest.h>

#include <set>

#include "access/citizens.h"
#include "ingest/generator.h"
#include "tests/oidc/world.h"
#include "vault/demo_world.h"

namespace cloison::oidc {
namespace {

using net::Method;

constexpr char kOwn[] = "/v1/me/disclosures";

// What the register holds of the person, as a citizens' provider would say it.
json PivotOf(const ingest::GeneratedPerson& person) {
  const auto text = [&](const char* field) { return std::string(person.Text(field)); };
  const std::string others = text("identity.other_first_names");
  return {{"family_name", text("identity.birth_name")},
          {"given_name", text("identity.first_name") + (others.empty() ? "" : " " + others)},
          {"gender", text("identity.sex") == "F" ? "female" : "male"},
          {"birthdate", text("identity.birth_date")},
          {"birthplace", text("identity.birth_place")},
          {"birthcountry", "99100"}};
}

struct CitizenWorld {
  CitizenWorld() {
    const vault::DemoSize size = api::testing::SmallWorld();
    const std::uint64_t index = vault::DemoValuesOf(size, vault::DemoWho::kStranger).index;
    agency_id = vault::DemoValuesOf(size, vault::DemoWho::kStranger).agency_id;
    pivot = PivotOf(ingest::Generator(size.seed).At(index));
    World::Options options;
    options.signed_userinfo = true;
    json other = pivot, none = pivot;
    other["birthdate"] = "1901-01-01";
    none["family_name"] = "NOBODY";
    options.people = {{"ada", pivot},   {"twin", pivot}, {"carol", pivot},
                      {"wrong", other}, {"none", none},  {"guesser", pivot}};
    world = std::make_unique<World>(options);
  }
  std::unique_ptr<World> world;
  json pivot;
  std::string agency_id;
};
CitizenWorld& The() {
  static CitizenWorld* const one = new CitizenWorld();
  return *one;
}

// A browser without scripts, signed in: its cookie.
std::string CookieOf(const std::string& sub, const std::string& acr = "eidas2") {
  World& world = *The().world;
  const std::string page = world.url("/portal");
  Browser browser = world.NewBrowser();
  browser.SignIn(
      world.url("/v1/sign-ins/start?issuer=citizens&return_url=" + net::PercentEncode(page)),
      {.sub = sub, .acr = acr}, page);
  return browser.Cookie(world.port(), "__Host-cloison");
}

net::Response Ask(const std::string& cookie, Method method, const std::string& path,
                  const std::string& body = "", bool as_page = true) {
  World& world = *The().world;
  api::testing::Ask ask{"", method, path, body};
  ask.headers.emplace_back("cookie", "__Host-cloison=" + cookie);
  if (as_page && method == Method::kPost) {
    ask.headers.emplace_back("origin", world.url(""));
    ask.headers.emplace_back("x-cloison-form", identity::FormTokenOf(cookie));
  }
  return world.api().Send(ask);
}

net::Response Bind(const std::string& cookie, const std::string& agency_id) {
  return Ask(cookie, Method::kPost, "/v1/citizens:bind", json{{"agency_id", agency_id}}.dump());
}

TEST(CitizenTest, WhatDoesNotFitIsOneAndTheSameAnswer) {
  const struct {
    const char* why;
    const char* sub;
    std::string agency_id;
  } kRows[] = {
      {"an identifier of nobody", "ada", "9999999Z"},
      {"no identifier at all", "ada", "x"},
      {"another birth date", "wrong", The().agency_id},
      {"another name", "none", The().agency_id},
  };
  std::set<std::string> answers;
  for (const auto& row : kRows) {
    const std::string cookie = CookieOf(row.sub);
    ASSERT_NE(cookie, "") << row.why;
    const net::Response refused = Bind(cookie, row.agency_id);
    EXPECT_EQ(refused.status, 404) << row.why << refused.body;
    json body = json::parse(refused.body);
    body.erase("request_id");
    answers.insert(body.dump());
    EXPECT_EQ(Ask(cookie, Method::kGet, kOwn).status, 403) << "and is nobody";
  }
  EXPECT_EQ(answers.size(), 1u);
}

TEST(CitizenTest, APivotAndAnIdentifierBindOnceAndTheTrailSaysSo) {
  const std::string cookie = CookieOf("carol");
  ASSERT_NE(cookie, "");
  const net::Response current = Ask(cookie, Method::kGet, "/v1/sessions/current");
  EXPECT_EQ(json::parse(current.body)["person"], "unbound") << current.body;
  const std::string before = CookieOf("carol");  // another session of hers, or of a thief
  const net::Response bound = Bind(cookie, The().agency_id);
  ASSERT_EQ(bound.status, 201) << bound.body;
  EXPECT_EQ(Ask(before, Method::kGet, kOwn).status, 401) << "nobody asked about its key";
  const net::Response trail = Ask(cookie, Method::kGet, kOwn);
  EXPECT_EQ(trail.status, 200) << trail.body;
  EXPECT_EQ(Bind(cookie, The().agency_id).status, 403) << "it is bound already";
  const std::string twin = CookieOf("twin");
  EXPECT_EQ(Bind(twin, The().agency_id).status, 404) << "the person is bound already";
  const std::string again = CookieOf("carol");
  EXPECT_EQ(Ask(again, Method::kGet, kOwn).status, 200) << "from then on the sign-in is enough";
}

TEST(CitizenTest, FiveTriesAndThenOnlyACounterHelps) {
  const std::string cookie = CookieOf("guesser");
  ASSERT_NE(cookie, "");
  for (int i = 0; i < access::kBindTriesMax; ++i) {
    EXPECT_EQ(Bind(cookie, "123456" + std::to_string(i) + "A").status, 404);
  }
  EXPECT_EQ(Bind(cookie, The().agency_id).status, 404) << "right at last, and too late";
}

TEST(CitizenTest, ACookieAloneChangesNothingAndReachesNothingElse) {
  const std::string cookie = CookieOf("ada");
  ASSERT_NE(cookie, "");
  World& world = *The().world;
  const std::string body = json{{"agency_id", The().agency_id}}.dump();
  const struct {
    const char* why;
    std::string origin, site, form;
  } kRows[] = {
      {"nothing beside it", "", "", ""},
      {"no form token", world.url(""), "same-origin", ""},
      {"another's form token", world.url(""), "same-origin", identity::FormTokenOf("cls_x")},
      {"another origin", "https://evil.example", "", identity::FormTokenOf(cookie)},
      {"no origin", "", "", identity::FormTokenOf(cookie)},
      {"another site", world.url(""), "cross-site", identity::FormTokenOf(cookie)},
      {"a sister site", world.url(""), "same-site", identity::FormTokenOf(cookie)},
  };
  for (const auto& row : kRows) {
    api::testing::Ask ask{"", Method::kPost, "/v1/citizens:bind", body};
    ask.headers = {{"cookie", "__Host-cloison=" + cookie}};
    if (!row.origin.empty()) ask.headers.emplace_back("origin", row.origin);
    if (!row.site.empty()) ask.headers.emplace_back("sec-fetch-site", row.site);
    if (!row.form.empty()) ask.headers.emplace_back("x-cloison-form", row.form);
    EXPECT_EQ(world.api().Send(ask).status, 401) << row.why;
  }
  api::testing::Ask twice{"", Method::kGet, "/v1/sessions/current"};
  twice.headers = {{"cookie", "__Host-cloison=" + cookie + "; __Host-cloison=" + cookie}};
  EXPECT_EQ(world.api().Send(twice).status, 401) << "two cookies of one name";
  api::testing::Ask as_header{"", Method::kGet, "/v1/sessions/current"};
  as_header.headers = {{"authorization", "Bearer " + cookie}};
  EXPECT_EQ(world.api().Send(as_header).status, 401) << "a cookie's token in a header";
}

TEST(CitizenTest, NobodyStartsByThemselvesAtAnAgentsProviderOrForAnotherPage) {
  World& world = *The().world;
  Browser browser = world.NewBrowser();
  const std::string start = world.url("/v1/sign-ins/start?issuer=");
  const std::string page = "&return_url=" + net::PercentEncode(world.url("/portal"));
  EXPECT_EQ(browser.Get(start + "citizens" + page).status, 303);
  EXPECT_EQ(browser.Get(start + "agents" + page).status, 401);
  EXPECT_EQ(browser.Get(start + "nobody" + page).status, 401);
  EXPECT_EQ(
      browser
          .Get(start + "citizens&return_url=" + net::PercentEncode("https://evil.example/portal"))
          .status,
      401);
  EXPECT_EQ(browser.Get(start + "citizens").status, 401);
}

}  // namespace
}  // namespace cloison::oidc
