// docs/api/openapi.yaml, executed: every request example against a real server, every answer
// against its schema; every route and problem code on both sides.
#include "api/openapi.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <set>

#include "access/exports.h"
#include "api/internal/answers.h"
#include "api/internal/call.h"
#include "api/testing/api_world.h"
#include "api/testing/json_schema.h"
#include "vault/testing/exports_world.h"

namespace cloison::api {
namespace {

using nlohmann::json;
using testing::ApiWorld;
using testing::Ask;

// What the document's examples say, and what the world of the test has in its place.
constexpr const char* kCodeOfCaseload = "7KQ2-9TZD-1H7V-CX2M";
constexpr const char* kCodeOfStranger = "3F8N-0WRB-6Y4S-PKA9";
constexpr const char* kCodeOfRegistered = "5D1M-QG7X-ZC0E-42TJ";
constexpr const char* kIndexOfSealed = "\"index\":4711";
constexpr const char* kDisclosureId = "acc_ofAdviserFt";
// An approved job; one that is running; one whose run is ended. Exports: the same, and whole.
constexpr std::array<const char*, 3> kJobs = {"12", "13", "14"};
constexpr std::array<const char*, 3> kExports = {"22", "23", "24"};

// The demo's policy, and who exports by it.
testing::ApiWorldOptions WithExports() {
  testing::ApiWorldOptions options;
  options.policy = vault::testing::ExportPolicyToml();
  options.more_names = {"app.move"};
  return options;
}
constexpr const char* kNir = "284057511612333";
constexpr const char* kRaisedUntil = "2026-03-31T00:00:00Z";
constexpr const char* kEmail = "camille.martin@example.org";

const json& Document() {
  static const json document = json::parse(OpenApiJson());
  return document;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
  return text;
}

net::Method MethodOf(std::string name) {
  for (char& c : name) c = static_cast<char>(std::toupper(c));
  return net::MethodFromName(name);
}

class OpenApiTest : public ::testing::Test {
 protected:
  OpenApiTest() {
    std::vector<access::PrincipalInfo> infos{{vault::DemoPrincipalId("app.move"),
                                              OrganisationId(1),
                                              {},
                                              "export-application",
                                              "app.move"}};
    CLOISON_CHECK(
        base::SyncWait(world_.vault().gate().Enrol(std::move(infos), world_.home())).ok());
    const Ask ask{"app.case",
                  net::Method::kPost,
                  "/v1/people",
                  R"({"fields":{"identity.birth_name":"PETIT","identity.first_name":"Luc",)"
                  R"("contact.email":"luc.petit@example.org"}})",
                  {{"idempotency-key", "openapi"}}};
    const net::Response response = world_.Send(ask);
    CLOISON_CHECK(response.status == 201);
    registered_ = json::parse(response.body)["person"].get<std::string>();
    const std::string code = world_.CodeFor("investigator", world_.world().citizen_one.person);
    const Ask look{"investigator", net::Method::kPost, "/v1/disclosures",
                   R"({"persons":[")" + code +
                       R"("],"fields":["contact.phone"],"purpose":"judicial","case_ref":"TJ-1"})"};
    const net::Response sealed = world_.Send(look);
    CLOISON_CHECK(sealed.status == 201);
    sealed_ = json::parse(sealed.body)["disclosures"][0]["receipt"]["index"].dump();
    CLOISON_CHECK(base::SyncWait(world_.vault().publisher().Publish()).ok());
  }

  // The jobs of the examples: not before one is asked for, since approvals have numbers.
  void ApproveJobs() {
    for (const char* const job : kJobs) jobs_[job] = ApproveJob();
    for (const char* const job : {kJobs[1], kJobs[2]}) {
      const std::string body = R"({"job":"job_)" + jobs_[job] + R"(","people":2})";
      CLOISON_CHECK(world_
                        .Send({"app.payment",
                               net::Method::kPost,
                               "/v1/jobs:run",
                               body,
                               {{"idempotency-key", world_.FreshKey()}}})
                        .status == 202);
    }
  }

  // The number of an approved job.
  std::string ApproveJob() {
    const std::int64_t now_ms = world_.vault().committer().Now().wall_ms;
    const std::string body =
        R"({"kind":"job","reason":"FIN-1","what":{"label":"monthly","application":"app.payment",)"
        R"("purpose":"payment","fields":["bank.iban"],"people_max":10,"expires":")" +
        internal::Rfc3339(now_ms + 14 * base::kDayMs) +
        R"(","recipient":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}})";
    const net::Response asked = world_.Send({"officer.privacy",
                                             net::Method::kPost,
                                             "/v1/approvals",
                                             body,
                                             {{"idempotency-key", world_.FreshKey()}}});
    CLOISON_CHECK(asked.status == 202);
    CLOISON_CHECK(world_.Agree("officer.privacy.b", asked).status == 200);
    return json::parse(asked.body)["approval"].get<std::string>().substr(4);
  }

  void ApproveExports() {
    for (const char* const one : kExports) exports_[one] = ApproveExport();
    world_.clock().Advance(access::kExportDelayMinMs);
    for (const char* const one : {kExports[1], kExports[2]}) {
      CLOISON_CHECK(ExportStep("begin", one, "}")["state"] == "running");
    }
    for (int part = 1;; ++part) {
      const json sealed =
          ExportStep("seal", kExports[2], R"(,"part":)" + std::to_string(part) + "}");
      if (sealed["whole"].get<bool>()) return;
    }
  }

  json ExportStep(const std::string& step, const char* number, const std::string& rest) {
    const std::string body = R"({"export":"exp_)" + exports_[number] + "\"" + rest;
    const net::Response response =
        world_.Send({"app.move", net::Method::kPost, "/v1/exports:" + step, body});
    CLOISON_CHECK(response.status == 200);
    return json::parse(response.body);
  }

  // The number of one.
  std::string ApproveExport() {
    const std::int64_t now_ms = world_.vault().committer().Now().wall_ms;
    const std::string body =
        R"({"kind":"export","reason":"MIG-1","what":{"label":"move","application":"app.move",)"
        R"("purpose":"migration","people_max":2000,"expires":")" +
        internal::Rfc3339(now_ms + 14 * base::kDayMs) +
        R"(","recipient":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}})";
    const net::Response asked = world_.Send({"officer.privacy",
                                             net::Method::kPost,
                                             "/v1/approvals",
                                             body,
                                             {{"idempotency-key", world_.FreshKey()}}});
    CLOISON_CHECK(asked.status == 202);
    CLOISON_CHECK(world_.Agree("officer.privacy.b", asked).status == 200);
    return json::parse(asked.body)["approval"].get<std::string>().substr(4);
  }

  std::string Ours(std::string text) {
    const vault::DemoPerson& known = world_.world().of_adviser_ft;
    text = Replaced(text, kCodeOfCaseload, world_.CodeFor("adviser.ft", known.person));
    text = Replaced(text, kCodeOfStranger,
                    world_.CodeFor("adviser.ft", world_.world().stranger.person));
    text = Replaced(text, kCodeOfRegistered, registered_);
    text = Replaced(text, kIndexOfSealed, "\"index\":" + sealed_);
    text = Replaced(text, kNir, known.nir);
    const bool of_jobs =
        text.find("job_1") != std::string::npos || text.find("op_1") != std::string::npos;
    if (of_jobs && jobs_.empty()) ApproveJobs();
    if (text.find("exp_2") != std::string::npos && exports_.empty()) ApproveExports();
    // By a mark, since ours may be another number of the document.
    for (const auto& [job, ours] : jobs_) {
      text = Replaced(text, "job_" + job, "job_#" + job);
      text = Replaced(text, "op_" + job + ".", "op_#" + job + ".");
    }
    for (const auto& [one, ours] : exports_) text = Replaced(text, "exp_" + one, "exp_#" + one);
    for (const auto& numbers : {jobs_, exports_}) {
      for (const auto& [one, ours] : numbers) text = Replaced(text, "#" + one, ours);
    }
    const std::int64_t now_ms = world_.vault().committer().Now().wall_ms;
    text = Replaced(text, kRaisedUntil, internal::Rfc3339(now_ms + 14 * base::kDayMs));
    return Replaced(text, kEmail, known.email);
  }

  static bool Wants(const json& operation, const char* parameter) {
    const std::string ref = std::string("#/components/parameters/") + parameter;
    for (const json& one : operation.value("parameters", json::array())) {
      if (one.value("$ref", "") == ref) return true;
    }
    return false;
  }

  static json SchemaOfAnswer(const json& operation, const net::Response& response) {
    const json& responses = operation["responses"];
    const std::string status = std::to_string(response.status);
    json answer = responses.contains(status) ? responses[status] : responses["default"];
    if (answer.contains("$ref")) {
      answer = Document().at(json::json_pointer(answer["$ref"].get<std::string>().substr(1)));
    }
    const std::string_view type = response.headers.get("content-type");
    const std::string media(type.substr(0, type.find(';')));
    if (!answer["content"].contains(media)) return {{"type", "null"}};
    return answer["content"][media]["schema"];
  }

  // What the schema of an answer is of: its JSON, each event of a stream, or the text.
  static std::vector<json> ValuesOf(const net::Response& response) {
    const std::string_view type = response.headers.get("content-type");
    if (type.find("json") != std::string::npos) return {json::parse(response.body)};
    if (!type.starts_with("text/event-stream")) return {json(response.body)};
    std::vector<json> events(1, json::object());
    std::istringstream lines(response.body);
    for (std::string line; std::getline(lines, line);) {
      const std::size_t colon = line.find(": ");
      if (line.empty()) {
        events.push_back(json::object());
      } else if (colon != 0 && colon != std::string::npos) {
        events.back()[line.substr(0, colon)] = line.substr(colon + 2);
      }
    }
    return events;
  }

  void Execute(const std::string& where, const std::string& method, const json& operation,
               const json& example) {
    const json& test = example.at("x-test");
    Ask ask{test.at("as"), MethodOf(method), where.substr(0, where.find(' ')), {}, {}};
    if (test.contains("path")) {
      ask.path = Ours(Replaced(test["path"], kDisclosureId, DisclosureId()));
    }
    if (example.contains("value")) ask.body = Ours(example["value"].dump());
    if (Wants(operation, "IdempotencyKey")) {
      ask.headers.emplace_back("idempotency-key", world_.FreshKey());
    }
    if (Wants(operation, "IfMatch")) {
      ask.headers.emplace_back("if-match", test.value("if_match", "\"1\""));
    }
    const net::Response response = world_.Send(ask);
    EXPECT_EQ(response.status, test.at("status").get<int>()) << where << "\n" << response.body;
    const json schema = SchemaOfAnswer(operation, response);
    for (const json& value : ValuesOf(response)) {
      EXPECT_EQ(testing::Misfit(Document(), schema, value), "") << where << "\n" << response.body;
    }
    EXPECT_TRUE(response.headers.get("request-id").starts_with("req_")) << where;
  }

  std::string DisclosureId() {
    const std::string code = world_.CodeFor("adviser.ft", world_.world().of_adviser_ft.person);
    const net::Response shown =
        world_.Send({"adviser.ft", net::Method::kPost, "/v1/disclosures",
                     R"({"person":")" + code +
                         R"(","fields":["contact.phone"],"purpose":"support","case_ref":"A-1"})"});
    EXPECT_EQ(shown.status, 201) << shown.body;
    return json::parse(shown.body)["disclosures"][0]["id"];
  }

  ApiWorld world_{WithExports()};
  std::string registered_;
  std::string sealed_;                                 // index of a sealed access
  std::map<std::string, std::string> jobs_, exports_;  // the document's numbers, and ours
};

