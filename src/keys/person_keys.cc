#include "keys/person_keys.h"

#include <algorithm>
#include <mutex>

#include "keys/internal/person_works.h"

namespace cloison::keys {

using internal::CreateWork;
using internal::KeyName;
using internal::kFirstPkv;
using internal::Under;
using internal::WkKey;

struct PersonKeys::State {
  KeyRing& ring;
  store::Store& store;
  commit::Committer& committer;
  const commit::SealedState& sealed;
  LogId log_id;
  base::Random& random;
  std::mutex mutex{};               // guards what follows
  std::vector<PersonId> adopted{};  // their intent rows may go
  int holds = 0;                    // how many Hold there are

  PersonKey MakeKey(const PersonId& person, std::uint32_t pkv,
                    const crypto::Secret<64>& secret) const {
    auto pdk = crypto::Secret<32>::FromBytes(secret.Reveal().first(32));
    auto plk = crypto::Secret<32>::FromBytes(secret.Reveal().last(32));
    return PersonKey(ring.register_id(), log_id, person, pkv, std::move(*pdk), std::move(*plk));
  }
  Result<Draft> DraftPerson() const {
    const std::uint32_t epoch = ring.current_epoch();
    CLOISON_TRY_ASSIGN(const std::shared_ptr<const EpochKeys> epoch_keys, ring.Epoch(epoch));
    const Under under{epoch, *epoch_keys};
    const PersonId person(random.Draw<PersonId::kSize>());
    const KeyName name{ring.register_id(), person, kFirstPkv};
    const crypto::Secret<64> secret(random);
    PersonKey key = MakeKey(person, kFirstPkv, secret);
    store::Put wk{WkKey(person, kFirstPkv), internal::WrapWk(name, under, secret, random)};
    store::Put aud_row{internal::AudKey(key.aud()),
                       internal::SealAudRow(person, key.aud(), name.register_id, under, random)};
    return Draft{std::move(key), epoch, std::move(wk), std::move(aud_row)};
  }
  Result<PersonKey> Open(const PersonId& person, std::uint32_t pkv, ByteView wrapped) const {
    const KeyName name{ring.register_id(), person, pkv};
    CLOISON_TRY_ASSIGN(const crypto::Secret<64> secret, internal::UnwrapWk(name, ring, wrapped));
    return MakeKey(person, pkv, secret);
  }

  std::vector<PersonId> TakeAdopted() {
    const std::lock_guard lock(mutex);
    const std::size_t count = std::min(adopted.size(), kIntentsPerCommitMax);
    const auto from = adopted.end() - static_cast<std::ptrdiff_t>(count);
    std::vector<PersonId> taken(from, adopted.end());
    adopted.erase(from, adopted.end());
    return taken;
  }
  void Adopt(const std::vector<PersonId>& persons) {
    const std::lock_guard lock(mutex);
    const std::size_t room = kAdoptedMax - adopted.size();
    const std::size_t count = std::min(room, persons.size());
    adopted.insert(adopted.end(), persons.begin(),
                   persons.begin() + static_cast<std::ptrdiff_t>(count));
  }
  bool IsAdopted(const PersonId& person) {
    const std::lock_guard lock(mutex);
    return std::find(adopted.begin(), adopted.end(), person) != adopted.end();
  }
};

namespace {

const Error kNobody{Code::kNotFound, "no key of this person"};

// Whether the id is in use under any pkv. Read outside the committer: an id that comes into use
// later does so under kFirstPkv, which CreateWork checks.
template <class State>
Task<Result<bool>> IsTaken(State& state, PersonId person) {
  store::Range range = internal::WkRange(person);
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await state.store.Scan(std::move(range), 1));
  co_return !page.rows.empty();
}

template <class State>
Task<Result<PersonKey>> CreatePerson(std::shared_ptr<State> state, base::Executor& home) {
  for (int attempt = 0; attempt < kCreateAttemptsMax; ++attempt) {
    CLOISON_CO_TRY_ASSIGN(PersonKeys::Draft draft, state->DraftPerson());
    const auto taken = co_await IsTaken(*state, draft.key.person());
    if (!taken.ok()) co_return taken.error();
    if (*taken) continue;
    const store::Key intent = internal::IntentKey(draft.key.person());
    auto work = std::make_unique<CreateWork>();
    work->epoch = draft.epoch;
    work->puts = {std::move(draft.wk), std::move(draft.aud_row),
                  store::Put{intent, state->sealed.Seal(intent, draft.key.aud().bytes())}};
    const std::vector<PersonId> settled = state->TakeAdopted();
    work->settled = settled;
    const auto written = co_await state->committer.Submit(std::move(work), home);
    if (written.ok()) co_return std::move(draft.key);
    state->Adopt(settled);
    if (written.error().code() != Code::kConflict) co_return written.error();
  }
  co_return Error{Code::kConflict, "no person could be made in so many attempts"};
}

// The latest of a person who has none under kFirstPkv.
template <class State>
Task<Result<PersonKey>> LoadLatest(std::shared_ptr<State> state, PersonId person) {
  store::Range range = internal::WkRange(person);
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                        co_await state->store.Scan(std::move(range), kPersonKeyVersionsMax));
  if (page.rows.empty()) co_return kNobody;
  const store::KeyedRow& latest = page.rows.back();
  CLOISON_CO_TRY_ASSIGN(const std::uint32_t pkv, internal::PkvOf(latest.key));
  co_return state->Open(person, pkv, latest.row.value);
}

}  // namespace

