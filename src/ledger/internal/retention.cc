// Retention: a month's key is destroyed when its time has passed, and its records go; what an
// incident holds was sealed again before, under the hold's own key (family holds).
//
//   holds   u32 hold ‖ u64 place -> the record, sealed as in family records but under the hold's
//   key
#include <utility>

#include "ledger/internal/frame.h"
#include "ledger/internal/state.h"

namespace cloison::ledger {

namespace {

store::Key HeldKey(std::uint32_t hold, std::uint64_t place) {
  Bytes key;
  base::AppendU32(key, hold);
  base::AppendU64(key, place);
  return {store::Family::kHolds, std::string(AsText(key))};
}

class DeleteWork final : public commit::Work {
 public:
  using Promise = Status;
  explicit DeleteWork(store::Range range) : range_(std::move(range)) {}

  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging&) override { co_return Ok(); }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    staging.DeleteRange(range_);
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return Ok(); }

 private:
  store::Range range_;
};

Task<Status> DeleteRange(commit::Committer* committer, store::Range range, base::Executor& home) {
  if (committer == nullptr) co_return Error{Code::kUnavailable, "nothing can be deleted now"};
  auto work = std::make_unique<DeleteWork>(std::move(range));
  const auto deleted = co_await committer->Submit(std::move(work), home);
  co_return deleted.ok() ? Ok() : Status(deleted.error());
}

}  // namespace

Result<store::Put> Ledger::Hold(const TrailEntry& entry, std::uint32_t hold) const {
  const Parts& parts = state_->parts;
  if (parts.holds == nullptr) return Error{Code::kUnavailable, "nothing is held here"};
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const crypto::HmacKey> key,
                     parts.holds->HoldKeyOf(hold));
  store::Put put{HeldKey(hold, PlaceOf(entry.generation, entry.index)), {}};
  SealRecord(entry.record, state_->options.register_id, state_->LogIdOf(entry.generation), *key,
             parts.random, put.value);
  return put;
}

Task<Status> Ledger::DropHeld(std::uint32_t hold, base::Executor& home) {
  store::Range range{store::Family::kHolds, std::string(AsText(base::BigU32(hold))),
                     std::string(AsText(base::BigU32(hold + 1)))};
  co_return co_await DeleteRange(state_->committer, std::move(range), home);
}

Task<Result<bool>> Ledger::HasHeld(std::uint32_t hold) const {
  const store::Range range{store::Family::kHolds, std::string(AsText(base::BigU32(hold))),
                           std::string(AsText(base::BigU32(hold + 1)))};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await state_->parts.store.Scan(range, 1));
  co_return !page.rows.empty();
}

Task<Result<std::optional<Record>>> Ledger::State::ReadHeld(std::uint64_t place) const {
  std::vector<std::uint32_t> holds;
  if (parts.holds != nullptr) holds = parts.holds->Holds();
  if (holds.empty()) co_return std::optional<Record>();
  std::vector<store::Key> keys;
  for (const std::uint32_t hold : holds) keys.push_back(HeldKey(hold, place));
  const Result<std::vector<store::Row>> rows =
      co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  for (std::size_t i = 0; i < holds.size(); ++i) {
    if (!(*rows)[i].present()) continue;
    const auto held_under = parts.holds->HoldKeyOf(holds[i]);
    if (!held_under.ok()) {
      if (held_under.error().code() == Code::kNotFound) continue;  // released meanwhile
      co_return held_under.error();
    }
    CLOISON_CO_TRY_ASSIGN(Record record, OpenRecord((*rows)[i].value, options.register_id,
                                                    LogIdOf(GenerationOf(place)), **held_under));
    co_return std::optional(std::move(record));
  }
  co_return std::optional<Record>();
}

Task<Status> Ledger::State::OpenHeld(const store::Row& frame,
                                     std::span<const internal::Found> found,
                                     std::vector<internal::Opened>& out) const {
  CLOISON_CO_TRY_ASSIGN(const ByteView leaves, internal::ParseFrame(frame.value));
  for (const internal::Found& one : found) {
    if (one.place.position >= leaves.size() / kLeafBytes) {
      co_return Error{Code::kCorrupt, "an entry is out of place"};
    }
    CLOISON_CO_TRY_ASSIGN(std::optional<Record> record, co_await ReadHeld(one.place.index));
    out.push_back(internal::Opened{
        one.n, one.place.index, internal::LeafAt(leaves, one.place.position), std::move(record)});
  }
  co_return Ok();
}

std::vector<std::uint32_t> Ledger::MonthsBefore(std::uint32_t month) const {
  std::vector<std::uint32_t> months;
  {
    const std::shared_lock lock(state_->mutex);
    months = state_->month_starts.All();
  }
  std::erase_if(months, [this, month](std::uint32_t one) {
    const auto key = state_->parts.months.KeyOf(one);
    return one >= month || (!key.ok() && key.error().code() == Code::kNotFound);
  });
  return months;
}

Task<Status> Ledger::Expire(std::uint32_t month, base::Executor& home) {
  std::optional<std::uint64_t> end;
  {
    const std::shared_lock lock(state_->mutex);
    end = state_->month_starts.EndOf(month);
  }
  if (!end) co_return Error{Code::kInvalid, "not a month of this log that has ended"};
  CLOISON_CO_TRY(state_->parts.months.DestroyMonth(month));
  // From the beginning: an earlier call may have ended between the key and the records.
  store::Range range{store::Family::kRecords, "", internal::BatchKey(*end)};
  co_return co_await DeleteRange(state_->committer, std::move(range), home);
}

}  // namespace cloison::ledger
