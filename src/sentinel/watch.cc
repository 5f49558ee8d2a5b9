#include "sentinel/watch.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "base/check.h"
#include "sentinel/tail_row.h"

namespace cloison::sentinel {

namespace {

constexpr std::uint8_t kVersion = 2;
constexpr std::uint8_t kActs = 1, kHeld = 2;

bool IsRung(std::uint8_t rung, Rung most) {
  return rung <= static_cast<std::uint8_t>(most);
}

void WriteHeld(RowWriter& out, const Held& held) {
  out.U8(static_cast<std::uint8_t>(held.rung));
  out.Ms(held.since_ms);
  out.Ms(held.frozen_ms);
  out.Raw(held.file);
}

std::optional<Held> TakeHeld(base::Reader& reader) {
  const std::uint8_t rung = reader.U8();
  const std::int64_t since_ms = TakeMs(reader), frozen_ms = TakeMs(reader);
  Held held{static_cast<Rung>(rung), since_ms, frozen_ms, reader.Array<16>()};
  const bool frozen = held.rung == Rung::kFrozen;
  const bool fit = rung >= 3 && rung <= 4 && frozen == (frozen_ms != 0);
  return fit ? std::optional(held) : std::nullopt;
}

bool TakeQueries(base::Reader& reader, std::array<std::uint64_t, kQueriesKept>& queries) {
  const std::size_t asked = reader.U8();
  if (asked > queries.size()) return false;
  for (std::size_t i = 0; i < asked; ++i) {
    queries[i] = reader.U64();
    if (queries[i] == 0) return false;
  }
  return true;
}

}  // namespace

BlocksNow::BlocksNow(std::int64_t now_ms) {
  for (std::size_t i = 0; i < of.size(); ++i) {
    of[i] = static_cast<std::uint32_t>(now_ms / access::kBlockMs[i]);
  }
}

std::uint32_t BlockOfDay(std::uint32_t day, access::Scale scale) {
  return static_cast<std::uint32_t>(std::int64_t{day} * base::kDayMs /
                                    access::kBlockMs[static_cast<std::size_t>(scale)]);
}

PrincipalWatch::PrincipalWatch(std::uint32_t began) {
  Restart(began);
}

void PrincipalWatch::Restart(std::uint32_t day) {
  began_day = day;
  told = Rung::kNone;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    scores[i] = {};
    scores[i].block = BlockOfDay(day, access::ScaleOf(static_cast<Score>(i)));
  }
  hour = in_hour = 0;
  queries.fill(0);
  strange_day = 0;
  cap_ms = 0;
  strange = 0;
  decoy_ms = 0;
  worn = Rung::kNone;
  worn_until_ms = proven_since_ms = 0;
  held.reset();
  by_evidence = Rung::kNone;
  strongest = 0;
  rolled_day = day;
}

std::size_t PrincipalWatch::Write(std::span<std::uint8_t, access::kWatchBytesMax> to) const {
  RowWriter out(to);
  out.U8(kVersion);
  out.U8(static_cast<std::uint8_t>((acts ? kActs : 0) | (held.has_value() ? kHeld : 0)));
  out.U32(began_day);
  out.U8(static_cast<std::uint8_t>(told));
  out.U32(hour);
  out.U32(in_hour);
  const std::size_t asked =
      static_cast<std::size_t>(std::ranges::find(queries, 0) - queries.begin());
  out.U8(static_cast<std::uint8_t>(asked));
  for (std::size_t i = 0; i < asked; ++i) out.Ms(static_cast<std::int64_t>(queries[i]));
  out.U32(strange_day);
  out.U8(strange);
  out.Ms(cap_ms);
  out.Ms(decoy_ms);
  out.U8(static_cast<std::uint8_t>(worn));
  out.Ms(worn_until_ms);
  out.Ms(proven_since_ms);
  if (held.has_value()) WriteHeld(out, *held);
  WriteTails(out, scores);
  return out.size();
}

Result<std::unique_ptr<PrincipalWatch>> PrincipalWatch::Parse(ByteView bytes) {
  constexpr Error kBad{Code::kCorrupt, "a watch does not parse"};
  base::Reader reader(bytes);
  const std::uint8_t version = reader.U8(), flags = reader.U8();
  auto watch = std::make_unique<PrincipalWatch>(reader.U32());
  watch->acts = (flags & kActs) != 0;
  const std::uint8_t told = reader.U8();
  watch->told = static_cast<Rung>(told);
  watch->hour = reader.U32();
  watch->in_hour = reader.U32();
  const bool queries = TakeQueries(reader, watch->queries);
  watch->strange_day = reader.U32();
  watch->strange = reader.U8();
  watch->cap_ms = TakeMs(reader);
  watch->decoy_ms = TakeMs(reader);
  const std::uint8_t worn = reader.U8();
  watch->worn = static_cast<Rung>(worn);
  watch->worn_until_ms = TakeMs(reader);
  watch->proven_since_ms = TakeMs(reader);
  const bool held = (flags & kHeld) != 0;
  if (held) watch->held = TakeHeld(reader);
  const bool tails = TakeTails(reader, watch->scores);
  const bool fit = version == kVersion && flags <= (kActs | kHeld) && IsRung(told, Rung::kFrozen) &&
                   IsRung(worn, Rung::kStepUp) && watch->strange <= 3 && queries &&
                   held == watch->held.has_value() && watch->decoy_ms >= 0 && tails;
  if (reader.failed() || !reader.empty() || !fit) return kBad;
  for (std::size_t i = 0; i < watch->scores.size(); ++i) {
    const auto scale = access::ScaleOf(static_cast<Score>(i));
    if (watch->scores[i].block < BlockOfDay(watch->began_day, scale)) return kBad;
  }
  watch->rolled_day = 0;
  return watch;
}

}  // namespace cloison::sentinel
