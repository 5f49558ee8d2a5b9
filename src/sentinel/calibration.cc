#include "sentinel/calibration.h"

#include <algorithm>
#include <utility>

#include "access/staff.h"
#include "base/check.h"
#include "sentinel/calibrate.h"
#include "sentinel/sentinel.h"

namespace cloison::sentinel {

using access::CalibratedClass;
using access::CalibratedScore;
using access::RungCounts;
using access::Scale;

namespace {

constexpr std::uint8_t kHeldOutOneOf = 3;  // by the account's own random number
static_assert(access::kCalibrationDaysMax < 255);

std::size_t At(Scale scale) {
  return static_cast<std::size_t>(scale);
}
std::size_t At(Score score) {
  return static_cast<std::size_t>(score);
}
Scale ScaleAt(std::size_t score) {
  return access::ScaleOf(static_cast<Score>(score));
}

void CountRungs(std::array<std::uint64_t, access::kRungsCounted>& counts,
                const access::RungThresholds& at, double most) {
  const double from[] = {at.purpose_text, at.step_up, at.second_person, at.frozen};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += most >= from[i] ? 1 : 0;
}

}  // namespace

// One class of budgets, score after score.
class Calibrating::OfClass {
 public:
  OfClass(const Calibrating& all, std::string name, const std::map<PrincipalId, Agent>& agents)
      : all_(all) {
    made_.name = std::move(name);
    for (const auto& [id, agent] : agents) {
      const bool decoyed = std::ranges::any_of(
          agent.seen, [](const Seen& seen) { return seen.score == At(Score::kDecoys); });
      made_.decoyed += decoyed ? 1 : 0;
      if (decoyed) continue;
      const bool few = agent.days.size() < access::kCalibrationActiveDaysMin;
      made_.few_days += few ? 1 : 0;
      if (few) continue;
      (id.bytes()[0] % kHeldOutOneOf == 0 ? held_out_ : learnt_).push_back(&agent);
    }
    made_.learnt = learnt_.size();
    made_.held_out = held_out_.size();
    most_now_.resize(held_out_.size());
    most_proposed_.resize(held_out_.size());
  }

  // The next score. False: all are done.
  bool Step() {
    if (next_ == access::kScores) return false;
    const auto score = static_cast<Score>(next_++);
    CalibratedScore one{score, 0, 0, all_.spec_.BoundsOf(made_.name, score), {}, {}};
    std::vector<Blocks> agents;
    for (const Agent* const agent : learnt_) {
      Blocks worked;
      for (const auto& [block, count] : WorkedOf(*agent, score)) worked.push_back(count);
      one.blocks += worked.size();
      for (const std::uint32_t count : worked) one.highest = std::max(one.highest, count);
      agents.push_back(std::move(worked));
    }
    one.proposed = one.blocks == 0 ? one.now : Calibrate(one.now, agents);
    const access::RungThresholds& at = all_.spec_.thresholds;
    for (std::size_t i = 0; i < held_out_.size(); ++i) {
      const double now = MostAgainst(*held_out_[i], score, one.now);
      const double proposed = MostAgainst(*held_out_[i], score, one.proposed);
      CountRungs(one.rungs.now, at, now);
      CountRungs(one.rungs.proposed, at, proposed);
      most_now_[i] = std::max(most_now_[i], now);
      most_proposed_[i] = std::max(most_proposed_[i], proposed);
    }
    made_.scores.push_back(std::move(one));
    return true;
  }

  CalibratedClass Take() {
    const access::RungThresholds& at = all_.spec_.thresholds;
    for (const double most : most_now_) CountRungs(made_.rungs.now, at, most);
    for (const double most : most_proposed_) CountRungs(made_.rungs.proposed, at, most);
    return std::move(made_);
  }

