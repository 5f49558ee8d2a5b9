// What a policy decides, by every way to put grants together in a small world; and that a
// difference is said when, and only when, two policies decide differently.
#include "access/policy_diff.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/files.h"
#include "base/testing/seeded_random.h"

namespace cloison::access {
namespace {

using ledger::Form;

// Row: the grant's relation; column: how reader and person stand. As docs/format/policy.md has it.
constexpr bool kApplies[kRelations][kRelations] = {
    // self  caseload explained any
    {true, false, false, false},
    {false, true, false, false},
    {false, true, true, false},
    {true, true, true, true},
};

Grant GrantOf(Relation relation, Form form, FieldId field) {
  return {std::nullopt, "adviser", "support", relation, form, {field}};
}

TEST(PolicyForms, EverySetOfGrantsOfAField) {
  const FieldId field(0x0101), other(0x0102);
  constexpr Form kForms[] = {Form::kPlain, Form::kMasked, Form::kExists, Form::kMatches};
  std::vector<Grant> all;
  for (std::size_t r = 0; r < kRelations; ++r) {
    for (const Form form : kForms) all.push_back(GrantOf(static_cast<Relation>(r), form, field));
  }
  ASSERT_EQ(all.size(), 16u);
  for (std::uint32_t set = 0; set < 1u << all.size(); ++set) {
    std::vector<const Grant*> grants;
    bool given[kRelations][5] = {};
    for (std::size_t i = 0; i < all.size(); ++i) {
      if ((set >> i & 1) == 0) continue;
      grants.push_back(&all[i]);
      for (std::size_t r = 0; r < kRelations; ++r) {
        const bool applies = kApplies[static_cast<std::size_t>(all[i].relation)][r];
        given[r][static_cast<std::size_t>(all[i].form)] |= applies;
      }
    }
    for (std::size_t r = 0; r < kRelations; ++r) {
      const auto relation = static_cast<Relation>(r);
      const std::optional<Form> want = given[r][1]   ? std::optional(Form::kPlain)
                                       : given[r][2] ? std::optional(Form::kMasked)
                                                     : std::nullopt;
      ASSERT_EQ(Policy::FormOf(grants, relation, field), want) << set << " " << r;
      ASSERT_EQ(Policy::FormOf(grants, relation, other), std::nullopt);
      ASSERT_EQ(Policy::Answers(grants, relation, field, Form::kExists), given[r][3]);
      ASSERT_EQ(Policy::Answers(grants, relation, field, Form::kMatches), given[r][4]);
      ASSERT_FALSE(Policy::Answers(grants, relation, other, Form::kMatches));
    }
  }
}

std::string TextOf(const std::string& path) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  CLOISON_CHECK(bytes.ok());
  return std::string(AsText(*bytes));
}

class PolicyDiff : public ::testing::Test {
 protected:
  PolicyDiff() {
    std::vector<std::string> problems;
    schema_ = *records::Schema::Parse(TextOf("schemas/job-seekers.toml"), &problems);
  }
  std::shared_ptr<const Policy> Parsed(const std::string& toml) {
    std::vector<std::string> problems;
    auto policy = Policy::Parse(toml, *schema_, &problems);
    return policy.ok() ? *policy : nullptr;
  }
  std::vector<std::string> Lines(const std::string& before, const std::string& after) {
    const auto a = Parsed(before), b = Parsed(after);
    CLOISON_CHECK(a != nullptr && b != nullptr);
    std::vector<std::string> lines;
    for (const PolicyDifference& one : Diff(*a, *b, *schema_)) lines.push_back(Print(one));
    return lines;
  }

