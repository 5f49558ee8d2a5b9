#include "sentinel/calibration.h"

#include <algorithm>
#include <set>

#include "access/policy.h"
#include "sentinel/calibrate.h"
#include "sentinel/sentinel.h"

namespace cloison::sentinel {

using access::CalibratedClass;
using access::CalibratedScore;
using access::RungCounts;
using access::Scale;

namespace {

constexpr std::uint8_t kHeldOutOneOf = 3;  // by the account's own random number

using Scores = std::array<std::uint16_t, access::kScores>;
struct Agent {
  std::array<std::map<std::uint32_t, Scores>, access::kScales> blocks;  // by scale, then block
};
using Agents = std::map<PrincipalId, Agent>;

std::size_t At(Scale scale) {
  return static_cast<std::size_t>(scale);
}
std::size_t At(Score score) {
  return static_cast<std::size_t>(score);
}

// The blocks of this scale that have ended and in which the account did anything.
std::set<std::uint32_t> ActiveBlocks(const Agent& agent, Scale scale, std::uint32_t today) {
  std::set<std::uint32_t> active;
  for (const auto& [day, scores] : agent.blocks[At(Scale::kDay)]) {
    active.insert(BlockOfDay(day, scale));
  }
  for (const auto& [block, scores] : agent.blocks[At(scale)]) active.insert(block);
  active.erase(active.lower_bound(BlockOfDay(today, scale)), active.end());
  return active;
}

std::uint32_t ScoreIn(const Agent& agent, Score score, std::uint32_t block) {
  const auto& blocks = agent.blocks[At(access::ScaleOf(score))];
  const auto found = blocks.find(block);
  return found == blocks.end() ? 0 : found->second[At(score)];
}

// Blocks on which nothing was done are no honest work: with them bounds would look met that are not
// on the days that count.
Blocks WorkedOf(const Agent& agent, Score score, std::uint32_t today) {
  Blocks worked;
  for (const std::uint32_t block : ActiveBlocks(agent, access::ScaleOf(score), today)) {
    worked.push_back(ScoreIn(agent, score, block));
  }
  return worked;
}

// The most that this score said against the account, as the detector counts: quiet blocks as well.
double MostAgainst(const Agent& agent, Score score, std::span<const TailBound> bounds,
                   std::uint32_t today) {
  const Scale scale = access::ScaleOf(score);
  const std::set<std::uint32_t> active = ActiveBlocks(agent, scale, today);
  if (active.empty()) return 0;
  const Tail tail(bounds, access::kBlocksPerYear[At(scale)], *active.begin());
  TailState state;
  state.block = *active.begin();
  double most = 0;
  for (const std::uint32_t block : active) {
    tail.Roll(state, block);
    state.score = ScoreIn(agent, score, block);
    most = std::max(most, access::DefaultScores()[At(score)].weight * tail.Running(state));
  }
  return most;
}

void CountRungs(std::array<std::uint64_t, access::kRungsCounted>& counts,
                const access::RungThresholds& at, double most) {
  const double from[] = {at.purpose_text, at.step_up, at.second_person, at.frozen};
  for (std::size_t i = 0; i < counts.size(); ++i) counts[i] += most >= from[i] ? 1 : 0;
}

// Of one class.
class Calibrating {
 public:
  Calibrating(std::string name, const Agents& agents, const access::DetectorsSpec& spec,
              std::uint32_t today)
      : spec_(spec), today_(today) {
    made_.name = std::move(name);
    for (const auto& [id, agent] : agents) {
      const auto& days = agent.blocks[At(Scale::kDay)];
      const bool decoyed = std::ranges::any_of(
          days, [](const auto& day) { return day.second[At(Score::kDecoys)] != 0; });
      made_.decoyed += decoyed ? 1 : 0;
      if (decoyed) continue;
      const bool few = days.size() < access::kCalibrationActiveDaysMin;
      made_.few_days += few ? 1 : 0;
      if (few) continue;
      (id.bytes()[0] % kHeldOutOneOf == 0 ? held_out_ : learnt_).push_back(&agent);
    }
    made_.learnt = learnt_.size();
    made_.held_out = held_out_.size();
    most_now_.resize(held_out_.size());
    most_proposed_.resize(held_out_.size());
  }

  void Add(Score score) {
    CalibratedScore one{score, 0, 0, spec_.BoundsOf(made_.name, score), {}, {}};
    std::vector<Blocks> agents;
    for (const Agent* const agent : learnt_) {
      agents.push_back(WorkedOf(*agent, score, today_));
      one.blocks += agents.back().size();
      for (const std::uint32_t worked : agents.back()) one.highest = std::max(one.highest, worked);
    }
    one.proposed = one.blocks == 0 ? one.now : Calibrate(one.now, agents);
    for (std::size_t i = 0; i < held_out_.size(); ++i) {
      const double now = MostAgainst(*held_out_[i], score, one.now, today_);
      const double proposed = MostAgainst(*held_out_[i], score, one.proposed, today_);
      CountRungs(one.rungs.now, spec_.thresholds, now);
      CountRungs(one.rungs.proposed, spec_.thresholds, proposed);
      most_now_[i] = std::max(most_now_[i], now);
      most_proposed_[i] = std::max(most_proposed_[i], proposed);
    }
    made_.scores.push_back(std::move(one));
  }

  CalibratedClass Take() {
    for (const double most : most_now_) CountRungs(made_.rungs.now, spec_.thresholds, most);
    for (const double most : most_proposed_) {
      CountRungs(made_.rungs.proposed, spec_.thresholds, most);
    }
    return std::move(made_);
  }

 private:
  const access::DetectorsSpec& spec_;
  std::uint32_t today_;
  CalibratedClass made_;
  std::vector<const Agent*> learnt_, held_out_;
  std::vector<double> most_now_, most_proposed_;  // of those held out
};

}  // namespace

access::Calibration CalibrateBy(const std::vector<EndedBlock>& ended,
                                const access::DetectorsSpec& spec, std::uint32_t today,
                                std::uint32_t days) {
  access::Calibration made;
  made.days = days;
  const std::uint32_t from = today - std::min(today, days);
  std::map<std::string, Agents> classes;
  for (const EndedBlock& one : ended) {
    if (one.block < BlockOfDay(from, one.scale) || one.block >= BlockOfDay(today, one.scale)) {
      continue;
    }
    // A block that was counted twice, before a restart and after it: the most of each.
    Scores& scores = classes[one.budget_class][one.principal].blocks[At(one.scale)][one.block];
    for (std::size_t i = 0; i < scores.size(); ++i) scores[i] = std::max(scores[i], one.scores[i]);
  }
  for (const auto& [name, agents] : classes) {
    for (const auto& [id, agent] : agents) made.agent_days += agent.blocks[At(Scale::kDay)].size();
    Calibrating calibrating(name, agents, spec, today);
    for (std::size_t i = 0; i < access::kScores; ++i) calibrating.Add(static_cast<Score>(i));
    made.classes.push_back(calibrating.Take());
  }
  return made;
}

Task<Result<access::Calibration>> Sentinel::Calibrate(store::Store& store,
                                                      const access::Policy& policy,
                                                      std::uint32_t today, std::uint32_t days) {
  const std::uint32_t from = today - std::min(today, days);
  CLOISON_CO_TRY_ASSIGN(const LearntRows rows, co_await ReadLearnt(store, ground_->state, from));
  access::Calibration made = CalibrateBy(rows.blocks, policy.detectors(), today, days);
  made.unread = rows.unread;
  co_return made;
}

}  // namespace cloison::sentinel
