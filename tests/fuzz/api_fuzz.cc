// Whatever a client sends, the API answers in its own forms: never 500, JSON that is strict, and a
// refusal that repeats nothing of what it refuses.
//
//   input   who ‖ which route ‖ path, query, If-Match, Idempotency-Key (each a length byte and the
//           text; an empty path is the route's own) ‖ body, which may name people (WithPeople)
#include <string>
#include <vector>

#include "access/jobs.h"
#include "api/handler.h"
#include "codec/json_reader.h"
#include "tests/fuzz/parts.h"
#include "vault/testing/test_vault.h"

namespace {

using namespace cloison;
using net::Method;

// "Bearer adviser.ft" is that principal: tokens have a target of their own.
class NamedSignIn final : public identity::SignIn {
 public:
  Result<identity::SignedIn> Verify(const identity::Presented& presented) override {
    const std::string_view authorization = presented.authorization;
    if (authorization.empty()) return Error{Code::kDenied, "a bearer token is needed"};
    return identity::SignedIn{vault::DemoPrincipalId(authorization), SessionId({1}), ClientId(1),
                              identity::Assurance::Development()};
  }
  Result<PrincipalId> Named(std::string_view name) const override {
    if (name.empty() || name.size() > 64) return Error{Code::kInvalid, "not a name"};
    return vault::DemoPrincipalId(name);
  }
};

vault::DemoSize Size() {
  vault::DemoSize size;
  size.people = 400;
  size.offices_1 = size.offices_2 = size.advisers_1 = size.advisers_2 = 1;
  size.caseload_1 = size.caseload_2 = 10;
  return size;
}

struct House {
  vault::testing::TestVault vault{Size()};
  NamedSignIn sign_in;
  api::Service service{sign_in, vault.clock, vault.random};
  api::Api api{service};

  House() {
    CLOISON_CHECK(vault.Start().ok());
    service.vault = &vault.vault();
    ApproveJob();
  }
  // job_1, with a run that has begun.
  void ApproveJob() {
    access::JobRequest job;
    job.label = "fuzz";
    job.application = vault::DemoPrincipalId("app.payment");
    job.purpose = "payment";
    job.fields = vault.Fields({"bank.iban"});
    job.recipient = crypto::RecipientSecret(vault.random).key().bytes();
    job.people_max = 1'000;
    job.expires_ms = vault.vault().committer().Now().budget_ms + 300 * base::kDayMs;
    CLOISON_CHECK(vault.AskAs("officer.privacy", "job", access::Encode(job)).ok());
    CLOISON_CHECK(vault.ApproveAs("officer.privacy.b", 1).ok());
    const auto begun =
        vault.Wait(vault.gate().jobs().Begin(vault.As("app.payment"), 1, 500, {"fuzz", {}}));
    CLOISON_CHECK(begun.ok());
  }
};

std::unique_ptr<House>& HouseThere() {
  static std::unique_ptr<House> house;
  return house;
}
House& TheHouse() {
  return *HouseThere();
}

// Before an input. Made anew now and then: what inputs register must not pile up.
void TendHouse() {
  static int inputs = 0;
  if (inputs++ % 2'000 != 0) return;
  HouseThere().reset();
  HouseThere() = std::make_unique<House>();
}

struct Route {
  Method method;
  std::string_view path, media_type;
};
constexpr Route kRoutes[] = {
    {Method::kPost, "/v1/disclosures", "application/json"},
    {Method::kPost, "/v1/lookups", "application/json"},
    {Method::kPost, "/v1/people", "application/json"},
    {Method::kPatch, "/v1/people", "application/merge-patch+json"},
    {Method::kPost, "/v1/people:erase", "application/json"},
    {Method::kPost, "/v1/caseloads", "application/json"},
    {Method::kGet, "/v1/me/capabilities", ""},
    {Method::kGet, "/v1/me/disclosures", ""},
    {Method::kPost, "/v1/principals:freeze", "application/json"},
    {Method::kPost, "/v1/principals:unfreeze", "application/json"},
    {Method::kGet, "/v1/status", ""},
    {Method::kPost, "/v1/unsealings", "application/json"},
    {Method::kPost, "/v1/matches", "application/json"},
    {Method::kPost, "/v1/decisions", "application/json"},
    {Method::kPost, "/v1/jobs:run", "application/json"},
    {Method::kPost, "/v1/jobs:seal", "application/json"},
    {Method::kPost, "/v1/jobs:end", "application/json"},
    {Method::kPost, "/v1/jobs:stop", "application/json"},
    {Method::kGet, "/v1/jobs/job_1", ""},
    {Method::kPost, "/v1/exports:begin", "application/json"},
    {Method::kPost, "/v1/exports:seal", "application/json"},
    {Method::kPost, "/v1/exports:end", "application/json"},
    {Method::kPost, "/v1/exports:stop", "application/json"},
    {Method::kGet, "/v1/exports/exp_1", ""},
    {Method::kGet, "/v1/operations/op_1.1", ""},
    {Method::kPost, "/v1/operations:cancel", "application/json"},
    {Method::kPost, "/v1/presences", "application/json"},
};
constexpr std::string_view kWho[] = {"adviser.ft",   "adviser.ce",       "officer.security",
                                     "app.case",     "officer.privacy",  "citizen.one",
                                     "manager.a",    "nobody.at.all.00", "",
                                     "investigator", "app.payment"};

// Codes and numbers of people that are there, by a name that an input can hold.
std::string WithPeople(std::string text, std::string_view who) {
  vault::testing::TestVault& vault = TheHouse().vault;
  const vault::DemoPerson& followed = vault.world().of_adviser_ft;
  const vault::DemoPerson& stranger = vault.world().stranger;
  const std::string_view knower = who.empty() || who.starts_with("nobody") ? kWho[0] : who;
  const std::pair<std::string_view, std::string> names[] = {
      {"FOLLOWED", vault.CodeFor(knower, followed.person)},
      {"STRANGER", vault.CodeFor(knower, stranger.person)},
      {"NUMBER-F", followed.nir},
      {"NUMBER-S", stranger.nir},
  };
  for (const auto& [name, meant] : names) {
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name)) {
      text.replace(at, name.size(), meant);
    }
  }
  return text;
}

