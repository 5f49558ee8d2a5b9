#include "commit/sealed_state.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "base/testing/seeded_random.h"
#include "crypto/testing/fixed_random.h"

namespace cloison::commit {
namespace {

using nlohmann::json;
using store::Family;

Bytes Hex(const json& value) {
  return std::move(*base::FromHex(value.get<std::string>()));
}

crypto::Secret<32> KeyOf(const json& value) {
  return std::move(*crypto::Secret<32>::FromBytes(Hex(value)));
}

class SealedStateTest : public ::testing::Test {
 protected:
  SealedStateTest() {
    std::ifstream file("tests/vectors/cloison-formats.json");
    EXPECT_TRUE(file.is_open());
    known_ = json::parse(file);
  }
  SealedState Make(base::Random& random, std::uint32_t generation = 1, std::uint32_t number = 7) {
    return SealedState(RegisterId(number), generation, KeyOf(known_["STATE"]), random);
  }
  json known_;
};

TEST_F(SealedStateTest, KnownAnswers) {
  const json& want = known_["state"];
  crypto::testing::FixedRandom random(Hex(want["rnd"]));
  const SealedState state = Make(random);
  const Bytes principal = Hex(want["principal_id"]);
  const std::string name = state.Prf(Family::kPrincipals, {principal});
  EXPECT_EQ(base::ToHex(AsBytes(name)), want["key"].get<std::string>());
  const store::Key key{Family::kPrincipals, name};
  const std::string plain = want["plain"].get<std::string>();
  const Bytes sealed = state.Seal(key, AsBytes(plain));
  EXPECT_EQ(base::ToHex(sealed), want["bytes"].get<std::string>());
  const Result<crypto::SecretBytes> opened = state.Open(key, sealed);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(AsText(opened->Reveal()), plain);
  const RowSealer sealer = state.SealerOf(key);
  EXPECT_EQ(sealer.key(), key);
  crypto::testing::FixedRandom same(Hex(want["rnd"]));
  const SealedState another = Make(same);
  EXPECT_EQ(base::ToHex(another.Seal(another.SealerOf(key), AsBytes(plain))), base::ToHex(sealed));

  const Bytes person = Hex(known_["person_id"]);
  const std::string seen =
      state.Prf(Family::kSeen, {principal}) + state.Prf(Family::kSeen, {principal, person});
  EXPECT_EQ(base::ToHex(AsBytes(seen)), known_["seen_key"].get<std::string>());
}

TEST_F(SealedStateTest, OpensForItsOwnPlaceAlone) {
  base::testing::SeededRandom random(1);
  const SealedState state = Make(random);
  const store::Key key{Family::kSeen, "key"};
  const Bytes sealed = state.Seal(key, AsBytes("value"));
  struct Case {
    const char* why;
    SealedState by;
    store::Key key;
  };
  const Case cases[] = {
      {"another key", Make(random), {Family::kSeen, "keY"}},
      {"a longer key", Make(random), {Family::kSeen, "key0"}},
      {"another family", Make(random), {Family::kHeads, "key"}},
      {"another register", Make(random, 1, 8), {Family::kSeen, "key"}},
      {"another generation", Make(random, 2), {Family::kSeen, "key"}},
  };
  for (const Case& one : cases) {
    const Result<crypto::SecretBytes> opened = one.by.Open(one.key, sealed);
    ASSERT_FALSE(opened.ok()) << one.why;
    EXPECT_EQ(opened.error().code(), Code::kCorrupt) << one.why;
  }
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    Bytes bad = sealed;
    bad[i] ^= 1;
    EXPECT_FALSE(state.Open(key, bad).ok()) << "byte " << i << " changed";
    EXPECT_FALSE(state.Open(key, ByteView(sealed).first(i)).ok()) << "cut at " << i;
  }
}

TEST_F(SealedStateTest, DigestsDifferByLabelAndAreNoPrfs) {
  base::testing::SeededRandom random(1);
  const SealedState state = Make(random);
  const crypto::Digest one = state.Digest("one", {AsBytes("a")});
  EXPECT_EQ(one, state.Digest("one", {AsBytes("a")}));
  EXPECT_NE(one, state.Digest("two", {AsBytes("a")}));
  const std::set<crypto::Digest> labels = {
      one, state.Digest("seen-set", {AsBytes("a")}), state.Digest("actors", {AsBytes("a")}),
      state.Digest("query", {AsBytes("a")}), state.Digest("idempotency", {AsBytes("a")})};
  EXPECT_EQ(labels.size(), 1 + kKeptLabels.size()) << "each has a key of its own, kept or not";
  EXPECT_NE(one, state.Digest("one", {AsBytes("b")}));
  EXPECT_NE(one, Make(random, 1, 8).Digest("one", {AsBytes("a")}));
  const std::string prf = state.Prf(Family::kSeen, {AsBytes("a")});
  EXPECT_NE(prf, AsText(ByteView(state.Digest("seen", {AsBytes("a")})).first(16)));
  EXPECT_NE(prf, state.Prf(Family::kHeads, {AsBytes("a")}));
}

}  // namespace
}  // namespace cloison::commit
