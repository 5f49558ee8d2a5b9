// Reading back: tags to places (the tail first, then the folded rows: an entry leaves the tail only
// after its rows can be read), places to leaves and opened records.
#include <algorithm>
#include <iterator>
#include <utility>

#include "ledger/internal/state.h"

namespace cloison::ledger {

namespace {

constexpr std::size_t kBatchesPerRead = 16;
constexpr std::size_t kBatchesPerPage = 16;
constexpr Error kOutOfPlace{Code::kCorrupt, "an entry is out of place"};
constexpr Error kNoSuchPlace{Code::kInvalid, "a place in no log of this register"};
constexpr Error kExpired{Code::kNotFound, "records have expired"};

Result<TrailEntry> ToTrailEntry(internal::Opened opened) {
  CLOISON_TRY_ASSIGN(ActorPart actor, ParseActorPart(opened.record->actor_part));
  TrailEntry entry{
      GenerationOf(opened.index), NumberOf(opened.index),    NumberOf(opened.n), std::nullopt,
      std::move(actor),           std::move(*opened.record), opened.leaf};
  if (!entry.record.subject_part.empty()) {
    CLOISON_TRY_ASSIGN(entry.subject, ParseSubjectPart(entry.record.subject_part));
  }
  return entry;
}

bool SubjectHolds(const SubjectKey& key, const Leaf& leaf, const Record& record) {
  const crypto::Digest commitment =
      Commit(key.Randomness(record.entry_id), "subj", record.subject_part);
  return base::Equal(ByteView(leaf).subspan(2, 32), commitment);
}

bool TagHolds(const Tag& tag, const internal::Opened& opened) {
  return base::Equal(ByteView(opened.leaf).subspan(66, 16), tag);
}

bool Matches(const SubjectKey& key, const Tag& tag, const internal::Opened& opened) {
  return TagHolds(tag, opened) &&
         (!opened.record || SubjectHolds(key, opened.leaf, *opened.record));
}

// Without the person's key: by tag, number and name.
bool Matches(const SealedKey& key, const Tag& tag, const internal::Opened& opened) {
  if (!TagHolds(tag, opened)) return false;
  if (!opened.record) return true;
  const Result<SubjectPart> part = ParseSubjectPart(opened.record->subject_part);
  return part.ok() && part->aud == key.aud() && opened.record->sealed_n == NumberOf(opened.n);
}

bool Matches(const ActorKey& key, const Tag& tag, const internal::Opened& opened) {
  if (!base::Equal(ByteView(opened.leaf).subspan(82, 16), tag)) return false;
  if (!opened.record) return true;
  const crypto::Digest commitment =
      Commit(key.Randomness(opened.record->entry_id), "actor", opened.record->actor_part);
  return base::Equal(ByteView(opened.leaf).subspan(34, 32), commitment);
}

Result<std::vector<TrailEntry>> EntriesOf(Result<TrailPage> page) {
  if (!page.ok()) return page.error();
  return std::move(page->entries);
}

std::uint64_t EndOfRead(std::uint64_t first, std::size_t count, std::uint64_t size) {
  if (first >= size) return first;
  return first + std::min<std::uint64_t>({count, kReadEntriesMax, size - first});
}

}  // namespace

Task<Result<std::vector<internal::Found>>> Ledger::State::Find(
    store::Family family, std::vector<internal::Wanted> wanted) const {
  std::vector<std::optional<internal::Place>> places(wanted.size());
  std::vector<store::Key> keys;
  std::vector<std::size_t> key_of;
  {
    const std::shared_lock lock(mutex);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      places[i] = family == store::Family::kTrail ? tail.FindTrail(wanted[i].tag)
                                                  : tail.FindActivity(wanted[i].tag);
      if (places[i]) continue;
      keys.push_back(store::Key{family, std::string(AsText(wanted[i].tag))});
      key_of.push_back(i);
    }
  }
  if (!keys.empty()) {
    Result<std::vector<store::Row>> rows =
        co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
    if (!rows.ok()) co_return rows.error();
    for (std::size_t i = 0; i < rows->size(); ++i) {
      if (!(*rows)[i].present()) continue;
      CLOISON_CO_TRY_ASSIGN(places[key_of[i]], internal::ParsePlace((*rows)[i].value));
    }
  }
  std::vector<internal::Found> found;
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (places[i]) found.push_back(internal::Found{wanted[i].n, *places[i]});
  }
  co_return found;
}