PersonKeys::PersonKeys(KeyRing& ring, store::Store& key_store, commit::Committer& key_committer,
                       const commit::SealedState& state, LogId log_id, base::Random& random)
    : state_(new State{ring, key_store, key_committer, state, log_id, random}) {}

Task<Result<PersonKey>> PersonKeys::Create(base::Executor& home) {
  co_return co_await CreatePerson(state_, home);
}

Result<PersonKeys::Draft> PersonKeys::DraftPerson() const {
  return state_->DraftPerson();
}

std::uint32_t PersonKeys::current_epoch() const {
  return state_->ring.current_epoch();
}

store::Store& PersonKeys::store() const {
  return state_->store;
}

void PersonKeys::Adopted(const PersonId& person) {
  state_->Adopt(std::vector<PersonId>(1, person));
}

Task<Status> PersonKeys::Flush(base::Executor& home) {
  const std::shared_ptr<State> state = state_;
  while (true) {
    const std::vector<PersonId> settled = state->TakeAdopted();
    if (settled.empty()) co_return Ok();
    auto work = std::make_unique<CreateWork>();
    work->settled = settled;
    const auto written = co_await state->committer.Submit(std::move(work), home);
    if (written.ok()) continue;
    state->Adopt(settled);
    co_return written.error();
  }
}

Task<Status> PersonKeys::Abandon(PersonId person, base::Executor& home) {
  const std::shared_ptr<State> state = state_;
  if (state->IsAdopted(person)) co_return Error{Code::kConflict, "the person is adopted"};
  auto work = std::make_unique<internal::AbandonWork>(state->sealed, person);
  const auto written = co_await state->committer.Submit(std::move(work), home);
  if (!written.ok()) co_return written.error();
  co_return Ok();
}

Task<Result<PersonKey>> PersonKeys::Load(PersonId person) const {
  const std::shared_ptr<State> state = state_;
  std::vector<store::Key> keys(1, WkKey(person, kFirstPkv));
  const auto rows = co_await state->store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  const store::Row& row = rows->front();
  if (row.present()) co_return state->Open(person, kFirstPkv, row.value);
  co_return co_await LoadLatest(state, person);
}

Task<Result<PersonKey>> PersonKeys::LoadVersion(PersonId person, std::uint32_t pkv) const {
  const std::shared_ptr<State> state = state_;
  std::vector<store::Key> keys(1, WkKey(person, pkv));
  const auto rows = co_await state->store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  if (!rows->front().present()) co_return kNobody;
  co_return state->Open(person, pkv, rows->front().value);
}

Task<Result<PersonKey>> PersonKeys::LoadAny(PersonId person) const {
  const std::shared_ptr<State> state = state_;
  store::Range range = internal::WkRange(person);
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                        co_await state->store.Scan(std::move(range), kPersonKeyVersionsMax));
  if (page.rows.empty()) co_return kNobody;
  for (const store::KeyedRow& row : page.rows) {
    CLOISON_CO_TRY_ASSIGN(const std::uint32_t pkv, internal::PkvOf(row.key));
    Result<PersonKey> key = state->Open(person, pkv, row.row.value);
    if (key.ok()) co_return std::move(*key);
  }
  co_return Error{Code::kCorrupt, "no key of this person opens"};
}

Task<Result<std::vector<Result<PersonKey>>>> PersonKeys::LoadMany(
    std::vector<PersonId> persons) const {
  if (persons.size() > store::kMultiGetKeysMax) {
    co_return Error{Code::kExhausted, "too many people at once"};
  }
  const std::shared_ptr<State> state = state_;
  std::vector<store::Key> keys;
  for (const PersonId& person : persons) keys.push_back(WkKey(person, kFirstPkv));
  const auto rows = co_await state->store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  std::vector<Result<PersonKey>> out;
  out.reserve(persons.size());
  for (std::size_t i = 0; i < persons.size(); ++i) {
    const store::Row& row = (*rows)[i];
    if (row.present()) {
      out.push_back(state->Open(persons[i], kFirstPkv, row.value));
    } else {
      out.push_back(co_await LoadLatest(state, persons[i]));
    }
  }
  co_return out;
}

