#include "keys/internal/person_works.h"

namespace cloison::keys::internal {

namespace {

void DeleteIfPresent(commit::Staging& staging, const store::Key& key) {
  if (staging.Get(key).present()) staging.Delete(key);
}

Task<Result<std::vector<std::uint32_t>>> VersionsOf(commit::Staging& staging, PersonId person) {
  store::Range range = WkRange(person);
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                        co_await staging.store().Scan(std::move(range), kPersonKeyVersionsMax + 1));
  if (page.rows.size() > kPersonKeyVersionsMax) {
    co_return Error{Code::kExhausted, "too many keys of one person"};
  }
  std::vector<std::uint32_t> versions;
  for (const store::KeyedRow& row : page.rows) {
    CLOISON_CO_TRY_ASSIGN(const std::uint32_t pkv, PkvOf(row.key));
    versions.push_back(pkv);
  }
  co_return versions;
}

}  // namespace

Task<Status> CreateWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys(1, RowKey(kEpochRow));
  if (!puts.empty()) keys.push_back(puts.front().key);
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> CreateWork::Stage(commit::Staging& staging) {
  // Under an older epoch the row could come after the re-wrap of that epoch has passed.
  if (!puts.empty() && !base::Equal(staging.Get(RowKey(kEpochRow)).value, base::BigU32(epoch))) {
    return Error{Code::kConflict, "the epoch has moved on"};
  }
  if (!puts.empty() && staging.Get(puts.front().key).present()) {
    return Error{Code::kConflict, "an id is taken"};
  }
  for (store::Put& put : puts) staging.Put(std::move(put.key), std::move(put.value));
  for (const PersonId& person : settled) staging.Delete(IntentKey(person));
  return commit::Staged::kDone;
}

Task<Status> AbandonWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys{IntentKey(person_), WkKey(person_, kFirstPkv)};
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> AbandonWork::Stage(commit::Staging& staging) {
  const store::Key intent_key = IntentKey(person_);
  const store::Key wk_key = WkKey(person_, kFirstPkv);
  const store::Row& intent = staging.Get(intent_key);
  if (!intent.present()) {
    if (!staging.Get(wk_key).present()) return commit::Staged::kDone;
    return Error{Code::kConflict, "the person is adopted"};
  }
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes value, state_.Open(intent_key, intent.value));
  CLOISON_TRY_ASSIGN(const Aud aud, Aud::FromBytes(value.Reveal()));
  staging.Delete(AudKey(aud));
  DeleteIfPresent(staging, wk_key);
  staging.Delete(intent_key);
  return commit::Staged::kDone;
}

Task<Status> DestroyWork::Load(commit::Staging& staging) {
  CLOISON_CO_TRY_ASSIGN(versions_, co_await VersionsOf(staging, person_));
  next_version_ = versions_.empty() ? kFirstPkv : versions_.back() + 1;
  std::vector<store::Key> keys{AudKey(aud_), IntentKey(person_)};
  for (const std::uint32_t pkv : versions_) keys.push_back(WkKey(person_, pkv));
  keys.push_back(WkKey(person_, next_version_));
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> DestroyWork::Stage(commit::Staging& staging) {
  if (staging.Get(WkKey(person_, next_version_)).present()) return commit::Staged::kAgain;
  bool of_another = false;
  for (const std::uint32_t pkv : versions_) {
    const store::Key key = WkKey(person_, pkv);
    const store::Row& row = staging.Get(key);
    if (!row.present()) continue;
    if (IsOfAnother(pkv, row.value)) {
      of_another = true;
    } else {
      staging.Delete(key);
    }
  }
  DeleteIfPresent(staging, AudKey(aud_));
  if (!of_another) DeleteIfPresent(staging, IntentKey(person_));
  return commit::Staged::kDone;
}

Task<Status> RenewWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys{RowKey(kEpochRow), old_, fresh_.key};
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> RenewWork::Stage(commit::Staging& staging) {
  if (!base::Equal(staging.Get(RowKey(kEpochRow)).value, base::BigU32(epoch_))) {
    return Error{Code::kConflict, "the epoch has moved on"};
  }
  // Re-wrapped since it was read is fine; erased is not.
  if (!staging.Get(old_).present()) return Error{Code::kNotFound, "no key of this person"};
  if (staging.Get(fresh_.key).present()) return Error{Code::kConflict, "the version is taken"};
  staging.Put(fresh_.key, fresh_.value);
  return commit::Staged::kDone;
}

Task<Status> SupersedeWork::Load(commit::Staging& staging) {
  CLOISON_CO_TRY_ASSIGN(const std::vector<std::uint32_t> versions,
                        co_await VersionsOf(staging, person_));
  others_.clear();
  std::vector<store::Key> keys{WkKey(person_, current_)};
  for (const std::uint32_t pkv : versions) {
    if (pkv == current_) continue;
    others_.push_back(WkKey(person_, pkv));
    keys.push_back(others_.back());
  }
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> SupersedeWork::Stage(commit::Staging& staging) {
  if (!staging.Get(WkKey(person_, current_)).present()) {
    return Error{Code::kNotFound, "no key of this person"};
  }
  for (const store::Key& key : others_) DeleteIfPresent(staging, key);
  return commit::Staged::kDone;
}

Task<Status> RewrapWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys(1, RowKey(kEpochRow));
  for (const Rewrapped& row : rows) keys.push_back(row.key);
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> RewrapWork::Stage(commit::Staging& staging) {
  if (!base::Equal(staging.Get(RowKey(kEpochRow)).value, base::BigU32(epoch))) {
    return Error{Code::kConflict, "the epoch has moved on"};
  }
  count_ = 0;
  for (Rewrapped& row : rows) {
    const store::Row& now = staging.Get(row.key);
    if (!now.present() || !base::Equal(now.value, row.before)) continue;
    staging.Put(row.key, row.after);
    ++count_;
  }
  return commit::Staged::kDone;
}

bool DestroyWork::IsOfAnother(std::uint32_t pkv, ByteView wrapped) const {
  const KeyName name{ring_.register_id(), person_, pkv};
  const Result<crypto::Secret<64>> secret = UnwrapWk(name, ring_, wrapped);
  if (!secret.ok()) return false;
  auto plk = crypto::Secret<32>::FromBytes(secret->Reveal().last(32));
  const ledger::SubjectKey subject(name.register_id, log_id_, person_, std::move(*plk));
  return subject.aud() != aud_;
}

}  // namespace cloison::keys::internal
