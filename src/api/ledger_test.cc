// The ledger as anybody reads it over HTTP, and the proofs that callers get.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/internal/call.h"
#include "api/testing/api_world.h"
#include "crypto/base64.h"
#include "tlog/checkpoint.h"
#include "tlog/inclusion_text.h"
#include "tlog/tile.h"

namespace cloison::api {
namespace {

using net::Method;
using nlohmann::json;
using testing::ApiWorld;
using testing::Ask;

class LedgerTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { world_ = std::make_unique<ApiWorld>(); }
  static void TearDownTestSuite() { world_.reset(); }
  void SetUp() override { Publish(); }

  static void Publish() { ASSERT_TRUE(base::SyncWait(world_->vault().publisher().Publish()).ok()); }
  static net::Response Get(const std::string& path, testing::HeaderList headers = {}) {
    return world_->Send({"", Method::kGet, path, {}, std::move(headers)});
  }
  static tlog::VerifierKey Key() {
    return *tlog::VerifierKey::Parse(world_->vault().ledger().vkey());
  }
  static net::Response Ask1(const std::string& path, const std::string& body,
                            testing::HeaderList headers) {
    return world_->Send({"adviser.ft", Method::kPost, path, body, std::move(headers)});
  }
  static std::string Disclosure() {
    const std::string code = world_->CodeFor("adviser.ft", world_->world().of_adviser_ft.person);
    return R"({"person":")" + code +
           R"(","fields":["contact.phone"],"purpose":"support","case_ref":"A-1"})";
  }
  // Of a receipt with its proof: everything fits together, by the key alone.
  static void ExpectProven(const json& receipt) {
    const auto text = tlog::ParseInclusionText(receipt.at("proof").get<std::string>());
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->checkpoint, receipt.at("checkpoint").get<std::string>());
    EXPECT_EQ(text->index, receipt.at("index"));
    const Bytes leaf = *crypto::FromBase64(receipt.at("leaf").get<std::string>());
    ExpectProves(*text, leaf);
  }
  static void ExpectProves(const tlog::InclusionText& text, ByteView leaf) {
    const auto checkpoint = tlog::OpenCheckpoint(text.checkpoint, Key());
    ASSERT_TRUE(checkpoint.ok());
    const tlog::Leaf at{text.index, tlog::LeafHash(leaf)};
    EXPECT_TRUE(tlog::VerifyInclusion(at, checkpoint->head, text.proof).ok());
  }

  static std::unique_ptr<ApiWorld> world_;
};
std::unique_ptr<ApiWorld> LedgerTest::world_;

