// Keys that somebody signs in with: dormant accounts, citizens, and quotas apart.
#include <gtest/gtest.h>

#include "access/principal_requests.h"
#include "vault/embedded.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using testing::RefusalOf;
using testing::TestVault;
using testing::Word;

constexpr ByteArray<8> kHome{4, 1}, kAbroad{4, 2}, kFar{4, 3};

class Keys : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(vault_.Start().ok()); }

  static PrincipalId Id(std::uint32_t who) {
    ByteArray<16> id{0x77};
    const ByteArray<4> big = base::BigU32(who);
    std::copy(big.begin(), big.end(), id.begin() + 1);
    return PrincipalId(id);
  }
  void Enrol(std::uint32_t who, const std::string& role, std::int64_t enrolled_ms) {
    access::PrincipalInfo info{Id(who), OrganisationId(1), {}, role, "account " + role};
    info.enrolled_ms = enrolled_ms;
    if (role == "citizen") {
      info.organisation = OrganisationId(0);
      info.person = Aud(ByteArray<16>{1, static_cast<std::uint8_t>(who)});
    }
    std::vector<access::PrincipalInfo> infos{info};
    ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  }
  access::Outcome<access::SessionOpened> Open(std::uint32_t who, std::uint32_t key,
                                              const ByteArray<8>& network, std::int64_t age_s) {
    access::Caller caller = vault_.As("adviser.ft");
    caller.principal = Id(who);
    caller.assurance = {identity::Actor::kHuman, "eidas2", {}, 0, "idp"};
    caller.assurance.methods.Add(identity::Method::kHardware);
    caller.assurance.auth_time_s = vault_.clock.wall_ms() / 1000 - age_s;
    ByteArray<32> thumbprint{1};
    const ByteArray<4> big = base::BigU32(key);
    std::copy(big.begin(), big.end(), thumbprint.begin() + 1);
    return vault_.Wait(vault_.gate().OpenSession(caller, access::SeenKey{thumbprint, network}));
  }
  static bool IsUnseen(const access::Outcome<access::SessionOpened>& outcome) {
    return std::get<access::SessionOpened>(*outcome).unseen_key;
  }
  std::int64_t Now() { return vault_.vault().committer().Now().budget_ms; }
  std::size_t Alerts() { return vault_.Rows(store::Family::kOutbox).size(); }

  TestVault vault_;
};