 private:
  // The blocks of this score's scale that have ended and in which the account did anything, with
  // what it did. Blocks on which nothing was done are no honest work: with them bounds would look
  // met that are not on the days that count.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> WorkedOf(const Agent& agent,
                                                                Score score) const {
    const Scale scale = access::ScaleOf(score);
    const std::uint32_t first = all_.FirstOf(scale);
    const std::uint32_t runs = BlockOfDay(all_.today_, scale);
    std::vector<std::pair<std::uint32_t, std::uint32_t>> worked;
    const auto add = [&worked, runs](std::uint32_t block, std::uint32_t count) {
      if (block < runs) worked.emplace_back(block, count);
    };
    for (const std::uint8_t day : agent.days) add(BlockOfDay(all_.from_ + day, scale), 0);
    for (const Seen& seen : agent.seen) {
      if (ScaleAt(seen.score) != scale) continue;
      add(first + seen.block, seen.score == At(score) ? seen.count : 0);
    }
    // Of a block that is there twice, before a restart and after it, the most.
    std::ranges::sort(worked, [](const auto& a, const auto& b) {
      return a.first != b.first ? a.first < b.first : a.second > b.second;
    });
    const auto same = std::ranges::unique(worked, {}, [](const auto& one) { return one.first; });
    worked.erase(same.begin(), same.end());
    return worked;
  }

  // The most that this score said against the account, as the detector counts: quiet blocks as
  // well.
  double MostAgainst(const Agent& agent, Score score, std::span<const TailBound> bounds) const {
    const auto worked = WorkedOf(agent, score);
    if (worked.empty()) return 0;
    const std::uint32_t began = worked.front().first;
    const Tail tail(bounds, access::kBlocksPerYear[At(access::ScaleOf(score))], began);
    TailState state;
    state.block = began;
    double most = 0;
    for (const auto& [block, count] : worked) {
      tail.Roll(state, block);
      state.score = count;
      most = std::max(most, access::DefaultScores()[At(score)].weight * tail.Running(state));
    }
    return most;
  }

  const Calibrating& all_;
  CalibratedClass made_;
  std::vector<const Agent*> learnt_, held_out_;
  std::vector<double> most_now_, most_proposed_;  // of those held out
  std::size_t next_ = 0;
};

Calibrating::Calibrating(const access::DetectorsSpec& spec, std::uint32_t today, std::uint32_t days,
                         PoolOf pool_of)
    : spec_(spec),
      today_(today),
      from_(today - std::min({today, days, access::kCalibrationDaysMax})),
      pool_of_(std::move(pool_of)) {
  made_.days = days;
}
Calibrating::~Calibrating() = default;

std::uint32_t Calibrating::FirstOf(Scale scale) const {
  return BlockOfDay(from_, scale);
}

void Calibrating::Add(const EndedBlock& one) {
  CLOISON_CHECK(!prepared_);
  const std::uint32_t first = FirstOf(one.scale);
  if (one.block < first || one.block >= BlockOfDay(today_, one.scale)) return;
  Agent& agent = classes_[one.budget_class][one.principal];
  const auto block = static_cast<std::uint8_t>(one.block - first);
  if (one.scale == Scale::kDay && (agent.days.empty() || agent.days.back() != block)) {
    agent.days.push_back(block);
  }
  for (std::size_t i = 0; i < one.scores.size(); ++i) {
    if (one.scores[i] == 0) continue;
    agent.seen.push_back({block, static_cast<std::uint8_t>(i), one.scores[i]});
  }
}

void Calibrating::Prepare() {
  prepared_ = true;
  for (auto& [name, agents] : classes_) {
    for (auto& [id, agent] : agents) {
      std::ranges::sort(agent.days);
      const auto same = std::ranges::unique(agent.days);
      agent.days.erase(same.begin(), same.end());
      made_.agent_days += agent.days.size();
      Pool(id, agent);
    }
    making_.push_back(std::make_unique<OfClass>(*this, name, agents));
  }
}