Task<Result<std::vector<internal::Opened>>> Ledger::State::OpenEntries(
    std::vector<internal::Found> found) const {
  std::vector<internal::Opened> out;
  for (std::size_t at = 0; at < found.size();) {
    // Entries of one batch that follow each other share its rows.
    std::vector<store::Key> keys;
    std::vector<std::span<const internal::Found>> groups;
    while (at < found.size() && groups.size() < kBatchesPerRead) {
      const std::uint64_t first = found[at].place.first_index();
      const std::size_t begin = at;
      while (at < found.size() && found[at].place.first_index() == first) ++at;
      groups.push_back(std::span(found).subspan(begin, at - begin));
      keys.push_back(store::Key{store::Family::kFrames, internal::BatchKey(first)});
      keys.push_back(store::Key{store::Family::kRecords, internal::BatchKey(first)});
    }
    Result<std::vector<store::Row>> rows =
        co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
    if (!rows.ok()) co_return rows.error();
    for (std::size_t i = 0; i < groups.size(); ++i) {
      CLOISON_CO_TRY_ASSIGN(const bool opened,
                            OpenFrom((*rows)[2 * i], (*rows)[2 * i + 1], groups[i], out));
      if (opened) continue;
      CLOISON_CO_TRY(co_await OpenHeld((*rows)[2 * i], groups[i], out));
    }
  }
  co_return out;
}

// Nothing: their time has passed, and the month's key was destroyed.
Result<std::optional<internal::MonthRecords>> Ledger::State::RecordsOf(
    std::uint64_t first, const store::Row& row) const {
  std::uint32_t month = 0;
  {
    const std::shared_lock lock(mutex);
    const std::uint32_t of = GenerationOf(first);
    if (of > generation || NumberOf(first) >= SizeOf(of)) return kOutOfPlace;
    month = month_starts.MonthOf(first);
  }
  auto month_key = parts.months.KeyOf(month);
  if (!month_key.ok()) {
    if (month_key.error().code() != Code::kNotFound) return month_key.error();
    return std::optional<internal::MonthRecords>();
  }
  if (!row.present()) return Error{Code::kCorrupt, "records are missing"};
  CLOISON_TRY_ASSIGN(internal::RecordsView view, internal::ParseRecords(row.value));
  if (view.month != month) return Error{Code::kCorrupt, "records are of another month"};
  return std::optional(internal::MonthRecords{std::move(view), std::move(*month_key)});
}

Result<bool> Ledger::State::OpenFrom(const store::Row& frame, const store::Row& records,
                                     std::span<const internal::Found> found,
                                     std::vector<internal::Opened>& out) const {
  if (!frame.present()) return Error{Code::kCorrupt, "a frame is missing"};
  CLOISON_TRY_ASSIGN(const ByteView leaves, internal::ParseFrame(frame.value));
  CLOISON_TRY_ASSIGN(const std::optional<internal::MonthRecords> of_month,
                     RecordsOf(found.front().place.first_index(), records));
  if (!of_month) return false;
  const internal::RecordsView& view = of_month->view;
  if (view.sealed.size() * kLeafBytes != leaves.size()) {
    return Error{Code::kCorrupt, "a batch has not as many records as leaves"};
  }
  for (const internal::Found& one : found) {
    const std::size_t position = one.place.position;
    if (position >= view.sealed.size()) return kOutOfPlace;
    const LogId& of = LogIdOf(GenerationOf(one.place.index));
    CLOISON_TRY_ASSIGN(Record record,
                       OpenRecord(view.sealed[position], options.register_id, of, *of_month->key));
    out.push_back(internal::Opened{one.n, one.place.index, internal::LeafAt(leaves, position),
                                   std::move(record)});
  }
  return true;
}

