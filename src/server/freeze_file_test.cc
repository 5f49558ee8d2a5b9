#include "server/freeze_file.h"

#include <gtest/gtest.h>

#include "access/freezes.h"
#include "base/testing/memory_files.h"
#include "base/testing/seeded_random.h"
#include "server/log.h"
#include "store/testing/temp_directory.h"

namespace cloison::server {
namespace {

identity::Assurance By(std::string level, std::initializer_list<identity::Method> methods) {
  identity::Assurance proven{identity::Actor::kHuman, std::move(level), {}, 1, "agents"};
  for (const identity::Method one : methods) proven.methods.Add(one);
  return proven;
}
const identity::Assurance kBySoftware =
    By("eidas2", {identity::Method::kPassword, identity::Method::kSoftware});

identity::Methods Any(std::initializer_list<identity::Method> methods) {
  identity::Methods all;
  for (const identity::Method one : methods) all.Add(one);
  return all;
}

class FreezeFileTest : public ::testing::Test {
 protected:
  std::unique_ptr<FreezeFile> Open() {
    Result<std::unique_ptr<FreezeFile>> file = FreezeFile::Open(files_, path_);
    CLOISON_CHECK(file.ok());
    return std::move(*file);
  }
  // The ledger shows the right to freeze of these.
  static void Show(FreezeFile& file, std::initializer_list<std::uint8_t> officers,
                   OrganisationId organisation = OrganisationId(1)) {
    for (const std::uint8_t one : officers) {
      const std::vector<PrincipalId> asked{Id(one)};
      const std::vector<access::FreezeRight> may{
          {Id(one),
           organisation,
           {"eidas2", "eidas3"},
           Any({identity::Method::kSoftware, identity::Method::kHardware})}};
      file.Learn(file.asked_at(), asked, may);
    }
  }
  static PrincipalId Id(std::uint8_t number) {
    ByteArray<16> bytes{};
    bytes[0] = number;
    return PrincipalId(bytes);
  }

  base::SystemFiles files_;
  store::testing::TempDirectory directory_;
  std::string path_ = directory_.path() + "/freezes";
};

TEST_F(FreezeFileTest, AFreezeHoldsAtOnceAndAfterARestart) {
  {
    const std::unique_ptr<FreezeFile> file = Open();
    Show(*file, {1});
    EXPECT_TRUE(file->Freeze(Id(1), kBySoftware, Id(9)).ok());
    EXPECT_TRUE(file->Freeze(Id(1), kBySoftware, Id(9)).ok()) << "again is no fault";
    EXPECT_TRUE(file->IsFrozen(Id(9)));
    EXPECT_FALSE(file->IsFrozen(Id(1)));
  }
  const std::unique_ptr<FreezeFile> again = Open();
  EXPECT_TRUE(again->IsFrozen(Id(9)));
  ASSERT_EQ(again->waiting().size(), 1u);
  EXPECT_EQ(again->waiting()[0].by, Id(1));
  EXPECT_EQ(again->waiting()[0].who, Id(9));
  EXPECT_TRUE(again->Freeze(Id(1), kBySoftware, Id(8)).ok()) << "the officer is remembered";
  EXPECT_EQ(files_.Stat(path_)->mode, 0600u);
}

TEST_F(FreezeFileTest, WhatIsKeptElsewhereIsHeld) {
  const std::unique_ptr<FreezeFile> file = Open();
  file->Hold(Id(9));
  EXPECT_TRUE(file->IsFrozen(Id(9)));
  EXPECT_TRUE(file->waiting().empty());
  EXPECT_FALSE(Open()->IsFrozen(Id(9)));
  file->Forget(Id(9));
  EXPECT_FALSE(file->IsFrozen(Id(9)));
}

TEST_F(FreezeFileTest, WhatBecameEntriesLeaves) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1});
  ASSERT_TRUE(file->Freeze(Id(1), kBySoftware, Id(9)).ok());
  ASSERT_TRUE(file->Remove(file->waiting()).ok());
  EXPECT_FALSE(file->IsFrozen(Id(9)));
  const std::unique_ptr<FreezeFile> again = Open();
  EXPECT_TRUE(again->waiting().empty());
  EXPECT_TRUE(again->Freeze(Id(1), kBySoftware, Id(9)).ok()) << "the officers stay";
}

