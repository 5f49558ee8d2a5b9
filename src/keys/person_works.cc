#include "keys/internal/person_works.h"

namespace cloison::keys::internal {

namespace {

void DeleteIfPresent(commit::Staging& staging, const store::Key& key) {
  if (staging.Get(key).present()) staging.Delete(key);
}

}  // namespace

Task<Status> CreateWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys(1, RowKey(kEpochRow));
  for (const NewPerson& person : people) keys.push_back(person.wk.key);
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> CreateWork::Stage(commit::Staging& staging) {
  // Under an older epoch the row could come after the re-wrap of that epoch has passed.
  if (!people.empty() && !base::Equal(staging.Get(RowKey(kEpochRow)).value, base::BigU32(epoch))) {
    return Error{Code::kConflict, "the epoch has moved on"};
  }
  // One by one, so that an id drawn twice for this very work is found too.
  for (NewPerson& person : people) {
    if (staging.Get(person.wk.key).present()) return Error{Code::kConflict, "an id is taken"};
    staging.Put(std::move(person.wk.key), std::move(person.wk.value));
    staging.Put(std::move(person.aud.key), std::move(person.aud.value));
    if (!person.intent.has_value()) continue;
    staging.Put(std::move(person.intent->key), std::move(person.intent->value));
  }
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
  versions_.clear();
  next_version_ = kFirstPkv;
  std::vector<store::Key> keys{AudKey(aud_), IntentKey(person_)};
  store::Range range = WkRange(person_);
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                        co_await staging.store().Scan(std::move(range), kPersonKeyVersionsMax + 1));
  if (page.rows.size() > kPersonKeyVersionsMax) {
    co_return Error{Code::kExhausted, "too many keys of one person"};
  }
  for (const store::KeyedRow& row : page.rows) {
    CLOISON_CO_TRY_ASSIGN(const std::uint32_t pkv, PkvOf(row.key));
    versions_.push_back(pkv);
    next_version_ = pkv + 1;
    keys.push_back(WkKey(person_, pkv));
  }
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
