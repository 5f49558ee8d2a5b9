#include "identity/credentials.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"
#include "crypto/certificate.h"
#include "identity/development.h"
#include "identity/testing/showing.h"

namespace cloison::identity {
namespace {

using testing::Showing;

class CredentialsTest : public ::testing::Test {
 protected:
  CredentialsTest() {
    directory_ = std::filesystem::temp_directory_path() /
                 ("cloison-credentials-" + base::ToHex(base::SystemRandom().Draw<8>()));
  }
  ~CredentialsTest() override { std::filesystem::remove_all(directory_); }

  Result<DevelopmentCredentials> Prepare() {
    return PrepareDevelopmentCredentials(directory_, {"adviser.ft", "citizen.one"},
                                         {files_, clock_, random_});
  }
  std::string Read(const std::string& name) {
    const auto bytes = files_.Read(directory_ + "/" + name);
    return bytes.ok() ? std::string(AsText(*bytes)) : std::string();
  }
  Status SignsIn(const DevelopmentCredentials& made, const std::string& name) {
    net::Peer peer;
    const auto thumbprint = crypto::CertificateThumbprint(AsBytes(Read(name + ".pem")));
    if (!thumbprint.ok()) return thumbprint.error();
    peer.certificate_sha256 = *thumbprint;
    DevelopmentSignIn sign_in(made.issuer, clock_);
    const auto who = sign_in.Verify(Showing("Bearer " + Read(name + ".token"), peer));
    return who.ok() ? Ok() : Status(who.error());
  }

  base::SystemFiles files_;
  base::testing::ManualClock clock_;
  base::testing::SeededRandom random_{1};
  std::string directory_;
};

TEST_F(CredentialsTest, WritesWhatSignsIn) {
  const auto made = Prepare();
  ASSERT_TRUE(made.ok()) << made.error().text();
  EXPECT_TRUE(SignsIn(*made, "adviser.ft").ok());
  EXPECT_TRUE(SignsIn(*made, "citizen.one").ok());
  const auto names = files_.List(directory_);
  ASSERT_TRUE(names.ok());
  EXPECT_EQ(names->size(), 12u);
  for (const std::string& name : *names) {
    EXPECT_EQ(files_.Stat(directory_ + "/" + name)->mode, 0600u) << name;
  }
  EXPECT_EQ(files_.Stat(directory_)->mode, 0700u);
}

TEST_F(CredentialsTest, ARestartKeepsCertificatesAndRenewsTokens) {
  ASSERT_TRUE(Prepare().ok());
  const std::string certificate = Read("adviser.ft.pem"), token = Read("adviser.ft.token");
  const std::string authority = Read("ca.pem");
  clock_.Advance(base::kHourMs);
  const auto again = Prepare();
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(Read("ca.pem"), authority);
  EXPECT_EQ(Read("adviser.ft.pem"), certificate);
  EXPECT_NE(Read("adviser.ft.token"), token);
  EXPECT_TRUE(SignsIn(*again, "adviser.ft").ok());
}

TEST_F(CredentialsTest, MakesAnewWhatIsLostOrOld) {
  struct Row {
    const char* why;
    const char* removed;
    std::int64_t later_ms;
    bool new_authority;
  };
  const Row rows[] = {
      {"a principal's certificate is gone", "adviser.ft.pem", 0, false},
      {"a principal's key is gone", "adviser.ft.key", 0, false},
      {"the end is unknown", "until", 0, true},
      {"the certificates run out", "adviser.ft.token", kCredentialsDays * base::kDayMs, true},
  };
  for (const Row& row : rows) {
    ASSERT_TRUE(Prepare().ok()) << row.why;
    const std::string authority = Read("ca.pem");
    ASSERT_TRUE(files_.Remove(directory_ + "/" + row.removed).ok()) << row.why;
    clock_.Advance(row.later_ms);
    const auto again = Prepare();
    ASSERT_TRUE(again.ok()) << row.why;
    EXPECT_EQ(Read("ca.pem") != authority, row.new_authority) << row.why;
    EXPECT_TRUE(SignsIn(*again, "adviser.ft").ok()) << row.why;
  }
}

TEST_F(CredentialsTest, RefusesWhatIsNoName) {
  for (const char* name : {"", "../adviser", "Adviser", "a/b", "a b", "ca", "server"}) {
    EXPECT_FALSE(PrepareDevelopmentCredentials(directory_, {name}, {files_, clock_, random_}).ok())
        << name;
    EXPECT_FALSE(files_.Stat(directory_).ok()) << name;
  }
}

}  // namespace
}  // namespace cloison::identity
