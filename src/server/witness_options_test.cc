#include "server/witness_options.h"

#include <gtest/gtest.h>

#include "store/testing/temp_directory.h"

namespace cloison::server {
namespace {

std::string Vkey(std::uint8_t seed, tlog::KeyType type) {
  crypto::Secret<32> key;
  key.Reveal()[0] = seed;
  const crypto::Ed25519Signer signer(key);
  return tlog::VerifierKey::Make("name.example", type, signer.public_key())->Text();
}

class WitnessOptionsTest : public ::testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = directory_.path() + "/" + name;
    CLOISON_CHECK(base::WriteWhole(files_, path, AsBytes(text)).ok());
    return path;
  }
  Result<std::optional<ledger::WitnessOptions>> Read() {
    problems_.clear();
    return ReadWitnesses(config_, files_, problems_);
  }

  store::testing::TempDirectory directory_;
  base::SystemFiles files_;
  Config config_;
  std::vector<std::string> problems_;
};

TEST_F(WitnessOptionsTest, WithoutAPolicyThereAreNone) {
  const auto options = Read();
  ASSERT_TRUE(options.ok());
  EXPECT_FALSE(options->has_value());
}

TEST_F(WitnessOptionsTest, TakesWhatTheFilesSay) {
  config_.witness_policy = Write("policy", "witness a " + Vkey(1, tlog::KeyType::kCosignature) +
                                               " https://w.example/prefix\nquorum a\n");
  config_.witness_ca = Write("ca", "an authority");
  config_.witness_interval_ms = 250;
  config_.witness_start_ms = 77;
  const auto options = Read();
  ASSERT_TRUE(options.ok());
  ASSERT_TRUE(options->has_value());
  EXPECT_EQ((*options)->policy.witnesses()[0].name, "a");
  EXPECT_EQ((*options)->ca_pem, "an authority");
  EXPECT_EQ((*options)->interval_ms, 250);
  EXPECT_EQ((*options)->start_ms_max, 77);
}

TEST_F(WitnessOptionsTest, SaysWhereAFaultIs) {
  const std::string witness = "witness a " + Vkey(1, tlog::KeyType::kCosignature);
  const struct {
    const char* why;
    std::string text;
    std::string want;  // behind the path
  } rows[] = {
      {"an unknown word", "# ours\nwitnes a\n", ":2: a line is log, witness, group or quorum"},
      {"no quorum", witness + " https://w.example\n", ":1: there is no quorum line"},
      {"a witness that nobody can ask", witness + "\nquorum a\n",
       ": witness number 1: a witness has an https URL, or an http one on the loopback"},
      {"a witness over plain HTTP", witness + " http://w.example\nquorum a\n",
       ": witness number 1: a witness has an https URL, or an http one on the loopback"},
      {"a name that is no text",
       "witness \xff " + Vkey(1, tlog::KeyType::kCosignature) + " https://w.example\nquorum \xff\n",
       ": the name of a witness is not UTF-8"},
  };
  for (const auto& row : rows) {
    config_.witness_policy = Write("policy", row.text);
    ASSERT_FALSE(Read().ok()) << row.why;
    ASSERT_EQ(problems_.size(), 1u) << row.why;
    EXPECT_EQ(problems_[0], config_.witness_policy + row.want) << row.why;
  }
  config_.witness_policy = directory_.path() + "/nowhere";
  ASSERT_FALSE(Read().ok());
  EXPECT_EQ(problems_.at(0), config_.witness_policy + ": cannot be read");
  config_.witness_policy = Write("policy", witness + " https://w.example\nquorum a\n");
  config_.witness_ca = directory_.path() + "/nowhere";
  ASSERT_FALSE(Read().ok());
  EXPECT_EQ(problems_.at(0), config_.witness_ca + ": cannot be read");
}

}  // namespace
}  // namespace cloison::server
