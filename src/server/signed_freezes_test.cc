// Freezes by an officer's key: kept, read back, refused when they are no officer's.
#include "server/signed_freezes.h"

#include <gtest/gtest.h>

#include "base/testing/manual_clock.h"
#include "identity/principal_name.h"
#include "store/testing/temp_directory.h"

namespace cloison::server {
namespace {

struct Officer {
  Officer(std::string_view name, std::uint8_t byte)
      : signer(SeedOf(byte)),
        key(*tlog::VerifierKey::Make(name, tlog::KeyType::kSignature, signer.public_key())) {}
  static crypto::Secret<32> SeedOf(std::uint8_t byte) {
    crypto::Secret<32> seed;
    seed.Reveal()[0] = byte;
    return seed;
  }
  std::string Freeze(const std::string& subject, std::int64_t time_s) const {
    tlog::Note note{
        Print(ledger::FreezeStatement{"log.example", "https://a.example", subject, time_s}), {}};
    CLOISON_CHECK(tlog::Sign(note, key, signer).ok());
    return PrintNote(note);
  }
  crypto::Ed25519Signer signer;
  tlog::VerifierKey key;
};

class SignedFreezesTest : public ::testing::Test {
 protected:
  Result<std::unique_ptr<SignedFreezes>> Open() {
    return SignedFreezes::Open(path_, {files_, clock_, "log.example", {anna_.key, bruno_.key}});
  }
  std::int64_t now_s() { return clock_.wall_ms() / base::kSecondMs; }

  Officer anna_{"officer.anna", 1}, bruno_{"officer.bruno", 2}, stranger_{"stranger", 3};
  base::SystemFiles files_;
  base::testing::ManualClock clock_{1'798'761'600'000};
  store::testing::TempDirectory directory_;
  std::string path_ = directory_.path() + "/signed-freezes";
};

TEST_F(SignedFreezesTest, OneOfficersWordIsKept) {
  const std::string note = anna_.Freeze("alice", now_s());
  {
    const auto file = Open();
    ASSERT_TRUE(file.ok());
    EXPECT_EQ((*file)->size(), 0u);
    EXPECT_TRUE((*file)->Add(note).ok());
    EXPECT_TRUE((*file)->Add(note).ok()) << "again is no fault";
    EXPECT_TRUE((*file)->Add(bruno_.Freeze("mallory", now_s())).ok());
  }
  EXPECT_EQ(files_.Stat(path_)->mode, 0600u);
  const auto again = Open();
  ASSERT_TRUE(again.ok());
  clock_.Advance(30 * base::kDayMs);  // it waits as long as it must
  const auto waiting = (*again)->waiting();
  ASSERT_EQ(waiting.size(), 2u);
  EXPECT_EQ(waiting[0].who, identity::PrincipalIdOf("https://a.example", "alice"));
  EXPECT_EQ(waiting[0].note, note);
  EXPECT_TRUE((*again)->Remove({waiting[0]}).ok());
  ASSERT_EQ((*Open())->waiting().size(), 1u);
  EXPECT_EQ((*Open())->waiting()[0].note, waiting[1].note);
  EXPECT_TRUE((*again)->Remove(waiting).ok());
  EXPECT_EQ((*Open())->size(), 0u);
}

TEST_F(SignedFreezesTest, NobodyElsesIs) {
  const auto file = Open();
  const struct {
    const char* why;
    std::string note;
    Code want;
  } rows[] = {
      {"a stranger's", stranger_.Freeze("alice", now_s()), Code::kDenied},
      {"of yesterday", anna_.Freeze("alice", now_s() - 86'400), Code::kDenied},
      {"of tomorrow", anna_.Freeze("alice", now_s() + 86'400), Code::kDenied},
      {"no note", "freeze alice", Code::kInvalid},
      {"too long", std::string(5'000, 'a'), Code::kExhausted},
  };
  for (const auto& row : rows) {
    EXPECT_EQ((*file)->Add(row.note).error().code(), row.want) << row.why;
  }
  EXPECT_EQ((*file)->size(), 0u);
}

TEST_F(SignedFreezesTest, WhoeverWritesTheFileFreezesNobody) {
  ASSERT_TRUE((*Open())->Add(anna_.Freeze("alice", now_s())).ok());
  const std::string good(AsText(*files_.Read(path_)));
  const auto write = [this](const std::string& text) {
    CLOISON_CHECK(base::WriteWhole(files_, path_, AsBytes(text)).ok());
  };
  // A line of somebody who is no officer is there, and says nothing.
  const std::vector<tlog::VerifierKey> others_keys{stranger_.key};
  const auto others = SignedFreezes::Open(path_, {files_, clock_, "log.example", others_keys});
  ASSERT_TRUE(others.ok());
  EXPECT_TRUE((*others)->waiting().empty());
  EXPECT_TRUE((*others)->Remove((*others)->waiting()).ok());
  EXPECT_EQ((*others)->size(), 1u) << "nor is it forgotten";
  for (const std::string& bad :
       {std::string("other head\n"), good + "not base64!\n", good + "AAA", good + "\n"}) {
    write(bad);
    EXPECT_EQ(Open().error().code(), Code::kCorrupt) << bad;
  }
}

}  // namespace
}  // namespace cloison::server
