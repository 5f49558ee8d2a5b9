// The file of a session: one way to write it, nobody else reads it, and its key proves what it
// should.
#include "cli/session_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/files.h"
#include "cli/connection.h"
#include "crypto/base64.h"
#include "identity/jws.h"
#include "store/testing/temp_directory.h"

namespace cloison::cli {
namespace {

SessionFile Example() {
  crypto::Secret<32> seed;
  seed.Reveal()[0] = 7;
  return {"https://vault.example", "/etc/ca.pem", std::move(seed), "cls_token"};
}

std::string TextOf(const SessionFile& file) {
  return std::string(AsText(Serialise(file).Reveal()));
}

TEST(SessionFileTest, IsReadAsItWasWritten) {
  const std::string text = TextOf(Example());
  EXPECT_EQ(text,
            "cloison session 1\nserver https://vault.example\nca /etc/ca.pem\n"
            "seed BwAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\ntoken cls_token\n");
  const Result<SessionFile> again = ParseSessionFile(AsBytes(text));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(TextOf(*again), text);
}

TEST(SessionFileTest, NothingElseIsRead) {
  const std::string good = TextOf(Example());
  const auto replaced = [&good](std::string_view from, std::string_view to) {
    std::string text = good;
    return text.replace(text.find(from), from.size(), to);
  };
  const std::pair<const char*, std::string> rows[] = {
      {"nothing", ""},
      {"another head", replaced("session 1", "session 2")},
      {"no server", replaced("server https://vault.example\n", "")},
      {"an empty server", replaced("https://vault.example", "")},
      {"another order", replaced("ca /etc/ca.pem\nseed", "seed\nca /etc/ca.pem")},
      {"a short seed", replaced("seed BwAA", "seed Bw")},
      {"a seed with a bit too many", replaced("AAA\ntoken", "AAB\ntoken")},
      {"a line more", good + "more\n"},
      {"a byte less", good.substr(0, good.size() - 1)},
      {"too long", replaced("/etc", std::string(kSessionFileBytesMax, 'x'))},
  };
  for (const auto& [why, text] : rows) EXPECT_FALSE(ParseSessionFile(AsBytes(text)).ok()) << why;
}

TEST(SessionFileTest, OnlyItsOwnerReadsIt) {
  const store::testing::TempDirectory directory;
  const std::string path = directory.path() + "/cloison/session";
  ASSERT_TRUE(WriteSessionFile(Example(), path).ok());
  base::SystemFiles files;
  EXPECT_EQ(files.Stat(path)->mode, 0600u);
  EXPECT_EQ(files.Stat(directory.path() + "/cloison")->mode, 0700u);
  EXPECT_TRUE(ReadSessionFile(path).ok());
  for (const unsigned mode : {0640u, 0604u, 0700u, 0400u}) {
    std::filesystem::permissions(path, static_cast<std::filesystem::perms>(mode));
    EXPECT_EQ(ReadSessionFile(path).error().code(), Code::kDenied) << mode;
  }
  std::filesystem::permissions(path, static_cast<std::filesystem::perms>(0600));
  std::filesystem::create_symlink(path, directory.path() + "/link");
  EXPECT_EQ(ReadSessionFile(directory.path() + "/link").error().code(), Code::kDenied);
  EXPECT_EQ(ReadSessionFile(directory.path() + "/none").error().code(), Code::kNotFound);
}

TEST(SessionFileTest, ItsKeyProvesOneRequest) {
  base::SystemClock clock;
  const Result<ProofKey> key = ProofKey::FromSeed(Example().seed);
  ASSERT_TRUE(key.ok());
  const auto proof = key->Proof("POST", "https://vault.example/v1/lookups", "n-1", "cls_t", clock);
  ASSERT_TRUE(proof.ok());
  const auto read = identity::UnverifiedJws::Parse(*proof);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->header().type, identity::kDpopType);
  const auto verified =
      identity::VerifyJws(*proof, *read->header().key, identity::JwsAlgorithm::kEdDsa);
  ASSERT_TRUE(verified.ok());
  const std::string& claims = verified->payload();
  for (const std::string& part :
       {std::string(R"("htm":"POST")"), std::string(R"("htu":"https://vault.example/v1/lookups")"),
        std::string(R"("nonce":"n-1")"),
        R"("ath":")" + crypto::ToBase64Url(crypto::Sha256(AsBytes(std::string("cls_t")))) + "\""}) {
    EXPECT_NE(claims.find(part), std::string::npos) << part << " in " << claims;
  }
  const auto bare = key->Proof("GET", "https://vault.example/", "", "", clock);
  ASSERT_TRUE(bare.ok());
  EXPECT_NE(*bare, *proof);
}

TEST(SessionFileTest, ASessionGoesToItsOwnServerAlone) {
  base::SystemClock clock;
  const struct {
    const char* why;
    const char* session_server;
    void (*change)(ConnectionOptions&);
    bool opens;
  } rows[] = {
      {"its own", "https://vault.example", [](ConnectionOptions&) {}, true},
      {"the same, said", "https://vault.example",
       [](ConnectionOptions& options) { options.server = "https://vault.example"; }, true},
      {"another", "https://vault.example",
       [](ConnectionOptions& options) { options.server = "https://evil.example"; }, false},
      {"a plain one", "http://vault.example", [](ConnectionOptions&) {}, false},
      {"with a name of development", "https://vault.example",
       [](ConnectionOptions& options) { options.as = "adviser.ft"; }, false},
      {"with a certificate", "https://vault.example",
       [](ConnectionOptions& options) { options.certificate = "/none"; }, false},
  };
  for (const auto& row : rows) {
    ConnectionOptions options;
    row.change(options);
    SessionFile session = Example();
    session.server = row.session_server;
    session.ca = "";
    std::string problem;
    const auto opened = Connection::OpenWith(options, std::move(session), clock, &problem);
    EXPECT_EQ(opened.ok(), row.opens) << row.why;
    EXPECT_EQ(problem.empty(), row.opens) << row.why;
  }
}

}  // namespace
}  // namespace cloison::cli
