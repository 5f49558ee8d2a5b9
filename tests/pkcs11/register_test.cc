// A register whose key objects are in a token: begun, used, opened again; sealed while the token is
// away; forgotten when the token's key is destroyed.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "server/node.h"
#include "tests/pkcs11/token_world.h"
#include "vault/demo_world.h"
#include "vault/vault.h"

namespace cloison::server {
namespace {

using tests::Direct;
using tests::Faults;

class RegisterInAToken : public ::testing::Test {
 protected:
  RegisterInAToken() {
    config_.mode = "development";
    config_.data = softhsm_.path() + "/data";
    config_.key_objects = softhsm_.path() + "/unused";
    config_.credentials = softhsm_.path() + "/credentials";
    config_.cache_mib = 8;
    config_.pkcs11_module = PKCS11_FAULTS;
    config_.pkcs11_token = tests::kToken;
    config_.pkcs11_pin_file = softhsm_.path() + "/pin";
    std::ofstream(config_.pkcs11_pin_file) << tests::kPin << "\n";
    chmod(config_.pkcs11_pin_file.c_str(), 0600);
  }

  std::unique_ptr<Ground> MakeGround() {
    std::vector<std::string> problems;
    Result<std::unique_ptr<Ground>> ground = Ground::Make(config_, events_, problems);
    CLOISON_CHECK(ground.ok());
    return std::move(*ground);
  }

  void Create() {
    const std::unique_ptr<Ground> ground = MakeGround();
    ASSERT_TRUE(ground->MakeDirectories().ok());
    ASSERT_TRUE(ground->OpenStores().ok());
    ASSERT_TRUE(ground->OpenKeyObjects(true).ok());
    ASSERT_TRUE(
        base::SyncWait(vault::Vault::Create(ground->environment(), ground->settings([] {}))).ok());
  }

  // Opens the vault, makes the key of one more person, and stops.
  Status UseOnce() {
    const std::unique_ptr<Ground> ground = MakeGround();
    CLOISON_TRY(ground->OpenStores());
    CLOISON_TRY(ground->OpenKeyObjects(false));
    const vault::Environment environment = ground->environment();
    CLOISON_TRY_ASSIGN(const std::unique_ptr<vault::Vault> vault,
                       base::SyncWait(vault::Vault::Open(environment, ground->settings([] {}))));
    const auto key = base::SyncWait(vault->person_keys().Create(environment.home));
    CLOISON_TRY(base::SyncWait(vault->Stop()));
    return key.ok() ? Ok() : Status(key.error());
  }

  std::vector<std::string> Names() {
    const std::unique_ptr<Ground> ground = MakeGround();
    CLOISON_CHECK(ground->OpenStores().ok() && ground->OpenKeyObjects(false).ok());
    const auto names = ground->environment().objects.List();
    CLOISON_CHECK(names.ok());
    return *names;
  }

  tests::SoftHsm softhsm_;
  Config config_;
  base::NullEventSink events_;
};

TEST_F(RegisterInAToken, BeginsWorksAndOpensAgain) {
  Create();
  EXPECT_TRUE(UseOnce().ok());
  EXPECT_TRUE(UseOnce().ok());
  EXPECT_FALSE(std::filesystem::exists(config_.key_objects)) << "nothing of the keys is a file";
  const std::vector<std::string> names = Names();
  ASSERT_GE(names.size(), 2u);
  EXPECT_EQ(names.front(), "epoch-1-1");
  EXPECT_EQ(names.back(), "root-1");
}

TEST_F(RegisterInAToken, IsSealedWhileTheTokenIsAway) {
  Create();
  Faults() = {};
  Faults().fails = 1;
  Faults().times = 1'000'000;
  Faults().answer = CKR_DEVICE_REMOVED;
  EXPECT_EQ(UseOnce().error().code(), Code::kUnavailable);
  Faults() = {};
  EXPECT_TRUE(UseOnce().ok());
}

TEST_F(RegisterInAToken, WithAWrongPinIsDeniedAndNotHarmed) {
  Create();
  std::ofstream(config_.pkcs11_pin_file) << "0000-0000\n";
  EXPECT_EQ(UseOnce().error().code(), Code::kDenied);
  std::ofstream(config_.pkcs11_pin_file) << tests::kPin << "\n";
  EXPECT_TRUE(UseOnce().ok());
}

TEST_F(RegisterInAToken, StaysClosedOnceTheTokensKeyIsDestroyed) {
  Create();
  {
    const std::unique_ptr<Ground> ground = MakeGround();
    ASSERT_TRUE(ground->OpenStores().ok());
    ASSERT_TRUE(ground->OpenKeyObjects(false).ok());
    ASSERT_TRUE(ground->environment().objects.Destroy("root-1").ok());
  }
  EXPECT_FALSE(UseOnce().ok());
  // And no new key is made in its place.
  const std::vector<std::string> names = Names();
  EXPECT_EQ(std::ranges::count(names, "root-1"), 0);
}

}  // namespace
}  // namespace cloison::server