// A head that was rolled back would give a tag for the second time, and hide the first entry of it.
template <class Key>
Task<Result<bool>> Ledger::State::IsNext(const Key& subject, std::uint64_t next) const {
  const std::uint64_t number = NumberOf(next);
  std::vector<internal::Wanted> wanted(1, internal::Wanted{next, TagAt(subject, next)});
  if (number > 0) wanted.push_back(internal::Wanted{next - 1, TagAt(subject, next - 1)});
  const auto found = co_await Find(store::Family::kTrail, std::move(wanted));
  if (!found.ok()) co_return found.error();
  if (number == 0) co_return found->empty();
  co_return found->size() == 1 && found->front().n == next - 1;
}

// Of both spaces, for ledger.cc.
template Task<Result<bool>> Ledger::State::IsNext(const SubjectKey&, std::uint64_t) const;
template Task<Result<bool>> Ledger::State::IsNext(const SealedKey&, std::uint64_t) const;

Task<Result<std::uint64_t>> Ledger::HeadOf(const SubjectKey& key) const {
  co_return co_await state_->HeadOf(key);
}

Task<Result<std::uint64_t>> Ledger::HeadOf(const SealedKey& key) const {
  co_return co_await state_->HeadOf(key);
}

template <class Key>
Task<Result<std::uint64_t>> Ledger::State::HeadOf(const Key& subject) const {
  const internal::HeadKey head = HeadKeyOf(subject);
  std::optional<std::uint64_t> before;
  while (true) {
    {
      const std::shared_lock lock(mutex);
      const std::optional<std::uint64_t> next = NextInMemory(head);
      if (next) co_return PlaceAt(*next);
    }
    CLOISON_CO_TRY_ASSIGN(const std::uint64_t next, co_await ReadNumber(head));
    CLOISON_CO_TRY_ASSIGN(const bool is_next, co_await IsNext(subject, PlaceAt(next)));
    if (is_next) co_return PlaceAt(next);
    // Entries may have come since the number was read: then it is another one now.
    if (before == next) co_return Error{Code::kCorrupt, "a head is not that of its entries"};
    before = next;
  }
}

template <class Key>
Result<TrailPage> Ledger::State::Checked(const Key& whose,
                                         std::vector<internal::Opened> all) const {
  TrailPage page;
  page.entries.reserve(all.size());
  for (internal::Opened& opened : all) {
    if (!Matches(whose, TagAt(whose, opened.n), opened)) {
      return Error{Code::kCorrupt, "a record is not the one of its leaf"};
    }
    if (!opened.record) {
      page.expired.push_back(
          {GenerationOf(opened.index), NumberOf(opened.index), NumberOf(opened.n), opened.leaf});
      continue;
    }
    CLOISON_TRY_ASSIGN(TrailEntry entry, ToTrailEntry(std::move(opened)));
    page.entries.push_back(std::move(entry));
  }
  return page;
}

Task<Result<std::uint64_t>> Ledger::State::ClosedHead(const SubjectKey& subject,
                                                      std::uint32_t of) const {
  if (SizeOf(of) == 0) co_return PlaceOf(of, 0);
  CLOISON_CO_TRY_ASSIGN(const std::uint64_t next, co_await ReadNumber(HeadKeyOf(subject, of)));
  CLOISON_CO_TRY_ASSIGN(const bool is_next, co_await IsNext(subject, PlaceOf(of, next)));
  if (!is_next) co_return Error{Code::kCorrupt, "a head is not that of its entries"};
  co_return PlaceOf(of, next);
}

