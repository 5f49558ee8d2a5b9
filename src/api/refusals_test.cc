// Bad input at every door: the right status and code, the place named, nothing written, nothing of
// what was sent in any answer or event.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/internal/answers.h"
#include "api/testing/api_world.h"

namespace cloison::api {
namespace {

using net::Method;
using nlohmann::json;
using testing::ApiWorld;
using testing::Ask;
using testing::HeaderList;

// Stands in every value that is sent: no answer may hold it.
constexpr const char* kMark = "Quetzal";

struct Row {
  const char* why;
  const char* path;
  std::string body;
  int status;
  const char* code;
  const char* pointer = nullptr;  // of the first fault
  HeaderList headers = {};
  const char* who = "adviser.ft";
  Method method = Method::kPost;
};

class RefusalsTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = new ApiWorld; }
  static void TearDownTestSuite() {
    delete world_;
    world_ = nullptr;
  }

  static void Check(const Row& row) {
    const std::uint64_t before = world_->vault().ledger().size();
    const net::Response response =
        world_->Send({row.who, row.method, row.path, row.body, row.headers});
    EXPECT_EQ(response.status, row.status) << row.why << "\n" << response.body;
    EXPECT_EQ(world_->vault().ledger().size(), before) << row.why << ": something was written";
    EXPECT_EQ(response.headers.get("content-type"), "application/problem+json") << row.why;
    EXPECT_EQ(response.body.find(kMark), std::string::npos) << row.why << "\n" << response.body;
    const json problem = json::parse(response.body, nullptr, false);
    ASSERT_FALSE(problem.is_discarded()) << row.why;
    EXPECT_EQ(problem.value("code", ""), row.code) << row.why << "\n" << response.body;
    EXPECT_EQ(problem.value("status", 0), row.status) << row.why;
    EXPECT_EQ(problem.value("request_id", ""), response.headers.get("request-id")) << row.why;
    if (row.pointer == nullptr) return;
    ASSERT_TRUE(problem.contains("errors")) << row.why << "\n" << response.body;
    EXPECT_EQ(problem["errors"][0].value("pointer", ""), row.pointer) << row.why;
  }

  static void CheckAll(const std::vector<Row>& rows) {
    for (const Row& row : rows) Check(row);
    EXPECT_EQ(world_->events().text().find(kMark), std::string::npos);
  }

  static ApiWorld* world_;
};
ApiWorld* RefusalsTest::world_ = nullptr;

std::string LookUpBody(const std::string& criteria,
                       const std::string& rest = R"("purpose":"support","case_ref":"A-1")") {
  return R"({"criteria":)" + criteria + "," + rest + "}";
}

