#include "drill/hijack.h"

#include <map>

#include "access/approvals.h"
#include "access/principal_requests.h"
#include "drill/doors.h"

namespace cloison::drill {

namespace {

using access::Approvals;
using access::Counter;

constexpr char kManager[] = "manager.a";
constexpr std::int64_t kRoundMs = 6 * base::kHourMs;
constexpr OrganisationId kFranceTravail(1);

class Hijacker {
 public:
  Hijacker(World& world, std::size_t accounts) : world_(world) {
    for (std::size_t i = 0; i < accounts; ++i) {
      names_.push_back("made." + std::to_string(i + 1));
      books_[names_.back()];
    }
    books_[kManager];
  }

  Status Round(std::size_t number) {
    for (const std::string& made : names_) {
      CLOISON_TRY_ASSIGN(const std::optional<std::uint64_t> asked, Ask(made, number));
      if (!asked.has_value()) continue;
      CLOISON_TRY(Approve(kManager, *asked));
      for (const std::string& other : names_) {
        CLOISON_TRY(Approve(other, *asked));
      }
    }
    CLOISON_TRY(Read(kManager, number));
    for (const std::string& made : names_) {
      CLOISON_TRY(Read(made, number));
    }
    return Ok();
  }

  Status Report(drill::Report& report) const {
    report.scope.emplace();
    for (const auto& [name, book] : books_) {
      const SessionId session(vault::DemoPrincipalId(name).array());
      CLOISON_TRY_ASSIGN(const ScopeDifference difference,
                         CompareScope(world_.stage(), session, book));
      report.scope->Add(difference);
    }
    report.requests = requests_;
    report.refused = refused_;
    report.people_once = told_;
    report.counters[static_cast<std::size_t>(Counter::kOpened)].shown = told_;
    report.counters[static_cast<std::size_t>(Counter::kGlimpsed)].shown = told_;
    return Ok();
  }

 private:
  access::Caller As(const std::string& name) {
    const PrincipalId id = vault::DemoPrincipalId(name);
    return {id, SessionId(id.array()), ClientId(1), world_.executor(),
            identity::Assurance::Internal()};
  }
  template <class T>
  Result<T*> Count(access::Outcome<T>& outcome) {
    ++requests_;
    // Too many are open at once: refused like the rest.
    const bool full = !outcome.ok() && outcome.error().code() == Code::kExhausted;
    if (!outcome.ok() && !full) return outcome.error();
    T* const given = full ? nullptr : std::get_if<T>(&*outcome);
    if (given == nullptr) ++refused_;
    return given;
  }

  Result<std::optional<std::uint64_t>> Ask(const std::string& made, std::size_t number) {
    access::EnrolRequest request;
    request.who = vault::DemoPrincipalId(made);
    request.role = "adviser";
    request.label = made;
    const Bytes what = Encode(request);
    const access::Gate::Once once{made + "/" + std::to_string(number), what};
    auto outcome = world_.stage().Ask(nullptr, {}, 0, [&] {
      return world_.vault().gate().approvals().Ask(As(kManager), {"enrol", what, "new colleague"},
                                                   once);
    });
    CLOISON_TRY_ASSIGN(const Approvals::Shown* const shown, Count(outcome));
    if (shown == nullptr) return std::optional<std::uint64_t>{};
    return std::optional(shown->approval.number);
  }

  Status Approve(const std::string& by, std::uint64_t number) {
    auto outcome = world_.stage().Ask(
        nullptr, {}, 0, [&] { return world_.vault().gate().approvals().Approve(As(by), number); });
    CLOISON_TRY(Count(outcome));
    return Ok();
  }

  // Somebody else each time, by every door that an adviser has.
  Status Read(const std::string& by, std::size_t number) {
    const PersonId& person = world_.people()[number % world_.people().size()];
    CLOISON_TRY_ASSIGN(const records::PersonCode code,
                       world_.vault().codes().Encode(kFranceTravail, person));
    Doors doors(world_.stage(), books_[by], As(by), kFranceTravail, "adviser");
    const Target target{person, code.Text(), {{"contact.email", "a@example.org"}}, {}};
    CLOISON_TRY_ASSIGN(const std::vector<Told> told, doors.TryAll(target));
    CLOISON_TRY_ASSIGN(const std::vector<Told> own, doors.Overview());
    requests_ += doors.requests();
    refused_ += doors.refused();
    told_ += told.size() + own.size();
    for (const auto* const answer : {&told, &own}) {
      for (const Told& one : *answer) {
        books_[by].Add(LineOf(one, world_.clock().now_ms(), true));
      }
    }
    return Ok();
  }

  World& world_;
  std::vector<std::string> names_;
  std::map<std::string, Book> books_;  // by who was told
  std::uint64_t requests_ = 0, refused_ = 0, told_ = 0;
};

}  // namespace

Result<Report> HijackManager(World& world, const Options& options) {
  Hijacker hijacker(world, options.accounts);
  const std::int64_t begin_ms = world.clock().now_ms();
  const std::int64_t end_ms = begin_ms + options.days * base::kDayMs;
  world.stage().Befall(options, begin_ms);
  std::size_t round = 0;
  for (std::int64_t at_ms = begin_ms; at_ms < end_ms; at_ms += kRoundMs) {
    world.clock().GoTo(at_ms);
    CLOISON_TRY(hijacker.Round(round++));
  }
  Report report;
  report.options = options;
  report.faults = world.stage().EndFaults();
  CLOISON_TRY(hijacker.Report(report));
  for (CounterReport& counter : report.counters) {
    counter.ratio = RatioOf(counter.shown, 0);
    report.ratio = std::max(report.ratio, counter.ratio);
  }
  report.entries = world.vault().ledger().size();
  return report;
}

}  // namespace cloison::drill
