// Nonces, the book of proofs, and when two addresses are the same.
#include "identity/dpop.h"

#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "base/testing/seeded_random.h"
#include "identity/sign_in.h"
#include "identity/testing/forge.h"

namespace cloison::identity {
namespace {

constexpr std::int64_t kSlotMs = kProofSlotSeconds * 1000;

TEST(DpopNonces, AreGoodForOneToTwoSlotsOnThisNodeAlone) {
  base::testing::ManualClock clock;
  base::testing::SeededRandom random(1);
  clock.Advance(kSlotMs - clock.boot_ms() % kSlotMs);
  const DpopNonces nonces(random, clock);
  const DpopNonces another_node(random, clock);
  const std::string nonce = nonces.Current();
  const auto slot = nonces.SlotOf(nonce);
  ASSERT_TRUE(slot.has_value());
  EXPECT_FALSE(another_node.SlotOf(nonce).has_value());
  EXPECT_EQ(nonces.Current(), nonce) << "the same within a slot";
  clock.Advance(2 * kSlotMs - 1);
  EXPECT_EQ(nonces.SlotOf(nonce), slot);
  EXPECT_NE(nonces.Current(), nonce);
  clock.StepWall(-3'600'000);
  EXPECT_EQ(nonces.SlotOf(nonce), slot) << "the wall clock does not count";
  clock.Advance(1);
  EXPECT_FALSE(nonces.SlotOf(nonce).has_value());
}

TEST(DpopNonces, RefusesWhatItDidNotMake) {
  base::testing::ManualClock clock;
  base::testing::SeededRandom random(1);
  const DpopNonces nonces(random, clock);
  const std::string good = nonces.Current();
  ASSERT_TRUE(nonces.SlotOf(good).has_value());
  clock.Advance(kSlotMs);
  const std::string next = nonces.Current();
  clock.Reboot(0);
  const std::string rows[] = {
      "",         "x",        good.substr(1),       good + "A",
      good + "=", " " + good, std::string(32, 'A'), std::string(10'000, 'A'),
      next};
  for (const std::string& nonce : rows) {
    EXPECT_FALSE(nonces.SlotOf(nonce).has_value()) << nonce.substr(0, 64);
  }
  std::string altered = nonces.Current();
  altered[20] = altered[20] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(nonces.SlotOf(altered).has_value());
}

TEST(DpopProofs, TakesEachOnceForAsLongAsItsNonceIsGood) {
  DpopProofs proofs;
  const crypto::Digest key{1}, other{2};
  for (std::uint64_t slot = 7; slot < 12; ++slot) {
    EXPECT_TRUE(proofs.Take(slot, key, "a").ok());
    EXPECT_TRUE(proofs.Take(slot, other, "a").ok()) << "another key's";
    EXPECT_TRUE(proofs.Take(slot, key, "b").ok());
    EXPECT_EQ(proofs.Take(slot, key, "a").error().code(), Code::kDenied);
    if (slot > 7) {
      EXPECT_FALSE(proofs.Take(slot - 1, key, "a").ok()) << "of the slot before";
      EXPECT_TRUE(proofs.Take(slot - 1, key, "c").ok()) << "late, and new";
      EXPECT_FALSE(proofs.Take(slot - 1, key, "c").ok());
    }
    if (slot > 8) {
      EXPECT_FALSE(proofs.Take(slot - 2, key, "d").ok()) << "its book is gone";
    }
    EXPECT_LE(proofs.size(), 8u) << "two slots' worth";
  }
}

TEST(DpopProofs, RefusesWhenTheBookIsFull) {
  DpopProofs proofs(100);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(proofs.Take(1, {}, std::to_string(i)).ok());
  const Status full = proofs.Take(1, {}, "more");
  ASSERT_FALSE(full.ok());
  EXPECT_EQ(full.error().code(), Code::kUnavailable);
  EXPECT_EQ(proofs.Take(1, {}, "5").error().code(), Code::kDenied) << "a replay is one still";
  EXPECT_TRUE(proofs.Take(2, {}, "more").ok()) << "the next slot has a book of its own";
  EXPECT_TRUE(proofs.Take(3, {}, "more").ok());
}

TEST(DpopProof, WithoutATokenCarriesNoDigestOfOne) {
  base::testing::ManualClock clock;
  base::testing::SeededRandom random(1);
  const DpopNonces nonces(random, clock);
  DpopProofs proofs;
  const auto key = testing::NewKey(crypto::KeyKind::kP256);
  const std::string url = "https://vault.example/sign-in";
  const auto proof = [&](const std::string& token) {
    return testing::Signed(
        testing::ProofHeader(key),
        testing::ProofClaims("POST", url, clock.wall_ms() / 1000, nonces.Current(), token), key);
  };
  const std::string good = proof(""), with_token = proof("token");
  const DpopRequest request{good, net::Method::kPost, url, std::nullopt};
  const auto proven = CheckDpop(request, {nonces, proofs, clock});
  ASSERT_TRUE(proven.ok());
  EXPECT_EQ(*proven, testing::ThumbprintOf(key));
  EXPECT_FALSE(CheckDpop(request, {nonces, proofs, clock}).ok()) << "used";
  const DpopRequest other{with_token, net::Method::kPost, url, std::nullopt};
  EXPECT_FALSE(CheckDpop(other, {nonces, proofs, clock}).ok()) << "it is for a token";
  const std::string plain = proof("");
  const DpopRequest shown_with{plain, net::Method::kPost, url, "token"};
  EXPECT_FALSE(CheckDpop(shown_with, {nonces, proofs, clock}).ok()) << "it is for none";
}

TEST(DpopProof, KeysOfEachKindProve) {
  base::testing::ManualClock clock;
  base::testing::SeededRandom random(1);
  const DpopNonces nonces(random, clock);
  DpopProofs proofs;
  using crypto::KeyKind;
  for (const KeyKind kind : {KeyKind::kP256, KeyKind::kP384, KeyKind::kRsa, KeyKind::kEd25519}) {
    const auto key = testing::NewKey(kind);
    const std::string url = "https://vault.example/v1/me";
    const std::string proof = testing::Signed(
        testing::ProofHeader(key),
        testing::ProofClaims("GET", url, clock.wall_ms() / 1000, nonces.Current(), ""), key);
    const auto proven =
        CheckDpop({proof, net::Method::kGet, url, std::nullopt}, {nonces, proofs, clock});
    ASSERT_TRUE(proven.ok());
    EXPECT_EQ(*proven, testing::ThumbprintOf(key));
  }
}

TEST(NormalTarget, IsTheSameForTheSameAddress) {
  struct Row {
    const char* why;
    const char* url;
    const char* want;  // "": refused
  };
  const Row rows[] = {
      {"plain", "https://vault.example/v1/me", "https://vault.example/v1/me"},
      {"no path", "https://vault.example", "https://vault.example/"},
      {"scheme and host in capitals", "HTTPS://Vault.EXAMPLE/v1", "https://vault.example/v1"},
      {"the path's case stays", "https://vault.example/V1", "https://vault.example/V1"},
      {"https has 443", "https://vault.example:443/", "https://vault.example/"},
      {"http has 80", "http://vault.example:80/", "http://vault.example/"},
      {"another port stays", "https://vault.example:80/", "https://vault.example:80/"},
      {"a query is dropped", "https://vault.example/a?b=c#d", "https://vault.example/a"},
      {"a fragment is dropped", "https://vault.example/a#d?e", "https://vault.example/a"},
      {"an escape that need not be", "https://vault.example/%7Ea%2D", "https://vault.example/~a-"},
      {"an escape in lower case", "https://vault.example/a%2fb", "https://vault.example/a%2Fb"},
      {"dots", "https://vault.example/a/./b/../c", "https://vault.example/a/c"},
      {"escaped dots", "https://vault.example/a/%2e%2E/c", "https://vault.example/c"},
      {"dots above the top", "https://vault.example/../../c", "https://vault.example/c"},
      {"dots at the end", "https://vault.example/a/..", "https://vault.example/"},
      {"a name of dots and more", "https://vault.example/a/...", "https://vault.example/a/..."},
      {"two slashes stay", "https://vault.example//a", "https://vault.example//a"},
      {"an address of six", "https://[::1]:8443/a", "https://[::1]:8443/a"},
      {"nothing", "", ""},
      {"no scheme", "vault.example/a", ""},
      {"another scheme", "ftp://vault.example/a", ""},
      {"a name and a password", "https://a:b@vault.example/a", ""},
      {"a space", "https://vault.example/a b", ""},
      {"half an escape", "https://vault.example/a%2", ""},
  };
  for (const Row& row : rows) {
    const auto normal = NormalTarget(row.url);
    EXPECT_EQ(normal.ok() ? *normal : "", row.want) << row.why;
    if (normal.ok()) {
      EXPECT_EQ(*NormalTarget(*normal), *normal) << row.why << ", twice";
    }
  }
}

}  // namespace
}  // namespace cloison::identity