// What an account opened off its caseload is what it adds to its pools, pair by pair. Who opened a
// decoy teaches nothing.
void Calibrating::Pool(const PrincipalId& id, const Agent& agent) {
  const auto decoyed = [](const Seen& seen) { return seen.score == At(Score::kDecoys); };
  if (std::ranges::any_of(agent.seen, decoyed)) return;
  std::vector<access::PoolKey> keys(1);  // the register
  const std::optional<access::PoolKey> own = pool_of_ ? pool_of_(id) : std::nullopt;
  if (own.has_value()) keys.push_back({own->organisation, 0});
  if (own.has_value() && own->office != 0) keys.push_back(*own);
  constexpr std::pair<access::PoolScore, Score> kPairs[] = {
      {access::PoolScore::kPairsDay, Score::kOffDay},
      {access::PoolScore::kPairsWeek, Score::kOffWeek}};
  for (const auto& [pooled, score] : kPairs) {
    const Scale scale = access::ScaleOf(score);
    Pairs own_pairs;
    for (const std::uint8_t day : agent.days) own_pairs[BlockOfDay(from_ + day, scale)];
    for (const Seen& seen : agent.seen) {
      if (seen.score != At(score)) continue;
      std::uint32_t& count = own_pairs[FirstOf(scale) + seen.block];
      count = std::max<std::uint32_t>(count, seen.count);
    }
    own_pairs.erase(own_pairs.lower_bound(BlockOfDay(today_, scale)), own_pairs.end());
    for (const access::PoolKey& key : keys) {
      Pairs& all = pools_[{key, pooled}];
      for (const auto& [block, count] : own_pairs) all[block] += count;
    }
  }
}

// As of a class: the probabilities of the policy stay, and the thresholds are raised together until
// they hold. Where none are declared they begin at half of the highest, twice and thrice it.
void Calibrating::MakePools() {
  for (const auto& [of, pairs] : pools_) {
    access::CalibratedPool one{of.first, of.second, pairs.size(), 0, {}, {}};
    one.now = spec_.BoundsOf(of.first, of.second);
    std::vector<Blocks> series(1);
    for (const auto& [block, count] : pairs) {
      series[0].push_back(count);
      one.highest = std::max(one.highest, count);
    }
    const std::uint32_t half = std::max(1u, one.highest / 2);
    const std::vector<TailBound> start{{half, 0.05}, {2 * half, 0.01}, {3 * half, 0.001}};
    const bool enough = pairs.size() >= access::kCalibrationActiveDaysMin && one.highest != 0;
    one.proposed = enough ? Calibrate(one.now.empty() ? start : one.now, series) : one.now;
    made_.pools.push_back(std::move(one));
  }
}

bool Calibrating::Step() {
  if (!prepared_) {
    Prepare();
    return true;
  }
  if (!std::exchange(pooled_, true)) {
    MakePools();
    return true;
  }
  while (at_ < making_.size()) {
    if (making_[at_]->Step()) return true;
    made_.classes.push_back(making_[at_++]->Take());
  }
  return false;
}

access::Calibration Calibrating::Take() {
  return std::move(made_);
}

access::Calibration CalibrateBy(const std::vector<EndedBlock>& ended,
                                const access::DetectorsSpec& spec, std::uint32_t today,
                                std::uint32_t days, Calibrating::PoolOf pool_of) {
  Calibrating calibrating(spec, today, days, std::move(pool_of));
  for (const EndedBlock& one : ended) calibrating.Add(one);
  while (calibrating.Step()) {
  }
  return calibrating.Take();
}

Task<Result<access::Calibration>> CalibrateInTurns(const commit::SealedState& state,
                                                   access::Observer::ToCalibrate of) {
  Calibrating calibrating(of.spec, of.today, of.days,
                          [&of](const PrincipalId& id) { return of.staff.PoolOf(id); });
  LearntReader reader(of.store, state, of.today - std::min(of.today, of.days));
  for (bool more = true; more;) {
    const Result<bool> read = co_await reader.Next();
    co_await of.turns.Schedule();
    if (!read.ok()) co_return read.error();
    for (const store::KeyedRow& row : reader.page()) {
      for (const EndedBlock& one : reader.Open(row)) calibrating.Add(one);
    }
    more = *read;
  }
  while (calibrating.Step()) co_await of.turns.Schedule();
  access::Calibration made = calibrating.Take();
  made.unread = reader.unread();
  co_return made;
}

Task<Result<access::Calibration>> Sentinel::Calibrate(ToCalibrate of) {
  co_return co_await CalibrateInTurns(ground_->state, of);
}

}  // namespace cloison::sentinel