  std::shared_ptr<const records::Schema> schema_;
};

constexpr std::string_view kRoles[] = {"adviser", "officer"};
constexpr std::string_view kPurposes[] = {"support", "benefit"};
constexpr std::string_view kRelationNames[] = {"self", "caseload", "explained", "any"};
constexpr std::string_view kFormNames[] = {"plain", "masked", "exists", "matches"};
constexpr std::string_view kFields[] = {"identity.birth_name", "contact.phone", "contact.email",
                                        "contact"};
constexpr std::string_view kPlaces[] = {"", "organisation = 1\n", "organisation = 2\n"};

constexpr char kBase[] = R"(version = 1
[[organisation]]
id = 1
name = "A"
[[organisation]]
id = 2
name = "B"
[[class]]
name = "all"
opened = [1, 1, 1, 1]
opened_off_caseload = [1, 1, 1, 1]
sensitive = [1, 1, 1, 1]
glimpsed = [1, 1, 1, 1]
glimpsed_off_caseload = [1, 1, 1, 1]
[[role]]
name = "system"
kind = "system"
class = "all"
[[role]]
name = "adviser"
kind = "agent"
class = "all"
[[role]]
name = "officer"
kind = "officer"
class = "all"
[[purpose]]
name = "support"
text_fr = "a"
text_en = "a"
[[purpose]]
name = "benefit"
text_fr = "b"
text_en = "b"
)";

template <std::size_t N>
std::string_view OneOf(base::Random& random, const std::string_view (&all)[N]) {
  return all[random.Below(N)];
}

std::string RandomGrant(base::Random& random) {
  std::string out = "[[grant]]\n";
  out += OneOf(random, kPlaces);
  out += "role = \"" + std::string(OneOf(random, kRoles)) + "\"\npurpose = \"" +
         std::string(OneOf(random, kPurposes)) + "\"\nrelation = \"" +
         std::string(OneOf(random, kRelationNames)) + "\"\nform = \"" +
         std::string(OneOf(random, kFormNames)) + "\"\nfields = [\"" +
         std::string(OneOf(random, kFields)) + "\"]\n";
  return out;
}

// Everything that grants decide: of organisations 1, 2 and one that no grant names.
std::string Decisions(const Policy& policy, const records::Schema& schema) {
  std::string out;
  for (const std::uint32_t organisation : {1u, 2u, 77u}) {
    for (const std::string_view role : kRoles) {
      for (const std::string_view purpose : kPurposes) {
        const auto grants = policy.GrantsOf(OrganisationId(organisation), role, purpose);
        for (std::size_t r = 0; r < kRelations; ++r) {
          for (const records::FieldSpec& field : schema.fields()) {
            const auto relation = static_cast<Relation>(r);
            const auto form = Policy::FormOf(grants, relation, field.id);
            out += form.has_value() ? std::to_string(static_cast<int>(*form)) : "-";
            out += Policy::Answers(grants, relation, field.id, Form::kExists) ? 'e' : ' ';
            out += Policy::Answers(grants, relation, field.id, Form::kMatches) ? 'm' : ' ';
          }
        }
      }
    }
  }
  return out;
}

