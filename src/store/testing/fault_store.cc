#include "store/testing/fault_store.h"

namespace cloison::store::testing {

namespace {

constexpr Error kReadFailed{Code::kUnavailable, "an injected failure of a read"};
constexpr Error kCommitFailed{Code::kUnknownOutcome, "an injected failure of a commit"};

}  // namespace

class FaultStore::Loader final : public BulkLoader {
 public:
  Loader(FaultStore& store, std::unique_ptr<BulkLoader> target)
      : store_(store), target_(std::move(target)) {}

  Status Add(ByteView key, ByteView value) override { return target_->Add(key, value); }
  Status Finish(Version version) override {
    if (!store_.Fires(Call::kCommit)) return target_->Finish(version);
    if (store_.how_ == Fault::kAppliedButReported) CLOISON_CHECK(target_->Finish(version).ok());
    return kCommitFailed;
  }

 private:
  FaultStore& store_;
  std::unique_ptr<BulkLoader> target_;
};

void FaultStore::Arm(Call call, int nth, Fault how) {
  CLOISON_CHECK(nth > 0);
  call_ = call;
  how_ = how;
  fired_ = false;
  left_ = nth;
}

bool FaultStore::Fires(Call call) {
  if (call != call_ || left_.fetch_sub(1) != 1) return false;
  fired_ = true;
  return true;
}

Task<Result<std::vector<Row>>> FaultStore::MultiGet(std::vector<Key> keys, ReadMode mode) {
  for (const Key& key : keys) ++asked_[static_cast<std::uint8_t>(key.family)];
  if (Fires(Call::kRead)) {
    if (how_ == Fault::kNotApplied) co_return kReadFailed;
    Result<std::vector<Row>> lost = co_await target_.MultiGet(std::move(keys), mode);
    co_return kReadFailed;
  }
  co_return co_await target_.MultiGet(std::move(keys), mode);
}

Task<Result<ScanPage>> FaultStore::Scan(Range range, std::size_t limit) {
  if (Fires(Call::kRead)) {
    if (how_ == Fault::kNotApplied) co_return kReadFailed;
    Result<ScanPage> lost = co_await target_.Scan(std::move(range), limit);
    co_return kReadFailed;
  }
  co_return co_await target_.Scan(std::move(range), limit);
}

Task<Result<Version>> FaultStore::Commit(WriteSet writes) {
  if (Fires(Call::kCommit)) {
    if (how_ == Fault::kNotApplied) co_return kCommitFailed;
    Result<Version> lost = co_await target_.Commit(std::move(writes));
    // A commit that the store refuses has no unknown outcome.
    if (!lost.ok()) co_return lost;
    co_return kCommitFailed;
  }
  co_return co_await target_.Commit(std::move(writes));
}

Result<std::unique_ptr<BulkLoader>> FaultStore::LoadBulk(Family family) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<BulkLoader> target, target_.LoadBulk(family));
  return std::unique_ptr<BulkLoader>(std::make_unique<Loader>(*this, std::move(target)));
}

Result<std::unique_ptr<BulkLoader>> FaultStore::LoadRun(Family family, Version version, Pace pace) {
  CLOISON_TRY_ASSIGN(std::unique_ptr<BulkLoader> target, target_.LoadRun(family, version, pace));
  return std::unique_ptr<BulkLoader>(std::make_unique<Loader>(*this, std::move(target)));
}

}  // namespace cloison::store::testing