Task<Result<std::vector<internal::Wanted>>> Ledger::State::TagsBelow(const SubjectKey& subject,
                                                                     std::uint64_t below,
                                                                     std::size_t count) const {
  std::vector<internal::Wanted> wanted;
  std::uint64_t place = below;
  while (wanted.size() < std::min(count, kReadEntriesMax)) {
    const std::uint32_t of = GenerationOf(place);
    if (NumberOf(place) > 0) {
      --place;
      wanted.push_back(internal::Wanted{place, TagAt(subject, place)});
    } else if (of > 1) {
      CLOISON_CO_TRY_ASSIGN(place, co_await ClosedHead(subject, of - 1));
    } else {
      break;
    }
  }
  co_return wanted;
}

// Of one log, by number.
template <class Key>
std::vector<internal::Wanted> Ledger::State::TagsOfLog(const Key& whose, std::uint64_t below,
                                                       std::size_t count) const {
  std::vector<internal::Wanted> wanted;
  const std::uint64_t most = std::min<std::uint64_t>({NumberOf(below), count, kReadEntriesMax});
  for (std::uint64_t i = 1; i <= most; ++i) {
    wanted.push_back(internal::Wanted{below - i, TagAt(whose, below - i)});
  }
  return wanted;
}

template <class Key>
Task<Result<TrailPage>> Ledger::State::ReadBack(store::Family family, const Key& whose,
                                                std::vector<internal::Wanted> wanted) const {
  auto found = co_await Find(family, std::move(wanted));
  if (!found.ok()) co_return found.error();
  auto opened = co_await OpenEntries(std::move(*found));
  if (!opened.ok()) co_return opened.error();
  co_return Checked(whose, std::move(*opened));
}

Task<Result<TrailPage>> Ledger::ReadTrailPage(const SubjectKey& key, std::uint64_t below,
                                              std::size_t count) const {
  if (GenerationOf(below) > state_->generation) co_return kNoSuchPlace;
  std::vector<internal::Wanted> wanted = state_->TagsOfLog(key, below, count);
  co_return co_await state_->ReadBack(store::Family::kTrail, key, std::move(wanted));
}

Task<Result<std::uint64_t>> Ledger::HeadIn(const SubjectKey& key, std::uint32_t generation) const {
  CLOISON_CHECK(generation >= 1 && generation < state_->generation);
  co_return co_await state_->ClosedHead(key, generation);
}

Task<Result<std::vector<TrailEntry>>> Ledger::ReadTrail(const SubjectKey& key, std::uint64_t below,
                                                        std::size_t count) const {
  if (GenerationOf(below) > state_->generation) co_return kNoSuchPlace;
  CLOISON_CO_TRY_ASSIGN(std::vector<internal::Wanted> wanted,
                        co_await state_->TagsBelow(key, below, count));
  co_return EntriesOf(co_await state_->ReadBack(store::Family::kTrail, key, std::move(wanted)));
}

Task<Result<std::vector<TrailEntry>>> Ledger::ReadSealedTrail(const SealedKey& key,
                                                              std::uint64_t below,
                                                              std::size_t count) const {
  if (GenerationOf(below) > state_->generation) co_return kNoSuchPlace;
  std::vector<internal::Wanted> wanted = state_->TagsOfLog(key, below, count);
  co_return EntriesOf(co_await state_->ReadBack(store::Family::kTrail, key, std::move(wanted)));
}

Task<Result<TrailPage>> Ledger::ReadActivity(const ActorKey& key, std::uint64_t from,
                                             std::size_t count, std::uint32_t generation) const {
  const std::uint32_t of = generation == 0 ? state_->generation : generation;
  CLOISON_CHECK(of <= state_->generation);
  std::vector<internal::Wanted> wanted = state_->TagsOfLog(key, PlaceOf(of, from + 1), count);
  co_return co_await state_->ReadBack(store::Family::kActivity, key, std::move(wanted));
}

bool Opens(const SubjectKey& key, const TrailEntry& entry) {
  return SubjectHolds(key, entry.leaf, entry.record);
}