TEST_F(PolicyDiff, IsEmptyIfAndOnlyIfEverythingIsDecidedAlike) {
  base::testing::SeededRandom random(7);
  int alike = 0, different = 0;
  for (int round = 0; round < 4'000; ++round) {
    std::string before(kBase), after(kBase);
    const std::size_t count = random.Below(4);
    for (std::size_t i = 0; i < count; ++i) {
      const std::string grant = RandomGrant(random);
      before += grant;
      // Often the same, sometimes left out, sometimes another in its place.
      const std::size_t what = random.Below(6);
      if (what != 0) after += what == 1 ? RandomGrant(random) : grant;
    }
    const auto a = Parsed(before), b = Parsed(after);
    if (a == nullptr || b == nullptr) continue;  // two forms of one field
    const std::vector<PolicyDifference> diff = Diff(*a, *b, *schema_);
    const bool same = Decisions(*a, *schema_) == Decisions(*b, *schema_);
    ASSERT_EQ(diff.empty(), same) << before << "\n----\n" << after;
    ++(same ? alike : different);
    for (const PolicyDifference& one : diff) ASSERT_EQ(one.about, "grant");
    // The other way around it says the opposite.
    const std::vector<PolicyDifference> back = Diff(*b, *a, *schema_);
    const auto gains = [](const std::vector<PolicyDifference>& list) {
      return std::ranges::count(list, DiffKind::kGains, &PolicyDifference::kind);
    };
    ASSERT_EQ(static_cast<std::size_t>(gains(diff) + gains(back)), diff.size());
  }
  EXPECT_GT(alike, 500);
  EXPECT_GT(different, 500);
}

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_F(PolicyDiff, SaysWhoGainsAndLosesWhat) {
  const std::string demo = TextOf("examples/demo/policy.toml");
  struct Row {
    const char* why;
    std::string after;
    const char* want;  // one of the lines
  };
  const Row rows[] = {
      {"a compartment taken away",
       Replaced(demo, "\"identity\", \"contact\", \"address\", \"agency\"",
                "\"identity\", \"contact\", \"address\""),
       "every other organisation, adviser, support, caseload loses agency"},
      {"plain where it was masked",
       Replaced(demo, "form = \"masked\"\nfields = [\"civil_number\", \"bank\"]\n\n# The decree",
                "form = \"plain\"\nfields = [\"bank\"]\n\n# The decree"),
       "gains bank.iban, bank.holder: plain (was masked)"},
      {"a right", Replaced(demo, "rights = [\"own_trail\"]", "rights = []"),
       "right citizen loses own_trail (was given)"},
      {"a cap", Replaced(demo, "opened = [60, 150,", "opened = [61, 150,"),
       "cap adviser gains opened/hour: 61 (was 60)"},
      {"a lower cap", Replaced(demo, "opened = [60, 150,", "opened = [6, 150,"),
       "cap adviser loses opened/hour: 6 (was 60)"},
      {"a purpose's text", Replaced(demo, "Assess and pay", "Pay"),
       "purpose benefit changes text_en: Pay the benefit. (was Assess and pay the benefit.)"},
      {"an organisation", demo + "\n[[organisation]]\nid = 3\nname = \"C\"\n",
       "organisation 3 gains name: C"},
      {"an archive", demo + "\n[archive]\nfield = \"status.until\"\nafter_days = 9\n",
       "archive status.until gains after_days: 9"},
      {"a ceiling",
       demo + "\n[[ceiling]]\nscope = \"organisation\"\norganisation = 1\n"
              "bucket_minutes = 60\nbuckets = 24\nopened = 7\n",
       "ceiling organisation 1, 24 x 60 min gains opened: 7"},
      {"an explanation",
       Replaced(demo, "kind = \"ticket\"\nper_day_max = 40", "kind = \"ticket\"\nper_day_max = 7"),
       "explanation ticket changes per_day_max: 7 (was 40)"},
      {"an approval",
       demo + "\n[[approval]]\nkind = \"erase\"\nasks = [\"privacy-officer\"]\n"
              "approves = [\"security-officer\"]\n",
       "approval erase gains approves: security-officer"},
      {"how a role signs in",
       Replaced(demo, "class = \"case-worker\"", "class = \"case-worker\"\nlevels = [\"eidas3\"]"),
       "role adviser changes levels: eidas3 (was eidas2,eidas3)"},
  };
  for (const Row& row : rows) {
    const std::vector<std::string> lines = Lines(demo, row.after);
    const bool said = std::ranges::any_of(lines, [&row](const std::string& line) {
      return line.find(row.want) != std::string::npos;
    });
    std::string all;
    for (const std::string& line : lines) all += line + "\n";
    EXPECT_TRUE(said) << row.why << ": " << all;
  }
  EXPECT_TRUE(Lines(demo, demo + "\n# a remark\n").empty());
}

}  // namespace
}  // namespace cloison::access