TEST_F(OpenApiTest, EveryExampleIsExecuted) {
  int executed = 0;
  for (const auto& [path, operations] : Document()["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      if (!operation.contains("requestBody")) {
        Execute(path, method, operation, operation);
        ++executed;
        continue;
      }
      const json& content = operation["requestBody"]["content"];
      ASSERT_EQ(content.size(), 1u) << path;
      const json& body = content.begin().value();
      for (const auto& [name, example] : body["examples"].items()) {
        const std::string where = path + " " + name;
        EXPECT_EQ(testing::Misfit(Document(), body["schema"], example["value"]), "") << where;
        Execute(where, method, operation, example);
        ++executed;
      }
    }
  }
  EXPECT_GE(executed, 25);
}

TEST(OpenApi, HasTheRoutesThatAreServed) {
  std::set<std::string> written, served;
  for (const auto& [path, operations] : Document()["paths"].items()) {
    for (const auto& [method, operation] : operations.items()) {
      written.insert(std::string(net::MethodName(MethodOf(method))) + " " + path);
      if (!operation.contains("requestBody")) continue;
      const std::string type = operation["requestBody"]["content"].begin().key();
      for (const internal::Route& route : internal::Routes()) {
        if (route.path == path && route.method == MethodOf(method)) {
          EXPECT_EQ(route.media_type, type) << path;
        }
      }
    }
  }
  for (const internal::Route& route : internal::Routes()) {
    served.insert(std::string(net::MethodName(route.method)) + " " + std::string(route.path));
  }
  EXPECT_EQ(written, served);
}

