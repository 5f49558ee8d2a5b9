// Key objects in a token: the suite of all key objects, against SoftHSM; a PIN that is wrong, a
// token that is gone, every call into it failed, both ways; and what the token holds looked at by
// its own interface.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <functional>

#include "keys/testing/key_objects_suite.h"
#include "tests/pkcs11/token_world.h"

namespace cloison::keys {
namespace {

using store::testing::TempDirectory;
using testing::KeyObjectsSuite;
using testing::KeyObjectsUnderTest;
using tests::Direct;
using tests::Faults;
using tests::kPin;
using tests::kToken;
using tests::Text;

class TokenUnderTest final : public KeyObjectsUnderTest {
 public:
  TokenUnderTest() { TokenUnderTest::Reopen(); }
  KeyObjects& objects() override { return *objects_; }
  void Reopen() override {
    objects_.reset();
    auto opened = Open(kToken, kPin);
    CLOISON_CHECK(opened.ok());
    objects_ = std::move(*opened);
  }
  void Close() { objects_.reset(); }
  Result<std::unique_ptr<Pkcs11KeyObjects>> Open(const char* token, const char* pin,
                                                 const char* module = PKCS11_FAULTS) {
    return Pkcs11KeyObjects::Open({module, token}, crypto::SecretBytes::CopyOf(AsBytes(pin)),
                                  random_);
  }

 private:
  tests::SoftHsm softhsm_;
  base::testing::SeededRandom random_{1};
  std::unique_ptr<Pkcs11KeyObjects> objects_;
};

std::unique_ptr<KeyObjectsUnderTest> MakeToken() {
  return std::make_unique<TokenUnderTest>();
}

}  // namespace

namespace testing {
INSTANTIATE_TEST_SUITE_P(Token, KeyObjectsSuite, ::testing::Values(&MakeToken));
}  // namespace testing

namespace {

crypto::SecretBytes TheKey() {
  return crypto::SecretBytes::CopyOf(AsBytes("the key of 32 bytes, more or less"));
}

TEST(Pkcs11KeyObjects, WhatDoesNotOpen) {
  TokenUnderTest world;
  world.Close();
  const struct {
    const char* why;
    const char *module, *token, *pin;
    Code want;
  } rows[] = {
      {"a wrong PIN", PKCS11_FAULTS, kToken, "4711-0816", Code::kDenied},
      {"a PIN too short for any token", PKCS11_FAULTS, kToken, "1", Code::kDenied},
      {"no PIN", PKCS11_FAULTS, kToken, "", Code::kInvalid},
      {"no token of this label", PKCS11_FAULTS, "cloison", kPin, Code::kNotFound},
      {"no such library", "/nowhere/libhsm.so", kToken, kPin, Code::kInvalid},
      {"a library that is no module", "/usr/lib/x86_64-linux-gnu/libm.so.6", kToken, kPin,
       Code::kInvalid},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto opened = world.Open(row.token, row.pin, row.module);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), row.want);
  }
  Direct().MakeToken(kToken);
  EXPECT_EQ(world.Open(kToken, kPin).error().code(), Code::kConflict) << "two of the same label";
}

// The PIN was changed while the server ran, and the session was lost: the old one is shown to the
// token once, or the token locks itself.
TEST(Pkcs11KeyObjects, AWrongPinIsShownOnce) {
  TokenUnderTest world;
  ASSERT_TRUE(world.objects().Create("root-1").ok());
  const Direct direct;
  const CK_SESSION_HANDLE session = direct.OpenSession(kToken, CKU_USER, kPin);
  ASSERT_EQ(direct->C_SetPIN(session, Text(kPin), sizeof kPin - 1, Text("another-pin"), 11),
            CKR_OK);
  ASSERT_EQ(direct->C_CloseSession(session), CKR_OK);
  Faults() = {};
  Faults().fails = 1;
  Faults().answer = CKR_SESSION_HANDLE_INVALID;
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(world.objects().Wrap("root-1", {}, TheKey()).error().code(), Code::kDenied);
  }
  EXPECT_EQ(Faults().logins, 1u);
}