TEST_F(RefusalsTest, LookUps) {
  const char* const path = "/v1/lookups";
  CheckAll({
      {"no body", path, "", 415, "unsupported_media_type"},
      {"no JSON", path, "Quetzal", 400, "malformed_body", ""},
      {"cut JSON", path, R"({"criteria":{"nir":"Quetzal)", 400, "malformed_body"},
      {"two values", path, "{}{}", 400, "malformed_body"},
      {"the same key twice", path,
       R"({"criteria":{"email":"Quetzal@a.fr","email":"Quetzal@b.fr"}})", 400, "malformed_body"},
      {"not UTF-8", path, "{\"criteria\":{\"email\":\"Quetzal\xff\"}}", 400, "malformed_body"},
      {"too deep", path, "[[[[[[[[[[[[\"Quetzal\"]]]]]]]]]]]]", 400, "malformed_body"},
      {"a list", path, R"(["Quetzal"])", 422, "invalid_request", ""},
      {"an unknown key", path, LookUpBody(R"({"nir":"1"})", R"("Quetzal":1,"purpose":"support")"),
       422, "invalid_request", "/#1"},
      {"no criterion", path, LookUpBody("{}"), 422, "invalid_request", "/criteria"},
      {"no criteria", path, R"({"purpose":"support","case_ref":"A-1"})", 422, "invalid_request",
       "/criteria"},
      {"two criteria", path, LookUpBody(R"({"nir":"Quetzal","email":"Quetzal@a.fr"})"), 422,
       "invalid_request", "/criteria"},
      {"an unknown criterion", path, LookUpBody(R"({"Quetzal":"x"})"), 422, "invalid_request",
       "/criteria/#0"},
      {"a number", path, LookUpBody(R"({"nir":284057511612333})"), 422, "invalid_request",
       "/criteria/nir"},
      {"no NIR", path, LookUpBody(R"({"nir":"Quetzal"})"), 422, "invalid_request", "/criteria/nir"},
      {"a wrong NIR key", path, LookUpBody(R"({"nir":"284057511612334"})"), 422, "invalid_request",
       "/criteria/nir"},
      {"no e-mail address", path, LookUpBody(R"({"email":"Quetzal"})"), 422, "invalid_request",
       "/criteria/email"},
      {"no phone number", path, LookUpBody(R"({"phone":"Quetzal"})"), 422, "invalid_request",
       "/criteria/phone"},
      {"no identifier", path, LookUpBody(R"({"agency_id":"Quetzal!"})"), 422, "invalid_request",
       "/criteria/agency_id"},
      {"no purpose", path, LookUpBody(R"({"email":"a@b.fr"})", R"("case_ref":"Quetzal")"), 422,
       "invalid_request", "/purpose"},
      {"an empty purpose", path,
       LookUpBody(R"({"email":"a@b.fr"})", R"("purpose":"","case_ref":"Quetzal")"), 422,
       "invalid_request", "/purpose"},
      {"no case", path, LookUpBody(R"({"email":"a@b.fr"})", R"("purpose":"Quetzal")"), 422,
       "invalid_request", "/case_ref"},
      {"a long case", path,
       LookUpBody(R"({"email":"a@b.fr"})",
                  R"("purpose":"support","case_ref":")" + std::string(129, 'Q') + "\""),
       422, "invalid_request", "/case_ref"},
      {"a line break in the case", path,
       LookUpBody(R"({"email":"a@b.fr"})", R"("purpose":"support","case_ref":"Quetzal\n")"), 422,
       "invalid_request", "/case_ref"},
      {"a form",
       path,
       "nir=Quetzal",
       415,
       "unsupported_media_type",
       nullptr,
       {{"content-type", "application/x-www-form-urlencoded"}}},
      {"text",
       path,
       LookUpBody(R"({"email":"Quetzal@b.fr"})"),
       415,
       "unsupported_media_type",
       nullptr,
       {{"content-type", "text/plain"}}},
      {"a body too large", path, std::string(kApiBodyBytesMax + 1, ' '), 413, "body_too_large"},
  });
}

std::string DiscloseBody(const std::string& who, const std::string& fields) {
  return "{" + who + R"("fields":)" + fields + R"(,"purpose":"support","case_ref":"A-1"})";
}

TEST_F(RefusalsTest, Disclosures) {
  const char* const path = "/v1/disclosures";
  const std::string person = R"("person":"Quetzal",)";
  const std::string name = R"(["identity.birth_name"])";
  std::string many = R"("persons":["a")";
  for (int i = 0; i < 50; ++i) many += ",\"" + std::to_string(i) + "\"";
  CheckAll({
      {"nobody", path, DiscloseBody("", name), 422, "invalid_request", ""},
      {"one and many", path, DiscloseBody(person + R"("persons":["Quetzal"],)", name), 422,
       "invalid_request", ""},
      {"one and self", path, DiscloseBody(person + R"("self":true,)", name), 422, "invalid_request",
       ""},
      {"self that is no flag", path, DiscloseBody(R"("self":"Quetzal",)", name), 422,
       "invalid_request", "/self"},
      {"an empty list", path, DiscloseBody(R"("persons":[],)", name), 422, "invalid_request",
       "/persons"},
      {"51 people", path, DiscloseBody(many + "],", name), 422, "invalid_request", "/persons"},
      {"the same twice", path, DiscloseBody(R"("persons":["Quetzal","Quetzal"],)", name), 422,
       "invalid_request", "/persons/1"},
      {"a person that is a number", path, DiscloseBody(R"("person":7,)", name), 422,
       "invalid_request", "/person"},
      {"a long code", path,
       DiscloseBody(R"("person":"QuetzalQuetzalQuetzalQuetzalQuetzal",)", name), 422,
       "invalid_request", "/person"},
      {"no fields", path, DiscloseBody(person, "[]"), 422, "invalid_request", "/fields"},
      {"fields that are text", path, DiscloseBody(person, "\"Quetzal\""), 422, "invalid_request",
       "/fields"},
      {"an unknown field", path, DiscloseBody(person, R"(["identity.birth_name","Quetzal"])"), 422,
       "invalid_request", "/fields/1"},
      {"a compartment", path, DiscloseBody(person, R"(["identity"])"), 422, "invalid_request",
       "/fields/0"},
      {"a field twice", path,
       DiscloseBody(person, R"(["identity.birth_name","identity.birth_name"])"), 422,
       "invalid_request", "/fields/1"},
      {"an unknown key", path, DiscloseBody(person + R"("Quetzal":{},)", name), 422,
       "invalid_request", "/#1"},
  });
}