net::Request RequestOf(base::Reader& input) {
  const std::string_view who = kWho[input.U8() % std::size(kWho)];
  const Route& route = kRoutes[input.U8() % std::size(kRoutes)];
  net::Request request;
  request.method = route.method;
  const std::string_view path = AsText(fuzz::TakePart(input));
  request.path = path.empty() ? route.path : path;
  request.query = AsText(fuzz::TakePart(input));
  const std::string_view if_match = AsText(fuzz::TakePart(input));
  const std::string_view key = AsText(fuzz::TakePart(input));
  if (!who.empty()) request.headers.Add("authorization", who);
  request.headers.Add("content-type", route.media_type);
  if (!if_match.empty()) request.headers.Add("if-match", if_match);
  if (!key.empty()) request.headers.Add("idempotency-key", key);
  if (!key.empty()) request.headers.Add("prefer", key);
  request.body = WithPeople(std::string(AsText(input.rest())), who);
  request.home = &TheHouse().vault.executor;
  request.deadline_mono_us = INT64_MAX;
  return request;
}

bool IsKnownWord(std::string_view text) {
  const records::Schema& schema = TheHouse().vault.vault().schema();
  if (schema.Find(text) != nullptr) return true;
  for (const std::string_view word : {"application", "identity", "not_available"}) {
    if (word == text) return true;
  }
  return TheHouse().vault.vault().policy()->FindPurpose(text) != nullptr;
}

// No text of the request of 12 bytes or more, words of the schema and the policy aside.
void CheckNoEcho(const codec::JsonValue& value, std::string_view answer) {
  if (value.type() == codec::JsonType::kString) {
    const std::string_view text = value.string();
    if (text.size() < 12 || IsKnownWord(text)) return;
    CLOISON_CHECK(answer.find(text) == std::string_view::npos);
  }
  for (auto at = value.First(); at.has_value(); at = at->Next()) CheckNoEcho(*at, answer);
}

void CheckRefusal(const net::Request& asked, const net::Response& answer) {
  const auto problem = codec::JsonDocument::Parse(AsBytes(answer.body));
  CLOISON_CHECK(answer.headers.get("content-type") == "application/problem+json");
  CLOISON_CHECK(problem.ok() && problem->root().Find("code").has_value());
  const vault::DemoWorld& world = TheHouse().vault.world();
  for (const vault::DemoPerson* person : {&world.of_adviser_ft, &world.stranger}) {
    CLOISON_CHECK(answer.body.find(person->nir) == std::string::npos);
    CLOISON_CHECK(answer.body.find(person->email) == std::string::npos);
  }
  const auto body = codec::JsonDocument::Parse(AsBytes(asked.body));
  if (body.ok()) CheckNoEcho(body->root(), answer.body);
  if (asked.query.size() >= 12) {
    CLOISON_CHECK(answer.body.find(asked.query) == std::string::npos);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  TendHouse();
  House& house = TheHouse();
  base::Reader input({data, size});
  net::Request request = RequestOf(input);
  net::Request sent = request;
  house.vault.clock.Advance(32 * base::kDayMs);  // budgets are whole again
  const net::Response answer = house.vault.Wait(house.api.Handle(std::move(sent)));
  CLOISON_CHECK(answer.status >= 200 && answer.status < 500);
  CLOISON_CHECK(CanTravel(answer.headers));
  if (answer.status >= 400) {
    CheckRefusal(request, answer);
  } else if (answer.headers.get("content-type") == "application/json") {
    const auto body = codec::JsonDocument::Parse(AsBytes(answer.body), {.bytes_max = 16u << 20});
    CLOISON_CHECK(body.ok());
  }
  return 0;
}