TEST_F(FreezeFileTest, OnlyAnOfficerFreezes) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1});
  const Status refused = file->Freeze(Id(2), kBySoftware, Id(9));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code(), Code::kDenied);
  EXPECT_FALSE(file->IsFrozen(Id(9)));
}

TEST_F(FreezeFileTest, OneOfficerDoesNotFreezeTheOthers) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1, 2, 3});
  const Status last = file->Freeze(Id(1), kBySoftware, Id(2));
  ASSERT_FALSE(last.ok());
  EXPECT_EQ(last.error().code(), Code::kConflict);
  EXPECT_FALSE(file->IsFrozen(Id(2)));
  Show(*file, {4});
  EXPECT_TRUE(file->Freeze(Id(1), kBySoftware, Id(2)).ok()) << "two others are left";
  EXPECT_EQ(file->Freeze(Id(1), kBySoftware, Id(3)).error().code(), Code::kConflict);
}

// Those of another organisation unfreeze nobody there, however many they are.
TEST_F(FreezeFileTest, NorThoseOfAnotherOrganisation) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1, 2, 3, 4});
  Show(*file, {11, 12, 13, 14}, OrganisationId(2));
  EXPECT_TRUE(file->Freeze(Id(1), kBySoftware, Id(11)).ok());
  EXPECT_TRUE(file->Freeze(Id(1), kBySoftware, Id(12)).ok()) << "two are left there";
  EXPECT_EQ(file->Freeze(Id(1), kBySoftware, Id(13)).error().code(), Code::kConflict);
  EXPECT_EQ(Open()->Freeze(Id(2), kBySoftware, Id(13)).error().code(), Code::kConflict)
      << "after a restart too";
}

// What the disk does not take is written later: else a start freezes again whom two unfroze.
TEST_F(FreezeFileTest, WhatIsNotKeptIsWrittenAgain) {
  base::testing::MemoryFiles files;
  const std::unique_ptr<FreezeFile> file = std::move(*FreezeFile::Open(files, "freezes"));
  Show(*file, {1});
  ASSERT_TRUE(file->Freeze(Id(1), kBySoftware, Id(9)).ok());
  files.full = true;
  EXPECT_FALSE(file->Remove(file->waiting()).ok());
  EXPECT_FALSE(file->Keep().ok());
  files.full = false;
  EXPECT_EQ((*FreezeFile::Open(files, "freezes"))->waiting().size(), 1u);
  EXPECT_TRUE(file->Keep().ok());
  EXPECT_TRUE((*FreezeFile::Open(files, "freezes"))->waiting().empty());
}

// Short outages, one after the other: what has become entries still counts.
TEST_F(FreezeFileTest, NorLittleByLittle) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1, 2, 3, 4, 5});
  ASSERT_TRUE(file->Freeze(Id(1), kBySoftware, Id(2)).ok());
  ASSERT_TRUE(file->Freeze(Id(1), kBySoftware, Id(3)).ok());
  ASSERT_TRUE(file->Remove(file->waiting()).ok());
  EXPECT_EQ(file->Freeze(Id(1), kBySoftware, Id(4)).error().code(), Code::kConflict);
  EXPECT_EQ(file->Freeze(Id(2), kBySoftware, Id(1)).error().code(), Code::kDenied)
      << "who is frozen in the register is no officer here";
  for (std::uint32_t i = 2; i < access::kFreezesAloneMax; ++i) {
    ASSERT_TRUE(file->Freeze(Id(1), kBySoftware, Id(static_cast<std::uint8_t>(100 + i))).ok());
    ASSERT_TRUE(file->Remove(file->waiting()).ok());
  }
  EXPECT_EQ(file->Freeze(Id(1), kBySoftware, Id(99)).error().code(), Code::kExhausted);
}

TEST_F(FreezeFileTest, OneOfficerFreezesSoManyAndNoMore) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1});
  Show(*file, {2});
  for (std::uint32_t i = 0; i < access::kFreezesAloneMax; ++i) {
    ASSERT_TRUE(file->Freeze(Id(1), kBySoftware, Id(static_cast<std::uint8_t>(100 + i))).ok()) << i;
  }
  const Status more = file->Freeze(Id(1), kBySoftware, Id(99));
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code(), Code::kExhausted);
  EXPECT_TRUE(file->Freeze(Id(1), kBySoftware, Id(100)).ok()) << "again is no other one";
  EXPECT_TRUE(file->Freeze(Id(2), kBySoftware, Id(99)).ok());
}

