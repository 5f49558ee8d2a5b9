// Policies over HTTP: proposed with two signatures, read back, in force, previewed; faults are told
// by line, to those who may ask.
#include "access/policies.h"

#include <gtest/gtest.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "api/testing/api_world.h"

namespace cloison::api {
namespace {

using nlohmann::json;
using testing::ApiWorld;
using testing::ApiWorldOptions;

crypto::Secret<32> SeedOf(std::uint8_t byte) {
  crypto::Secret<32> seed;
  std::ranges::fill(seed.Reveal(), byte);
  return seed;
}

tlog::VerifierKey KeyOf(std::uint8_t seed) {
  const crypto::Ed25519Signer signer(SeedOf(seed));
  return *tlog::VerifierKey::Make("officer-" + std::to_string(seed), tlog::KeyType::kSignature,
                                  signer.public_key());
}

ApiWorldOptions WithOfficers() {
  ApiWorldOptions options;
  options.officers = {KeyOf(1), KeyOf(2)};
  return options;
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

std::string NoteFor(vault::Vault& vault, const std::string& document, std::uint32_t version) {
  const ledger::PolicyStatement statement{vault.schema().register_id(), version,
                                          access::DigestOfPolicy(vault.policy()->document()),
                                          access::DigestOfPolicy(document)};
  tlog::Note note{Print(statement), {}};
  for (const std::uint8_t seed : {std::uint8_t{1}, std::uint8_t{2}}) {
    CLOISON_CHECK(tlog::Sign(note, KeyOf(seed), crypto::Ed25519Signer(SeedOf(seed))).ok());
  }
  return tlog::PrintNote(note);
}

// Every other version shows nobody's contact for support.
bool Closes(std::uint32_t version) {
  return version % 2 == 0;
}
std::string VersionOf(std::uint32_t version) {
  std::string text = Replaced(std::string(vault::DemoPolicyToml()), "version = 1",
                              "version = " + std::to_string(version));
  if (!Closes(version)) return text;
  return Replaced(std::move(text), "\"identity\", \"contact\", \"address\", \"agency\"",
                  "\"identity\", \"contact\", \"agency\"");
}

class PoliciesApi : public ::testing::Test {
 protected:
  net::Response Post(const char* who, const std::string& path, const json& body) {
    return world_.Send(
        {who, net::Method::kPost, path, body.dump(), {{"idempotency-key", world_.FreshKey()}}});
  }
  json Get(const char* who, const std::string& path, int status = 200) {
    const net::Response response = world_.Send({who, net::Method::kGet, path});
    EXPECT_EQ(response.status, status) << path << response.body;
    return json::parse(response.body);
  }
  std::string Note(const std::string& document) { return NoteFor(world_.vault(), document, 2); }
  int Look() {
    const std::string code = world_.CodeFor("adviser.ft", world_.world().of_adviser_ft.person);
    return Post("adviser.ft", "/v1/disclosures",
                {{"person", code},
                 {"fields", {"address.city"}},
                 {"purpose", "support"},
                 {"case_ref", "A-1"}})
        .status;
  }

  ApiWorld world_{WithOfficers()};
  const std::string next_ = VersionOf(2);
};

TEST_F(PoliciesApi, FromTheProposalToTheAnswers) {
  ASSERT_EQ(Look(), 201);
  const net::Response preview =
      Post("officer.privacy", "/v1/policies:preview", {{"policy", next_}});
  ASSERT_EQ(preview.status, 200) << preview.body;
  const json told = json::parse(preview.body);
  ASSERT_EQ(told["changed"].size(), 1u) << preview.body;
  EXPECT_EQ(told["changed"][0]["refused"], 1);
  EXPECT_EQ(told["changed"][0]["role"], "adviser");
  EXPECT_FALSE(told["differences"].empty());
  const net::Response asked =
      Post("officer.security", "/v1/policies",
           {{"policy", next_}, {"statement", Note(next_)}, {"reason", "ticket-9"}});
  ASSERT_EQ(asked.status, 202) << asked.body;
  const std::string approval = json::parse(asked.body)["approval"];
  ASSERT_EQ(approval, "apr_1");
  EXPECT_EQ(Look(), 201);
  const access::Caller privacy{vault::DemoPrincipalId("officer.privacy"),
                               SessionId(ByteArray<16>{7}), ClientId(1),
                               world_.vault().environment().home, identity::Assurance::Internal()};
  const auto approved = base::SyncWait(world_.vault().gate().approvals().Approve(privacy, 1));
  ASSERT_TRUE(approved.ok() && std::holds_alternative<access::Approvals::Shown>(*approved));
  EXPECT_EQ(Look(), 403);
  const json shown = Get("officer.security", "/v1/policies/2");
  EXPECT_EQ(shown["policy"], next_);
  EXPECT_EQ(shown["in_force"], true);
  EXPECT_EQ(shown["statement"].get<std::string>().find("cloison policy statement v1"), 0u);
  EXPECT_EQ(Get("officer.security", "/v1/policies/1")["in_force"], false);
  EXPECT_EQ(Get("adviser.ft", "/v1/me/capabilities")["policy_version"], 2);
  EXPECT_EQ(Get("adviser.ft", "/v1/organisations")["policy_version"], 2);
}

// What a register learnt in its first minute: nothing, and that is said; by whom it may be asked.
TEST_F(PoliciesApi, BoundsAreProposedToThoseWhoMayAsk) {
  ASSERT_EQ(Look(), 201);
  const net::Response made = Post("officer.security", "/v1/detectors:calibrate", {{"days", 30}});
  ASSERT_EQ(made.status, 200) << made.body;
  const json told = json::parse(made.body);
  EXPECT_EQ(told["days"], 30);
  EXPECT_EQ(told["agent_days"], 0) << "the day has not ended";
  EXPECT_TRUE(told["classes"].empty());
  EXPECT_TRUE(told["receipt"].is_object());
  EXPECT_EQ(Post("officer.security", "/v1/detectors:calibrate", json::object()).status, 200);
  EXPECT_EQ(Post("adviser.ft", "/v1/detectors:calibrate", {{"days", 30}}).status, 403);
  for (const int days : {0, 91, -1}) {
    EXPECT_EQ(Post("officer.security", "/v1/detectors:calibrate", {{"days", days}}).status, 422);
  }
}

TEST_F(PoliciesApi, FaultsAreToldByLineToThoseWhoMayAsk) {
  const std::string faulty = Replaced(next_, "role = \"adviser\"", "role = \"advisor\"");
  const json body = {{"policy", faulty}, {"statement", Note(next_)}, {"reason", "ticket-9"}};
  const net::Response told = Post("officer.security", "/v1/policies", body);
  EXPECT_EQ(told.status, 422);
  EXPECT_NE(told.body.find("no role 'advisor'; the nearest is 'adviser'"), std::string::npos)
      << told.body;
  EXPECT_NE(told.body.find("\"line "), std::string::npos) << told.body;
  const net::Response untold = Post("adviser.ft", "/v1/policies", body);
  EXPECT_EQ(untold.status, 403);
  EXPECT_EQ(untold.body.find("advisor"), std::string::npos) << untold.body;
}

TEST_F(PoliciesApi, VersionsThatThereAreNot) {
  for (const char* const path : {"/v1/policies/2", "/v1/policies/0", "/v1/policies/01",
                                 "/v1/policies/x", "/v1/policies/4294967296"}) {
    (void)Get("officer.security", path, 404);
  }
  (void)Get("adviser.ft", "/v1/policies/1", 403);
  (void)Get("nobody.enrolled", "/v1/organisations", 403);
}

// Asks for the same person's contact over and over until it is told to stop.
void LookUntil(ApiWorld& world, const std::string& body, const std::atomic<bool>& done) {
  const auto client = world.NewClient("adviser.ft");
  while (!done) {
    const net::Response response =
        client->Send({"adviser.ft", net::Method::kPost, "/v1/disclosures", body});
    EXPECT_TRUE(response.status == 201 || response.status == 403) << response.body;
  }
}

void PutInForce(vault::Vault& vault, std::uint32_t version) {
  base::Executor& home = vault.environment().home;
  const auto as = [&home](const char* who) {
    return access::Caller{vault::DemoPrincipalId(who), SessionId(ByteArray<16>{7}), ClientId(1),
                          home, identity::Assurance::Internal()};
  };
  const std::string document = VersionOf(version);
  access::Policies::Request request{document, NoteFor(vault, document, version), "load"};
  const auto asked = base::SyncWait(vault.gate().policies().Propose(
      as("officer.security"), std::move(request), {"load-" + std::to_string(version), {}}));
  ASSERT_TRUE(asked.ok() && std::holds_alternative<access::Approvals::Shown>(*asked));
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  const auto approved =
      base::SyncWait(vault.gate().approvals().Approve(as("officer.privacy"), number));
  ASSERT_TRUE(approved.ok() && std::holds_alternative<access::Approvals::Shown>(*approved));
}

// In the order of the ledger each look is decided by the policy that the entries before it name.
TEST(PoliciesUnderLoad, EveryDecisionIsByOneOfTheTwo) {
  constexpr std::uint32_t kLast = 9;
  for (const int threads : {1, 2, 4}) {
    ApiWorldOptions options = WithOfficers();
    options.threads = threads;
    ApiWorld world(options);
    const json ask = {{"person", world.CodeFor("adviser.ft", world.world().of_adviser_ft.person)},
                      {"fields", {"address.city"}},
                      {"purpose", "support"},
                      {"case_ref", "A-1"}};
    const std::uint64_t begin = world.vault().ledger().size();
    std::atomic<bool> done{false};
    std::vector<std::thread> readers;
    for (int i = 0; i < threads; ++i) {
      readers.emplace_back([&world, body = ask.dump(), &done] { LookUntil(world, body, done); });
    }
    for (std::uint32_t version = 2; version <= kLast; ++version) PutInForce(world.vault(), version);
    done = true;
    for (std::thread& reader : readers) reader.join();
    std::uint32_t in_force = 1;
    for (std::uint64_t from = begin; from < world.vault().ledger().size();) {
      const auto records =
          base::SyncWait(world.vault().ledger().ReadRecords(from, ledger::kReadEntriesMax));
      ASSERT_TRUE(records.ok());
      from += records->size();
      for (const ledger::Record& record : *records) {
        if (record.rule.starts_with("policy/")) ++in_force;
        const bool shown = record.rule == "support/caseload";
        if (!shown && record.rule != "purpose/field") continue;
        ASSERT_EQ(shown, !Closes(in_force)) << record.rule << " under version " << in_force;
      }
    }
    EXPECT_EQ(in_force, kLast);
  }
}

}  // namespace
}  // namespace cloison::api
