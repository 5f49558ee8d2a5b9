#include "store/rocks/internal/row_tail.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace cloison::store::internal {

namespace {

constexpr std::size_t kBlockBytes = 1u << 20;
constexpr std::uint8_t kLogVersion = 1;
constexpr std::uint8_t kPut = 1, kDelete = 2;

std::size_t HashOf(Family family, std::string_view key) {
  return std::hash<std::string_view>{}(key) * 31 + static_cast<std::size_t>(family);
}

bool Covers(const Range& range, std::string_view key) {
  return range.begin <= key && (range.end.empty() || key < range.end);
}

bool IsWithinOnePrefix(const Range& range) {
  return range.begin.size() >= kTailPrefixBytes && range.end.size() >= kTailPrefixBytes &&
         range.begin.compare(0, kTailPrefixBytes, range.end, 0, kTailPrefixBytes) == 0;
}

void Append(Family family, std::uint8_t what, std::pair<std::string_view, ByteView> parts,
            Bytes& log) {
  const auto& [key, rest] = parts;
  if (log.empty()) base::AppendU8(log, kLogVersion);
  base::AppendU8(log, static_cast<std::uint8_t>(family));
  base::AppendU8(log, what);
  base::AppendU16(log, static_cast<std::uint16_t>(key.size()));
  base::AppendBytes(log, AsBytes(key));
  base::AppendU32(log, static_cast<std::uint32_t>(rest.size()));
  base::AppendBytes(log, rest);
}

Row ToRow(const RowTable::View& view) {
  return Row{view.version, base::ToBytes(view.value)};
}

}  // namespace

// ---- one generation

void RowTable::Table::MakeRoom(std::size_t more) {
  if (3 * (used_ + more) <= 2 * slots_.size()) return;
  const std::size_t slots = std::bit_ceil(std::max<std::size_t>(64, 3 * (used_ + more) / 2 + 1));
  const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots));
  for (const Slot& slot : old) {
    if (slot.row == kNone) continue;
    slots_[IndexOf(slot.hash, [](std::uint32_t) { return false; })] = slot;
  }
}

RowTable::RowTable(std::size_t rows) {
  rows_.reserve(rows);
  by_key_.MakeRoom(rows);
  by_prefix_.MakeRoom(rows);
}

RowTable::View RowTable::ViewOf(const Stored& row) {
  return {AsText({row.bytes, row.key_bytes}), row.version,
          ByteView(row.bytes + row.key_bytes, row.value_bytes)};
}

std::uint8_t* RowTable::Allocate(std::size_t bytes) {
  if (bytes > block_left_) {
    const std::size_t size = std::max(bytes, kBlockBytes);
    blocks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(size));
    // The end of the block before is lost: a row at most, unless rows are larger than blocks.
    block_left_ = size;
    next_ = blocks_.back().get();
  }
  block_left_ -= bytes;
  return std::exchange(next_, next_ + bytes);
}

void RowTable::Write(Stored& row, const View& from) {
  if (from.value.size() > row.room) {
    row.bytes = Allocate(from.key.size() + from.value.size());
    row.room = static_cast<std::uint32_t>(from.value.size());
    std::ranges::copy(from.key, row.bytes);
  }
  std::ranges::copy(from.value, row.bytes + row.key_bytes);
  row.value_bytes = static_cast<std::uint32_t>(from.value.size());
  row.version = from.version;
  bytes_ += from.key.size() + from.value.size();
}

void RowTable::Link(std::uint32_t number) {
  Stored& row = rows_[number];
  if (row.key_bytes < kTailPrefixBytes) return;
  const std::string_view prefix = ViewOf(row).key.substr(0, kTailPrefixBytes);
  by_prefix_.MakeRoom();
  const std::size_t hash = HashOf(row.family, prefix);
  Slot& first = by_prefix_.Place(hash, [&](std::uint32_t other) {
    return rows_[other].family == row.family && ViewOf(rows_[other]).key.starts_with(prefix);
  });
  if (first.row == kNone) by_prefix_.Added();
  row.next_of_prefix = first.row;
  first = Slot{hash, number};
}

void RowTable::Set(Family family, const View& row) {
  by_key_.MakeRoom();
  const std::size_t hash = HashOf(family, row.key);
  Slot& slot = by_key_.Place(hash, [&](std::uint32_t other) {
    return rows_[other].family == family && ViewOf(rows_[other]).key == row.key;
  });
  if (slot.row != kNone) {
    Write(rows_[slot.row], row);
    return;
  }
  const auto number = static_cast<std::uint32_t>(rows_.size());
  slot = Slot{hash, number};
  by_key_.Added();
  Stored stored{family, static_cast<std::uint16_t>(row.key.size()), 0, 0, kNone, kAbsent, nullptr};
  stored.bytes = Allocate(row.key.size() + row.value.size());
  stored.room = static_cast<std::uint32_t>(row.value.size());
  std::ranges::copy(row.key, stored.bytes);
  Write(stored, row);
  rows_.push_back(stored);
  Link(number);
}