TEST_F(LedgerTest, IsReadWholeByAStranger) {
  const net::Response note = Get("/ledger/checkpoint");
  ASSERT_EQ(note.status, 200);
  EXPECT_EQ(note.headers.get("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(note.headers.get("cache-control"), "public, max-age=1");
  const tlog::Head head = tlog::OpenCheckpoint(note.body, Key())->head;
  EXPECT_EQ(head.size, world_->vault().ledger().size());
  tlog::Frontier frontier;
  for (std::uint64_t index = 0; tlog::WidthAt(0, index, head.size) != 0; ++index) {
    const unsigned width = tlog::WidthAt(0, index, head.size);
    const std::string hashes_path = tlog::TilePath({tlog::TileId::Kind::kHashes, 0, index, width});
    const std::string bundle_path = tlog::TilePath({tlog::TileId::Kind::kEntries, 0, index, width});
    const net::Response hashes = Get("/ledger/" + hashes_path);
    const net::Response bundle = Get("/ledger/" + bundle_path);
    ASSERT_EQ(hashes.status, 200) << hashes_path;
    ASSERT_EQ(bundle.status, 200) << bundle_path;
    for (const net::Response* one : {&hashes, &bundle}) {
      EXPECT_EQ(one->headers.get("content-type"), "application/octet-stream");
      EXPECT_EQ(one->headers.get("cache-control"), "public, max-age=31536000, immutable");
    }
    EXPECT_EQ(hashes.headers.get("content-encoding"), "");
    const auto entries = tlog::ParseBundle(AsBytes(bundle.body), width);
    ASSERT_TRUE(entries.ok());
    std::string again;
    for (const ByteView entry : *entries) {
      again.append(AsText(tlog::LeafHash(entry)));
      ASSERT_TRUE(frontier.Append(tlog::LeafHash(entry)).ok());
    }
    EXPECT_EQ(hashes.body, again);
  }
  EXPECT_EQ(frontier.Root(), head.root);
}

TEST_F(LedgerTest, RefusesWhatIsNotThere) {
  const struct {
    const char* why;
    const char* path;
    int status;
    const char* code;
  } rows[] = {
      {"no tile", "/ledger/tile/", 404, "no_such_path"},
      {"a level alone", "/ledger/tile/0", 404, "no_such_path"},
      {"no index", "/ledger/tile/0/", 404, "no_such_path"},
      {"no entries", "/ledger/tile/entries/", 404, "no_such_path"},
      {"an index of two digits", "/ledger/tile/0/00", 404, "no_such_path"},
      {"a width of 0", "/ledger/tile/0/000.p/0", 404, "no_such_path"},
      {"a width of 256", "/ledger/tile/entries/000.p/256", 404, "no_such_path"},
      {"escaped", "/ledger/tile/0/%30%30%30.p/1", 404, "no_such_path"},
      {"a way up", "/ledger/tile/0/../000.p/1", 404, "no_such_path"},
      {"another file", "/ledger/other", 404, "no_such_path"},
      {"the ledger itself", "/ledger/", 404, "no_such_path"},
      {"a generation of a log that is the first", "/ledger/1/checkpoint", 404, "no_such_path"},
      {"a log that is not there yet", "/ledger/2/tile/0/000.p/1", 404, "no_such_path"},
      {"beyond the log", "/ledger/tile/0/x001/000.p/1", 404, "not_available"},
      {"entries beyond the log", "/ledger/tile/entries/x001/000", 404, "not_available"},
      {"a level beyond the log", "/ledger/tile/3/000.p/1", 404, "not_available"},
      {"a level that no tree has", "/ledger/tile/63/000.p/1", 404, "not_available"},
  };
  for (const auto& row : rows) {
    const net::Response response = Get(row.path);
    EXPECT_EQ(response.status, row.status) << row.why;
    EXPECT_EQ(response.headers.get("content-type"), "application/problem+json") << row.why;
    EXPECT_EQ(json::parse(response.body)["code"], row.code) << row.why;
    EXPECT_EQ(response.headers.get("cache-control"), "no-store") << row.why;
  }
  const net::Response posted = world_->Send({"", Method::kPost, "/ledger/tile/0/000.p/1", "{}"});
  EXPECT_EQ(posted.status, 405);
  EXPECT_EQ(posted.headers.get("allow"), "GET, HEAD");
  const net::Response head = world_->Send({"", Method::kHead, "/ledger/tile/0/000.p/1"});
  EXPECT_EQ(head.status, 200);
  EXPECT_TRUE(head.body.empty());
}

// Leaves are random but for their first bytes: it takes some of them to win more than a header.
TEST_F(LedgerTest, BundlesAreCompressedForWhoTakesIt) {
  while (world_->vault().ledger().size() < 200) {
    ASSERT_EQ(Ask1("/v1/disclosures", Disclosure(), {}).status, 201);
  }
  Publish();
  const unsigned width = tlog::WidthAt(0, 0, world_->vault().publisher().size());
  const std::string path = "/ledger/" + tlog::TilePath({tlog::TileId::Kind::kEntries, 0, 0, width});
  const net::Response plain = Get(path);
  const net::Response packed = Get(path, {{"accept-encoding", "br, gzip"}});
  ASSERT_EQ(packed.status, 200);
  EXPECT_EQ(plain.headers.get("content-encoding"), "");
  EXPECT_EQ(packed.headers.get("content-encoding"), "gzip");
  EXPECT_LT(packed.body.size(), plain.body.size());
  EXPECT_TRUE(packed.body.starts_with("\x1f\x8b"));
  EXPECT_EQ(packed.headers.get("vary"), "accept-encoding");
  EXPECT_EQ(plain.headers.get("vary"), "accept-encoding");
}

TEST_F(LedgerTest, StrangersGetTheLedgerAndNothingElse) {
  PublicApi strangers(world_->service());
  const auto given = [&](Method method, const char* path) {
    net::Request request;
    request.method = method;
    request.path = path;
    request.deadline_mono_us = INT64_MAX;
    return base::SyncWait(strangers.Handle(std::move(request)));
  };
  EXPECT_EQ(given(Method::kGet, "/ledger/checkpoint").status, 200);
  EXPECT_EQ(given(Method::kHead, "/ledger/checkpoint").status, 200);
  EXPECT_EQ(given(Method::kGet, "/ledger/tile/0/000.p/1").status, 200);
  EXPECT_EQ(given(Method::kGet, "/ledger/tile/entries/000.p/1").status, 200);
  EXPECT_EQ(given(Method::kGet, "/openapi.json").status, 200);
  const json status = json::parse(given(Method::kGet, "/v1/status").body);
  EXPECT_EQ(status["ledger"]["key"], world_->vault().ledger().vkey());
  EXPECT_FALSE(status.contains("register"));
  EXPECT_FALSE(status.contains("controls"));
  for (const internal::Route& route : internal::Routes()) {
    const bool open = route.path.starts_with("/ledger/") || route.path == "/openapi.json" ||
                      route.path == "/v1/status";
    const net::Response response = given(route.method, std::string(route.path).c_str());
    if (!open) {
      EXPECT_EQ(response.status, 404) << route.path;
      EXPECT_EQ(json::parse(response.body)["code"], "no_such_path") << route.path;
    }
  }
  EXPECT_EQ(given(Method::kGet, "/metrics").status, 404);
  EXPECT_EQ(given(Method::kPost, "/ledger/checkpoint").status, 405);
}

TEST_F(LedgerTest, ReceiptsCarryProofsForWhoPrefersThem) {
  const std::string lookup = R"({"criteria":{"nir":")" + world_->world().of_adviser_ft.nir +
                             R"("},"purpose":"support","case_ref":"A-1"})";
  const std::string nobody =
      R"({"criteria":{"email":"nobody@example.org"},"purpose":"support","case_ref":"A-1"})";
  for (const char* prefer : {"proof", "respond-async, Proof; x=1", "wait=10,proof"}) {
    const net::Response shown = Ask1("/v1/disclosures", Disclosure(), {{"prefer", prefer}});
    ASSERT_EQ(shown.status, 201) << shown.body;
    EXPECT_EQ(shown.headers.get("preference-applied"), "proof") << prefer;
    ExpectProven(json::parse(shown.body)["disclosures"][0]["receipt"]);
  }
  const net::Response row = Ask1("/v1/lookups", lookup, {{"prefer", "proof"}});
  ASSERT_EQ(json::parse(row.body)["rows"].size(), 1u) << row.body;
  ExpectProven(json::parse(row.body)["rows"][0]["receipt"]);
  const net::Response miss = Ask1("/v1/lookups", nobody, {{"prefer", "proof"}});
  ExpectProven(json::parse(miss.body)["receipt"]);
  const net::Response own =
      world_->Send({"citizen.one", Method::kGet, "/v1/me/disclosures", {}, {{"prefer", "proof"}}});
  ExpectProven(json::parse(own.body)["receipt"]);
  for (const char* other : {"", "proofs", "return=minimal", "wait=proof"}) {
    const net::Response shown = Ask1("/v1/disclosures", Disclosure(), {{"prefer", other}});
    EXPECT_EQ(shown.headers.get("preference-applied"), "") << other;
    EXPECT_FALSE(json::parse(shown.body)["disclosures"][0]["receipt"].contains("proof")) << other;
  }
}

