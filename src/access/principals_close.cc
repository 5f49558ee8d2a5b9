// What a batch leaves of principals: their rows, the rows of who they were shown, the anchor. Works
// only note what changed; here it is sealed, once for each principal, by several threads.
#include <algorithm>
#include <utility>

#include "access/internal/principal_rows.h"
#include "access/principals.h"

namespace cloison::access {

namespace {

constexpr std::size_t kSlice = 64;  // rows: some 150 us of work

// Writes into memory of the right size: growing would move the principal's key again and again.
class RowWriter {
 public:
  explicit RowWriter(std::size_t size) : row_(size) {}
  void Raw(ByteView bytes) {
    CLOISON_CHECK(bytes.size() <= row_.size() - at_);
    std::copy(bytes.begin(), bytes.end(), row_.Reveal().begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += bytes.size();
  }
  void U8(std::uint8_t value) { Raw({&value, 1}); }
  void U16(std::uint16_t value) { Raw(base::BigU16(value)); }
  void U64(std::uint64_t value) { Raw(base::BigU64(value)); }
  void ShortText(std::string_view text) {
    CLOISON_CHECK(text.size() <= 255);
    U8(static_cast<std::uint8_t>(text.size()));
    Raw(AsBytes(text));
  }
  ByteView Done() const {
    CLOISON_CHECK(at_ == row_.size());
    return row_.Reveal();
  }

 private:
  crypto::SecretBytes row_;
  std::size_t at_ = 0;
};

constexpr std::size_t kInfoBytes = 16 + 4 + 1 + 4 + 1 + 1 + 1 + 1 + 16;  // without the texts
constexpr std::size_t kRaiseBytes = 1 + 1 + 4 + 8;
constexpr std::size_t kStandingBytes = 8 + 1 + 8 + 1 + 16 + 1 + 16 + 8 + 1;  // without the raises
constexpr std::size_t kRowBytes = 1 + kInfoBytes + 32 + 8 + 8 + 4 * 8 + 1 + kStandingBytes;

void AppendInfo(RowWriter& out, const PrincipalInfo& info) {
  out.Raw(info.id.bytes());
  out.Raw(base::BigU32(info.organisation.value()));
  out.U8(info.office.has_value() ? 1 : 0);
  out.Raw(base::BigU32(info.office.has_value() ? info.office->value() : 0));
  out.ShortText(info.role);
  out.ShortText(info.label);
  out.U8(info.frozen ? 1 : 0);
  out.U8(info.person.has_value() ? 1 : 0);
  out.Raw(info.person.has_value() ? info.person->bytes() : ByteView(ByteArray<16>{}));
}

void AppendStanding(RowWriter& out, const PrincipalInfo& info) {
  const auto at_ms = [](std::int64_t ms) { return static_cast<std::uint64_t>(ms); };
  out.U64(at_ms(info.enrolled_ms));
  out.U8(info.expires_ms.has_value() ? 1 : 0);
  out.U64(at_ms(info.expires_ms.value_or(0)));
  out.U8(info.manager.has_value() ? 1 : 0);
  out.Raw(info.manager.value_or(PrincipalId(ByteArray<16>{})).bytes());
  out.U8(info.human.has_value() ? 1 : 0);
  out.Raw(info.human.value_or(HumanId{}));
  out.U64(at_ms(info.reduced_until_ms));
  out.U8(static_cast<std::uint8_t>(info.raises.size()));
  for (const Raise& raise : info.raises) {
    out.U8(static_cast<std::uint8_t>(raise.counter));
    out.U8(static_cast<std::uint8_t>(raise.window));
    out.Raw(base::BigU32(raise.cap));
    out.U64(at_ms(raise.until_ms));
  }
}

}  // namespace

void Principals::MarkDirty(PrincipalState& principal) {
  if (!std::exchange(principal.dirty_, true)) dirty_.push_back(&principal);
}

namespace {

constexpr std::size_t kSeenBytes = sizeof(SeenTimes) + 4 + 4;

// Times and seat as rows have them, in memory for both; gives as much as there is.
ByteView Write(const Seen& seen, std::uint8_t version, std::span<std::uint8_t, kSeenBytes> to) {
  auto place = to.begin();
  for (const std::int64_t time : seen.times) {
    const ByteArray<8> big = base::BigU64(static_cast<std::uint64_t>(time));
    place = std::copy(big.begin(), big.end(), place);
  }
  if (!internal::HasSeat(version)) return to.first(sizeof(SeenTimes));
  for (const std::uint32_t part : {seen.seat.office, seen.seat.client}) {
    const ByteArray<4> big = base::BigU32(part);
    place = std::copy(big.begin(), big.end(), place);
  }
  return to;
}

}  // namespace

crypto::Digest Principals::DigestOfSeen(const PrincipalState& principal, const SeenId& who,
                                        const Seen& seen, std::uint8_t version) const {
  ByteArray<kSeenBytes> row;
  const ByteView written = Write(seen, version, row);
  const bool marked = version >= internal::kSeenRowOfWrongTry;
  const ByteView mark = marked ? ByteView(&version, 1) : ByteView();
  return state_.Digest("seen-set", {principal.info_.id.bytes(), who, written, mark});
}

store::Put Principals::SealRow(const PrincipalState& principal) const {
  const PrincipalInfo& info = principal.info_;
  ByteArray<kWatchBytesMax> watch;
  const bool watched = principal.watch_ != nullptr;
  const std::size_t watch_size = watched ? principal.watch_->Write(watch) : 0;
  RowWriter plain(kRowBytes + info.role.size() + info.label.size() + 8 * principal.closed_.size() +
                  kRaiseBytes * info.raises.size() + (watched ? 2 + watch_size : 0));
  plain.U8(watched ? internal::kPrincipalRowVersion : internal::kPrincipalRowWithStanding);
  AppendInfo(plain, info);
  plain.Raw(principal.key_->pk().Reveal());
  plain.U64(PlaceOf(principal));
  plain.U64(principal.seen_count_);
  for (const std::uint64_t lane : principal.seen_hash_) plain.U64(lane);
  plain.U8(static_cast<std::uint8_t>(principal.closed_.size()));
  for (const std::uint64_t place : principal.closed_) plain.U64(place);
  AppendStanding(plain, info);
  if (watched) {
    plain.U16(static_cast<std::uint16_t>(watch_size));
    plain.Raw(ByteView(watch).first(watch_size));
  }
  return {principal.row_->key(), state_.Seal(*principal.row_, plain.Done())};
}

store::Put Principals::SealSeen(const SeenChange& change) const {
  constexpr std::size_t kName = 1 + sizeof(change.name);
  ByteArray<kName + kSeenBytes> plain;
  plain[0] = internal::SeenRowVersionOf(change.after, change.wrong, change.family);
  std::ranges::copy(change.name, plain.begin() + 1);
  const ByteView row = Write(change.after, plain[0], std::span(plain).subspan<kName>());
  store::Key key = SeenKey(*change.principal, change.who);
  Bytes sealed = state_.Seal(key, ByteView(plain).first(kName + row.size()));
  return {std::move(key), std::move(sealed)};
}

void Principals::CloseSeen(commit::Staging& staging) {
  std::vector<store::Put> puts(seen_changes_.size());
  std::vector<LaneSum> sums(seen_changes_.size());
  staging.parallel().ForSlices(puts.size(), kSlice, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const SeenChange& change = seen_changes_[i];
      const std::uint8_t after =
          internal::SeenRowVersionOf(change.after, change.wrong, change.family);
      AddLanes(sums[i], DigestOfSeen(*change.principal, change.who, change.after, after), true);
      if (change.was_there) {
        const std::uint8_t before =
            internal::SeenRowVersionOf(change.before, change.was_wrong, change.family);
        AddLanes(sums[i], DigestOfSeen(*change.principal, change.who, change.before, before),
                 false);
      }
      puts[i] = SealSeen(change);
    }
  });
  // In the order of the works: the last of a row wins.
  for (std::size_t i = 0; i < puts.size(); ++i) {
    LaneSum& sum = seen_changes_[i].principal->seen_hash_;
    for (std::size_t lane = 0; lane < sum.size(); ++lane) sum[lane] += sums[i][lane];
    staging.Put(std::move(puts[i].key), std::move(puts[i].value));
  }
}

void Principals::CloseRows(commit::Staging& staging) {
  std::vector<store::Put> puts(dirty_.size());
  std::vector<std::optional<crypto::Digest>> digests(dirty_.size());
  staging.parallel().ForSlices(puts.size(), kSlice, [&](std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i) {
      const PrincipalState& principal = *dirty_[i];
      puts[i] = SealRow(principal);
      if (principal.summed_.has_value() && principal.summed_n_ == PlaceOf(principal)) continue;
      digests[i] = DigestOf(principal.info_.id, PlaceOf(principal));
    }
  });
  for (std::size_t i = 0; i < puts.size(); ++i) {
    PrincipalState& principal = *dirty_[i];
    principal.dirty_ = false;
    staging.Put(std::move(puts[i].key), std::move(puts[i].value));
    if (!digests[i].has_value()) continue;
    if (principal.summed_.has_value()) AddLanes(sum_, *principal.summed_, false);
    AddLanes(sum_, *digests[i], true);
    principal.summed_n_ = PlaceOf(principal);
    principal.summed_ = digests[i];
  }
}

void Principals::Close(commit::Staging& staging) {
  CloseSeen(staging);
  CloseRows(staging);
  CloseAnchor(staging);
}

}  // namespace cloison::access