std::optional<RowTable::View> RowTable::Find(Family family, std::string_view key) const {
  const std::uint32_t found = by_key_.Find(HashOf(family, key), [&](std::uint32_t other) {
    return rows_[other].family == family && ViewOf(rows_[other]).key == key;
  });
  if (found == kNone) return std::nullopt;
  return ViewOf(rows_[found]);
}

void RowTable::ForRange(const Range& range, const std::function<void(const View&)>& each) const {
  if (IsWithinOnePrefix(range)) {
    const std::string_view prefix = std::string_view(range.begin).substr(0, kTailPrefixBytes);
    const auto same = [&](std::uint32_t other) {
      return rows_[other].family == range.family && ViewOf(rows_[other]).key.starts_with(prefix);
    };
    std::uint32_t at = by_prefix_.Find(HashOf(range.family, prefix), same);
    for (; at != kNone; at = rows_[at].next_of_prefix) {
      const View view = ViewOf(rows_[at]);
      if (Covers(range, view.key)) each(view);
    }
    return;
  }
  for (const Stored& row : rows_) {
    const View view = ViewOf(row);
    if (row.family == range.family && Covers(range, view.key)) each(view);
  }
}

std::vector<RowTable::View> RowTable::Sorted(Family family) const {
  std::vector<View> views;
  for (const Stored& row : rows_) {
    if (row.family == family) views.push_back(ViewOf(row));
  }
  std::ranges::sort(views, {}, &View::key);
  return views;
}

bool RowTable::Has(Family family) const {
  return std::ranges::find(rows_, family, &Stored::family) != rows_.end();
}

// ---- the tail

bool RowTail::Takes(Family family) {
  return std::ranges::find(kTailFamilies, family) != std::end(kTailFamilies);
}

void RowTail::AppendPut(const Put& put, Bytes& log) {
  Append(put.key.family, kPut, {put.key.bytes, put.value}, log);
}
void RowTail::AppendDelete(const Key& key, Bytes& log) {
  Append(key.family, kDelete, {key.bytes, {}}, log);
}

Status RowTail::Apply(Version version, ByteView log) {
  const std::unique_lock lock(mutex_);
  base::Reader reader(log);
  if (reader.U8() != kLogVersion) {
    return Error{Code::kCorrupt, "a log of rows has another version"};
  }
  while (!reader.empty()) {
    CLOISON_TRY(ApplyOne(reader, version));
  }
  current_->set_last(version);
  return Ok();
}

Status RowTail::ApplyOne(base::Reader& reader, Version version) {
  const auto family = static_cast<Family>(reader.U8());
  const std::uint8_t what = reader.U8();
  const std::string_view key = AsText(reader.Take(reader.U16()));
  const ByteView rest = reader.Take(reader.U32());
  const bool fits = what == kPut || (what == kDelete && rest.empty());
  if (reader.failed() || !fits || !Takes(family) || key.size() > kKeyBytesMax) {
    return Error{Code::kCorrupt, "a log of rows does not parse"};
  }
  current_->Set(family, {key, what == kPut ? version : kAbsent, rest});
  return Ok();
}

std::optional<Row> RowTail::Look::Find(const Key& key) const {
  std::optional<RowTable::View> found = tail_.current_->Find(key.family, key.bytes);
  if (!found && tail_.frozen_) found = tail_.frozen_->Find(key.family, key.bytes);
  if (!found) return std::nullopt;
  return ToRow(*found);
}

RowTail::Rows RowTail::Look::RowsOf(const Range& range) const {
  Rows rows;
  const auto take = [&rows](const RowTable::View& view) {
    rows.insert_or_assign(std::string(view.key), ToRow(view));
  };
  if (tail_.frozen_) tail_.frozen_->ForRange(range, take);
  tail_.current_->ForRange(range, take);
  return rows;
}

std::size_t RowTail::current_bytes() const {
  const std::shared_lock lock(mutex_);
  return current_->bytes();
}

bool RowTail::frozen() const {
  const std::shared_lock lock(mutex_);
  return frozen_ != nullptr;
}

std::shared_ptr<const RowTable> RowTail::Freeze() {
  std::size_t rows = 0;
  {
    const std::shared_lock lock(mutex_);
    rows = current_->size();
  }
  auto next = std::make_shared<RowTable>(rows);  // outside the lock that commits wait for
  const std::unique_lock lock(mutex_);
  if (frozen_ == nullptr && !current_->empty()) frozen_ = std::exchange(current_, std::move(next));
  return frozen_;
}

void RowTail::DropFrozen() {
  std::shared_ptr<const RowTable> gone;  // freed outside the lock
  const std::unique_lock lock(mutex_);
  gone = std::exchange(frozen_, nullptr);
}

}  // namespace cloison::store::internal
