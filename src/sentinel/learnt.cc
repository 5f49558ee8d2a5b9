#include "sentinel/learnt.h"

#include <algorithm>

#include "access/calibration.h"
#include "base/check.h"

namespace cloison::sentinel {

using access::Scale;
using access::Score;
using store::Family;

namespace {

constexpr std::uint8_t kVersion = 1;

bool IsOf(std::size_t score, Scale scale) {
  return access::ScaleOf(static_cast<Score>(score)) == scale;
}

std::string KeyBytes(std::uint64_t day, std::uint32_t number) {
  Bytes key;
  base::AppendU64(key, day);
  base::AppendU32(key, number);
  return std::string(AsText(key));
}

void Append(Bytes& out, const EndedBlock& block) {
  base::AppendBytes(out, block.principal.bytes());
  out.push_back(static_cast<std::uint8_t>(block.budget_class.size()));
  base::AppendBytes(out, AsBytes(block.budget_class));
  out.push_back(static_cast<std::uint8_t>(block.scale));
  base::AppendU32(out, block.block);
  std::uint16_t mask = 0;
  for (std::size_t i = 0; i < access::kScores; ++i) {
    if (block.scores[i] != 0) mask = static_cast<std::uint16_t>(mask | 1u << i);
  }
  base::AppendU16(out, mask);
  for (const std::uint16_t score : block.scores) {
    if (score != 0) base::AppendU16(out, score);
  }
}

std::optional<EndedBlock> Take(base::Reader& reader) {
  EndedBlock block{PrincipalId(reader.Array<PrincipalId::kSize>()), "", Scale::kDay, 0, {}};
  const std::size_t length = reader.U8();
  if (length > kLearntClassBytesMax) return std::nullopt;
  block.budget_class = std::string(AsText(reader.Take(length)));
  const std::uint8_t scale = reader.U8();
  if (scale >= access::kScales) return std::nullopt;
  block.scale = static_cast<Scale>(scale);
  block.block = reader.U32();
  const std::uint16_t mask = reader.U16();
  if (mask == 0 || mask >> access::kScores != 0) return std::nullopt;
  for (std::size_t i = 0; i < access::kScores; ++i) {
    if ((mask >> i & 1u) == 0) continue;
    block.scores[i] = reader.U16();
    if (block.scores[i] == 0 || !IsOf(i, block.scale)) return std::nullopt;
  }
  return reader.failed() ? std::nullopt : std::optional(std::move(block));
}

}  // namespace

Bytes Serialise(const std::vector<EndedBlock>& blocks) {
  CLOISON_CHECK(!blocks.empty() && blocks.size() <= kLearntPerRow);
  Bytes out{kVersion};
  base::AppendU16(out, static_cast<std::uint16_t>(blocks.size()));
  for (const EndedBlock& block : blocks) Append(out, block);
  return out;
}

Result<std::vector<EndedBlock>> ParseLearnt(ByteView plain) {
  constexpr Error kBad{Code::kCorrupt, "what was learnt does not parse"};
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8();
  const std::size_t count = reader.U16();
  if (version != kVersion || count == 0 || count > kLearntPerRow) return kBad;
  std::vector<EndedBlock> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    std::optional<EndedBlock> block = Take(reader);
    if (!block.has_value()) return kBad;
    blocks.push_back(std::move(*block));
  }
  if (reader.failed() || !reader.empty()) return kBad;
  return blocks;
}

namespace {

constexpr std::uint32_t kBeyondAllDays = 1u << 31, kBeyondAllNumbers = 1u << 31;

Task<Result<bool>> HasFrom(store::Store& store, std::uint64_t day, std::uint32_t number) {
  store::Range range{Family::kLearnt, KeyBytes(day, number), ""};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await store.Scan(range, 1));
  co_return !page.rows.empty();
}

}  // namespace