TEST_F(RefusalsTest, Matches) {
  const char* const path = "/v1/matches";
  const auto body = [](const std::string& members) {
    return "{" + members + R"(,"purpose":"verification","case_ref":"A-1"})";
  };
  const std::string phone = R"("field":"contact.phone","value":"+33612345678")";
  const std::string person = R"("person":"Quetzal",)";
  CheckAll({
      {"no person", path, body(phone), 422, "invalid_request", "/person"},
      {"several people", path, body(R"("persons":["Quetzal"],)" + phone), 422, "invalid_request",
       "/#0"},
      {"no field", path, body(person + R"("value":"Quetzal")"), 422, "invalid_request", "/field"},
      {"no value", path, body(person + R"("field":"contact.phone")"), 422, "invalid_request",
       "/value"},
      {"an unknown field", path, body(person + R"("field":"Quetzal","value":"x")"), 422,
       "invalid_request", "/field"},
      {"a number", path, body(person + R"("field":"contact.phone","value":612345678)"), 422,
       "invalid_request", "/value"},
      {"a value that the field never has", path,
       body(person + R"("field":"contact.phone","value":"Quetzal")"), 422, "invalid_request",
       "/value"},
      {"a value too long", path,
       body(person + R"("field":"contact.email","value":"Quetzal)" + std::string(9'000, 'q') +
            "\""),
       422, "invalid_request", "/value"},
      {"no purpose", path, "{" + person + phone + R"(,"case_ref":"Quetzal"})", 422,
       "invalid_request", "/purpose"},
      {"no case", path, "{" + person + phone + R"(,"purpose":"verification"})", 422,
       "invalid_request", "/case_ref"},
  });
}

TEST_F(RefusalsTest, DecisionsAndExistence) {
  const char* const path = "/v1/decisions";
  const std::string name = R"(["identity.birth_name"])";
  CheckAll({
      {"nobody", path, DiscloseBody("", name), 422, "invalid_request", ""},
      {"a code and a reference", path,
       DiscloseBody(R"("person":"Quetzal","reference":"Quetzal",)", name), 422, "invalid_request",
       ""},
      {"oneself", path, DiscloseBody(R"("self":true,)", name), 422, "invalid_request", "/#0"},
      {"a relation of one's own word", path,
       DiscloseBody(R"("person":"Quetzal","relation":"caseload",)", name), 422, "invalid_request",
       "/#1"},
      {"a reference that is a number", path, DiscloseBody(R"("reference":4711,)", name), 422,
       "invalid_request", "/reference"},
      {"a long reference", path,
       DiscloseBody(R"("reference":"Quetzal)" + std::string(130, 'q') + "\",", name), 422,
       "invalid_request", "/reference"},
      {"the same twice", path, DiscloseBody(R"("references":["Quetzal","Quetzal"],)", name), 422,
       "invalid_request", "/references/1"},
      {"a schema without references", path, DiscloseBody(R"("reference":"Quetzal",)", name), 422,
       "invalid_request", ""},
      {"no fields", path, DiscloseBody(R"("person":"Quetzal",)", "[]"), 422, "invalid_request",
       "/fields"},
      {"another form", "/v1/disclosures",
       DiscloseBody(R"("person":"Quetzal","form":"Quetzal",)", name), 422, "invalid_request",
       "/form"},
      {"a form that has its own door", "/v1/disclosures",
       DiscloseBody(R"("person":"Quetzal","form":"matches",)", name), 422, "invalid_request",
       "/form"},
      {"whether oneself exists", "/v1/disclosures",
       DiscloseBody(R"("self":true,"form":"exists",)", name), 422, "invalid_request", "/form"},
  });
}

