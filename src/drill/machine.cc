#include "drill/machine.h"

#include <algorithm>

#include "drill/doors.h"
#include "drill/entrance.h"
#include "drill/payments.h"
#include "ingest/generator.h"
#include "vault/load_people.h"

namespace cloison::drill {

namespace {

using access::Counter;

constexpr char kApplication[] = "app.case", kRole[] = "case-application";
constexpr OrganisationId kFranceTravail(1);
constexpr ClientId kClient(7);
constexpr std::size_t kAsksADay = 5;

class MachineThief {
 public:
  MachineThief(World& world, const Options& options, std::unique_ptr<Entrance> entrance,
               std::unique_ptr<PaymentThief> payments)
      : world_(world),
        entrance_(std::move(entrance)),
        payments_(std::move(payments)),
        generator_(options.seed),
        caller_{vault::DemoPrincipalId(kApplication),
                SessionId(vault::DemoPrincipalId(kApplication).array()),
                kClient,
                world.executor(),
                {identity::Actor::kApplication, {}, {}, 0, {}}},
        doors_(world.stage(), book_, caller_, kFranceTravail, kRole) {}

  Status Day() {
    CLOISON_TRY_ASSIGN(
        const Entrance::Tried tried,
        entrance_->Try(vault::DemoPrincipalId(kApplication), identity::Actor::kApplication));
    if (!tried.owner) return Error{Code::kInvalid, "the application's own key does not open"};
    requests_ += tried.times;
    refused_ += tried.times - tried.entered;
    entered_ += tried.entered;
    std::vector<Target> targets;
    for (std::size_t i = 0; i < kAsksADay; ++i) {
      CLOISON_TRY_ASSIGN(Target target, Next());
      CLOISON_TRY_ASSIGN(const std::vector<Told> told, doors_.TryAll(target));
      Note(told);
      targets.push_back(std::move(target));
    }
    CLOISON_TRY_ASSIGN(const std::vector<Told> own, doors_.Overview());
    Note(own);
    CLOISON_TRY(payments_->Day(targets));
    return RegisterUntilRefused();
  }

  Result<drill::Report> Sum(const Options& options) const {
    drill::Report report;
    report.faults = world_.stage().EndFaults();
    const std::uint64_t told = told_ + payments_->told();
    report.options = options;
    CLOISON_TRY_ASSIGN(report.scope, CompareScope(world_.stage(), caller_.session, book_));
    report.requests = requests_ + doors_.requests();
    report.refused = refused_ + doors_.refused();
    report.people_once = entered_ + told;
    report.counters[static_cast<std::size_t>(Counter::kOpened)].shown = entered_ + told;
    report.ratio = report.counters[0].ratio = RatioOf(told + entered_, 0);
    const Result<const access::BudgetClass*> of = world_.vault().policy()->ClassOf(kRole);
    CLOISON_CHECK(of.ok());
    for (const Counter counter : {Counter::kGlimpsed, Counter::kGlimpsedOff}) {
      CounterReport& glimpsed = report.counters[static_cast<std::size_t>(counter)];
      glimpsed = book_.Against((*of)->caps, counter, 0, options.days * base::kDayMs);
      report.ratio = std::max(report.ratio, glimpsed.ratio);
    }
    CLOISON_TRY(payments_->Sum(options.days, report));
    report.entries = world_.vault().ledger().size();
    return report;
  }

 private:
  // Somebody who has a national number, in turn.
  Result<Target> Next() {
    const std::size_t people = world_.people().size();
    for (std::size_t i = 0; i < people; ++i) {
      const std::size_t index = next_++ % people;
      const ingest::GeneratedPerson person = generator_.At(index);
      const std::string_view nir = person.Text("civil_number.nir");
      if (nir.empty()) continue;
      CLOISON_TRY_ASSIGN(const records::PersonCode code,
                         world_.vault().codes().Encode(kFranceTravail, world_.people()[index]));
      return Target{world_.people()[index],
                    code.Text(),
                    {{"civil_number.nir", std::string(nir)},
                     {"identity.birth_name", std::string(person.Text("identity.birth_name"))},
                     {"identity.first_name", std::string(person.Text("identity.first_name"))},
                     {"identity.birth_date", std::string(person.Text("identity.birth_date"))}},
                    {}};
    }
    return Error{Code::kExhausted, "nobody of this register has a national number"};
  }

  // Whoever registers somebody who is there learns that they are.
  Status RegisterUntilRefused() {
    for (std::size_t i = 0; i < world_.people().size(); ++i) {
      CLOISON_TRY_ASSIGN(const Target target, Next());
      const std::string key = "steal-" + std::to_string(requests_);
      const access::Gate::Once once{key, base::ToBytes(AsBytes(key))};
      CLOISON_TRY(vault::CanonicalValues(world_.vault().schema(), target.known));
      const auto outcome = world_.stage().Ask(&book_, target.person, 1, [&] {
        auto values = vault::CanonicalValues(world_.vault().schema(), target.known);
        return world_.vault().gate().Register(caller_, std::move(*values), {"register", ""}, once);
      });
      ++requests_;
      if (!outcome.ok()) return outcome.error();
      const auto* const refusal = std::get_if<access::Refusal>(&*outcome);
      if (refusal == nullptr) return Error{Code::kInvalid, "somebody was registered twice"};
      ++refused_;
      if (refusal->code != access::RefusalCode::kExists) return Ok();
      const std::optional<PersonId> person = PersonOf(*refusal);
      if (!person.has_value()) return Error{Code::kInvalid, "no code of who is there"};
      if (!refusal->recorded.has_value()) return Error{Code::kInvalid, "a glimpse has no entry"};
      BookLine line{world_.clock().now_ms(), *person, {}, {refusal->recorded->index}, {}};
      line.counters.Add(Counter::kGlimpsed).Add(Counter::kGlimpsedOff);
      book_.Add(std::move(line));
    }
    return Ok();
  }
  void Note(const std::vector<Told>& told) {
    told_ += told.size();
    for (const Told& one : told) book_.Add(LineOf(one, world_.clock().now_ms(), true));
  }
  std::optional<PersonId> PersonOf(const access::Refusal& refusal) const {
    if (!refusal.existing.has_value()) return std::nullopt;
    const Result<PersonId> person =
        world_.vault().codes().Decode(kFranceTravail, refusal.existing->Text());
    return person.ok() ? std::optional(*person) : std::nullopt;
  }

  World& world_;
  const std::unique_ptr<Entrance> entrance_;
  const std::unique_ptr<PaymentThief> payments_;
  const ingest::Generator generator_;
  const access::Caller caller_;
  Book book_;
  Doors doors_;
  std::size_t next_ = 0;
  std::uint64_t requests_ = 0, refused_ = 0, entered_ = 0, told_ = 0;
};

}  // namespace

Result<Report> StealMachine(World& world, const Options& options) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<Entrance> entrance, Entrance::Open(world.stage()));
  CLOISON_TRY_ASSIGN(std::unique_ptr<PaymentThief> payments, PaymentThief::Begin(world));
  MachineThief thief(world, options, std::move(entrance), std::move(payments));
  const std::int64_t begin_ms = world.clock().now_ms();
  world.stage().Befall(options, begin_ms);
  for (int day = 0; day < options.days; ++day) {
    world.clock().GoTo(begin_ms + day * base::kDayMs);
    CLOISON_TRY(thief.Day());
  }
  return thief.Sum(options);
}

}  // namespace cloison::drill
