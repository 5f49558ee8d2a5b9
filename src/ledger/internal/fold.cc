// Folding: many segments become sorted runs of trail, activity and heads.
//
// The runs are written first, then one commit deletes the segments and moves the fold position. A
// crash in between leaves rows that the next fold writes again, with the same values.
#include <algorithm>
#include <utility>

#include "ledger/internal/frame.h"
#include "ledger/internal/state.h"

namespace cloison::ledger {

namespace internal {
namespace {

template <class Value, class Encode>
Status WriteRun(store::Store& store, store::Family family, const ByTag<Value>& map,
                const std::pair<store::Version, Encode>& how) {
  if (map.empty()) return Ok();
  CLOISON_TRY_ASSIGN(const std::unique_ptr<store::BulkLoader> loader,
                     store.LoadRun(family, how.first, store::Pace::kBesideCommits));
  for (const auto& [tag, value] : map.Sorted()) {
    CLOISON_TRY(loader->Add(tag, how.second(tag, value)));
  }
  return loader->Finish(how.first);
}

}  // namespace

class FoldWork final : public commit::Work {
 public:
  using Promise = std::monostate;
  FoldWork(std::uint64_t end, Bytes sealed_position, bool& staged)
      : end_(end), sealed_position_(std::move(sealed_position)), staged_(staged) {}

  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging&) override { co_return Ok(); }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    staging.DeleteRange(store::Range{store::Family::kSegments, "", BatchKey(end_)});
    staging.Put(MetaKey(kFoldedRow), std::move(sealed_position_));
    staged_ = true;
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return {}; }

 private:
  std::uint64_t end_;
  Bytes sealed_position_;
  bool& staged_;
};

}  // namespace internal

Task<Status> Ledger::Fold() {
  return state_->Fold();
}

Task<void> Ledger::Stop() {
  co_await state_->fold_turn.Take();
  state_->fold_turn.Close();
  state_->fold_turn.Give(state_->parts.background);
}

Task<Status> Ledger::State::Fold() {
  co_await fold_turn.Take();
  co_await parts.background.Schedule();
  Status folded = co_await FoldOnce();
  fold_turn.Give(parts.background);
  co_return folded;
}

void Ledger::State::FoldWhenDue() {
  if (committer == nullptr) return;
  {
    const std::shared_lock lock(mutex);
    if (tail.unfrozen() < options.fold_entries) return;
  }
  if (!fold_turn.TryTake()) return;
  parts.background.Post([this] {
    base::Detach([](State& state) -> Task<void> {
      // What fails now is tried again when the next entries come.
      const Status folded = co_await state.FoldOnce();
      static_cast<void>(folded);
      state.fold_turn.Give(state.parts.background);
    }(*this));
  });
}

Task<Status> Ledger::State::FoldOnce() {
  if (committer == nullptr || fold_turn.closed()) {
    co_return Error{Code::kUnavailable, "folding is not possible now"};
  }
  std::shared_ptr<const internal::Generation> frozen;  // readers use it until it is dropped
  {
    std::size_t entries = 0;
    {
      const std::shared_lock lock(mutex);
      entries = tail.unfrozen();
    }
    std::shared_ptr<internal::Generation> next = internal::Generation::WithRoom(entries);
    const std::unique_lock lock(mutex);
    frozen = tail.Freeze(std::move(next));
  }
  if (frozen == nullptr) co_return Ok();
  CLOISON_CO_TRY(WriteRuns(*frozen));
  const store::Key position = internal::MetaKey(internal::kFoldedRow);
  Bytes sealed = parts.state.Seal(position, frozen->frontier.Serialise());
  auto work = std::make_unique<internal::FoldWork>(PlaceAt(frozen->frontier.size()),
                                                   std::move(sealed), fold_staged);
  const auto done = co_await committer->Submit(std::move(work), parts.background);
  co_return done.ok() ? Ok() : Status(done.error());
}

Status Ledger::State::WriteRuns(const internal::Generation& unfolded) {
  const auto place = [](const Tag&, const internal::Place& value) {
    return internal::EncodePlace(value);
  };
  const auto head = [this](const internal::HeadKey& tag, std::uint64_t next) {
    const store::Key row{store::Family::kHeads, std::string(AsText(tag))};
    return parts.state.Seal(row, base::BigU64(next));
  };
  const store::Version version = unfolded.version;
  CLOISON_TRY(internal::WriteRun(parts.store, store::Family::kTrail, unfolded.trail,
                                 std::pair(version, place)));
  CLOISON_TRY(internal::WriteRun(parts.store, store::Family::kActivity, unfolded.activity,
                                 std::pair(version, place)));
  return internal::WriteRun(parts.store, store::Family::kHeads, unfolded.heads,
                            std::pair(version, head));
}

}  // namespace cloison::ledger