TEST_F(RefusalsTest, Changes) {
  const HeaderList key = {{"idempotency-key", "refusals"}};
  const HeaderList match = {{"if-match", "\"1\""}};
  const HeaderList both = {{"idempotency-key", "refusals"}, {"if-match", "\"1\""}};
  const std::string names = R"("identity.birth_name":"Quetzal","identity.first_name":"Quetzal")";
  const auto fields = [&names](const std::string& rest) {
    return R"({"fields":{)" + names + rest + "}}";
  };
  constexpr const char* kApp = "app.case";
  constexpr const char* kPeople = "/v1/people";
  CheckAll({
      {"no key", kPeople, fields(""), 400, "idempotency_key_missing", nullptr, {}, kApp},
      {"an empty key",
       kPeople,
       fields(""),
       400,
       "idempotency_key_missing",
       nullptr,
       {{"idempotency-key", ""}},
       kApp},
      {"a long key",
       kPeople,
       fields(""),
       400,
       "idempotency_key_missing",
       nullptr,
       {{"idempotency-key", std::string(129, 'Q')}},
       kApp},
      {"a key with a space",
       kPeople,
       fields(""),
       400,
       "idempotency_key_missing",
       nullptr,
       {{"idempotency-key", "Quetzal Quetzal"}},
       kApp},
      {"no fields", kPeople, "{}", 422, "invalid_request", "/fields", key, kApp},
      {"empty fields", kPeople, R"({"fields":{}})", 422, "invalid_request", "/fields", key, kApp},
      {"fields in a list", kPeople, R"({"fields":["Quetzal"]})", 422, "invalid_request", "/fields",
       key, kApp},
      {"a required field less", kPeople, R"({"fields":{"identity.birth_name":"Quetzal"}})", 422,
       "invalid_request", "/fields/identity.first_name", key, kApp},
      {"an unknown field", kPeople, fields(R"(,"identity.Quetzal":"Quetzal")"), 422,
       "invalid_request", "/fields/#2", key, kApp},
      {"a wrong NIR", kPeople, fields(R"(,"civil_number.nir":"284057511612334")"), 422,
       "invalid_request", "/fields/civil_number.nir", key, kApp},
      {"a wrong date", kPeople, fields(R"(,"identity.birth_date":"Quetzal")"), 422,
       "invalid_request", "/fields/identity.birth_date", key, kApp},
      {"null", kPeople, fields(R"(,"contact.phone":null)"), 422, "invalid_request",
       "/fields/contact.phone", key, kApp},
      {"a number", kPeople, fields(R"(,"contact.phone":639981234)"), 422, "invalid_request",
       "/fields/contact.phone", key, kApp},
      {"too long", kPeople, fields(R"(,"notes.adviser":")" + std::string(9'000, 'Q') + "\""), 422,
       "invalid_request", "/fields/notes.adviser", key, kApp},
      {"a merge patch that is JSON",
       kPeople,
       R"({"person":"Quetzal"})",
       415,
       "unsupported_media_type",
       nullptr,
       {{"if-match", "\"1\""}, {"content-type", "application/json"}},
       kApp,
       Method::kPatch},
      {"no person", kPeople, R"({"fields":{"contact.phone":null}})", 422, "invalid_request",
       "/person", match, kApp, Method::kPatch},
      {"a required field emptied", kPeople,
       R"({"person":"Quetzal","fields":{"identity.birth_name":null}})", 422, "invalid_request",
       "/fields/identity.birth_name", match, kApp, Method::kPatch},
      {"an erasure without key", "/v1/people:erase", R"({"person":"Quetzal","reason":"Quetzal"})",
       400, "idempotency_key_missing", nullptr, match, "officer.privacy"},
      {"an erasure of any version", "/v1/people:erase",
       R"({"person":"Quetzal","reason":"Quetzal"})", 428, "if_match_missing", nullptr, key,
       "officer.privacy"},
      {"an erasure without reason", "/v1/people:erase", R"({"person":"Quetzal"})", 422,
       "invalid_request", "/reason", both, "officer.privacy"},
  });
}

