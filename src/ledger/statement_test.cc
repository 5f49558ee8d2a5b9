// The text that officers sign, their keys, and the row that lists the logs: one way to write each,
// and nothing else is read.
#include "ledger/statement.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::ledger {
namespace {

crypto::Secret<32> SeedOf(std::uint8_t byte) {
  crypto::Secret<32> seed;
  std::ranges::fill(seed.Reveal(), byte);
  return seed;
}

tlog::VerifierKey KeyOf(std::string_view name, std::uint8_t seed) {
  const crypto::Ed25519Signer signer(SeedOf(seed));
  return *tlog::VerifierKey::Make(name, tlog::KeyType::kSignature, signer.public_key());
}

tlog::Hash HashOf(std::uint8_t byte) {
  tlog::Hash hash;
  hash.fill(byte);
  return hash;
}

// One log cut short, one lost whole.
Statement Example() {
  Statement statement{RegisterId(7), {}, {}, KeyOf("log.example/people/3", 3)};
  statement.ceremony.fill(0xab);
  statement.closed.push_back({"log.example/people",
                              KeyOf("log.example/people", 1),
                              {8, HashOf(1)},
                              tlog::Head{11, HashOf(2)}});
  statement.closed.push_back(
      {"log.example/people/2", std::nullopt, {0, tlog::EmptyRoot()}, std::nullopt});
  return statement;
}

constexpr std::string_view kText =
    "cloison recovery statement v1\n"
    "register 7\n"
    "ceremony abababababababababababababababab\n"
    "closed log.example/people KEY\n"
    "left 8 AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=\n"
    "signed 11 AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI=\n"
    "missing 3\n"
    "closed log.example/people/2 unknown\n"
    "left 0 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    "signed unknown\n"
    "missing unknown\n"
    "successor log.example/people/3 KEY\n";

TEST(StatementText, IsReadAsItWasWritten) {
  const std::string text = Print(Example());
  const Result<Statement> again = ParseStatement(text);
  ASSERT_TRUE(again.ok()) << text;
  EXPECT_EQ(*again, Example());
  std::string want(kText);
  for (const tlog::VerifierKey& key : {*Example().closed[0].key, Example().successor}) {
    want.replace(want.find("KEY"), 3, key.Text());
  }
  EXPECT_EQ(text, want);
}

TEST(StatementText, NothingElseIsRead) {
  const std::string good = Print(Example());
  const struct {
    const char* why;
    const char* from;
    const char* to;
  } kRows[] = {
      {"another version", "v1", "v2"},
      {"a register with a leading zero", "register 7", "register 07"},
      {"a register that is no number", "register 7", "register x"},
      {"a ceremony in capitals", "abab", "ABAB"},
      {"a short ceremony", "ceremony abab", "ceremony ab"},
      {"fewer missing than there are", "missing 3", "missing 2"},
      {"missing where nobody knows", "missing unknown", "missing 0"},
      {"unknown where it is known", "missing 3", "missing unknown"},
      {"a size with a sign", "left 8", "left +8"},
      {"a root cut short", "AQE=\n", "AQ==\n"},
      {"a key of another name", "closed log.example/people log", "closed log.example/people log2"},
      {"a double space", "left 8 ", "left 8  "},
      {"no closed log", "closed ", "close "},
      {"a successor without a key", "successor log.example/people/3 ", "successor "},
      {"a line missing", "register 7\n", ""},
  };
  for (const auto& [why, from, to] : kRows) {
    std::string bad = good;
    const std::size_t at = bad.find(from);
    ASSERT_NE(at, std::string::npos) << why;
    bad.replace(at, std::string_view(from).size(), to);
    EXPECT_FALSE(ParseStatement(bad).ok()) << why;
  }
  for (std::size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(ParseStatement(std::string_view(good).substr(0, i)).ok()) << i;
  }
  EXPECT_FALSE(ParseStatement(good + "\n").ok());
}

TEST(StatementText, HowManyAreMissing) {
  const tlog::Head left{8, HashOf(1)};
  EXPECT_EQ(MissingOf(left, tlog::Head{11, HashOf(2)}), 3u);
  EXPECT_EQ(MissingOf(left, left), 0u);
  EXPECT_EQ(MissingOf(left, std::nullopt), std::nullopt);
  EXPECT_EQ(MissingOf(left, tlog::Head{8, HashOf(2)}), std::nullopt) << "another log";
  EXPECT_EQ(MissingOf(left, tlog::Head{5, HashOf(2)}), std::nullopt);
}

TEST(Officers, OnePerLineNoneTwice) {
  const std::string a = KeyOf("a", 1).Text(), b = KeyOf("b", 2).Text();
  const auto cosigner = tlog::VerifierKey::Make("w", tlog::KeyType::kCosignature,
                                                crypto::Ed25519Signer(SeedOf(9)).public_key());
  ASSERT_TRUE(ParseOfficers(a + "\n" + b + "\n").ok());
  std::string many;
  for (std::size_t i = 0; i <= kOfficersMax; ++i) {
    many += KeyOf("o" + std::to_string(i), static_cast<std::uint8_t>(i + 1)).Text() + "\n";
  }
  const struct {
    const char* why;
    std::string text;
  } kRows[] = {
      {"nobody", ""},
      {"one alone", a + "\n"},
      {"one twice", a + "\n" + a + "\n"},
      {"one key under two names", a + "\n" + KeyOf("b", 1).Text() + "\n"},
      {"one name with two keys", a + "\n" + KeyOf("a", 2).Text() + "\n"},
      {"no line feed at the end", a + "\n" + b},
      {"an empty line", a + "\n\n" + b + "\n"},
      {"a witness's key", a + "\n" + cosigner->Text() + "\n"},
      {"not a key", a + "\nb\n"},
      {"too many", many},
  };
  for (const auto& [why, text] : kRows) {
    EXPECT_FALSE(ParseOfficers(text).ok()) << why;
  }
}

TEST(Officers, AKeyFileIsReadAsItWasWritten) {
  const tlog::VerifierKey key = KeyOf("officer.anna", 1);
  const crypto::SecretBytes bytes = SerialiseOfficerKey(key, SeedOf(1));
  const ByteView view = bytes.Reveal();
  const auto officer = ParseOfficerKey(view);
  ASSERT_TRUE(officer.ok());
  EXPECT_EQ(officer->key, key);
  EXPECT_EQ(officer->signer.public_key(), key.public_key());
  for (std::size_t i = 0; i < view.size(); ++i) {
    EXPECT_FALSE(ParseOfficerKey(view.first(i)).ok()) << i;
  }
  Bytes other(view.begin(), view.end());
  other.back() ^= 1;
  EXPECT_FALSE(ParseOfficerKey(other).ok()) << "a seed that is not the key's";
  other.push_back(0);
  EXPECT_FALSE(ParseOfficerKey(other).ok());
}

std::vector<Log> ExampleLogs() {
  const auto public_key = [](std::uint8_t byte) {
    return crypto::Ed25519Signer(SeedOf(byte)).public_key();
  };
  const Log::Closing cut{{8, HashOf(1)}, tlog::Head{11, HashOf(2)}};
  const Log::Closing lost{{0, tlog::EmptyRoot()}, std::nullopt};
  return {{"log.example/people", public_key(1), std::nullopt, cut},
          {"log.example/people/2", std::nullopt, std::nullopt, lost},
          {"log.example/people/3", public_key(3), Log::Opening{5, 6, "a note"}, std::nullopt}};
}

TEST(LogsRow, IsReadAsItWasWritten) {
  const Bytes bytes = Serialise(ExampleLogs());
  const auto again = ParseLogs(bytes);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(*again, ExampleLogs());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    EXPECT_FALSE(ParseLogs(ByteView(bytes).first(i)).ok()) << i;
  }
  Bytes more = bytes;
  more.push_back(0);
  EXPECT_FALSE(ParseLogs(more).ok());
  // 01 | 03 | the first log: its name, a key, no opening, cut at 8 of 11.
  const std::string hex = base::ToHex(bytes);
  EXPECT_TRUE(hex.starts_with("010312" + base::ToHex(AsBytes("log.example/people")) + "01"));
  EXPECT_TRUE(
      hex.ends_with("0000000000000005"
                    "0000000000000006"
                    "00000006" +
                    base::ToHex(AsBytes("a note")) + "00"));
}