// Who has an officer's password alone is not who the ledger showed.
TEST_F(FreezeFileTest, ByLessThanTheLedgerSawNobodyFreezes) {
  Show(*Open(), {1});
  const std::unique_ptr<FreezeFile> file = Open();
  using identity::Method;
  const std::pair<const char*, identity::Assurance> rows[] = {
      {"another level", By("eidas1", {Method::kPassword, Method::kSoftware})},
      {"no level", By("", {Method::kPassword, Method::kSoftware})},
      {"a password", By("eidas2", {Method::kPassword})},
      {"a mailbox", By("eidas2", {Method::kPassword, Method::kMail, Method::kOtp})},
      {"the server", identity::Assurance::Internal()},
  };
  for (const auto& [why, proven] : rows) {
    const Status refused = file->Freeze(Id(1), proven, Id(9));
    ASSERT_FALSE(refused.ok()) << why;
    EXPECT_EQ(refused.error().code(), Code::kDenied) << why;
  }
  EXPECT_FALSE(file->IsFrozen(Id(9)));
  EXPECT_TRUE(file->Freeze(Id(1), kBySoftware, Id(9)).ok());
  EXPECT_TRUE(file->Freeze(Id(1), By("eidas3", {identity::Method::kHardware}), Id(8)).ok())
      << "another level that the role takes";
}

// Whose right ended freezes nobody, counts for nobody, and comes back with no restart.
TEST_F(FreezeFileTest, WhoseRightEndedIsNoOfficer) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1, 2, 3, 4});
  const std::vector<PrincipalId> asked = file->officers();
  ASSERT_EQ(asked.size(), 4u);
  const std::vector<access::FreezeRight> may{
      {Id(1), OrganisationId(1), {"eidas2"}, Any({identity::Method::kSoftware})},
      {Id(2), OrganisationId(1), {"eidas2"}, Any({identity::Method::kSoftware})}};
  file->Learn(file->asked_at(), asked, may);
  EXPECT_EQ(file->officers(), (std::vector<PrincipalId>{Id(1), Id(2)}));
  EXPECT_EQ(Open()->officers(), file->officers());
  EXPECT_EQ(file->Freeze(Id(3), kBySoftware, Id(9)).error().code(), Code::kDenied);
  EXPECT_EQ(file->Freeze(Id(1), kBySoftware, Id(2)).error().code(), Code::kConflict);
  file->Forget(Id(2));
  EXPECT_EQ(Open()->officers(), std::vector<PrincipalId>{Id(1)}) << "frozen in the register";
}

// An answer of before somebody was frozen brings nobody back.
TEST_F(FreezeFileTest, AnOldAnswerIsNotLearnt) {
  const std::unique_ptr<FreezeFile> file = Open();
  Show(*file, {1, 2});
  const std::vector<PrincipalId> asked{Id(1), Id(2)};
  const std::vector<access::FreezeRight> may{
      {Id(1), OrganisationId(1), {"eidas2"}, Any({identity::Method::kSoftware})},
      {Id(2), OrganisationId(1), {"eidas2"}, Any({identity::Method::kSoftware})}};
  const std::uint64_t asked_at = file->asked_at();
  file->Forget(Id(2));  // frozen in the register meanwhile
  file->Learn(asked_at, asked, may);
  EXPECT_EQ(file->officers(), std::vector<PrincipalId>{Id(1)});
  file->Learn(file->asked_at(), asked, may);
  EXPECT_EQ(file->officers(), asked) << "two people let it work again";
}