Task<Result<std::optional<TrailEntry>>> Ledger::ReadEntry(std::uint64_t place) const {
  const std::uint32_t of = GenerationOf(place);
  if (of > state_->generation || NumberOf(place) >= SizeOf(of)) {
    co_return Error{Code::kNotFound, "the ledger has no such entry"};
  }
  CLOISON_CO_TRY_ASSIGN(const std::uint64_t first, co_await state_->FirstOfBatch(place));
  if (place - first > UINT16_MAX) co_return kOutOfPlace;
  std::vector<internal::Found> found{
      {0, internal::Place{place, static_cast<std::uint16_t>(place - first)}}};
  auto opened = co_await state_->OpenEntries(std::move(found));
  if (!opened.ok()) co_return opened.error();
  internal::Opened& one = opened->front();
  if (!one.record) co_return std::optional<TrailEntry>();
  if (one.record->actor_randomness) {
    CLOISON_CO_TRY_ASSIGN(const crypto::Secret<32> opening,
                          crypto::Secret<32>::FromBytes(*one.record->actor_randomness));
    const crypto::Digest commitment = Commit(opening, "actor", one.record->actor_part);
    if (!base::Equal(ByteView(one.leaf).subspan(34, 32), commitment)) {
      co_return Error{Code::kCorrupt, "a record is not the one of its leaf"};
    }
  }
  CLOISON_CO_TRY_ASSIGN(TrailEntry entry, ToTrailEntry(std::move(one)));
  co_return std::optional(std::move(entry));
}

Task<Result<bool>> Ledger::HasActorTag(Tag tag) const {
  std::vector<internal::Wanted> wanted(1, internal::Wanted{0, tag});
  auto found = co_await state_->Find(store::Family::kActivity, std::move(wanted));
  if (!found.ok()) co_return found.error();
  co_return !found->empty();
}

// There is no way back in a scan: looks in ever wider windows before the index.
Task<Result<std::uint64_t>> Ledger::State::FirstOfBatch(std::uint64_t index) const {
  for (std::uint64_t width = 1;; width *= 16) {
    const std::uint64_t begin = index + 1 - std::min(index + 1, width);
    store::Range range{store::Family::kFrames, internal::BatchKey(begin),
                       internal::BatchKey(index + 1)};
    std::optional<std::string> last;
    for (bool more = true; more;) {
      const Result<store::ScanPage> page = co_await parts.store.Scan(range, store::kScanRowsMax);
      if (!page.ok()) co_return page.error();
      if (!page->rows.empty()) last = page->rows.back().key;
      more = page->next.has_value();
      if (more) range.begin = *page->next;
    }
    if (last) co_return internal::ParseBatchKey(*last);
    if (width > internal::kBatchLeavesMax) co_return Error{Code::kCorrupt, "a frame is missing"};
  }
}

// The rows of the batches that hold the entries [first, end), in order.
Task<Result<std::vector<store::KeyedRow>>> Ledger::State::BatchesOf(store::Family family,
                                                                    std::uint64_t first,
                                                                    std::uint64_t end) const {
  std::vector<store::KeyedRow> rows;
  const Result<std::uint64_t> start = co_await FirstOfBatch(first);
  if (!start.ok()) co_return start.error();
  store::Range range{family, internal::BatchKey(*start), internal::BatchKey(end)};
  for (bool more = true; more;) {
    Result<store::ScanPage> page = co_await parts.store.Scan(range, kBatchesPerPage);
    if (!page.ok()) co_return page.error();
    std::ranges::move(page->rows, std::back_inserter(rows));
    more = page->next.has_value();
    if (more) range.begin = *page->next;
  }
  co_return rows;
}

Result<std::vector<Record>> Ledger::State::OpenAll(const store::KeyedRow& records) const {
  CLOISON_TRY_ASSIGN(const std::uint64_t first, internal::ParseBatchKey(records.key));
  CLOISON_TRY_ASSIGN(const std::optional<internal::MonthRecords> of_month,
                     RecordsOf(first, records.row));
  if (!of_month) return kExpired;
  std::vector<Record> out;
  for (const ByteView sealed : of_month->view.sealed) {
    CLOISON_TRY_ASSIGN(Record record, OpenRecord(sealed, options.register_id,
                                                 LogIdOf(GenerationOf(first)), *of_month->key));
    out.push_back(std::move(record));
  }
  return out;
}