TEST_F(Keys, TheFirstKeyOfADormantAccountIsUnseen) {
  vault_.clock.Advance(60 * base::kDayMs);
  Enrol(1, "adviser", Now() - access::kFirstKeyMs);
  Enrol(2, "adviser", Now() - access::kFirstKeyMs - 1);
  Enrol(3, "adviser", 0);  // since before anybody asks
  Enrol(4, "citizen", Now() - access::kFirstKeyMs - 1);
  const std::size_t before = Alerts();
  const auto fresh = Open(1, 1, kHome, 3'600);
  ASSERT_EQ(Word(fresh), "shown") << "within a week of the enrolment it is taken as it is";
  EXPECT_FALSE(IsUnseen(fresh));
  EXPECT_EQ(Alerts(), before);
  for (const std::uint32_t who : {2u, 3u, 4u}) {
    EXPECT_EQ(Word(Open(who, 1, kHome, access::kStepUpFreshS + 1)), "step_up");
    const auto opened = Open(who, 1, kHome, 10);
    ASSERT_EQ(Word(opened), "shown");
    EXPECT_TRUE(IsUnseen(opened));
    const auto info = vault_.Wait(vault_.gate().Find(Id(who)));
    EXPECT_EQ(info->reduced_until_ms, Now() + access::kReducedAfterKeyMs) << "a third for a day";
    EXPECT_FALSE(IsUnseen(Open(who, 1, kHome, 3'600))) << "and known from then on";
  }
  EXPECT_EQ(Alerts(), before + 3);
}

TEST_F(Keys, ACitizensKeyIsAgreedToAtACounter) {
  Enrol(1, "citizen", Now());
  ASSERT_EQ(Word(Open(1, 1, kHome, 10)), "shown");
  const auto waits = Open(1, 2, kAbroad, 10);
  ASSERT_EQ(Word(waits), "approval_required");
  const std::uint64_t number = RefusalOf(waits).approval.value();
  const auto pending = [this](std::string_view who) {
    const auto outcome = vault_.Wait(vault_.gate().approvals().Pending(vault_.As(who), 0, 100));
    std::vector<std::string> kinds;
    for (const auto& item : std::get<Approvals::Page>(*outcome).items) kinds.push_back(item.kind);
    return kinds;
  };
  EXPECT_EQ(pending("manager.a"), std::vector<std::string>{"citizen_key"});
  EXPECT_TRUE(pending("officer.security").empty()) << "without the right";
  const auto read = vault_.Wait(vault_.gate().approvals().Read(vault_.As("manager.a"), number));
  ASSERT_EQ(Word(read), "shown");
  const auto request = access::ParseKey(std::get<Approvals::Shown>(*read).approval.what);
  ASSERT_TRUE(request.ok());
  EXPECT_EQ(request->key.network, kAbroad);
  EXPECT_GT(request->known_ms, 0) << "when the key before was seen first";
  EXPECT_EQ(Word(vault_.ApproveAs("adviser.ft", number)), "not_available");
  EXPECT_EQ(Word(vault_.ApproveAs("manager.a", number)), "shown");
  EXPECT_EQ(Word(Open(1, 2, kAbroad, 3'600)), "shown");
  EXPECT_TRUE(pending("manager.a").empty());
}

// Citizens who ask for as much as there is leave staff all of theirs, and the other way round.
TEST_F(Keys, QuotasOfCitizensAndOfEachOrganisationAreApart) {
  const auto ask = [this](std::string_view asker, const std::string& name) {
    access::EnrolRequest request;
    request.who = DemoPrincipalId(name);
    request.role = "adviser";
    request.label = name;
    return Word(vault_.AskAs(asker, "enrol", Encode(request)));
  };
  // As if so many were open already.
  const auto fill = [this](std::string name, std::size_t count) {
    const store::Key key{store::Family::kApprovals, std::move(name)};
    const ByteArray<4> big = base::BigU32(static_cast<std::uint32_t>(count));
    store::WriteSet writes;
    writes.puts.push_back(store::Put{key, vault_.vault().state().Seal(key, big)});
    ASSERT_TRUE(vault_.Stop().ok());
    ASSERT_TRUE(vault_.Wait(vault_.main_store.Commit(std::move(writes))).ok());
    ASSERT_TRUE(vault_.Open().ok());
  };
  Enrol(1, "citizen", Now());
  ASSERT_EQ(Word(Open(1, 1, kHome, 10)), "shown");
  fill("\x06", access::kCitizenKeysOpenMax - 1);
  EXPECT_EQ(Word(Open(1, 2, kAbroad, 10)), "approval_required");
  EXPECT_EQ(Word(Open(1, 3, kFar, 10)), "error") << "no more of theirs";
  EXPECT_EQ(ask("manager.a", "new.1"), "shown") << "staff asks all the same";
  ASSERT_EQ(Word(vault_.ApproveAs("manager.a", 1)), "shown") << "one is decided";
  EXPECT_EQ(Word(Open(1, 3, kFar, 10)), "approval_required") << "and makes room";
  fill(std::string("\x05\0\0\0\x01", 5), access::kApprovalsOpenMax);
  EXPECT_EQ(ask("manager.a", "new.2"), "error");
  access::PrincipalInfo other{
      DemoPrincipalId("manager.ce"), OrganisationId(2), {}, "manager", "manager.ce"};
  std::vector<access::PrincipalInfo> infos{other};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  EXPECT_EQ(ask("manager.ce", "new.3"), "shown") << "another organisation's";
}

}  // namespace
}  // namespace cloison::vault