TEST(OpenApi, HasTheProblemsThatAreGiven) {
  std::vector<std::string> written =
      Document()["components"]["schemas"]["Problem"]["properties"]["code"]["enum"];
  std::vector<std::string> given;
  for (const ProblemSpec& spec : AllProblems()) given.emplace_back(spec.name);
  EXPECT_EQ(written, given);
}

TEST(OpenApi, HasTheLimitsThatHold) {
  const json& schemas = Document()["components"]["schemas"];
  EXPECT_EQ(schemas["Disclose"]["properties"]["persons"]["maxItems"],
            access::kDisclosuresPerRequestMax);
  EXPECT_EQ(schemas["Assign"]["properties"]["assignments"]["maxItems"],
            access::kAssignmentsPerRequestMax);
  EXPECT_EQ(schemas["Rows"]["properties"]["rows"]["maxItems"], access::kLookupRowsMax);
  EXPECT_EQ(schemas["Problem"]["properties"]["errors"]["maxItems"], kFaultsMax);
  EXPECT_EQ(schemas["CaseRef"]["maxLength"], ledger::kCaseRefBytesMax);
  EXPECT_EQ(schemas["SealJob"]["properties"]["people"]["maxItems"], records::kJobBatchPeopleMax);
  EXPECT_EQ(schemas["RunJob"]["properties"]["people"]["maximum"], access::kJobPeopleMax);
  EXPECT_EQ(schemas["SealExport"]["properties"]["part"]["maximum"], access::kJobPeopleMax);
  EXPECT_EQ(schemas["Purpose"]["maxLength"], ledger::kPurposeBytesMax);
  EXPECT_EQ(Document()["components"]["parameters"]["IdempotencyKey"]["schema"]["maxLength"],
            access::kIdempotencyKeyBytesMax);
}