Task<Result<PersonId>> PersonKeys::PersonOf(Aud aud) const {
  const std::shared_ptr<State> state = state_;
  std::vector<store::Key> keys(1, internal::AudKey(aud));
  const auto rows = co_await state->store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  if (!rows->front().present()) co_return kNobody;
  co_return internal::OpenAudRow(aud, state->ring, rows->front().value);
}

Task<Status> PersonKeys::Destroy(PersonId person, Aud aud, base::Executor& home) {
  const std::shared_ptr<State> state = state_;
  auto work = std::make_unique<internal::DestroyWork>(state->ring, state->log_id, person, aud);
  const auto written = co_await state->committer.Submit(std::move(work), home);
  if (!written.ok()) co_return written.error();
  co_return Ok();
}

PersonKeys::Hold::Hold(PersonKeys& keys) : keys_(keys) {
  const std::lock_guard lock(keys_.state_->mutex);
  ++keys_.state_->holds;
}

PersonKeys::Hold::~Hold() {
  const std::lock_guard lock(keys_.state_->mutex);
  --keys_.state_->holds;
}

Task<Result<PersonKey>> PersonKeys::Renew(PersonId person, std::uint32_t pkv,
                                          base::Executor& home) {
  const std::shared_ptr<State> state = state_;
  for (int attempt = 0; attempt < kCreateAttemptsMax; ++attempt) {
    store::Range range = internal::WkRange(person);
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await state->store.Scan(std::move(range), kPersonKeyVersionsMax));
    if (page.rows.empty()) co_return kNobody;
    if (page.rows.size() == kPersonKeyVersionsMax) {
      co_return Error{Code::kExhausted, "too many keys of one person"};
    }
    CLOISON_CO_TRY_ASSIGN(const std::uint32_t last, internal::PkvOf(page.rows.back().key));
    if (last == UINT32_MAX) co_return Error{Code::kExhausted, "too many keys of one person"};
    const store::Key old = WkKey(person, pkv);
    const auto there = std::ranges::find(page.rows, old.bytes, &store::KeyedRow::key);
    if (there == page.rows.end()) co_return kNobody;
    const RegisterId register_id = state->ring.register_id();
    CLOISON_CO_TRY_ASSIGN(
        const crypto::Secret<64> before,
        internal::UnwrapWk({register_id, person, pkv}, state->ring, there->row.value));
    crypto::Secret<64> secret(state->random);
    std::ranges::copy(before.Reveal().last(32), secret.Reveal().last(32).begin());
    const std::uint32_t epoch = state->ring.current_epoch();
    CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const EpochKeys> keys, state->ring.Epoch(epoch));
    store::Put fresh{WkKey(person, last + 1),
                     internal::WrapWk({register_id, person, last + 1}, Under{epoch, *keys}, secret,
                                      state->random)};
    auto work = std::make_unique<internal::RenewWork>(epoch, old, std::move(fresh));
    const auto written = co_await state->committer.Submit(std::move(work), home);
    if (written.ok()) co_return state->MakeKey(person, last + 1, secret);
    if (written.error().code() != Code::kConflict) co_return written.error();
  }
  co_return Error{Code::kConflict, "no key could be made in so many attempts"};
}

Task<Status> PersonKeys::DestroySuperseded(PersonId person, std::uint32_t current,
                                           base::Executor& home) {
  const std::shared_ptr<State> state = state_;
  {
    // Asked after the row's commit: a backup that begins from now on has that row.
    const std::lock_guard lock(state->mutex);
    if (state->holds > 0) co_return Error{Code::kConflict, "a backup copies the keys"};
  }
  auto work = std::make_unique<internal::SupersedeWork>(person, current);
  const auto written = co_await state->committer.Submit(std::move(work), home);
  if (!written.ok()) co_return written.error();
  co_return Ok();
}

Task<Result<std::vector<PersonId>>> PersonKeys::Intents() const {
  const std::shared_ptr<State> state = state_;
  std::vector<PersonId> persons;
  store::Range range = internal::IntentRange();
  while (true) {
    store::Range page_range = range;
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                          co_await state->store.Scan(std::move(page_range), store::kScanRowsMax));
    for (const store::KeyedRow& row : page.rows) {
      CLOISON_CO_TRY_ASSIGN(const PersonId person, internal::PersonOfIntent(row.key));
      // Only what we sealed may lead to a key being removed.
      const store::Key key = internal::IntentKey(person);
      const auto opened = state->sealed.Open(key, row.row.value);
      if (!opened.ok()) co_return opened.error();
      if (!state->IsAdopted(person)) persons.push_back(person);
    }
    if (!page.next.has_value()) co_return persons;
    range.begin = *page.next;
  }
}

}  // namespace cloison::keys