TEST_F(LedgerTest, ADisclosureIsProvenByItsIdToItsCallerAlone) {
  const net::Response shown = Ask1("/v1/disclosures", Disclosure(), {});
  const json record = json::parse(shown.body)["disclosures"][0];
  const std::string id = record["id"];
  EXPECT_TRUE(id.starts_with("acc_"));
  const Bytes leaf = *crypto::FromBase64(record["receipt"]["leaf"].get<std::string>());
  const auto ask = [](const std::string& who, const std::string& of) {
    return world_->Send({who, Method::kGet, "/v1/disclosures/" + of + "/proof"});
  };
  for (const bool published : {false, true}) {
    if (published) Publish();
    const net::Response proof = ask("adviser.ft", id);
    ASSERT_EQ(proof.status, 200) << proof.body;
    EXPECT_EQ(proof.headers.get("content-type"), "text/plain; charset=utf-8");
    const auto text = tlog::ParseInclusionText(proof.body);
    ASSERT_TRUE(text.ok());
    EXPECT_EQ(text->index, record["receipt"]["index"]);
    EXPECT_EQ(text->checkpoint == world_->vault().publisher().checkpoint(), published);
    ExpectProves(*text, leaf);
  }
  std::string altered = id;
  altered[10] = altered[10] == 'A' ? 'B' : 'A';
  const struct {
    const char* why;
    std::string who;
    std::string id;
  } rows[] = {
      {"somebody else", "adviser.ce", id},
      {"the officer", "officer.security", id},
      {"another id", "adviser.ft", altered},
      {"no id", "adviser.ft", "acc_"},
      {"no prefix", "adviser.ft", id.substr(4)},
      {"another kind", "adviser.ft", "req_" + id.substr(4)},
      {"more of it", "adviser.ft", id + "A"},
      {"far too long", "adviser.ft", "acc_" + std::string(500, 'A')},
  };
  for (const auto& row : rows) {
    const net::Response refused = ask(row.who, row.id);
    EXPECT_EQ(refused.status, 404) << row.why;
    EXPECT_EQ(json::parse(refused.body)["code"], "not_available") << row.why;
  }
  EXPECT_EQ(ask("", id).status, 401);
}