// After a recovery ceremony the answers name both logs, and what nobody can know.
TEST_F(OpenApiTest, ARecoveredLedgerIsTold) {
  const auto answer = [this](const char* who, const char* path, const char* schema) {
    const net::Response response = world_.Send({who, net::Method::kGet, path});
    EXPECT_EQ(response.status, 200) << path;
    const json& schemas = Document()["components"]["schemas"];
    const std::string fault =
        testing::Misfit(Document(), schemas[schema], json::parse(response.body));
    EXPECT_EQ(fault, "") << path;
    return json::parse(response.body);
  };
  EXPECT_EQ(answer("", "/ledger/predecessors", "Predecessors")["logs"], json::array());
  const json before = answer("citizen.one", "/v1/me/disclosures", "Looks");
  EXPECT_EQ(before["evidence_missing"], json::array());
  const std::string old_key = world_.vault().ledger().vkey();
  const std::uint64_t size = world_.vault().ledger().size();
  const std::string note = world_.RecoverLedger();

  const json predecessors = answer("", "/ledger/predecessors", "Predecessors")["logs"];
  ASSERT_EQ(predecessors.size(), 1u);
  EXPECT_EQ(predecessors[0]["log"], "cloison.example/test");
  EXPECT_EQ(predecessors[0]["key"], old_key);
  EXPECT_EQ(predecessors[0]["size"], size);
  EXPECT_EQ(predecessors[0]["statement"], note);
  const json trail = answer("citizen.one", "/v1/me/disclosures?page_size=1", "Looks");
  EXPECT_EQ(trail["items"][0]["log"], "cloison.example/test/2");
  EXPECT_EQ(trail["receipt"]["log"], "cloison.example/test/2");
  EXPECT_EQ(trail["evidence_missing"],
            json::parse(R"([{"log":"cloison.example/test","from":)" + std::to_string(size) + "}]"));
  const std::string token = trail["next_page_token"].get<std::string>();
  const json older =
      answer("citizen.one", ("/v1/me/disclosures?page_token=" + token).c_str(), "Looks");
  ASSERT_FALSE(older["items"].empty());
  EXPECT_EQ(older["items"][0]["log"], "cloison.example/test");
  EXPECT_EQ(older["items"].back()["n"], 0);
}

}  // namespace
}  // namespace cloison::api
