#include "tlog/trust_policy.h"

#include <gtest/gtest.h>

#include <array>

namespace cloison::tlog {
namespace {

crypto::Ed25519Signer SignerOf(std::uint8_t seed) {
  crypto::Secret<32> key;
  key.Reveal()[0] = seed;
  return crypto::Ed25519Signer(key);
}

std::string LogKey(std::uint8_t seed, std::string_view name = "log.example") {
  return VerifierKey::Make(name, KeyType::kSignature, SignerOf(seed).public_key())->Text();
}
std::string WitnessKey(std::uint8_t seed, std::string_view name = "w.example") {
  return VerifierKey::Make(name, KeyType::kCosignature, SignerOf(seed).public_key())->Text();
}

// "witness a <vkey>\n" for each letter; the seed of the key is the letter.
std::string WitnessLines(std::string_view letters) {
  std::string out;
  for (const char letter : letters) {
    out += std::string("witness ") + letter + " " + WitnessKey(static_cast<std::uint8_t>(letter)) +
           "\n";
  }
  return out;
}

TEST(TrustPolicy, KeepsWhatItsLinesSay) {
  const Result<TrustPolicy> policy = TrustPolicy::Parse(
      "# who watches\n\n \t \nlog " + LogKey(1) + "\t https://log.example/ledger \n  witness a " +
      WitnessKey(2) + "  https://w.example/a\nlog " + LogKey(3, "other") + "\nwitness b\xc3\xa9 " +
      WitnessKey(4) + "\n\t# end\nquorum none");
  ASSERT_TRUE(policy.ok());
  ASSERT_EQ(policy->logs().size(), 2u);
  EXPECT_EQ(policy->logs()[0].key.Text(), LogKey(1));
  EXPECT_EQ(policy->logs()[0].url, "https://log.example/ledger");
  EXPECT_EQ(policy->logs()[1].url, "");
  ASSERT_EQ(policy->witnesses().size(), 2u);
  EXPECT_EQ(policy->witnesses()[0].name, "a");
  EXPECT_EQ(policy->witnesses()[0].key.Text(), WitnessKey(2));
  EXPECT_EQ(policy->witnesses()[0].url, "https://w.example/a");
  EXPECT_EQ(policy->witnesses()[1].name, "b\xc3\xa9");
  EXPECT_EQ(policy->witnesses()[1].url, "");
  EXPECT_TRUE(policy->Reached({0, 0}));
}

TEST(TrustPolicy, CountsTheQuorum) {
  const std::string nested =
      "group x 2 a b c\n"
      "group y any d e\n"
      "group both all x y\n";
  const struct {
    const char* why;
    std::string_view witnesses;
    std::string lines;
    std::string_view cosigned;
    bool want;
  } rows[] = {
      {"none is needed", "ab", "quorum none\n", "", true},
      {"none of nobody", "", "quorum none\n", "", true},
      {"the one", "ab", "quorum a\n", "a", true},
      {"the other one", "ab", "quorum a\n", "b", false},
      {"nobody", "a", "quorum a\n", "", false},
      {"any: one", "abc", "group g any a b c\nquorum g\n", "c", true},
      {"any: nobody", "abc", "group g any a b c\nquorum g\n", "", false},
      {"all: all", "abc", "group g all a b c\nquorum g\n", "abc", true},
      {"all: but one", "abc", "group g all a b c\nquorum g\n", "ac", false},
      {"two of three: two", "abc", "group g 2 a b c\nquorum g\n", "bc", true},
      {"two of three: one", "abc", "group g 2 a b c\nquorum g\n", "b", false},
      {"a member of no group counts for nothing", "abc", "group g 2 a b\nquorum g\n", "ac", false},
      {"groups of groups: enough of each", "abcde", nested + "quorum both\n", "ace", true},
      {"groups of groups: one side alone", "abcde", nested + "quorum both\n", "abc", false},
      {"groups of groups: too few", "abcde", nested + "quorum both\n", "ade", false},
      {"a group that the quorum does not name", "abcde", nested + "quorum y\n", "d", true},
  };
  for (const auto& row : rows) {
    const Result<TrustPolicy> policy = TrustPolicy::Parse(WitnessLines(row.witnesses) + row.lines);
    ASSERT_TRUE(policy.ok()) << row.why << ": " << policy.error().text();
    Cosigned cosigned;
    for (const char letter : row.witnesses) {
      cosigned.push_back(row.cosigned.find(letter) == std::string_view::npos ? 0 : 1);
    }
    EXPECT_EQ(policy->Reached(cosigned), row.want) << row.why;
  }
}

TEST(TrustPolicy, NamesTheLineThatIsWrong) {
  const std::string a = "witness a " + WitnessKey(1) + "\n";
  const std::string b = "witness b " + WitnessKey(2) + "\n";
  std::string bad_id = LogKey(1);
  bad_id[bad_id.find('+') + 1] ^= 1;
  const struct {
    const char* why;
    std::string text;
    std::int64_t line;
  } rows[] = {
      {"nothing", "", 0},
      {"no quorum", a, 1},
      {"an unknown word", "quorum none\nwitnes a\n", 2},
      {"a word in capitals", "Quorum none\n", 1},
      {"a control character", a + "# \x01\nquorum none\n", 2},
      {"a carriage return", "quorum none\r\n", 1},
      {"a zero byte", std::string("quorum none\n#\0\n", 15), 2},
      {"a delete character", "# \x7f\nquorum none\n", 1},
      {"a log without a key", "log\nquorum none\n", 1},
      {"a log of four words", "log " + LogKey(1) + " u v\nquorum none\n", 1},
      {"a log that is a witness", "log " + WitnessKey(1) + "\nquorum none\n", 1},
      {"no key", "log log.example\nquorum none\n", 1},
      {"a key id that is not the key's", "log " + bad_id + "\nquorum none\n", 1},
      {"a log twice", "log " + LogKey(1) + "\nlog " + LogKey(1, "again") + "\nquorum none\n", 2},
      {"a witness without a key", "witness a\nquorum none\n", 1},
      {"a witness of five words", "witness a " + WitnessKey(1) + " u v\nquorum none\n", 1},
      {"a witness that is a log", "witness a " + LogKey(1) + "\nquorum none\n", 1},
      {"a witness's key twice", a + "witness b " + WitnessKey(1, "x") + "\nquorum none\n", 2},
      {"a witness's name twice", a + "witness a " + WitnessKey(2) + "\nquorum none\n", 2},
      {"a witness named none", "witness none " + WitnessKey(1) + "\nquorum none\n", 1},
      {"a group of nobody", a + "group g any\nquorum none\n", 2},
      {"a group named none", a + "group none any a\nquorum none\n", 2},
      {"a group named as a witness", a + b + "group b any a\nquorum none\n", 3},
      {"a group of itself", a + "group g any g\nquorum none\n", 2},
      {"a group of a later one", a + "group g any h\ngroup h any a\nquorum none\n", 2},
      {"none as a member", a + "group g any none\nquorum none\n", 2},
      {"an unknown member", a + "group g any a c\nquorum none\n", 2},
      {"a member twice", a + "group g any a a\nquorum none\n", 2},
      {"a member of two groups", a + "group g any a\ngroup h any a\nquorum none\n", 3},
      {"a threshold of 0", a + "group g 0 a\nquorum none\n", 2},
      {"a threshold of more than there are", a + "group g 2 a\nquorum none\n", 2},
      {"a threshold with a leading zero", a + "group g 01 a\nquorum none\n", 2},
      {"a threshold that is none", a + "group g most a\nquorum none\n", 2},
      {"a negative threshold", a + "group g -1 a\nquorum none\n", 2},
      {"a quorum of nothing", a + "quorum\n", 2},
      {"a quorum of two", a + b + "quorum a b\n", 3},
      {"a quorum of an unknown name", a + "quorum b\n", 2},
      {"a quorum of a later name", "quorum a\n" + a, 1},
      {"a second quorum", a + "quorum a\nquorum none\n", 3},
  };
  for (const auto& row : rows) {
    const Result<TrustPolicy> policy = TrustPolicy::Parse(row.text);
    ASSERT_FALSE(policy.ok()) << row.why;
    EXPECT_EQ(policy.error().code(), Code::kInvalid) << row.why;
    EXPECT_EQ(policy.error().detail(), row.line) << row.why << ": " << policy.error().text();
  }
}

TEST(TrustPolicy, HasLimits) {
  std::string logs, witnesses, groups;
  for (std::size_t i = 0; i <= kTrustPolicyLinesMax; ++i) {
    const auto seed = static_cast<std::uint8_t>(i);
    const std::string name = std::to_string(i);
    logs += "log " + LogKey(seed) + "\n";
    witnesses += "witness w" + name + " " + WitnessKey(seed) + "\n";
    groups += "group g" + name + " any " + (i == 0 ? "w0" : "g" + std::to_string(i - 1)) + "\n";
  }
  const std::string one = "witness w0 " + WitnessKey(200) + "\n";
  const std::array<std::string, 4> too_many = {logs, witnesses, one + groups,
                                               std::string(kTrustPolicyBytesMax + 1, '\n')};
  for (const std::string& text : too_many) {
    const Result<TrustPolicy> policy = TrustPolicy::Parse(text + "quorum none\n");
    ASSERT_FALSE(policy.ok());
    EXPECT_EQ(policy.error().code(), Code::kExhausted) << policy.error().text();
  }
  const auto but_the_last = [](const std::string& lines) {
    return lines.substr(0, lines.rfind('\n', lines.size() - 2) + 1);
  };
  EXPECT_TRUE(TrustPolicy::Parse(but_the_last(logs) + but_the_last(witnesses) +
                                 but_the_last(groups) + "quorum g63\n")
                  .ok());
}

TEST(TrustPolicy, SaysWhoCosigned) {
  const Result<TrustPolicy> policy = TrustPolicy::Parse(WitnessLines("abc") + "quorum none\n");
  ASSERT_TRUE(policy.ok());
  const auto cosign = [](Note& note, std::uint8_t seed, std::uint64_t time_s) {
    const crypto::Ed25519Signer signer = SignerOf(seed);
    const auto key = VerifierKey::Make("w.example", KeyType::kCosignature, signer.public_key());
    ASSERT_TRUE(Cosign(note, *key, signer, time_s).ok());
  };
  Note note{"log.example\n0\n\n", {}};
  EXPECT_EQ(*policy->CosignedBy(note), (Cosigned{0, 0, 0}));
  cosign(note, 'c', 70);
  cosign(note, 'x', 71);
  EXPECT_EQ(*policy->CosignedBy(note), (Cosigned{0, 0, 70}));
  cosign(note, 'a', 72);
  EXPECT_EQ(*policy->CosignedBy(note), (Cosigned{72, 0, 70}));
  // A cosignature without a time says nothing of when.
  Note timeless{note.text, {}};
  cosign(timeless, 'b', 0);
  EXPECT_EQ(*policy->CosignedBy(timeless), (Cosigned{0, 0, 0}));
  note.signatures[2].blob.back() ^= 1;
  EXPECT_EQ(policy->CosignedBy(note).error().code(), Code::kCorrupt);
}

}  // namespace
}  // namespace cloison::tlog
