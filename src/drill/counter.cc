#include "drill/counter.h"

#include <algorithm>
#include <map>
#include <set>

#include "drill/doors.h"
#include "ingest/generator.h"
#include "vault/demo_world.h"
#include "vault/embedded.h"
#include "vault/load_people.h"

namespace cloison::drill {

namespace {

using access::Counter;
using access::ShowingFamily;

constexpr int kHistoryDays = 30;
constexpr std::size_t kComeInADayMin = 60, kComeInADaySpread = 60;
constexpr int kStrangersAnHour = 4;
constexpr std::int64_t kOpensMs = 9 * base::kHourMs, kOpenMs = 10 * base::kHourMs;
// As long as the policy lets a presence last.
constexpr std::int64_t kPresentMs = 2 * base::kHourMs;
constexpr int kWorkdays = 6, kWeek = 7;
constexpr OrganisationId kPayer(1), kPharmacies(2);
constexpr char kPharmacist[] = "pharmacist", kReader[] = "card-reader", kPurpose[] = "dispense";
constexpr char kCovered[] = "rights.covered";

struct Desk {
  PrincipalId pharmacist, reader;
};

// People of the drill's other registers, insured here. Whoever has no national number there has
// that of nobody here: they are left out.
std::vector<std::pair<std::string_view, std::string>> InsuredTexts(
    const records::Schema& schema, const ingest::GeneratedPerson& person, std::size_t index) {
  std::vector<std::pair<std::string_view, std::string>> texts;
  for (const auto& [name, text] : person.fields) {
    if (schema.Find(name) != nullptr && name != "identity.sex") texts.emplace_back(name, text);
  }
  texts.emplace_back(kCovered, index % 10 == 0 ? "no" : "yes");
  return texts;
}

std::string_view PolicyOf(const Options& options) {
  return options.policy_toml.empty() ? vault::PayerPolicyToml() : options.policy_toml;
}

// The payer's register and its counters. Threads: one.
class Payer {
 public:
  static Result<std::unique_ptr<Payer>> Open(const Options& options, const Ground& ground) {
    std::vector<std::string> problems;
    CLOISON_TRY_ASSIGN(std::shared_ptr<const records::Schema> schema,
                       records::Schema::Parse(vault::InsuredPersonsSchemaToml(), &problems));
    CLOISON_TRY_ASSIGN(std::shared_ptr<const access::Policy> policy,
                       access::Policy::Parse(PolicyOf(options), *schema, &problems));
    CLOISON_TRY_ASSIGN(std::unique_ptr<Stage> stage,
                       Stage::Open(ground, {"drill.invalid/insured-persons", std::move(schema),
                                            std::move(policy)}));
    std::unique_ptr<Payer> payer(new Payer(options, std::move(stage)));
    CLOISON_TRY(payer->Load());
    CLOISON_TRY(payer->Enrol());
    return payer;
  }

  Stage& stage() { return *stage_; }
  const std::vector<PersonId>& people() const { return loaded_.people; }
  const std::vector<Desk>& desks() const { return desks_; }
  Target TargetOf(std::size_t person) const {
    const Result<records::PersonCode> code =
        stage_->vault().codes().Encode(kPharmacies, people()[person]);
    CLOISON_CHECK(code.ok());
    const ingest::GeneratedPerson known = generator_.At(indices_[person]);
    return {people()[person],
            code->Text(),
            {{"civil_number.nir", std::string(known.Text("civil_number.nir"))},
             {"identity.birth_date", std::string(known.Text("identity.birth_date"))},
             {kCovered, "yes"}},
            InsuredTexts(stage_->vault().schema(), known, person)};
  }
  access::Caller As(const PrincipalId& who) {
    return {who, SessionId(who.array()), ClientId(1), stage_->executor(),
            identity::Assurance::Internal()};
  }

 private:
  Payer(const Options& options, std::unique_ptr<Stage> stage)
      : options_(options), stage_(std::move(stage)), generator_(options.seed) {}

  Status Load() {
    for (std::uint64_t index = 0; indices_.size() < options_.people; ++index) {
      if (index == ingest::kGeneratedPeopleMax) {
        return Error{Code::kExhausted, "not enough people with a national number"};
      }
      if (!generator_.At(index).Text("civil_number.nir").empty()) indices_.push_back(index);
    }
    CLOISON_TRY(stage_->Wait(stage_->vault().EnrolOrganisation(kPayer)));
    CLOISON_TRY(stage_->Wait(stage_->vault().EnrolOrganisation(kPharmacies)));
    const records::Schema& schema = stage_->vault().schema();
    CLOISON_TRY_ASSIGN(loaded_, stage_->Wait(vault::LoadPeople(
                                    stage_->vault(), indices_.size(),
                                    [&](std::size_t i) {
                                      return vault::CanonicalValues(
                                          schema,
                                          InsuredTexts(schema, generator_.At(indices_[i]), i));
                                    },
                                    [](std::size_t) {})));
    return Ok();
  }

