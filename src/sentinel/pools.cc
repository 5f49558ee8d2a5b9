#include "sentinel/pools.h"

#include <algorithm>

#include "access/ceilings.h"
#include "sentinel/tail_row.h"
#include "sentinel/watch.h"

namespace cloison::sentinel {

using access::CaseId;
using access::Evidence;
using access::Scale;
using store::Family;

namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kActs = 1, kHeld = 2, kTold = 4;

std::array<PoolKey, 3> KeysOf(const access::PrincipalInfo& info) {
  const std::uint32_t organisation = info.organisation.value();
  const std::uint32_t office = info.office.has_value() ? info.office->value() : 0;
  return {PoolKey{}, PoolKey{organisation, 0}, PoolKey{organisation, office}};
}

}  // namespace

void Pool::Restart(std::uint32_t from) {
  began_day = from;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i] = {};
    scores[i].block = BlockOfDay(from, access::ScaleOf(static_cast<PoolScore>(i)));
  }
  day.Clear();
  week.Clear();
  told = false;
  held.reset();
}

Bytes Serialise(const Pool& pool) {
  Bytes out(2'400);
  RowWriter row(out);
  row.U8(kVersion);
  row.U8(static_cast<std::uint8_t>((pool.acts ? kActs : 0) | (pool.held ? kHeld : 0) |
                                   (pool.told ? kTold : 0)));
  row.U32(pool.key.organisation);
  row.U32(pool.key.office);
  row.U32(pool.began_day);
  row.Raw(pool.held.value_or(CaseId{}));
  WriteTails(row, pool.scores);
  // The blocks that run, even where nothing was counted in them.
  for (const TailState& tail : pool.scores) row.U32(tail.block);
  row.Raw(pool.day.registers());
  row.Raw(pool.week.registers());
  out.resize(row.size());
  return out;
}

Result<Pool> ParsePool(ByteView plain) {
  constexpr Error kBad{Code::kCorrupt, "a pool's row does not parse"};
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8(), flags = reader.U8();
  Pool pool;
  pool.key.organisation = reader.U32();
  pool.key.office = reader.U32();
  pool.Restart(reader.U32());
  pool.acts = (flags & kActs) != 0;
  pool.told = (flags & kTold) != 0;
  const CaseId file = reader.Array<16>();
  if ((flags & kHeld) != 0) pool.held = file;
  const bool tails = TakeTails(reader, pool.scores);
  bool fit = version == kVersion && flags <= (kActs | kHeld | kTold) && tails &&
             pool.held.has_value() == (file != CaseId{}) &&
             (pool.key.organisation != 0 || pool.key.office == 0);
  for (std::size_t i = 0; i < pool.scores.size(); ++i) {
    const std::uint32_t block = reader.U32();
    const auto scale = access::ScaleOf(static_cast<PoolScore>(i));
    const bool said = pool.scores[i].score != 0 || pool.scores[i].marked;
    fit = fit && block >= BlockOfDay(pool.began_day, scale) &&
          (!said || block == pool.scores[i].block);
    pool.scores[i].block = block;
  }
  fit = fit && pool.day.Restore(reader.Take(kDistinctRegisters));
  fit = fit && pool.week.Restore(reader.Take(kDistinctRegisters));
  if (!fit || reader.failed() || !reader.empty()) return kBad;
  return pool;
}

const access::DetectorsSpec& Pools::spec() const {
  return ground_->policy.Now().detectors();
}

Task<Status> Pools::Recover(store::Store& store) {
  store::Range range{Family::kPools, "", ""};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await store.Scan(range, store::kScanRowsMax));
    for (const store::KeyedRow& keyed : page.rows) {
      const store::Key key{Family::kPools, keyed.key};
      CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                            ground_->state.Open(key, keyed.row.value));
      CLOISON_CO_TRY_ASSIGN(const Pool pool, ParsePool(plain.Reveal()));
      Kept& kept = Find(pool.key, pool.began_day);
      if (kept.row_key != keyed.key) co_return Error{Code::kCorrupt, "a pool is not under its key"};
      kept.pool = pool;
      kept.stored = Bytes(plain.Reveal().begin(), plain.Reveal().end());
      if (pool.held.has_value()) ++held_;
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  co_return Ok();
}

Pools::Kept& Pools::Find(const PoolKey& key, std::uint32_t day) {
  std::unique_ptr<Kept>& kept = pools_[key];
  if (kept == nullptr) {
    kept = std::make_unique<Kept>();
    kept->pool.key = key;
    kept->pool.acts = spec().act;
    kept->pool.Restart(day);
    kept->row_key = ground_->state.Prf(Family::kPools,
                                       {base::BigU32(key.organisation), base::BigU32(key.office)});
  }
  return *kept;
}

void Pools::Touch(Kept& kept) {
  if (std::ranges::find(dirty_, &kept) == dirty_.end()) dirty_.push_back(&kept);
}

bool Pools::IsHeld(const access::PrincipalInfo& info) const {
  if (held_ == 0 || !spec().act) return false;
  return std::ranges::any_of(KeysOf(info), [this](const PoolKey& key) {
    const auto found = pools_.find(key);
    return found != pools_.end() && found->second->pool.held.has_value();
  });
}