// What a cache keeps of the log that was closed is never taken for the successor's.
TEST(SuccessorTest, IsReadBelowItsGenerationAlone) {
  ApiWorld world;
  const auto get = [&world](const std::string& path) {
    return world.Send({"", Method::kGet, path});
  };
  ASSERT_TRUE(base::SyncWait(world.vault().publisher().Publish()).ok());
  const net::Response before = get("/ledger/tile/entries/000.p/1");
  ASSERT_EQ(before.status, 200);
  (void)world.RecoverLedger();
  ASSERT_TRUE(base::SyncWait(world.vault().publisher().Publish()).ok());

  const std::string origin = "cloison.example/test/2\n";
  const net::Response tile = get("/ledger/2/tile/entries/000.p/1");
  ASSERT_EQ(tile.status, 200);
  EXPECT_EQ(tile.headers.get("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_NE(tile.body, before.body);
  EXPECT_EQ(get("/ledger/2/tile/0/000.p/1").status, 200);
  for (const char* path : {"/ledger/2/checkpoint", "/ledger/checkpoint"}) {
    const net::Response checkpoint = get(path);
    EXPECT_EQ(checkpoint.status, 200) << path;
    EXPECT_TRUE(checkpoint.body.starts_with(origin)) << path;
    EXPECT_EQ(checkpoint.headers.get("cache-control"), "public, max-age=1") << path;
  }
  EXPECT_EQ(get("/ledger/predecessors").status, 200);
  const struct {
    const char* why;
    const char* path;
  } rows[] = {
      {"the closed log's entries", "/ledger/tile/entries/000.p/1"},
      {"the closed log's hashes", "/ledger/tile/0/000.p/1"},
      {"the first generation", "/ledger/1/tile/0/000.p/1"},
      {"one to come", "/ledger/3/checkpoint"},
      {"none", "/ledger/0/checkpoint"},
      {"no decimal of ours", "/ledger/02/checkpoint"},
      {"longer than any number", "/ledger/22222222222222222222222/checkpoint"},
      {"twice", "/ledger/2/2/checkpoint"},
      {"the generation alone", "/ledger/2/"},
      {"what is of the register", "/ledger/2/predecessors"},
      {"below something else", "/v1/2/status"},
  };
  for (const auto& row : rows) {
    const net::Response refused = get(row.path);
    EXPECT_EQ(refused.status, 404) << row.why;
    EXPECT_EQ(json::parse(refused.body)["code"], "no_such_path") << row.why;
    EXPECT_EQ(refused.headers.get("cache-control"), "no-store") << row.why;
  }
  world.service().vault = nullptr;
  EXPECT_EQ(get("/ledger/2/checkpoint").status, 503);
  world.service().vault = &world.vault();
}

}  // namespace
}  // namespace cloison::api
