#include "approvals/document.h"

#include "base/check.h"

namespace cloison::approvals {

namespace {

constexpr std::uint8_t kVersion = 3;

std::string TakeText(base::Reader& reader) {
  const std::size_t size = reader.U8();
  return std::string(AsText(reader.Take(size)));
}

void AppendText(Bytes& out, std::string_view text) {
  out.push_back(static_cast<std::uint8_t>(text.size()));
  base::AppendBytes(out, AsBytes(text));
}

bool IsDecided(State state) {
  return state == State::kApproved || state == State::kDenied || state == State::kUsed;
}

bool WaitHolds(const Document& document) {
  if (document.due_ms == 0) {
    return document.told_ms == 0 && document.generation == 0 && !document.needs_yes;
  }
  return document.state == State::kApproved && document.due_ms >= document.decided_ms &&
         document.generation != 0 &&
         (document.told_ms == 0 ||
          (document.told_ms >= document.decided_ms && document.told_ms <= document.due_ms));
}

bool HoldsTogether(const Document& document) {
  const bool decided = IsDecided(document.state);
  return document.number > 0 && !document.kind.empty() && document.kind.size() <= kKindBytesMax &&
         document.reason.size() <= kReasonBytesMax && document.what.size() <= kWhatBytesMax &&
         document.asked_ms > 0 && document.expires_ms > document.asked_ms &&
         document.decider.has_value() == decided &&
         (decided ? document.decided_ms >= document.asked_ms : document.decided_ms == 0) &&
         WaitHolds(document);
}

}  // namespace

std::string_view Name(State state) {
  static constexpr std::string_view kNames[] = {"",       "pending", "approved",
                                                "denied", "expired", "used"};
  return kNames[static_cast<std::size_t>(state)];
}

Bytes Encode(const Document& document) {
  CLOISON_CHECK(HoldsTogether(document));
  Bytes out{kVersion};
  base::AppendU64(out, document.number);
  AppendText(out, document.kind);
  out.push_back(static_cast<std::uint8_t>(document.state));
  base::AppendU32(out, document.organisation.value());
  base::AppendBytes(out, document.asker.bytes());
  base::AppendU64(out, static_cast<std::uint64_t>(document.asked_ms));
  base::AppendU64(out, static_cast<std::uint64_t>(document.expires_ms));
  out.push_back(document.decider.has_value() ? 1 : 0);
  base::AppendBytes(out, document.decider.value_or(PrincipalId(ByteArray<16>{})).bytes());
  base::AppendU64(out, static_cast<std::uint64_t>(document.decided_ms));
  base::AppendU64(out, static_cast<std::uint64_t>(document.due_ms));
  base::AppendU64(out, static_cast<std::uint64_t>(document.told_ms));
  base::AppendU32(out, document.generation);
  out.push_back(document.needs_yes ? 1 : 0);
  AppendText(out, document.reason);
  base::AppendU32(out, static_cast<std::uint32_t>(document.what.size()));
  base::AppendBytes(out, document.what);
  return out;
}

Result<Document> Parse(ByteView bytes) {
  constexpr Error kBad{Code::kCorrupt, "an approval does not parse"};
  base::Reader reader(bytes);
  const std::uint8_t version = reader.U8();
  Document document;
  document.number = reader.U64();
  document.kind = TakeText(reader);
  const std::uint8_t state = reader.U8();
  document.organisation = OrganisationId(reader.U32());
  document.asker = PrincipalId(reader.Array<16>());
  document.asked_ms = static_cast<std::int64_t>(reader.U64());
  document.expires_ms = static_cast<std::int64_t>(reader.U64());
  const std::uint8_t has_decider = reader.U8();
  const PrincipalId decider(reader.Array<16>());
  document.decided_ms = static_cast<std::int64_t>(reader.U64());
  document.due_ms = static_cast<std::int64_t>(reader.U64());
  document.told_ms = static_cast<std::int64_t>(reader.U64());
  document.generation = reader.U32();
  const std::uint8_t needs_yes = reader.U8();
  document.needs_yes = needs_yes == 1;
  document.reason = TakeText(reader);
  const std::uint32_t size = reader.U32();
  if (reader.failed() || size > kWhatBytesMax || version != kVersion) return kBad;
  const ByteView what = reader.Take(size);
  document.what.assign(what.begin(), what.end());
  const bool known = state >= static_cast<std::uint8_t>(State::kPending) &&
                     state <= static_cast<std::uint8_t>(State::kUsed);
  if (reader.failed() || !reader.empty() || !known || has_decider > 1 || needs_yes > 1) return kBad;
  document.state = static_cast<State>(state);
  if (has_decider == 1) document.decider = decider;
  if (has_decider == 0 && decider != PrincipalId(ByteArray<16>{})) return kBad;
  if (!HoldsTogether(document)) return kBad;
  return document;
}

}  // namespace cloison::approvals