TEST_F(FreezeFileTest, WhatTheRoleTakesIsKept) {
  const std::vector<PrincipalId> asked{Id(1), Id(2)};
  const std::vector<access::FreezeRight> may{
      {Id(1),
       OrganisationId(1),
       {"eidas2", "internal-2"},
       Any({identity::Method::kFace, identity::Method::kOtp})},
      {Id(2), OrganisationId(70), {"no level", "a,b"}, {}}};
  Open()->Learn(0, asked, may);
  const std::string text(AsText(*files_.Read(path_)));
  EXPECT_EQ(text, "cloison freezes 4\nofficer 01" + std::string(30, '0') +
                      " 1 eidas2,internal-2 otp,face\nofficer 02" + std::string(30, '0') +
                      " 70 . .\n");
  const std::unique_ptr<FreezeFile> file = Open();
  EXPECT_TRUE(file->Freeze(Id(1), By("internal-2", {identity::Method::kFace}), Id(9)).ok());
  EXPECT_FALSE(file->Freeze(Id(2), By("no level", {identity::Method::kFace}), Id(8)).ok());
}

TEST_F(FreezeFileTest, OfTheVersionBeforeTheFreezesHold) {
  const std::string id(32, 'a'), other(32, 'b');
  const std::string officers[] = {"1\nofficer " + id, "2\nofficer " + id + " eidas2",
                                  "3\nofficer " + id + " eidas2 otp"};
  for (const std::string& officer : officers) {
    const std::string text = "cloison freezes " + officer + "\nfreeze " + id + " " + other + "\n";
    ASSERT_TRUE(base::WriteWhole(files_, path_, AsBytes(text)).ok());
    const std::unique_ptr<FreezeFile> file = Open();
    EXPECT_EQ(file->waiting().size(), 1u);
    EXPECT_TRUE(file->officers().empty()) << "of which organisation, nobody knows";
  }
}

TEST_F(FreezeFileTest, WhatDoesNotParseIsCorrupt) {
  const std::string head = "cloison freezes 4\n";
  const std::string id(32, 'a');
  struct Row {
    const char* why;
    std::string text;
    bool fine;
  };
  const Row rows[] = {
      {"empty", "", false},
      {"another version", "cloison freezes 5\n", false},
      {"nothing yet", head, true},
      {"one of each", head + "officer " + id + " 1 eidas2 otp\nfreeze " + id + " " + id + "\n",
       true},
      {"a line cut by the power", head + "officer " + id + " 1 eidas2 otp\nfreeze " + id.substr(4),
       true},
      {"none of either", head + "officer " + id + " 1 . .\n", true},
      {"twice", head + "officer " + id + " 1 . .\nofficer " + id + " 1 . .\n", false},
      {"an id alone", head + "officer " + id + "\n", false},
      {"no methods", head + "officer " + id + " 1 eidas2\n", false},
      {"an empty level", head + "officer " + id + " 1 eidas2, otp\n", false},
      {"capitals", head + "officer " + id + " 1 EIDAS2 otp\n", false},
      {"an unknown method", head + "officer " + id + " 1 eidas2 mfa\n", false},
      {"no organisation", head + "officer " + id + " eidas2 otp\n", false},
      {"an organisation that is no number", head + "officer " + id + " 1x eidas2 otp\n", false},
      {"a number too large", head + "officer " + id + " 4294967296 eidas2 otp\n", false},
      {"a short id", head + "officer " + id.substr(2) + " 1 eidas2 otp\n", false},
      {"no hexadecimal", head + "officer " + std::string(32, 'g') + " 1 eidas2 otp\n", false},
      {"one id", head + "freeze " + id + "\n", false},
      {"two ids with another sign between", head + "freeze " + id + "-" + id + "\n", false},
      {"three ids", head + "freeze " + id + " " + id + " " + id + "\n", false},
      {"an unknown word", head + "thaw " + id + " " + id + "\n", false},
      {"a blank line", head + "\n", false},
  };
  for (const Row& row : rows) {
    ASSERT_TRUE(base::WriteWhole(files_, path_, AsBytes(row.text)).ok());
    EXPECT_EQ(FreezeFile::Open(files_, path_).ok(), row.fine) << row.why;
  }
}

TEST(Log, AnEventIsOneLineOfJson) {
  EXPECT_EQ(LogLine(1'700'000'000'000, base::Severity::kWarning, "disk_is_slow", {{"ms", 12}}),
            R"({"time_ms":1700000000000,"level":"warning","event":"disk_is_slow","ms":12})");
}

}  // namespace
}  // namespace cloison::server
