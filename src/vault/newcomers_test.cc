// Organisations that a later version of the policy brings: who begins them, and who does not.
#include <gtest/gtest.h>

#include "access/founding.h"
#include "access/principal_requests.h"
#include "identity/principal_name.h"
#include "text/date.h"
#include "vault/testing/policies_fixture.h"

namespace cloison::vault {
namespace {

using access::Approvals;
using testing::PoliciesTest;
using testing::Signed;
using testing::Word;

constexpr char kIssuer[] = "https://login.example";
constexpr char kThird[] =
    "\n[[organisation]]\nid = 3\nname = \"Mission locale\"\n"
    "second_contact = \"agents:erin\"\n"
    "[[office]]\norganisation = 3\nid = 301\nname = \"Lyon\"\ndepartements = [\"69\"]\n";

class NewcomersTest : public PoliciesTest {
 protected:
  ledger::Founder Founder(const std::string& name, std::uint32_t organisation = 3,
                          const std::string& role = "manager", int days = 300) {
    const std::int64_t ends = vault_.vault().committer().Now().wall_ms / base::kDayMs + days;
    return {"agents:" + name,
            kIssuer,
            OrganisationId(organisation),
            std::nullopt,
            role,
            "ML-" + name,
            text::FormatDate(text::DateOfDays(ends))};
  }
  std::string Third(std::uint32_t version = 2) const {
    return Versioned(first(), version) + kThird;
  }
  std::string NoteOf(const std::string& document, std::vector<ledger::Founder> founders,
                     std::uint32_t version = 2) {
    ledger::PolicyStatement statement = StatementFor(document, version);
    statement.founders = std::move(founders);
    return Signed(Print(statement), {1, 3});
  }
  access::Caller Of(const std::string& name) {
    access::Caller caller = vault_.As("manager.a");
    caller.principal = identity::PrincipalIdOf(kIssuer, name);
    return caller;
  }
  // "enrol" of `name` as an adviser, by `asker`.
  access::Outcome<Approvals::Shown> AskToEnrol(const std::string& asker, const std::string& name) {
    access::EnrolRequest request;
    request.who = identity::PrincipalIdOf(kIssuer, name);
    request.role = "adviser";
    request.label = "agents:" + name;
    request.human = access::HumanIdOf(vault_.vault().state(), "ML-" + name);
    const Bytes what = Encode(request);
    return vault_.Wait(vault_.gate().approvals().Ask(Of(asker), {"enrol", what, "HR-1"},
                                                     {"enrol-" + std::to_string(++keys_), what}));
  }
  static std::uint64_t NumberOf(const access::Outcome<Approvals::Shown>& asked) {
    return std::get<Approvals::Shown>(*asked).approval.number;
  }
};

TEST_F(NewcomersTest, ItsFoundersEnrolFromTheFirstDay) {
  const std::string next = Third();
  const auto asked =
      Propose("officer.security", next, NoteOf(next, {Founder("erin"), Founder("finn")}));
  ASSERT_EQ(Word(asked), "shown") << (asked.ok() ? "" : asked.error().text());
  EXPECT_EQ(Word(AskToEnrol("erin", "gil")), "not_enrolled") << "asked for is nobody yet";
  EXPECT_EQ(Word(Approve("officer.security", NumberOf(asked))), "no_right") << "who asked";
  ASSERT_EQ(Word(Approve("officer.privacy", NumberOf(asked))), "shown");
  EXPECT_EQ(EntriesOfRule("enrol/founder"), 2u);
  ASSERT_TRUE(vault_.Reopen().ok());
  const auto gil = AskToEnrol("erin", "gil");
  ASSERT_EQ(Word(gil), "shown") << (gil.ok() ? "" : gil.error().text());
  EXPECT_EQ(Word(Approve("manager.a", NumberOf(gil))), "not_available") << "of a partner";
  const auto agreed = vault_.Wait(vault_.gate().approvals().Approve(Of("finn"), NumberOf(gil)));
  ASSERT_EQ(Word(agreed), "shown");
  EXPECT_EQ(vault_.vault().policy()->FindOrganisation(OrganisationId(3))->name, "Mission locale");
  // Of the same organisation nobody is brought a second time.
  const std::string third = Third(3);
  const auto more =
      Propose("officer.security", third, NoteOf(third, {Founder("hal"), Founder("ida")}, 3));
  ASSERT_FALSE(more.ok());
  EXPECT_EQ(more.error().code(), Code::kInvalid);
}

TEST_F(NewcomersTest, WhoMayNotBegin) {
  const std::string next = Third(), without = Versioned(first(), 2);
  const std::string note = NoteOf(next, {Founder("erin"), Founder("finn")});
  std::string added = Signed(Print(StatementFor(next)), {1, 2});
  added.insert(added.find("\n\n") + 1, ledger::PrintFounders({Founder("erin"), Founder("finn")}));
  added.replace(added.find("statement v1"), 12, "statement v2");
  std::string exchanged = note;
  exchanged.replace(exchanged.find("agents:finn"), 11, "agents:hank");
  ledger::Founder twin = Founder("finn");
  twin.human = "ML-erin";
  struct Row {
    const char* why;
    std::string document, note;
  };
  const Row rows[] = {
      {"of an organisation that is there", without,
       NoteOf(without, {Founder("erin", 1), Founder("finn", 1)})},
      {"one of them is", next,
       NoteOf(next, {Founder("erin"), Founder("finn"), Founder("hal", 2), Founder("ida", 2)})},
      {"of an organisation that is not", next, NoteOf(next, {Founder("erin", 4), Founder("f", 4)})},
      {"one may not agree", next, NoteOf(next, {Founder("erin"), Founder("f", 3, "archivist")})},
      {"an adviser", next,
       NoteOf(next, {Founder("erin"), Founder("f"), Founder("g", 3, "adviser")})},
      {"the server's own role", next,
       NoteOf(next, {Founder("erin"), Founder("f"), Founder("g", 3, "system")})},
      {"one human twice", next, NoteOf(next, {Founder("erin"), twin})},
      {"one account twice", next, NoteOf(next, {Founder("erin"), Founder("erin")})},
      {"for longer than a founder", next,
       NoteOf(next, {Founder("erin", 3, "manager", 402), Founder("finn")})},
      {"ended", next, NoteOf(next, {Founder("erin", 3, "manager", 0), Founder("finn")})},
      {"added to what was signed", next, added},
      {"another one than was signed for", next, exchanged},
  };
  for (const Row& row : rows) {
    const auto asked = Propose("officer.security", row.document, row.note);
    EXPECT_FALSE(asked.ok()) << row.why << ": " << Word(asked);
  }
  EXPECT_EQ(vault_.vault().policy()->version(), 1u);
  EXPECT_EQ(EntriesOfRule("enrol/founder"), 0u);
}

// Who is somebody already begins nothing, also when they became so while it waited.
TEST_F(NewcomersTest, WhoIsEnrolledBeginsNothing) {
  const std::string next = Third();
  const auto asked =
      Propose("officer.security", next, NoteOf(next, {Founder("erin"), Founder("finn")}));
  ASSERT_EQ(Word(asked), "shown");
  access::PrincipalInfo erin{
      identity::PrincipalIdOf(kIssuer, "erin"), OrganisationId(1), {}, "adviser", "agents:erin"};
  std::vector<access::PrincipalInfo> infos{erin};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  EXPECT_EQ(Word(Approve("officer.privacy", NumberOf(asked))), "decided");
  EXPECT_EQ(vault_.vault().policy()->version(), 1u);
  EXPECT_EQ(Word(Propose("officer.security", next, NoteOf(next, {Founder("erin"), Founder("f")}))),
            "decided");
}

// Nobody who agrees to a policy gains by it: an officer is not made another organisation's.
TEST_F(NewcomersTest, WhoGainsDoesNotAgree) {
  const std::string next = Third();
  access::PrincipalInfo officer{identity::PrincipalIdOf(kIssuer, "olga"),
                                OrganisationId(1),
                                {},
                                "privacy-officer",
                                "agents:olga"};
  officer.human = access::HumanIdOf(vault_.vault().state(), "ML-finn");
  std::vector<access::PrincipalInfo> infos{officer};
  ASSERT_TRUE(vault_.Wait(vault_.gate().Enrol(std::move(infos), vault_.executor)).ok());
  const auto asked =
      Propose("officer.security", next, NoteOf(next, {Founder("erin"), Founder("finn")}));
  ASSERT_EQ(Word(asked), "shown");
  const auto agreed = vault_.Wait(vault_.gate().approvals().Approve(Of("olga"), NumberOf(asked)));
  EXPECT_EQ(Word(agreed), "no_right");
  EXPECT_EQ(testing::RefusalOf(agreed).rule, "approval/gains");
  EXPECT_EQ(Word(Approve("officer.privacy", NumberOf(asked))), "shown");
}

}  // namespace
}  // namespace cloison::vault