// How many different people is known when the block has ended: an estimate does not only grow.
void Pools::Roll(Pool& pool, std::int64_t now_ms) const {
  const BlocksNow now(now_ms);
  for (std::size_t i = 0; i < pool.scores.size(); ++i) {
    const auto score = static_cast<PoolScore>(i);
    const Scale scale = access::ScaleOf(score);
    TailState& state = pool.scores[i];
    if (state.block >= now.Of(scale)) continue;
    if (score == PoolScore::kPeopleDay) state.score = pool.day.Estimate();
    if (score == PoolScore::kPeopleWeek) state.score = pool.week.Estimate();
    Tail(spec().BoundsOf(pool.key, score), access::kBlocksPerYear[static_cast<std::size_t>(scale)],
         BlockOfDay(pool.began_day, scale))
        .Roll(state, now.Of(scale));
    if (score == PoolScore::kPeopleDay) pool.day.Clear();
    if (score == PoolScore::kPeopleWeek) pool.week.Clear();
  }
}

std::vector<Evidence> Pools::EvidenceOf(const Pool& pool) const {
  std::vector<Evidence> all;
  for (std::size_t i = 0; i < pool.scores.size(); ++i) {
    const auto score = static_cast<PoolScore>(i);
    const Scale scale = access::ScaleOf(score);
    const Tail tail(spec().BoundsOf(pool.key, score),
                    access::kBlocksPerYear[static_cast<std::size_t>(scale)],
                    BlockOfDay(pool.began_day, scale));
    const bool grows = score == PoolScore::kPairsDay || score == PoolScore::kPairsWeek;
    const double m = grows ? tail.Running(pool.scores[i]) : tail.Ended(pool.scores[i]);
    all.push_back({access::Name(score), pool.scores[i].score, access::kPoolWeight * m});
  }
  return all;
}

std::optional<std::string_view> Pools::Fires(const Pool& pool) const {
  for (const Evidence& one : EvidenceOf(pool)) {
    if (one.weighed >= spec().thresholds.pool) return one.score;
  }
  return std::nullopt;
}

void Pools::See(const access::Acting& acting, const PooledOpening& opening,
                std::vector<access::RungChange>& changes) {
  const std::vector<access::PoolBounds>& declared = spec().pools;
  if (declared.empty()) return;
  const std::int64_t now_ms = acting.time.budget_ms;
  std::optional<PoolKey> last;
  for (const PoolKey& key : KeysOf(acting.info)) {
    const bool is = std::ranges::find(declared, key, &access::PoolBounds::pool) != declared.end();
    if (!is || key == last) continue;
    last = key;
    const auto day = static_cast<std::uint32_t>(now_ms / base::kDayMs);
    Kept& kept = Find(key, day);
    Pool& pool = kept.pool;
    if (pool.acts != spec().act) {
      const std::optional<CaseId> held = pool.held;  // only a human closes it
      pool.Restart(day);
      pool.held = held;
      pool.acts = spec().act;
    }
    Roll(pool, now_ms);
    if (opening.new_today) ++pool.scores[static_cast<std::size_t>(PoolScore::kPairsDay)].score;
    if (opening.new_this_week) ++pool.scores[static_cast<std::size_t>(PoolScore::kPairsWeek)].score;
    pool.day.Add(opening.person);
    pool.week.Add(opening.person);
    Touch(kept);
    const std::optional<std::string_view> why = pool.held ? std::nullopt : Fires(pool);
    const bool said = pool.told;
    pool.told = why.has_value() && !pool.acts;
    if (!why.has_value() || said) continue;
    access::RungChange change{access::Rung::kNone, access::Rung::kPool, *why, pool.acts, {}, key};
    if (pool.acts) {
      change.file = access::NewCaseId(now_ms, ground_->random);
      pool.held = change.file;
      ++held_;
    }
    changes.push_back(change);
  }
}

std::vector<Evidence> Pools::EvidenceOf(const PoolKey& key, std::int64_t now_ms) {
  const auto found = pools_.find(key);
  if (found == pools_.end()) return {};
  Pool now = found->second->pool;  // a copy: looking changes nothing
  Roll(now, now_ms);
  return EvidenceOf(now);
}

void Pools::Close(const PoolKey& key, const CaseId& file, std::int64_t now_ms) {
  const auto found = pools_.find(key);
  if (found == pools_.end() || found->second->pool.held != file) return;
  Pool& pool = found->second->pool;
  --held_;
  pool.Restart(static_cast<std::uint32_t>(now_ms / base::kDayMs));
  Touch(*found->second);
}

void Pools::PutRows(commit::Staging& staging) {
  for (Kept* const kept : dirty_) {
    Bytes row = Serialise(kept->pool);
    ground_->ceilings.Tie(kept->stored, row);
    store::Key key{Family::kPools, kept->row_key};
    Bytes sealed = ground_->state.Seal(key, row);
    staging.Put(std::move(key), std::move(sealed));
    kept->stored = std::move(row);
  }
  dirty_.clear();
}

}  // namespace cloison::sentinel
