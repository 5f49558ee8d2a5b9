#include "assess/assess.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "assess/account_replay.h"
#include "base/check.h"
#include "base/clock.h"
#include "text/base32.h"

namespace cloison::assess {

namespace {

using access::Counter;
using access::Scope;

constexpr Counter kCeilingCounters[] = {Counter::kOpened, Counter::kOpenedOff, Counter::kSensitive,
                                        Counter::kGlimpsed};

// The class of a role: as the map says, else the policy's role of that name, else the default.
Result<const access::BudgetClass*> ClassOfRole(const std::string& role, const Options& options,
                                               std::vector<std::string>* problems) {
  std::string name = options.default_class;
  const auto mapped = options.map.classes.find(role);
  if (mapped != options.map.classes.end()) {
    name = mapped->second;
  } else if (const access::Role* known = options.policy->FindRole(role)) {
    name = known->budget_class;
  }
  for (const access::BudgetClass& one : options.policy->classes()) {
    if (one.name == name) return &one;
  }
  problems->push_back("the policy has no budget class '" + name + "'");
  return Error{Code::kInvalid, "no such budget class"};
}

// Makes the findings of one log, step by step.
class Assessment {
 public:
  Assessment(const Options& options, std::vector<std::string>* problems)
      : options_(options),
        problems_(problems),
        hash_(options.key),
        partitions_(options.temporary, options.memory_bytes),
        reading_(options.map, hash_, accounts_, partitions_) {}

  Result<Findings> Run(std::unique_ptr<ByteSource> log) {
    const ReadingOptions reading{options_.threads, options_.block_bytes, options_.rejects,
                                 options_.include_values, options_.scope};
    CLOISON_TRY(reading_.Begin(std::move(log), reading, problems_));
    CLOISON_TRY(reading_.Run(reading));
    findings_.counts = reading_.counts();
    if (findings_.counts.accesses == 0) {
      problems_->push_back("no line of the log is an access that can be read");
      return Error{Code::kInvalid, "nothing to assess"};
    }
    findings_.time_form = reading_.time().form();
    findings_.zone = reading_.time().zone();
    findings_.told = reading_.layout().has(LogColumn::kCaseload);
    findings_.spilled_bytes = partitions_.spilled_bytes();
    CLOISON_TRY(ChooseClasses());
    CLOISON_TRY(Replay());
    return std::move(findings_);
  }

 private:
  Status ChooseClasses() {
    for (const Place& place : accounts_.places()) {
      CLOISON_TRY_ASSIGN(const access::BudgetClass* const one,
                         ClassOfRole(place.role, options_, problems_));
      caps_.push_back(one->caps);
      class_names_.push_back(one->name);
      const bool known = std::ranges::any_of(
          findings_.classes, [one](const auto& other) { return other.name == one->name; });
      if (!known) findings_.classes.push_back(*one);
    }
    std::ranges::sort(findings_.classes, {}, &access::BudgetClass::name);
    return Ok();
  }

  Status Replay() {
    const Grouping grouping(accounts_);
    PairCounts pairs(accounts_.offices().size() + accounts_.clients().size(),
                     findings_.counts.first_ms, findings_.counts.last_ms);
    const ReplayGround ground{accounts_, grouping, caps_, findings_.zone, pairs, findings_.told};
    const std::size_t threads = std::max<std::size_t>(1, options_.threads);
    std::vector<std::unique_ptr<AccountReplay>> replays;
    for (std::size_t i = 0; i < threads; ++i) {
      replays.push_back(std::make_unique<AccountReplay>(ground));
    }
    std::vector<std::optional<Error>> failed(threads);
    std::atomic<std::size_t> next{0};
    const auto run = [&](std::size_t thread) {
      for (std::size_t part = next++; part < kParts; part = next++) {
        Result<std::vector<Record>> records = partitions_.Load(part);
        if (!records.ok()) {
          failed[thread] = records.error();
          return;
        }
        replays[thread]->Run(*records);
      }
    };
    std::vector<std::thread> others;
    for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run, i);
    run(0);
    for (std::thread& thread : others) thread.join();
    for (const auto& error : failed) {
      if (error.has_value()) return *error;
    }
    Tally tally(accounts_, grouping);
    for (const auto& replay : replays) tally.Add(replay->tally());
    Gather(tally, grouping);
    ProposeCeilings(pairs);
    return Ok();
  }

  void Gather(const Tally& tally, const Grouping& grouping) {
    findings_.all = tally.all;
    findings_.people = tally.people.Estimate();
    findings_.register_people = std::max(options_.register_people, findings_.people);
    std::vector<std::string> role_class(grouping.roles.size());
    for (std::size_t i = 0; i < accounts_.places().size(); ++i) {
      const Place& place = accounts_.places()[i];
      role_class[grouping.role_of[i]] = class_names_[i];
      findings_.places.push_back(
          {place.organisation, place.office, place.role, class_names_[i], tally.places[i], {}});
    }
    for (std::size_t i = 0; i < grouping.roles.size(); ++i) {
      Row row{"", "", grouping.roles[i], role_class[i], tally.roles[i], {}};
      if (!tally.role_people.empty()) row.people = tally.role_people[i].Estimate();
      findings_.roles.push_back(std::move(row));
    }
    for (std::size_t i = 0; i < accounts_.offices().size(); ++i) {
      const Office& office = accounts_.offices()[i];
      findings_.offices.push_back({office.organisation, office.name, "", "", tally.offices[i], {}});
    }
    const auto by_name = [](const Row& a, const Row& b) {
      return std::tie(a.organisation, a.office, a.role) <
             std::tie(b.organisation, b.office, b.role);
    };
    std::ranges::sort(findings_.places, by_name);
    std::ranges::sort(findings_.offices, by_name);
    for (const TopAccount& top : tally.Top()) {
      findings_.top.push_back({accounts_.accounts()[top.account], PseudonymOf(top.account),
                               accounts_.places()[top.place], top});
    }
  }

