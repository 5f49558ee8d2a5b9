#include "drill/patient.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "drill/chance.h"
#include "drill/guesses.h"
#include "records/codes.h"

namespace cloison::drill {

namespace {

constexpr std::int64_t kOfficeOpensMs = 9 * base::kHourMs, kOfficeHoursMs = 8 * base::kHourMs;
constexpr int kWeekdays = 5, kWeek = 7;
constexpr std::uint64_t kReadsADayMin = 5, kReadsADaySpread = 20;
constexpr double kGapMedianS = 109;
constexpr std::int64_t kGuessMs = 1;
constexpr int kProbes = 300;  // of a month: two glimpses each

// What somebody waits between two people at the counter or the screen.
std::int64_t HumanGapMs(Draw& draw) {
  return static_cast<std::int64_t>(1'000 * kGapMedianS * std::exp(Normal(draw)));
}

struct Step {
  enum class What { kSteals, kWorks, kHelps };
  std::int64_t at_ms;
  std::size_t thief;
  What what;
};

std::vector<Step> StepsOf(const Options& options, std::size_t thieves, Draw& draw) {
  std::vector<Step> steps;
  for (int day = 0; day < options.days; ++day) {
    if (day % kWeek >= kWeekdays) continue;
    const std::int64_t opens_ms = day * base::kDayMs + kOfficeOpensMs;
    for (std::size_t i = 0; i < thieves; ++i) {
      std::int64_t at_ms = opens_ms + static_cast<std::int64_t>(draw.Below(kOfficeHoursMs / 2));
      for (int n = 0; n < options.strangers_a_day; ++n, at_ms += HumanGapMs(draw)) {
        if (at_ms < opens_ms + kOfficeHoursMs) steps.push_back({at_ms, i, Step::What::kSteals});
      }
      if (!OwnerWorks(options)) continue;
      const std::uint64_t own = kReadsADayMin + draw.Below(kReadsADaySpread);
      const std::uint64_t both = own + CountOf(kHonestStrangers, draw);
      for (std::uint64_t n = 0; n < both; ++n) {
        steps.push_back({opens_ms + static_cast<std::int64_t>(draw.Below(kOfficeHoursMs)), i,
                         n < own ? Step::What::kWorks : Step::What::kHelps});
      }
    }
  }
  std::ranges::stable_sort(steps, {}, &Step::at_ms);
  return steps;
}

}  // namespace

bool OwnerWorks(const Options& options) {
  const bool slow =
      options.name == kSlow || options.name == kInsider || options.name == kDecoyAware;
  return slow && !options.owner_away;
}

Status StealSlowly(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  const std::int64_t begin_ms = world.clock().now_ms();
  for (const Step& step : StepsOf(options, thieves.size(), draw)) {
    world.clock().GoTo(begin_ms + step.at_ms);
    Thief& thief = *thieves[step.thief];
    if (step.what == Step::What::kSteals) {
      CLOISON_TRY(thief.TakeStranger());
    } else {
      CLOISON_TRY(step.what == Step::What::kWorks ? thief.WorkHonestly(draw)
                                                  : thief.HelpStranger(draw));
    }
  }
  return Ok();
}

Status GuessCodes(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  const std::int64_t end_ms = world.clock().now_ms() + options.days * base::kDayMs;
  std::vector<Guesses> guesses;
  for (const auto& thief : thieves) {
    const Account& account = thief->account();
    const std::string known = world.CodeOf(account, world.people()[account.caseload.front()]);
    const Result<text::CodeDigits> digits = text::ParseCode(known);
    CLOISON_CHECK(digits.ok());
    guesses.emplace_back(*digits, draw);
  }
  std::vector<std::int64_t> next_ms(thieves.size(), world.clock().now_ms());
  while (true) {
    const auto first = std::ranges::min_element(next_ms);
    const std::int64_t at_ms = std::max(*first, world.clock().now_ms());
    if (at_ms >= end_ms) return Ok();
    world.clock().GoTo(at_ms);
    const auto i = static_cast<std::size_t>(first - next_ms.begin());
    CLOISON_TRY_ASSIGN(const std::int64_t ready_ms, thieves[i]->Guess(guesses[i].Next()));
    *first = std::max(ready_ms, at_ms + kGuessMs);
  }
}

Result<OracleTold> AskTheOracle(World& world, Thieves& thieves, const Options& options,
                                Draw& draw) {
  const std::int64_t begin_ms = world.clock().now_ms();
  const std::int64_t whole_ms = options.days * base::kDayMs;
  OracleTold oracle;
  const auto nobody = [&world] { return PersonId(world.stage().random().Draw<8>()); };
  for (int n = 0; n < kProbes; ++n) {
    // Spread over the theft, so that no window fills: a spent budget tells of nobody.
    world.clock().GoTo(std::max(world.clock().now_ms(), begin_ms + whole_ms * n / kProbes));
    for (const auto& thief : thieves) {
      const Account& account = thief->account();
      const std::size_t kind = draw.Below(2);
      // Nobody is asked for twice: whoever is in a window already is free, real or not.
      const PersonId person = kind == 0 ? thief->NextStranger() : nobody();
      // What the one before left is what this one takes from. It is of somebody real, so that the
      // first code of nobody in a day is one that is compared.
      CLOISON_TRY(thief->Probe(world.CodeOf(account, thief->NextStranger())));
      const int before = thief->rung();
      CLOISON_TRY_ASSIGN(const std::string answer, thief->Probe(world.CodeOf(account, person)));
      if (thief->rung() != before) ++oracle.rungs;
      if (answer == Thief::kSpent) continue;
      ++oracle.told[{before, answer}][kind];
    }
  }
  return oracle;
}

void OracleTold::Add(const OracleTold& other) {
  rungs += other.rungs;
  for (const auto& [key, times] : other.told) {
    told[key][0] += times[0];
    told[key][1] += times[1];
  }
}

std::optional<double> OracleTold::Advantage() const {
  using Kinds = std::array<double, 2>;
  const auto of = [](const std::array<std::uint64_t, 2>& times) {
    return Kinds{static_cast<double>(times[0]), static_cast<double>(times[1])};
  };
  std::map<int, Kinds> asked;  // on each rung
  for (const auto& [key, times] : told) {
    for (std::size_t kind = 0; kind < times.size(); ++kind)
      asked[key.first][kind] += of(times)[kind];
  }
  double all = 0, distance = 0;
  for (const auto& [rung, kinds] : asked) {
    if (kinds[0] > 0 && kinds[1] > 0) all += kinds[0] + kinds[1];  // else nothing to compare
  }
  for (const auto& [key, times] : told) {
    const Kinds& kinds = asked[key.first];
    if (kinds[0] == 0 || kinds[1] == 0) continue;
    const Kinds seen = of(times);
    distance += (kinds[0] + kinds[1]) * std::abs(seen[0] / kinds[0] - seen[1] / kinds[1]) / 2;
  }
  return all == 0 ? std::nullopt : std::optional(distance / all);
}

}  // namespace cloison::drill
