// Decoys through a whole vault: who makes them, where, what becomes of who touches one, whom they
// make room for, and that nothing which an agent sees tells one from a person.
#include "access/decoys.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "access/cases.h"
#include "records/search.h"
#include "vault/decoy_inventor.h"
#include "vault/embedded.h"
#include "vault/testing/decoy_learner.h"
#include "vault/testing/test_vault.h"

namespace cloison::vault {
namespace {

using access::Rung;
using testing::TestVault;
using testing::Word;

// Whoever comes in is shown whole, and nobody is refused for having seen too many.
std::string OpenPolicy() {
  std::string text(DemoPolicyToml());
  for (const std::string_view caps :
       {"[60, 150, 400, 800]", "[12, 30, 80, 200]", "[20, 50, 130, 260]", "[120, 300, 800, 1_600]",
        "[60, 150, 400, 800]"}) {
    const std::size_t at = text.find(caps);
    text.replace(at, caps.size(), "[1_000_000, 1_000_000, 1_000_000, 1_000_000]");
  }
  return text +
         "\n[[grant]]\norganisation = 1\nrole = \"adviser\"\npurpose = \"benefit\"\n"
         "relation = \"any\"\nform = \"plain\"\nfields = [\"*\"]\n";
}

class DecoysTest : public ::testing::Test {
 protected:
  using Inventing = std::function<std::shared_ptr<access::DecoyInventor>(
      std::shared_ptr<const records::Schema>, base::Random&)>;

  void Start(DemoSize size = testing::SmallWorld(), const std::string& more = "",
             const Inventing& inventing = {}) {
    vault_ = std::make_unique<TestVault>(size);
    schema_ = DemoSchema(size);
    std::vector<std::string> problems;
    const auto policy = access::Policy::Parse(OpenPolicy() + more, *schema_, &problems);
    ASSERT_TRUE(policy.ok()) << (problems.empty() ? "" : problems[0]);
    vault_->policy = *policy;
    vault_->inventor = inventing ? inventing(schema_, vault_->random)
                                 : std::make_shared<GeneratedDecoys>(
                                       schema_, size.seed, DecoyNumbers{}, vault_->random);
    ASSERT_TRUE(vault_->Start().ok());
    const std::int64_t wall_ms = vault_->clock.wall_ms();  // nine o'clock of the next day
    vault_->clock.Advance(base::kDayMs - wall_ms % base::kDayMs + 8 * base::kHourMs);
  }
  access::Decoys::Tended Tend(std::uint32_t per_100000) {
    const auto tended = vault_->TendDecoys(per_100000);
    EXPECT_TRUE(tended.ok()) << (tended.ok() ? "" : tended.error().text());
    return tended.ok() ? *tended : access::Decoys::Tended{};
  }
  std::string TextOf(const PersonId& person, const std::string& field) {
    const auto shown = vault_->DiscloseAs("adviser.ft", person, {field}, "benefit");
    if (Word(shown) != "shown") return std::string(Word(shown));
    const auto& values = std::get<access::Disclosed>(*shown).records[0].values;
    return values.empty() ? "" : std::string(AsText(values[0].text.Reveal()));
  }
  Rung RungOf(std::string_view who) {
    const auto seen = vault_->Wait(vault_->gate().OwnCapabilities(vault_->As(who)));
    CLOISON_CHECK(Word(seen) == "shown");
    return std::get<access::Capabilities>(*seen).hold.rung;
  }
  std::uint64_t VersionOf(const PersonId& person) {
    const auto sighting = vault_->Wait(vault_->vault().people().Sight(person));
    return sighting.ok() ? sighting->header.seq : 0;
  }