  // The same in all reports of one run, and nothing outside of it.
  std::string PseudonymOf(std::uint32_t number) const {
    constexpr int kSymbols = 8;
    const Account& account = accounts_.accounts()[number];
    std::string text = "pseudonym";
    base::AppendU16(text, static_cast<std::uint16_t>(account.organisation.size()));
    text += account.organisation + account.agent;
    std::uint64_t hash = hash_.Of(base::AsBytes(text));
    std::string out = "account-";
    for (int i = 0; i < kSymbols; ++i, hash >>= 5) {
      out.push_back(text::Base32Symbol(static_cast<std::uint8_t>(hash & 31)));
    }
    return out;
  }

  void ProposeFor(const PairCounts& pairs, CeilingRow row, const std::vector<std::size_t>& groups) {
    for (const Counter counter : kCeilingCounters) {
      if (counter == Counter::kOpenedOff && !findings_.told) continue;
      const std::vector<PairCounts::Day> days =
          pairs.DaysOf(groups, static_cast<std::size_t>(counter), findings_.zone);
      if (row.scope == Scope::kRegister && counter == Counter::kGlimpsed) {
        findings_.register_days = days;
      }
      row.counter = counter;
      row.proposal = Propose(days);
      if (row.proposal.days > 0) findings_.ceilings.push_back(row);
    }
  }

  void ProposeCeilings(const PairCounts& pairs) {
    findings_.bucket_ms = pairs.bucket_ms();
    findings_.buckets = pairs.buckets();
    if (!pairs.usable()) return;
    std::map<std::string, std::vector<std::size_t>> organisations;
    std::map<Office, std::size_t> offices;
    std::map<std::string, std::size_t> clients;
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < accounts_.offices().size(); ++i) {
      const Office& office = accounts_.offices()[i];
      organisations[office.organisation].push_back(i);
      offices.emplace(office, i);
      all.push_back(i);
    }
    for (std::size_t i = 0; i < accounts_.clients().size(); ++i) {
      clients.emplace(accounts_.clients()[i], accounts_.offices().size() + i);
    }
    ProposeFor(pairs, {Scope::kRegister, "", "", {}, {}}, all);
    for (const auto& [name, groups] : organisations) {
      if (!name.empty()) ProposeFor(pairs, {Scope::kOrganisation, name, "", {}, {}}, groups);
    }
    for (const auto& [office, group] : offices) {
      if (office.name.empty()) continue;
      ProposeFor(pairs, {Scope::kOffice, office.organisation, office.name, {}, {}}, {group});
    }
    for (const auto& [name, group] : clients) {
      if (!name.empty()) ProposeFor(pairs, {Scope::kClient, "", name, {}, {}}, {group});
    }
  }

  const Options& options_;
  std::vector<std::string>* const problems_;
  const crypto::ShortHash hash_;
  Accounts accounts_;
  Partitions partitions_;
  LogReading reading_;
  std::vector<access::Caps> caps_;  // by place
  std::vector<std::string> class_names_;
  Findings findings_;
};

}  // namespace

const access::BudgetClass& Findings::ClassOf(const std::string& name) const {
  const auto at = std::ranges::find(classes, name, &access::BudgetClass::name);
  CLOISON_CHECK(at != classes.end());
  return *at;
}

Result<Findings> Run(std::unique_ptr<ByteSource> log, const Options& options,
                     std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr && options.policy != nullptr);
  return Assessment(options, problems).Run(std::move(log));
}

Reach ReachOf(const Row& row, const Findings& findings) {
  constexpr std::uint64_t kMinutesPerHour = 60, kHoursPerDay = 24;
  const access::Caps& caps = findings.ClassOf(row.budget_class).caps;
  const std::uint64_t rate_hour = row.tally.most_per_minute * kMinutesPerHour;
  Reach reach{row.tally.most[0],
              row.tally.most[1],
              row.tally.most[2],
              row.tally.most[3],
              std::min(rate_hour, findings.register_people),
              std::min(rate_hour * kHoursPerDay, findings.register_people),
              {},
              {}};
  for (std::size_t w = 0; w < access::kWindows; ++w) {
    reach.opened[w] = access::Bound(caps, Counter::kOpened, access::kWindowMs[w]);
    reach.opened_off[w] = access::Bound(caps, Counter::kOpenedOff, access::kWindowMs[w]);
  }
  return reach;
}

}  // namespace cloison::assess