  Status Enrol() {
    std::vector<access::PrincipalInfo> infos;
    for (std::size_t i = 0; i < options_.accounts; ++i) {
      const std::string number = std::to_string(i + 1);
      Desk desk{vault::DemoPrincipalId("pharmacist." + number),
                vault::DemoPrincipalId("reader." + number)};
      // Two offices stand in the policy: the others belong to none.
      const auto office =
          i < 2 ? std::optional(OfficeId(static_cast<std::uint32_t>(i + 1))) : std::nullopt;
      infos.push_back({desk.pharmacist, kPharmacies, office, kPharmacist, "pharmacist." + number,
                       false, std::nullopt});
      infos.push_back(
          {desk.reader, kPharmacies, office, kReader, "reader." + number, false, std::nullopt});
      desks_.push_back(desk);
    }
    return stage_->Wait(stage_->vault().gate().Enrol(std::move(infos), stage_->executor()));
  }

  const Options options_;
  const std::unique_ptr<Stage> stage_;
  const ingest::Generator generator_;
  std::vector<std::uint64_t> indices_;  // of the generator, by person
  vault::LoadedPeople loaded_;
  std::vector<Desk> desks_;
};

// What comes out at one counter: while it is honest, and when it is stolen.
class Till {
 public:
  Till(Payer& payer, std::size_t number)
      : payer_(payer),
        desk_(payer.desks()[number]),
        doors_(payer.stage(), book_, payer.As(desk_.pharmacist), kPharmacies, kPharmacist) {}

  // Somebody comes in with their card.
  Status ComesIn(std::size_t person, bool stolen) {
    const Target target = payer_.TargetOf(person);
    std::vector<access::NewExplanation> read{
        {desk_.pharmacist, target.code, access::ExplanationKind::kPresence, std::nullopt, "card"}};
    const std::string key = "card-" + std::to_string(++cards_);
    access::Gate::Once once{key, base::ToBytes(AsBytes(key))};
    const auto outcome = payer_.stage().Ask(nullptr, {}, 0, [&] {
      return payer_.stage().vault().gate().explanations().Write(payer_.As(desk_.reader), read,
                                                                once);
    });
    if (!outcome.ok()) return outcome.error();
    present_until_ms_[person] = payer_.stage().clock().now_ms() + kPresentMs;
    CLOISON_TRY_ASSIGN(const std::vector<Told> covered,
                       doors_.Match(target, kPurpose, kCovered, "yes", true));
    if (!stolen) {
      ++honest_.requests;
      honest_.refused += covered.empty() ? 1 : 0;
    }
    Note(covered, false);
    if (!stolen) return Ok();
    CLOISON_TRY_ASSIGN(const std::vector<Told> all, doors_.TryAll(target, true));
    Note(all, false);
    return Ok();
  }

  // Anybody, by every door: hardly ever somebody who is there.
  Status AsksFor(std::size_t person) {
    CLOISON_TRY_ASSIGN(const std::vector<Told> told, doors_.TryAll(payer_.TargetOf(person)));
    const auto present = present_until_ms_.find(person);
    const bool here =
        present != present_until_ms_.end() && payer_.stage().clock().now_ms() < present->second;
    Note(told, !here);
    return Ok();
  }

  // Nobody is on a counter's caseload.
  Status AsksForOwn() {
    CLOISON_TRY_ASSIGN(const std::vector<Told> told, doors_.Overview());
    Note(told, true);
    return Ok();
  }

  const Book& book() const { return book_; }
  const Doors& doors() const { return doors_; }
  const Tally& honest() const { return honest_; }
  SessionId session() const { return SessionId(desk_.pharmacist.array()); }

 private:
  void Note(const std::vector<Told>& told, bool stranger) {
    for (const Told& one : told) {
      book_.Add(LineOf(one, payer_.stage().clock().now_ms(), stranger));
    }
  }

