#include "drill/patient.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "records/codes.h"
#include "text/base32.h"

namespace cloison::drill {

namespace {

constexpr std::int64_t kOfficeOpensMs = 9 * base::kHourMs, kOfficeHoursMs = 8 * base::kHourMs;
constexpr int kWeekdays = 5, kWeek = 7;
constexpr std::uint64_t kReadsADayMin = 5, kReadsADaySpread = 20;
constexpr double kGapMedianS = 109;
constexpr std::size_t kCheckSymbols = 32;
constexpr std::int64_t kGuessMs = 1;
constexpr int kProbes = 300;  // of a month: two glimpses each

// What somebody waits between two people at the counter or the screen.
std::int64_t HumanGapMs(Draw& draw) {
  constexpr std::uint64_t kSteps = 1u << 30;
  const auto uniform = [&draw] {
    return (static_cast<double>(draw.Below(kSteps)) + 1) / static_cast<double>(kSteps + 1);
  };
  const double normal =
      std::sqrt(-2 * std::log(uniform())) * std::cos(2 * std::numbers::pi * uniform());
  return static_cast<std::int64_t>(1'000 * kGapMedianS * std::exp(normal));
}

struct Step {
  std::int64_t at_ms;
  std::size_t thief;
  bool own;
};

std::vector<Step> StepsOf(const Options& options, std::size_t thieves, Draw& draw, bool works) {
  std::vector<Step> steps;
  for (int day = 0; day < options.days; ++day) {
    if (day % kWeek >= kWeekdays) continue;
    const std::int64_t opens_ms = day * base::kDayMs + kOfficeOpensMs;
    for (std::size_t i = 0; i < thieves; ++i) {
      std::int64_t at_ms = opens_ms + static_cast<std::int64_t>(draw.Below(kOfficeHoursMs / 2));
      for (int n = 0; n < options.strangers_a_day; ++n, at_ms += HumanGapMs(draw)) {
        if (at_ms < opens_ms + kOfficeHoursMs) steps.push_back({at_ms, i, false});
      }
      const std::uint64_t own = works ? kReadsADayMin + draw.Below(kReadsADaySpread) : 0;
      for (std::uint64_t n = 0; n < own; ++n) {
        steps.push_back(
            {opens_ms + static_cast<std::int64_t>(draw.Below(kOfficeHoursMs)), i, true});
      }
    }
  }
  std::ranges::stable_sort(steps, {}, &Step::at_ms);
  return steps;
}

// Codes to try: each base with all check symbols, the bases near one's own people's, then anywhere.
class Guesses {
 public:
  Guesses(std::string known, Draw& draw) : draw_(draw) {
    const Result<text::CodeDigits> digits = text::ParseCode(known);
    CLOISON_CHECK(digits.ok());
    near_ = far_ = *digits;
  }

  std::string Next() {
    if (check_ == 0) ChooseBase();
    base_.back() = static_cast<std::uint8_t>(check_);
    check_ = (check_ + 1) % kCheckSymbols;
    return text::FormatCode(base_);
  }

 private:
  static void Add(text::CodeDigits& digits, std::uint32_t step) {
    for (std::size_t i = digits.size() - 1; i-- > 0 && step != 0;) {
      const std::uint32_t sum = digits[i] + step;
      digits[i] = static_cast<std::uint8_t>(sum % kCheckSymbols);
      step = sum / kCheckSymbols;
    }
  }

  void ChooseBase() {
    constexpr std::uint32_t kStride = 1'009;
    switch (turn_++ % 3) {
      case 0:
        Add(near_, 1);
        base_ = near_;
        break;
      case 1:
        Add(far_, kStride);
        base_ = far_;
        break;
      default:
        for (std::uint8_t& digit : base_) {
          digit = static_cast<std::uint8_t>(draw_.Below(kCheckSymbols));
        }
    }
  }

  Draw& draw_;
  text::CodeDigits near_{}, far_{}, base_{};
  std::size_t check_ = 0;
  std::uint64_t turn_ = 0;
};

}  // namespace

Status StealSlowly(World& world, Thieves& thieves, const Options& options, Draw& draw, bool works) {
  const std::int64_t begin_ms = world.clock().now_ms();
  for (const Step& step : StepsOf(options, thieves.size(), draw, works)) {
    world.clock().GoTo(begin_ms + step.at_ms);
    Thief& thief = *thieves[step.thief];
    CLOISON_TRY(step.own ? thief.WorkHonestly(draw) : thief.TakeStranger());
  }
  return Ok();
}

Status GuessCodes(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  const std::int64_t end_ms = world.clock().now_ms() + options.days * base::kDayMs;
  std::vector<Guesses> guesses;
  for (const auto& thief : thieves) {
    const Account& account = thief->account();
    guesses.emplace_back(world.CodeOf(account, world.people()[account.caseload.front()]), draw);
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

Result<double> AskTheOracle(World& world, Thieves& thieves, const Options& options, Draw& draw) {
  const std::int64_t begin_ms = world.clock().now_ms();
  const std::int64_t whole_ms = options.days * base::kDayMs;
  std::map<std::string, std::array<int, 2>> told;  // by real people, by nobody
  std::array<int, 2> asked{};
  const auto nobody = [&world] { return PersonId(world.stage().random().Draw<8>()); };
  for (int n = 0; n < kProbes; ++n) {
    // Spread over the theft, so that no window fills: a spent budget tells of nobody.
    world.clock().GoTo(std::max(world.clock().now_ms(), begin_ms + whole_ms * n / kProbes));
    for (const auto& thief : thieves) {
      const Account& account = thief->account();
      const std::size_t kind = draw.Below(2);
      // Nobody is asked for twice: whoever is in a window already is free, real or not.
      const PersonId person = kind == 0 ? thief->NextStranger() : nobody();
      // What the one before left is what this one takes from.
      CLOISON_TRY(thief->Probe(world.CodeOf(account, nobody())));
      CLOISON_TRY_ASSIGN(const std::string answer, thief->Probe(world.CodeOf(account, person)));
      if (answer == Thief::kSpent) continue;
      ++told[answer][kind];
      ++asked[kind];
    }
  }
  if (asked[0] == 0 || asked[1] == 0) return Error{Code::kExhausted, "too few answers to compare"};
  double distance = 0;
  for (const auto& [answer, times] : told) {
    distance += std::abs(static_cast<double>(times[0]) / asked[0] -
                         static_cast<double>(times[1]) / asked[1]);
  }
  return distance / 2;
}

}  // namespace cloison::drill