  std::unique_ptr<TestVault> vault_;
  std::shared_ptr<const records::Schema> schema_;
};

TEST_F(DecoysTest, EachStratumHasItsShare) {
  DemoSize size = testing::SmallWorld();
  size.people = 6'000;
  Start(size);
  const access::Decoys::Tended tended = Tend(2'000);
  EXPECT_EQ(tended.people, 6'000u);
  EXPECT_NEAR(static_cast<double>(tended.decoys), 120, 1);
  EXPECT_EQ(tended.unmade, 0u);
  const std::vector<PersonId> made = vault_->Decoys();
  ASSERT_EQ(made.size(), tended.decoys);
  std::set<Aud> apart;
  for (const PersonId& person : made) {
    apart.insert(vault_->Wait(vault_->vault().people().Sight(person))->key.aud());
  }
  const auto count = vault_->Wait(records::CountStrata(
      vault_->vault().people(), [&](const Aud& aud) { return apart.contains(aud); },
      [] { return true; }));
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(count->unread, 0u);
  std::map<std::string, std::pair<double, double>> by_departement;
  for (const auto& [stratum, people] : count->people) {
    by_departement[stratum.departement].first += static_cast<double>(people);
  }
  for (const auto& [stratum, decoys] : count->set_apart) {
    const bool lives = std::ranges::any_of(count->people, [&stratum](const auto& one) {
      return one.first.departement == stratum.departement && one.first.decade == stratum.decade;
    });
    EXPECT_TRUE(lives) << "where nobody lives";
    by_departement[stratum.departement].second += static_cast<double>(decoys.size());
  }
  ASSERT_GT(by_departement.size(), 60u);
  for (const auto& [departement, both] : by_departement) {
    EXPECT_LE(std::abs(both.second - both.first * .02), 1) << departement;
  }
}

TEST_F(DecoysTest, TheyComeAndGoByTwoOfficers) {
  Start();
  const auto ask = [&](std::string_view who, std::uint32_t share) {
    return vault_->AskAs(who, "decoys", Encode(access::DecoysRequest{share}));
  };
  EXPECT_EQ(Word(ask("adviser.ft", 1'000)), "no_right");
  EXPECT_EQ(Word(ask("app.case", 1'000)), "no_right");
  EXPECT_EQ(Word(ask("officer.privacy", 1'000)), "no_right");
  EXPECT_FALSE(ask("officer.security", access::kDecoyShareMax + 1).ok());
  const auto asked = ask("officer.security", 1'000);
  ASSERT_EQ(Word(asked), "shown");
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  EXPECT_EQ(Word(vault_->ApproveAs("officer.security", number)), "no_right") << "alone";
  ASSERT_TRUE(vault_->Wait(vault_->gate().decoys().Tend(vault_->executor)).ok());
  EXPECT_TRUE(vault_->Decoys().empty()) << "nobody agreed";

  EXPECT_EQ(Tend(1'000).made, 20u);
  EXPECT_EQ(Tend(1'000).made, 0u);
  ASSERT_TRUE(vault_->Reopen().ok());
  EXPECT_EQ(Tend(1'000).made, 0u) << "the list was kept";
  const access::Decoys::Tended fewer = Tend(500);
  EXPECT_NEAR(static_cast<double>(fewer.retired), 10, 1);
  const std::vector<PersonId> left = vault_->Decoys();
  EXPECT_EQ(left.size(), 20 - fewer.retired);
  EXPECT_EQ(Tend(500).retired, 0u) << "it stays so";
  EXPECT_EQ(Tend(0).retired, left.size());
  EXPECT_TRUE(vault_->Decoys().empty());
  for (const PersonId& person : left) {
    EXPECT_EQ(vault_->Wait(vault_->vault().people().Sight(person)).error().code(), Code::kNotFound);
  }
  ASSERT_TRUE(vault_->Stop().ok());
  const auto report = vault_->Audit();
  ASSERT_TRUE(report.ok()) << report.error().text();
}

TEST_F(DecoysTest, WithoutANumberOfTheirOwnNoneAreMade) {
  Start(testing::SmallWorld(), "", [](auto, auto&) { return nullptr; });
  EXPECT_EQ(Word(vault_->AskAs("officer.security", "decoys", Encode(access::DecoysRequest{100}))),
            "not_available");
}

TEST_F(DecoysTest, WhoOpensOneIsHeldAndThereIsACase) {
  Start(testing::SmallWorld(), "\n[detectors]\nact = true\n");
  Tend(1'000);
  ASSERT_TRUE(vault_->Reopen().ok());
  const std::vector<PersonId> decoys = vault_->Decoys();
  ASSERT_EQ(decoys.size(), 20u);
  const auto open = [&](const PersonId& person) {
    access::DisclosureRequest request;
    request.persons = {vault_->CodeFor("adviser.ft", person)};
    request.fields = vault_->Fields({"identity.birth_name"});
    request.reason = {"reception", "visit 7"};
    return Word(
        vault_->Wait(vault_->gate().Disclose(vault_->As("adviser.ft"), std::move(request))));
  };
  EXPECT_EQ(open(vault_->world().stranger.person), "shown");
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kNone);
  EXPECT_EQ(open(decoys[0]), "shown") << "it is a record like any";
  EXPECT_EQ(RungOf("adviser.ft"), Rung::kSecondPerson);
  EXPECT_EQ(open(decoys[1]), "held_back");
  const auto cases = vault_->Wait(
      vault_->gate().cases().List(vault_->As("officer.security"), true, access::CaseId{}, 10));
  ASSERT_EQ(Word(cases), "shown");
  const auto& items = std::get<access::Cases::Page>(*cases).items;
  ASSERT_EQ(items.size(), 1u);
  EXPECT_EQ(items[0].why, "decoy");
}

TEST_F(DecoysTest, ARealRegistrationOfItsNumberComesFirst) {
  Start();
  Tend(1'000);
  std::vector<std::pair<PersonId, std::string>> with_nir;
  for (const PersonId& person : vault_->Decoys()) {
    std::string nir = TextOf(person, "civil_number.nir");
    if (!nir.empty()) with_nir.emplace_back(person, std::move(nir));
  }
  ASSERT_GE(with_nir.size(), 2u);
  const auto registered = vault_->RegisterAs("app.case",
                                             {{"identity.birth_name", "DURAND"},
                                              {"identity.first_name", "ZELIE"},
                                              {"civil_number.nir", with_nir[0].second}},
                                             "real-1");
  ASSERT_EQ(Word(registered), "shown");
  EXPECT_EQ(vault_->Wait(vault_->vault().people().Sight(with_nir[0].first)).error().code(),
            Code::kNotFound);
  EXPECT_EQ(vault_->events.Count("decoy_yielded"), 1u);
  // The register's own people give way to nobody.
  const auto again = vault_->RegisterAs("app.case",
                                        {{"identity.birth_name", "DURAND"},
                                         {"identity.first_name", "ZELIE"},
                                         {"civil_number.nir", with_nir[0].second}},
                                        "real-2");
  EXPECT_EQ(Word(again), "exists");
  // A change that would give somebody a decoy's number is asked for once more, and is done.
  const auto& record = std::get<access::Registered>(*registered);
  const auto change = [&] {
    return vault_->UpdateAs("app.case", record.code.Text(), 1,
                            {{"civil_number.nir", with_nir[1].second}});
  };
  EXPECT_EQ(Word(change()), "changed");
  EXPECT_EQ(Word(change()), "shown");
  EXPECT_EQ(vault_->events.Count("decoy_yielded"), 2u);
  // Two are gone, and others come in their place.
  EXPECT_EQ(Tend(1'000).made, 2u);
  ASSERT_TRUE(vault_->Stop().ok());
  EXPECT_TRUE(vault_->Audit().ok());
}

// A change of the list is a commit of its own, with the anchor that it is tied to.
TEST_F(DecoysTest, TheListIsDurableWhenItHasChanged) {
  Start();
  Tend(2'000);
  ASSERT_FALSE(vault_->Decoys().empty());
  const std::uint64_t before = vault_->vault().ledger().size();
  Tend(0);
  EXPECT_GT(vault_->vault().ledger().size(), before);
  EXPECT_TRUE(vault_->Decoys().empty());
  ASSERT_TRUE(vault_->Reopen().ok());
  EXPECT_TRUE(vault_->Decoys().empty()) << "what was taken off comes back";
  std::set<store::Version> lists, people;
  for (const store::KeyedRow& row : vault_->Rows(store::Family::kDecoys)) {
    lists.insert(row.row.version);
  }
  for (const store::KeyedRow& row : vault_->Rows(store::Family::kPeople)) {
    people.insert(row.row.version);
  }
  for (const store::Version version : lists) EXPECT_FALSE(people.contains(version)) << version;
}

TEST_F(DecoysTest, OneThatIsErasedIsReplaced) {
  Start();
  Tend(1'000);
  const PersonId gone = vault_->Decoys()[0];
  const auto erased =
      vault_->EraseAs("officer.privacy", vault_->CodeFor("officer.privacy", gone), 1);
  ASSERT_EQ(Word(erased), "shown") << "as anybody";
  EXPECT_EQ(vault_->Decoys().size(), 19u);
  EXPECT_EQ(Tend(1'000).made, 1u);
  EXPECT_EQ(vault_->Decoys().size(), 20u);
  ASSERT_TRUE(vault_->Reopen().ok());
  EXPECT_EQ(Tend(1'000).made, 0u) << "who is gone is on no list";
}

// Somebody hides rows from a pass and puts them back: no decoy comes back as a record like any.
TEST_F(DecoysTest, ThoseThatWereHiddenWatchWhenTheyAreBack) {
  Start();
  Tend(1'000);
  const std::vector<PersonId> before = vault_->Decoys();
  ASSERT_EQ(before.size(), 20u);
  // One whose key two officers changed is in the journal too, and is not erased.
  for (std::size_t i = 0; i < 5; ++i) {
    const std::string code = vault_->CodeFor("officer.security", before[i]);
    const auto asked = vault_->Wait(vault_->gate().approvals().AskRekey(
        vault_->As("officer.security"), code, {"rekey", "INC-7"}, {"rekey-" + code, {}}));
    ASSERT_EQ(Word(asked), "shown");
    const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
    ASSERT_EQ(Word(vault_->ApproveAs("officer.security.b", number)), "shown");
  }
  ASSERT_TRUE(vault_->Stop().ok());
  store::WriteSet back;
  for (std::size_t i = 0; i < 5; ++i) {
    const store::Key key = records::RowKeyOf(before[i]);
    const auto rows = vault_->Wait(vault_->main_store.MultiGet({key}, store::ReadMode::kAny));
    ASSERT_TRUE(rows.ok());
    back.puts.push_back({key, (*rows)[0].value});
    vault_->Delete(key.family, key.bytes);
  }
  ASSERT_TRUE(vault_->Open().ok());
  EXPECT_NEAR(static_cast<double>(Tend(1'000).made), 5, 1) << "others, for its share";
  ASSERT_TRUE(vault_->Stop().ok());
  ASSERT_TRUE(vault_->Wait(vault_->main_store.Commit(std::move(back))).ok());
  ASSERT_TRUE(vault_->Open().ok());
  // So they are on the list: people are not retired.
  EXPECT_NEAR(static_cast<double>(Tend(1'000).retired), 5, 2) << "they are too many now";
  EXPECT_NEAR(static_cast<double>(vault_->Decoys().size()), 20, 1);
}

TEST_F(DecoysTest, TheyChangeAsOftenAsOthers) {
  Start();
  Tend(1'000);
  std::size_t updated = 0;
  for (std::size_t i = 0; i < vault_->world().people.size(); i += 2) {
    const PersonId& person = vault_->world().people[i];
    const auto done = vault_->UpdateAs("app.case", vault_->CodeFor("app.case", person), 1,
                                       {{"notes.adviser", "moved " + std::to_string(i)}});
    ASSERT_EQ(Word(done), "shown");
    ++updated;
  }
  ASSERT_EQ(updated, 1'000u);
  EXPECT_NEAR(static_cast<double>(Tend(1'000).moved), 10, 1);
  std::size_t second = 0;
  for (const PersonId& person : vault_->Decoys()) second += VersionOf(person) == 2 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(second), 10, 1);
  EXPECT_EQ(Tend(1'000).moved, 0u) << "once is enough";
}

// Decoys of a register that has lived: those made today are no younger than others.
TEST_F(DecoysTest, TheyAreMadeAsOldAsOthers) {
  Start();
  for (std::size_t i = 0; i < vault_->world().people.size(); i += 2) {
    const std::string code = vault_->CodeFor("app.case", vault_->world().people[i]);
    for (std::uint64_t version = 1; version < 4; ++version) {
      const std::string note = "moved " + std::to_string(version);
      ASSERT_EQ(Word(vault_->UpdateAs("app.case", code, version, {{"notes.adviser", note}})),
                "shown");
    }
  }
  const access::Decoys::Tended tended = Tend(1'000);
  EXPECT_EQ(tended.made, 20u);
  std::size_t fourth = 0;
  for (const PersonId& person : vault_->Decoys()) fourth += VersionOf(person) == 4 ? 1 : 0;
  EXPECT_NEAR(static_cast<double>(fourth), 10, 1);
}

TEST_F(DecoysTest, AnOlderListIsNoticed) {
  Start();
  Tend(500);
  const auto old = vault_->Rows(store::Family::kDecoys);
  ASSERT_EQ(old.size(), 1u);
  Tend(1'000);
  ASSERT_TRUE(vault_->Stop().ok());
  const auto whole = vault_->Rows(store::Family::kDecoys);
  EXPECT_EQ(whole[0].row.value.size(), old[0].row.value.size()) << "tells how many there are";
  vault_->Overwrite(store::Family::kDecoys, old);
  EXPECT_FALSE(vault_->Open().ok());
  vault_->Overwrite(store::Family::kDecoys, {});
  EXPECT_FALSE(vault_->Open().ok());
  vault_->Overwrite(store::Family::kDecoys, whole);
  EXPECT_TRUE(vault_->Open().ok());
}

// ---- what an agent sees

// Of each person: what a disclosure of every field gave, in how many steps, and what a search by
// what it gave found.
class TellTest : public DecoysTest {
 protected:
  using Learnt = testing::DecoyLearner::Learnt;
  // Changes what was seen of a decoy: for learners that must find something.
  using Telling = std::function<void(testing::SeenRecord& seen)>;

  void LookAt(std::size_t people, const Inventing& inventing) {
    constexpr std::size_t kLookedAt = 3;  // people for each decoy
    DemoSize size = testing::SmallWorld();
    size.people = people;
    Start(size, "", inventing);
    EXPECT_GT(Tend(10'000).made, people * 9 / 100);
    std::vector<std::pair<PersonId, bool>> looks;
    for (const PersonId& person : vault_->Decoys()) looks.emplace_back(person, true);
    std::vector<PersonId> world = vault_->world().people;  // households beside each other
    Shuffle(world);
    const std::size_t looked_at = std::min(world.size(), kLookedAt * looks.size());
    for (std::size_t i = 0; i < looked_at; ++i) looks.emplace_back(world[i], false);
    // As an agent comes upon them, one among the others: what changes with the time (how much was
    // folded, how much a search has to read) is then the same for both.
    Shuffle(looks);
    seen_.clear();
    for (const auto& [person, is_decoy] : looks) seen_.emplace_back(Seen(person), is_decoy);
  }
  template <class T>
  void Shuffle(std::vector<T>& all) {
    for (std::size_t i = all.size(); i > 1; --i) {
      std::swap(all[i - 1], all[vault_->random.Below(i)]);
    }
  }
  Learnt LearntBy(const Telling& telling = {}) {
    testing::DecoyLearner learner;
    for (const auto& [seen, is_decoy] : seen_) {
      testing::SeenRecord changed = seen;
      if (telling && is_decoy) telling(changed);
      learner.Add(changed, is_decoy);
    }
    return learner.Learn();
  }

  testing::SeenRecord Seen(const PersonId& person) {
    testing::SeenRecord seen;
    access::DisclosureRequest request;
    request.persons = {vault_->CodeFor("adviser.ft", person)};
    for (const records::FieldSpec& field : schema_->fields()) request.fields.push_back(field.id);
    request.reason = {"benefit", "visit 7"};
    seen.Column("code", request.persons[0]);
    const std::size_t before = steps_;
    const auto shown = Counted(vault_->gate().Disclose(vault_->As("adviser.ft"), request));
    CLOISON_CHECK(Word(shown) == "shown");
    seen.Number("steps", static_cast<double>(steps_ - before));
    const access::ShownRecord& record = std::get<access::Disclosed>(*shown).records[0];
    seen.Number("version", static_cast<double>(record.version));
    std::size_t bytes = 0;
    std::map<std::string, std::string> texts;
    for (const records::FieldSpec& field : schema_->fields()) {
      const auto value = std::ranges::find(record.values, field.id, &records::OpenedValue::field);
      const std::string text =
          value == record.values.end() ? "" : std::string(AsText(value->text.Reveal()));
      bytes += text.size();
      seen.Column(field.name, text);
      texts[field.name] = text;
    }
    seen.Number("bytes", static_cast<double>(bytes));
    seen.Number("values", static_cast<double>(record.values.size()));
    Search(request.persons[0], texts, seen);
    return seen;
  }

  // By name and birth date: how many there are, and which of them it is.
  void Search(const std::string& code, std::map<std::string, std::string>& texts,
              testing::SeenRecord& seen) {
    access::LookupRequest request{{0, {}}, {"reception", "visit 7"}};
    const records::SearchTexts asked{{texts["identity.birth_name"]},
                                     texts["identity.first_name"],
                                     texts["identity.birth_date"],
                                     texts["address.postcode"]};
    Result<records::SearchForms> forms = records::SearchForms::Of(asked);
    double rows = -1, place = -1, steps = -1, narrow = -1;
    if (forms.ok() && forms->IsSearchable()) {
      request.search = std::make_shared<const records::SearchForms>(std::move(*forms));
      const std::size_t before = steps_;
      const auto found =
          Counted(vault_->gate().LookUp(vault_->As("adviser.ft"), std::move(request)));
      CLOISON_CHECK(Word(found) == "shown");
      steps = static_cast<double>(steps_ - before);
      const access::LookedUp& looked = std::get<access::LookedUp>(*found);
      rows = static_cast<double>(looked.rows.size());
      narrow = looked.narrow ? 1 : 0;
      for (std::size_t i = 0; i < looked.rows.size(); ++i) {
        if (looked.rows[i].code.Text() == code) place = static_cast<double>(i);
      }
    }
    seen.Number("search/rows", rows);
    seen.Number("search/place", place);
    seen.Number("search/steps", steps);
    seen.Number("search/narrow", narrow);
  }

  template <class T>
  T Counted(Task<T> task) {
    std::optional<T> out;
    base::Detach(Keep(std::move(task), out));
    while (!out.has_value() && vault_->executor.Step()) ++steps_;
    CLOISON_CHECK(out.has_value());
    return std::move(*out);
  }
  template <class T>
  static Task<void> Keep(Task<T> task, std::optional<T>& out) {
    T value = co_await std::move(task);
    out.emplace(std::move(value));
  }
  std::size_t steps_ = 0;
  std::vector<std::pair<testing::SeenRecord, bool>> seen_;
};

TEST_F(TellTest, NothingTellsADecoyFromAPerson) {
  LookAt(20'000, {});
  const Learnt learnt = LearntBy();
  RecordProperty("area", std::to_string(learnt.area));
  EXPECT_LE(learnt.area, .52) << learnt.by;
}

// Mail addresses with a number that is high.
class HighNumbers final : public access::DecoyInventor {
 public:
  HighNumbers(std::shared_ptr<const records::Schema> schema, base::Random& random)
      : inner_(std::move(schema), 1, DecoyNumbers{}, random) {}
  std::optional<Invented> Invent(const records::Stratum& stratum, std::size_t people) override {
    return inner_.Invent(stratum, people * 100);
  }
  std::optional<records::Value> Move(std::uint64_t origin, std::size_t people) override {
    return inner_.Move(origin, people * 100);
  }

 private:
  GeneratedDecoys inner_;
};

// The learner is able: what tells decoys apart is found, and named.
TEST_F(TellTest, ATellIsFound) {
  const auto mails = [](auto schema, auto& random) {
    return std::make_shared<HighNumbers>(schema, random);
  };
  LookAt(4'000, mails);
  const Learnt mail = LearntBy();
  EXPECT_GT(mail.area, .8) << "numbers in mail addresses";
  EXPECT_NE(mail.by.find("contact.email/count"), std::string::npos) << mail.by;
  const auto orders = [](auto schema, auto& random) {
    const DecoyNumbers numbers{{{900, 999}}, {}, {}};
    return std::make_shared<GeneratedDecoys>(schema, 1, numbers, random);
  };
  LookAt(4'000, orders);
  EXPECT_GT(LearntBy().area, .6) << "order numbers of the NIR that are all high";
}

TEST_F(TellTest, AStepOrARowMoreIsFound) {
  LookAt(4'000, {});
  for (const char* const what : {"steps", "version", "values", "search/place", "search/rows"}) {
    const Learnt learnt =
        LearntBy([what](testing::SeenRecord& seen) { seen.Number(what, seen.NumberOf(what) + 1); });
    EXPECT_GT(learnt.area, .9) << what << ": " << learnt.by;
    EXPECT_NE(learnt.by.find(what), std::string::npos) << learnt.by;
  }
}

}  // namespace
}  // namespace cloison::vault