Task<Result<std::vector<Leaf>>> Ledger::ReadLeaves(std::uint64_t from, std::size_t count,
                                                   std::uint32_t generation) const {
  std::vector<Leaf> out;
  const std::uint32_t of = generation == 0 ? state_->generation : generation;
  const std::uint64_t first = PlaceOf(of, from);
  const std::uint64_t end = PlaceOf(of, EndOfRead(from, count, SizeOf(of)));
  if (first >= end) co_return out;
  const auto rows = co_await state_->BatchesOf(store::Family::kFrames, first, end);
  if (!rows.ok()) co_return rows.error();
  std::uint64_t at = 0;
  for (const store::KeyedRow& row : *rows) {
    CLOISON_CO_TRY_ASSIGN(const ByteView leaves, internal::ParseFrame(row.row.value));
    CLOISON_CO_TRY_ASSIGN(const std::uint64_t begin, internal::ParseBatchKey(row.key));
    if (at != 0 && begin != at) break;
    at = begin + leaves.size() / kLeafBytes;
    for (std::uint64_t i = std::max(begin, first); i < std::min(at, end); ++i) {
      out.push_back(internal::LeafAt(leaves, i - begin));
    }
  }
  if (out.size() != end - first) co_return Error{Code::kCorrupt, "a frame is missing"};
  co_return out;
}

Task<Result<std::vector<Record>>> Ledger::ReadRecords(std::uint64_t from, std::size_t count,
                                                      std::uint32_t generation) const {
  std::vector<Record> out;
  const std::uint32_t of = generation == 0 ? state_->generation : generation;
  const std::uint64_t first = PlaceOf(of, from);
  const std::uint64_t end = PlaceOf(of, EndOfRead(from, count, SizeOf(of)));
  if (first >= end) co_return out;
  const auto rows = co_await state_->BatchesOf(store::Family::kRecords, first, end);
  if (!rows.ok()) co_return rows.error();
  std::uint64_t at = first;  // what follows is not read yet
  for (const store::KeyedRow& row : *rows) {
    CLOISON_CO_TRY_ASSIGN(const std::uint64_t begin, internal::ParseBatchKey(row.key));
    if (begin > at) break;
    Result<std::vector<Record>> records = state_->OpenAll(row);
    if (!records.ok() && records.error().code() == Code::kNotFound) break;
    if (!records.ok()) co_return records.error();
    const std::uint64_t behind = std::min(begin + records->size(), end);
    for (; at < behind; ++at) out.push_back(std::move((*records)[at - begin]));
  }
  // What is not there has expired, and maybe is held; or it has been taken away.
  for (; at < end; ++at) {
    CLOISON_CO_TRY_ASSIGN(std::optional<Record> record, co_await state_->ReadExpired(at));
    if (!record) co_return kExpired;
    out.push_back(std::move(*record));
  }
  co_return out;
}

Task<Result<std::optional<Record>>> Ledger::State::ReadExpired(std::uint64_t place) const {
  CLOISON_CO_TRY_ASSIGN(const std::uint64_t first, co_await FirstOfBatch(place));
  std::vector<store::Key> keys{{store::Family::kRecords, internal::BatchKey(first)}};
  const auto rows = co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  // Of a month whose key is there, nothing may be missing.
  CLOISON_CO_TRY_ASSIGN(const std::optional<internal::MonthRecords> of_month,
                        RecordsOf(first, rows->front()));
  if (!of_month) co_return co_await ReadHeld(place);
  if (place - first >= of_month->view.sealed.size()) co_return kOutOfPlace;
  CLOISON_CO_TRY_ASSIGN(Record record,
                        OpenRecord(of_month->view.sealed[place - first], options.register_id,
                                   LogIdOf(GenerationOf(place)), *of_month->key));
  co_return std::optional(std::move(record));
}

}  // namespace cloison::ledger