TEST_F(RefusalsTest, CaseloadsAndFreezes) {
  const HeaderList key = {{"idempotency-key", "refusals"}};
  constexpr const char* kApp = "app.case";
  constexpr const char* kPath = "/v1/caseloads";
  constexpr const char* kFreeze = "/v1/principals:freeze";
  const auto one = [](const std::string& members) {
    return R"({"assignments":[{)" + members + "}]}";
  };
  const std::string whole = R"("agent":"adviser.ft","person":"Quetzal")";
  std::string many = R"({"assignments":[{)" + whole + "}";
  for (int i = 0; i < 1'000; ++i) many += ",{" + whole + "}";
  CheckAll({
      {"no key", kPath, one(whole), 400, "idempotency_key_missing", nullptr, {}, kApp},
      {"nothing", kPath, "{}", 422, "invalid_request", "/assignments", key, kApp},
      {"an empty list", kPath, R"({"assignments":[]})", 422, "invalid_request", "/assignments", key,
       kApp},
      {"1,001", kPath, many + "]}", 422, "invalid_request", "/assignments", key, kApp},
      {"text", kPath, R"({"assignments":["Quetzal"]})", 422, "invalid_request", "/assignments/0",
       key, kApp},
      {"an unknown key", kPath, one(whole + R"(,"Quetzal":1)"), 422, "invalid_request",
       "/assignments/0/#2", key, kApp},
      {"no agent", kPath, one(R"("person":"Quetzal")"), 422, "invalid_request", "/assignments/0",
       key, kApp},
      {"no name", kPath, one(R"("agent":"Quetzal!","person":"x")"), 422, "invalid_request",
       "/assignments/0/agent", key, kApp},
      {"no time", kPath, one(whole + R"(,"until":"Quetzal")"), 422, "invalid_request",
       "/assignments/0/until", key, kApp},
      {"a time with an offset", kPath, one(whole + R"(,"until":"2199-01-01T00:00:00+01:00")"), 422,
       "invalid_request", "/assignments/0/until", key, kApp},
      {"a time that is past", kPath, one(whole + R"(,"until":"2020-01-01T00:00:00Z")"), 422,
       "invalid_request", "/assignments/0/until", key, kApp},
      {"no flag", kPath, one(whole + R"(,"remove":"Quetzal")"), 422, "invalid_request",
       "/assignments/0/remove", key, kApp},
      {"nobody to freeze",
       kFreeze,
       "{}",
       422,
       "invalid_request",
       "/principal",
       {},
       "officer.security"},
      {"a name that is none",
       kFreeze,
       R"({"principal":"Quetzal Quetzal"})",
       422,
       "invalid_request",
       "/principal",
       {},
       "officer.security"},
  });
}

TEST_F(RefusalsTest, PathsAndMethods) {
  CheckAll({
      {"nothing there", "/v1/Quetzal", "{}", 404, "no_such_path"},
      {"a slash more", "/v1/lookups/", "{}", 404, "no_such_path"},
      {"an escaped path", "/v1/people%3Aerase", "{}", 404, "no_such_path"},
      {"a list of people",
       "/v1/people",
       "",
       405,
       "method_not_allowed",
       nullptr,
       {},
       "adviser.ft",
       Method::kGet},
      {"reading by GET",
       "/v1/disclosures",
       "",
       405,
       "method_not_allowed",
       nullptr,
       {},
       "adviser.ft",
       Method::kGet},
      {"HEAD of what leaves an entry",
       "/v1/me/capabilities",
       "{}",
       405,
       "method_not_allowed",
       nullptr,
       {},
       "adviser.ft",
       Method::kPost},
      {"DELETE",
       "/v1/people",
       "",
       405,
       "method_not_allowed",
       nullptr,
       {},
       "adviser.ft",
       Method::kDelete},
  });
  const net::Response refused = world_->Send({"adviser.ft", Method::kGet, "/v1/people"});
  EXPECT_EQ(refused.headers.get("allow"), "POST, PATCH");
}

TEST_F(RefusalsTest, Queries) {
  CheckAll({
      {"an unknown parameter",
       "/v1/me/disclosures?Quetzal=1",
       "",
       400,
       "query_refused",
       nullptr,
       {},
       "citizen.one",
       Method::kGet},
      {"a page of none",
       "/v1/me/disclosures?page_size=0",
       "",
       400,
       "query_refused",
       nullptr,
       {},
       "citizen.one",
       Method::kGet},
      {"a page of too many",
       "/v1/me/disclosures?page_size=101",
       "",
       400,
       "query_refused",
       nullptr,
       {},
       "citizen.one",
       Method::kGet},
      {"a size that is text",
       "/v1/me/disclosures?page_size=Quetzal",
       "",
       400,
       "query_refused",
       nullptr,
       {},
       "citizen.one",
       Method::kGet},
      {"the size twice",
       "/v1/me/disclosures?page_size=1&page_size=2",
       "",
       400,
       "query_refused",
       nullptr,
       {},
       "citizen.one",
       Method::kGet},
  });
}

TEST_F(RefusalsTest, NobodyIsSignedIn) {
  const std::string body = LookUpBody(R"({"email":"Quetzal@b.fr"})");
  CheckAll({
      {"no certificate, no token", "/v1/lookups", body, 401, "unauthenticated", nullptr, {}, ""},
      {"no token", "/v1/lookups", body, 401, "unauthenticated", nullptr, {{"authorization", ""}}},
      {"a token that is none",
       "/v1/lookups",
       body,
       401,
       "unauthenticated",
       nullptr,
       {{"authorization", "Bearer Quetzal"}}},
      {"a password",
       "/v1/lookups",
       body,
       401,
       "unauthenticated",
       nullptr,
       {{"authorization", "Basic Quetzal"}}},
      {"before the body is read",
       "/v1/lookups",
       "Quetzal",
       401,
       "unauthenticated",
       nullptr,
       {},
       ""},
      {"nobody that is enrolled",
       "/v1/lookups",
       body,
       403,
       "not_enrolled",
       nullptr,
       {},
       "nobody.enrolled"},
  });
  const net::Response refused = world_->Send({"", Method::kGet, "/v1/me/capabilities"});
  EXPECT_TRUE(refused.headers.get("www-authenticate").starts_with("Bearer"));
}

TEST(Times, AreReadStrictly) {
  struct TimeRow {
    const char* why;
    const char* text;
    std::optional<std::int64_t> want;
  };
  const TimeRow rows[] = {
      {"the epoch", "1970-01-01T00:00:00Z", 0},
      {"with milliseconds", "2026-01-31T23:59:59.123Z", 1'769'903'999'123},
      {"a leap day", "2024-02-29T12:00:00Z", 1'709'208'000'000},
      {"no leap day", "2023-02-29T12:00:00Z", std::nullopt},
      {"month 13", "2023-13-01T12:00:00Z", std::nullopt},
      {"hour 24", "2023-12-01T24:00:00Z", std::nullopt},
      {"second 60", "2023-12-01T23:59:60Z", std::nullopt},
      {"an offset", "2023-12-01T12:00:00+01:00", std::nullopt},
      {"no zone", "2023-12-01T12:00:00", std::nullopt},
      {"a space", "2023-12-01 12:00:00Z", std::nullopt},
      {"lower case", "2023-12-01t12:00:00z", std::nullopt},
      {"one digit of a second", "2023-12-01T12:00:00.1Z", std::nullopt},
      {"more behind", "2023-12-01T12:00:00Z ", std::nullopt},
      {"a date", "2023-12-01", std::nullopt},
      {"empty", "", std::nullopt},
  };
  for (const TimeRow& row : rows) {
    EXPECT_EQ(internal::ParseRfc3339(row.text), row.want) << row.why;
  }
  EXPECT_EQ(internal::Rfc3339(1'769'903'999'123), "2026-01-31T23:59:59.123Z");
  EXPECT_EQ(internal::Rfc3339(0), "1970-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace cloison::api