// Keys ascend with the time, so the last one is found by halves, however many there are.
Task<Status> Learnt::Recover(store::Store& store) {
  std::uint64_t day = 0;
  for (std::uint64_t end = kBeyondAllDays; end - day > 1;) {
    const std::uint64_t middle = day + (end - day) / 2;
    CLOISON_CO_TRY_ASSIGN(const bool later, co_await HasFrom(store, middle, 0));
    (later ? day : end) = middle;
  }
  CLOISON_CO_TRY_ASSIGN(const bool any, co_await HasFrom(store, day, 0));
  if (!any) co_return Ok();
  std::uint32_t number = 0;
  for (std::uint32_t end = kBeyondAllNumbers; end - number > 1;) {
    const std::uint32_t middle = number + (end - number) / 2;
    CLOISON_CO_TRY_ASSIGN(const bool later, co_await HasFrom(store, day, middle));
    (later ? number : end) = middle;
  }
  day_ = day;
  number_ = number + 1;
  co_return Ok();
}

void Learnt::Note(const Who& who, const PrincipalWatch& watch, std::int64_t now_ms) {
  if (who.budget_class.size() > kLearntClassBytesMax) return;
  const BlocksNow now(now_ms);
  for (std::size_t of = 0; of < access::kScales; ++of) {
    const auto scale = static_cast<Scale>(of);
    std::optional<EndedBlock> ended;
    for (std::size_t i = 0; i < watch.scores.size(); ++i) {
      const TailState& state = watch.scores[i];
      if (!IsOf(i, scale) || state.score == 0 || state.block >= now.Of(scale)) continue;
      if (!ended.has_value()) {
        ended = EndedBlock{who.principal, std::string(who.budget_class), scale, state.block, {}};
      }
      ended->scores[i] = static_cast<std::uint16_t>(std::min(state.score, kLearntScoreMax));
    }
    if (ended.has_value()) pending_.push_back(std::move(*ended));
  }
}

store::Key Learnt::NextKey(std::uint64_t day) {
  if (day > day_) {
    day_ = day;
    number_ = 0;
  }
  return {Family::kLearnt, KeyBytes(day_, number_++)};
}

void Learnt::PutRows(commit::Staging& staging) {
  const auto day = static_cast<std::uint64_t>(staging.time().budget_ms / base::kDayMs);
  const bool passed = day > day_;
  if (pending_.empty() || (!keeps_ && pending_.size() < kLearntPerRow)) return;
  if (passed && day > access::kCalibrationDaysMax) {
    staging.DeleteRange({Family::kLearnt, "", KeyBytes(day - access::kCalibrationDaysMax, 0)});
  }
  while (!pending_.empty() && (keeps_ || pending_.size() >= kLearntPerRow)) {
    const std::size_t count = std::min(pending_.size(), kLearntPerRow);
    const auto end = pending_.begin() + static_cast<std::ptrdiff_t>(count);
    const Bytes row = Serialise(std::vector<EndedBlock>(pending_.begin(), end));
    pending_.erase(pending_.begin(), end);
    store::Key key = NextKey(day);
    Bytes sealed = ground_->state.Seal(key, row);
    staging.Put(std::move(key), std::move(sealed));
  }
  keeps_ = false;
}

LearntReader::LearntReader(store::Store& store, const commit::SealedState& state,
                           std::uint64_t from_day)
    : store_(store), state_(state), range_{Family::kLearnt, KeyBytes(from_day, 0), ""} {}

Task<Result<bool>> LearntReader::Next() {
  store::Range range = range_;
  CLOISON_CO_TRY_ASSIGN(store::ScanPage page,
                        co_await store_.Scan(std::move(range), kLearntRowsPerPage));
  page_ = std::move(page.rows);
  if (!page.next.has_value()) co_return false;
  range_.begin = std::move(*page.next);
  co_return true;
}

std::vector<EndedBlock> LearntReader::Open(const store::KeyedRow& row) {
  const auto plain = state_.Open({Family::kLearnt, row.key}, row.row.value);
  Result<std::vector<EndedBlock>> blocks =
      plain.ok() ? ParseLearnt(plain->Reveal()) : Result<std::vector<EndedBlock>>(plain.error());
  if (blocks.ok()) return std::move(*blocks);
  ++unread_;
  return {};
}

}  // namespace cloison::sentinel