// Keys that somebody put into the token from outside, or made so that they can be read.
TEST(Pkcs11KeyObjects, AKeyThatCouldLeaveIsRefused) {
  TokenUnderTest world;
  const Direct direct;
  const CK_SESSION_HANDLE session = direct.OpenSession(kToken, CKU_USER, kPin);
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  CK_ULONG size = 32;
  const struct {
    const char* why;
    const char* label;
    CK_BBOOL *sensitive, *extractable;
  } rows[] = {
      {"extractable", "cloison/root-1", &yes, &yes},
      {"not sensitive", "cloison/root-2", &no, &no},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    CK_ATTRIBUTE made[] = {
        {CKA_LABEL, const_cast<char*>(row.label), std::string_view(row.label).size()},
        {CKA_VALUE_LEN, &size, sizeof size},
        {CKA_TOKEN, &yes, sizeof yes},
        {CKA_PRIVATE, &yes, sizeof yes},
        {CKA_SENSITIVE, row.sensitive, sizeof yes},
        {CKA_EXTRACTABLE, row.extractable, sizeof yes},
        {CKA_ENCRYPT, &yes, sizeof yes},
        {CKA_DECRYPT, &yes, sizeof yes}};
    CK_MECHANISM how{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE key = 0;
    ASSERT_EQ(direct->C_GenerateKey(session, &how, made, std::size(made), &key), CKR_OK);
    const std::string name = std::string(row.label).substr(8);
    EXPECT_EQ(world.objects().Wrap(name, {}, TheKey()).error().code(), Code::kDenied);
    EXPECT_EQ(world.objects().Create(name).error().code(), Code::kDenied);
    EXPECT_TRUE(world.objects().Destroy(name).ok());
  }
}

// What we make cannot be read out, by us or by whoever has the PIN.
TEST(Pkcs11KeyObjects, NothingLeavesTheToken) {
  TokenUnderTest world;
  ASSERT_TRUE(world.objects().Create("root-1").ok());
  const Direct direct;
  const CK_SESSION_HANDLE session = direct.OpenSession(kToken, CKU_USER, kPin);
  char label[] = "cloison/root-1";
  CK_ATTRIBUTE wanted{CKA_LABEL, label, sizeof label - 1};
  ASSERT_EQ(direct->C_FindObjectsInit(session, &wanted, 1), CKR_OK);
  CK_OBJECT_HANDLE key = 0;
  CK_ULONG found = 0;
  ASSERT_EQ(direct->C_FindObjects(session, &key, 1, &found), CKR_OK);
  ASSERT_EQ(found, 1u);
  (void)direct->C_FindObjectsFinal(session);
  ByteArray<64> bytes{};
  CK_ATTRIBUTE value{CKA_VALUE, bytes.data(), bytes.size()};
  EXPECT_EQ(direct->C_GetAttributeValue(session, key, &value, 1), CKR_ATTRIBUTE_SENSITIVE);
  CK_BBOOL yes = CK_TRUE;
  CK_ATTRIBUTE opened{CKA_EXTRACTABLE, &yes, sizeof yes};
  EXPECT_NE(direct->C_SetAttributeValue(session, key, &opened, 1), CKR_OK);
}

// Every call of every operation failed once, with the session lost or for good, before the token
// did it and after. A lost session is made good; what failed for good is kUnavailable, and never
// kNotFound, which would say that a key is destroyed.
class Sweep {
 public:
  Sweep() {
    EXPECT_TRUE(objects().Create("root-1").ok());
    wrapped_ = *objects().Wrap("root-1", AsBytes("bound"), TheKey());
  }

  // What the operation gave, and whether that is true of the token, asked when all is well again.
  struct Outcome {
    Status status;
    std::function<bool()> holds;
  };
  using Operation = std::function<Outcome()>;

  Outcome Create() {
    const std::string name = "epoch-1-" + std::to_string(++made_);
    return {objects().Create(name), [this, name] { return Exists(name); }};
  }
  Outcome Wrap() {
    auto out = objects().Wrap("root-1", AsBytes("bound"), TheKey());
    const Bytes wrapped = out.ok() ? *out : Bytes{};
    return {out.ok() ? Ok() : Status(out.error()),
            [this, wrapped] { return objects().Unwrap("root-1", AsBytes("bound"), wrapped).ok(); }};
  }
  Outcome Unwrap() {
    const auto out = objects().Unwrap("root-1", AsBytes("bound"), wrapped_);
    const bool same = out.ok() && AsText(out->Reveal()) == AsText(TheKey().Reveal());
    return {out.ok() ? Ok() : Status(out.error()), [same] { return same; }};
  }
  void MakeVictim() {
    victim_ = "month-1-" + std::to_string(++made_);
    ASSERT_TRUE(objects().Create(victim_).ok());
  }
  Outcome Destroy() {
    return {objects().Destroy(victim_), [this] { return !Exists(victim_); }};
  }
  Outcome List() {
    const auto names = objects().List();
    const bool whole = names.ok() && std::ranges::find(*names, "root-1") != names->end();
    return {names.ok() ? Ok() : Status(names.error()), [whole] { return whole; }};
  }

  // Gives how many calls were failed.
  std::uint64_t Run(const Operation& operation, bool lost, bool done) {
    for (std::uint64_t nth = 1; nth < 200; ++nth) {
      SCOPED_TRACE("call " + std::to_string(nth) + (lost ? " lost" : " failed") +
                   (done ? " after it was done" : ""));
      Faults() = {};
      MakeVictim();  // in an open session from here on
      Faults() = {};
      Faults().fails = nth;
      Faults().done = done;
      Faults().answer = lost ? CKR_SESSION_HANDLE_INVALID : CKR_FUNCTION_FAILED;
      const Outcome outcome = operation();
      const bool fired = Faults().calls >= nth;
      Faults() = {};
      if (outcome.status.ok()) {
        EXPECT_TRUE(outcome.holds());
      } else {
        EXPECT_FALSE(lost);
        EXPECT_EQ(outcome.status.error().code(), Code::kUnavailable);
      }
      (void)objects().Destroy(victim_);
      if (!fired || ::testing::Test::HasFailure()) return nth - 1;
    }
    ADD_FAILURE() << "without an end";
    return 0;
  }

 private:
  KeyObjects& objects() { return world_.objects(); }
  bool Exists(const std::string& name) {
    const auto names = objects().List();
    return names.ok() && std::ranges::find(*names, name) != names->end();
  }
  TokenUnderTest world_;
  Bytes wrapped_;
  std::string victim_;
  int made_ = 0;
};

TEST(Pkcs11KeyObjects, EveryCallFailed) {
  Sweep sweep;
  const struct {
    const char* name;
    Sweep::Operation run;
    std::uint64_t calls;  // at least
  } operations[] = {
      {"create", [&] { return sweep.Create(); }, 6},
      {"wrap", [&] { return sweep.Wrap(); }, 6},
      {"unwrap", [&] { return sweep.Unwrap(); }, 5},
      {"destroy", [&] { return sweep.Destroy(); }, 3},
      {"list", [&] { return sweep.List(); }, 3},
  };
  for (const auto& operation : operations) {
    for (const bool lost : {true, false}) {
      for (const bool done : {false, true}) {
        SCOPED_TRACE(operation.name);
        EXPECT_GE(sweep.Run(operation.run, lost, done), operation.calls);
        ASSERT_FALSE(::testing::Test::HasFailure());
      }
    }
  }
}

// A token that is gone for longer than one call: out of reach, and back when it is back.
TEST(Pkcs11KeyObjects, AGoneTokenIsOutOfReachAndComesBack) {
  TokenUnderTest world;
  ASSERT_TRUE(world.objects().Create("root-1").ok());
  const auto wrapped = world.objects().Wrap("root-1", {}, TheKey());
  ASSERT_TRUE(wrapped.ok());
  Faults() = {};
  Faults().fails = 1;
  Faults().times = 1'000;
  Faults().answer = CKR_DEVICE_REMOVED;
  EXPECT_EQ(world.objects().Unwrap("root-1", {}, *wrapped).error().code(), Code::kUnavailable);
  EXPECT_EQ(world.objects().Wrap("root-1", {}, TheKey()).error().code(), Code::kUnavailable);
  EXPECT_EQ(world.objects().Create("root-2").error().code(), Code::kUnavailable);
  EXPECT_EQ(world.objects().Destroy("root-1").error().code(), Code::kUnavailable);
  EXPECT_EQ(world.objects().List().error().code(), Code::kUnavailable);
  Faults() = {};
  EXPECT_TRUE(world.objects().Unwrap("root-1", {}, *wrapped).ok());
  // Taken out: there is no such token any more, and that is no word about its keys.
  Faults() = {};
  Faults().taken_out = true;
  Faults().fails = 1;
  Faults().answer = CKR_DEVICE_REMOVED;
  EXPECT_EQ(world.objects().Unwrap("root-1", {}, *wrapped).error().code(), Code::kUnavailable);
  EXPECT_EQ(world.objects().List().error().code(), Code::kUnavailable);
  Faults() = {};
  EXPECT_TRUE(world.objects().Unwrap("root-1", {}, *wrapped).ok());
}

TEST(Pkcs11KeyObjects, PinFiles) {
  const struct {
    const char* why;
    const char* text;
    mode_t mode;
    std::optional<Code> want;
  } rows[] = {
      {"a line", "4711\n", 0600, std::nullopt},
      {"without its end", "4711", 0600, std::nullopt},
      {"with more lines", "4711\nthe PIN\n", 0600, std::nullopt},
      {"empty", "", 0600, Code::kInvalid},
      {"an empty line", "\n4711\n", 0600, Code::kInvalid},
      {"the group may read", "4711\n", 0640, Code::kDenied},
  };
  const TempDirectory temporary;
  base::SystemFiles files;
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const std::string path = temporary.path() + "/pin";
    std::filesystem::remove(path);
    std::ofstream(path) << row.text;
    chmod(path.c_str(), row.mode);
    const auto pin = ReadPin(files, path);
    ASSERT_EQ(pin.ok(), !row.want.has_value());
    if (pin.ok()) {
      EXPECT_EQ(AsText(pin->Reveal()), "4711");
    }
    if (!pin.ok()) {
      EXPECT_EQ(pin.error().code(), *row.want);
    }
  }
}

}  // namespace
}  // namespace cloison::keys