TEST(LogsRow, WhatNoCeremonyLeavesIsRefused) {
  const struct {
    const char* why;
    std::size_t at;  // the byte that is changed in what the example is written as
    std::uint8_t to;
  } kBytes[] = {
      {"another version", 0, 2},
      {"one log alone", 1, 1},
      {"more logs than there are", 1, 4},
      {"a log without a name", 2, 0},
      {"a flag that is neither", 2 + 1 + 18, 2},
  };
  const Bytes good = Serialise(ExampleLogs());
  for (const auto& [why, at, to] : kBytes) {
    Bytes bad = good;
    bad[at] = to;
    EXPECT_FALSE(ParseLogs(bad).ok()) << why;
  }
}

TEST(LogsRow, PlacesOfTheFirstLogAreItsNumbers) {
  EXPECT_EQ(PlaceOf(1, 41), 41u);
  EXPECT_EQ(PlaceOf(2, 41), (std::uint64_t{1} << 48) + 41);
  for (const std::uint32_t generation : {1u, 2u, 255u}) {
    const std::uint64_t place = PlaceOf(generation, tlog::kTreeSizeMax);
    EXPECT_EQ(GenerationOf(place), generation);
    EXPECT_EQ(NumberOf(place), tlog::kTreeSizeMax);
  }
  EXPECT_EQ(OriginOf("a", 1), "a");
  EXPECT_EQ(OriginOf("a", 3), "a/3");
}

}  // namespace
}  // namespace cloison::ledger