  Payer& payer_;
  const Desk desk_;
  Book book_;
  Doors doors_;
  Tally honest_;
  std::map<std::size_t, std::int64_t> present_until_ms_;
  std::uint64_t cards_ = 0;
};

using Tills = std::vector<std::unique_ptr<Till>>;

// One day: people come in over its ten hours; a thief asks for strangers each hour of 24.
Status Day(Payer& payer, Tills& tills, Draw& draw, std::int64_t begin_ms, bool open, bool stolen) {
  struct Event {
    std::int64_t at_ms;
    std::size_t till;
    bool comes_in;
  };
  std::vector<Event> events;
  for (std::size_t i = 0; i < tills.size(); ++i) {
    const std::size_t come = open ? kComeInADayMin + draw.Below(kComeInADaySpread) : 0;
    for (std::size_t j = 0; j < come; ++j) {
      events.push_back(
          {begin_ms + kOpensMs + static_cast<std::int64_t>(draw.Below(kOpenMs)), i, true});
    }
    for (std::size_t j = 0; stolen && j < std::size_t{kStrangersAnHour * 24}; ++j) {
      const auto at_ms = static_cast<std::int64_t>(j) * (base::kHourMs / kStrangersAnHour);
      events.push_back({begin_ms + at_ms, i, false});
    }
  }
  std::ranges::stable_sort(events, {}, &Event::at_ms);
  for (const Event& event : events) {
    payer.stage().clock().GoTo(event.at_ms);
    const std::size_t person = draw.Below(payer.people().size());
    CLOISON_TRY(event.comes_in ? tills[event.till]->ComesIn(person, stolen)
                               : tills[event.till]->AsksFor(person));
  }
  for (const auto& till : tills) {
    if (!stolen) break;
    CLOISON_TRY(till->AsksForOwn());
  }
  return Ok();
}

// Of those who stand there answers are promised, within the windows of that family; no field of
// anybody, and nothing of anybody else.
access::Caps PromisedCaps() {
  access::Caps caps = access::CapsOf(ShowingFamily::kPresence);
  for (std::size_t c = 0; c < access::kCounters; ++c) {
    if (static_cast<Counter>(c) != Counter::kGlimpsed) caps.of[c].fill(0);
  }
  return caps;
}

Result<Report> Sum(const Options& options, Payer& payer, const Tills& tills,
                   std::int64_t begin_ms) {
  const FaultReport faults = payer.stage().EndFaults();
  Report report;
  report.options = options;
  report.scope.emplace();
  const access::Caps caps = PromisedCaps();
  const std::int64_t duration_ms = options.days * base::kDayMs;
  std::set<PersonId> once;
  for (const auto& till : tills) {
    report.requests += till->doors().requests() - till->honest().requests;
    report.refused += till->doors().refused() - till->honest().refused;
    report.honest_reads += till->honest().requests;
    report.honest_refused += till->honest().refused;
    for (const BookLine& line : till->book().lines()) {
      if (line.at_ms >= begin_ms && line.counters.Has(Counter::kOpened)) once.insert(line.person);
    }
    for (std::size_t c = 0; c < access::kCounters; ++c) {
      const CounterReport own =
          till->book().Against(caps, static_cast<Counter>(c), begin_ms, duration_ms);
      report.counters[c].shown += own.shown;
      report.counters[c].bound += own.bound;
      report.counters[c].ratio = std::max(report.counters[c].ratio, own.ratio);
      report.ratio = std::max(report.ratio, own.ratio);
    }
    CLOISON_TRY_ASSIGN(const ScopeDifference difference,
                       CompareScope(payer.stage(), till->session(), till->book()));
    report.scope->Add(difference);
  }
  report.people_once = once.size();
  report.faults = faults;
  report.entries = payer.stage().vault().ledger().size();
  return report;
}

}  // namespace

Result<Report> StealCounters(const Options& options, const Ground& ground) {
  CLOISON_TRY_ASSIGN(const std::unique_ptr<Payer> payer, Payer::Open(options, ground));
  Draw draw(options.seed);
  Tills tills;
  for (std::size_t i = 0; i < options.accounts; ++i) {
    tills.push_back(std::make_unique<Till>(*payer, i));
  }
  const std::int64_t first_ms = payer->stage().clock().now_ms();
  const std::int64_t begin_ms = first_ms + kHistoryDays * base::kDayMs;
  for (int day = 0; day < kHistoryDays + options.days; ++day) {
    const bool stolen = day >= kHistoryDays;
    if (day == kHistoryDays) {
      payer->stage().clock().GoTo(begin_ms);
      payer->stage().Befall(options, begin_ms);
    }
    CLOISON_TRY(
        Day(*payer, tills, draw, first_ms + day * base::kDayMs, day % kWeek < kWorkdays, stolen));
  }
  return Sum(options, *payer, tills, begin_ms);
}

}  // namespace cloison::drill
