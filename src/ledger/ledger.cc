#include "ledger/ledger.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ledger/internal/frame.h"
#include "ledger/internal/state.h"

namespace cloison::ledger {

namespace {

// Before AUD in the name of a sealed head: no AUD is as long as both.
constexpr std::string_view kSealedHead = "sealed/";

}  // namespace

std::uint32_t MonthOf(std::int64_t wall_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(wall_ms)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  return static_cast<std::uint32_t>(static_cast<int>(day.year())) * 12 +
         static_cast<unsigned>(day.month()) - 1;
}

Ledger::State::State(Options options_in, Parts parts_in, std::vector<Log> logs_in,
                     tlog::VerifierKey key_in)
    : options(std::move(options_in)),
      parts(parts_in),
      logs(std::move(logs_in)),
      generation(static_cast<std::uint32_t>(logs.size())),
      key(std::move(key_in)),
      log_id(tlog::LogIdOf(key)) {
  for (const Log& log : logs) {
    const Result<tlog::VerifierKey> of = VerifierKeyOf(log);
    // Of a log without entries and without a key nothing is ever looked for.
    log_ids.push_back(of.ok() ? tlog::LogIdOf(*of) : LogId(ByteArray<LogId::kSize>{}));
  }
}

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}

Ledger::~Ledger() = default;

void Ledger::Refuse() {
  state_->refusing = true;
}

void Ledger::Attach(commit::Committer& committer, DurableLeaves* leaves) {
  CLOISON_CHECK(state_->committer == nullptr);
  state_->committer = &committer;
  state_->observer = leaves;
  committer.Join(*this);
}

internal::HeadKey Ledger::State::HeadKeyOf(const SubjectKey& key_of_person,
                                           std::uint32_t of) const {
  const ByteView aud = key_of_person.aud().bytes();
  const std::string prf = of == 1 ? parts.state.Prf(store::Family::kHeads, {aud})
                                  : parts.state.Prf(store::Family::kHeads, {aud, base::BigU32(of)});
  return base::Reader(AsBytes(prf)).Array<16>();
}

internal::HeadKey Ledger::State::HeadKeyOf(const SealedKey& key_of_person) const {
  const ByteView name = AsBytes(kSealedHead), aud = key_of_person.aud().bytes();
  const std::string prf = generation == 1 ? parts.state.Prf(store::Family::kHeads, {name, aud})
                                          : parts.state.Prf(store::Family::kHeads,
                                                            {name, aud, base::BigU32(generation)});
  return base::Reader(AsBytes(prf)).Array<16>();
}

internal::OpenBatch::Head& internal::OpenBatch::HeadOf(const EntryDraft::Subject& subject) {
  auto& loaded = subject.sealed != nullptr ? sealed_heads : heads;
  const auto head = loaded.find(subject.key->aud());
  CLOISON_CHECK(head != loaded.end());
  return head->second;
}

Result<std::uint64_t> Ledger::State::OpenHead(const store::Key& key_of_row,
                                              const store::Row& row) const {
  if (!row.present()) return std::uint64_t{0};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes value, parts.state.Open(key_of_row, row.value));
  if (value.size() != 8) return Error{Code::kCorrupt, "a head cannot be read"};
  return base::LoadBig(value.Reveal());
}

Task<Status> Ledger::LoadHead(const SubjectKey& key, std::optional<PrefetchedHead> prefetched) {
  return state_->LoadHead(key, prefetched);
}

Task<Result<std::optional<PrefetchedHead>>> Ledger::PrefetchHead(const SubjectKey& key) const {
  const internal::HeadKey head = state_->HeadKeyOf(key);
  PrefetchedHead out{};
  {
    const std::shared_lock lock(state_->mutex);
    if (state_->NextInMemory(head)) co_return std::optional<PrefetchedHead>();
    out.folds = state_->folds;
  }
  const Result<std::uint64_t> next = co_await state_->ReadHead(key, head);
  {
    // An entry came, and maybe its fold between the two reads: they need not fit together.
    const std::shared_lock lock(state_->mutex);
    if (state_->folds != out.folds || state_->NextInMemory(head)) {
      co_return std::optional<PrefetchedHead>();
    }
  }
  if (!next.ok()) co_return next.error();
  out.next = *next;
  co_return std::optional(out);
}

// Under the lock.
std::optional<std::uint64_t> Ledger::State::NextInMemory(const internal::HeadKey& head) const {
  const std::optional<std::uint64_t> next = heads.Find(head);
  return next ? next : tail.NextOf(head);
}

Task<Result<std::uint64_t>> Ledger::State::ReadNumber(internal::HeadKey head) const {
  const store::Key row{store::Family::kHeads, std::string(AsText(head))};
  std::vector<store::Key> keys{row};
  const Result<std::vector<store::Row>> rows =
      co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  co_return OpenHead(row, rows->front());
}

template <class Key>
Task<Result<std::uint64_t>> Ledger::State::ReadHead(const Key& subject,
                                                    internal::HeadKey head) const {
  CLOISON_CO_TRY_ASSIGN(const std::uint64_t next, co_await ReadNumber(head));
  CLOISON_CO_TRY_ASSIGN(const bool is_next, co_await IsNext(subject, PlaceAt(next)));
  if (!is_next) co_return Error{Code::kCorrupt, "a head is not that of its entries"};
  co_return next;
}

Task<Status> Ledger::State::LoadHead(const SubjectKey& subject,
                                     std::optional<PrefetchedHead> prefetched) {
  const Aud aud = subject.aud();
  if (batch.heads.contains(aud)) co_return Ok();
  const internal::HeadKey head = HeadKeyOf(subject);
  std::optional<std::uint64_t> next;
  {
    const std::shared_lock lock(mutex);
    next = NextInMemory(head);
    // Not in the tail, and no fold has taken anything out of it since: nothing came in between.
    if (!next && prefetched && prefetched->folds == folds) next = prefetched->next;
  }
  if (!next) {
    CLOISON_CO_TRY_ASSIGN(next, co_await ReadHead(subject, head));
  }
  batch.heads.try_emplace(aud, internal::OpenBatch::Head{head, *next});
  co_return Ok();
}

Task<Status> Ledger::LoadHead(const SealedKey& key) {
  internal::OpenBatch& batch = state_->batch;
  if (batch.sealed_heads.contains(key.aud())) co_return Ok();
  const internal::HeadKey head = state_->HeadKeyOf(key);
  std::optional<std::uint64_t> next;
  {
    const std::shared_lock lock(state_->mutex);
    next = state_->NextInMemory(head);
  }
  if (!next) {
    CLOISON_CO_TRY_ASSIGN(next, co_await state_->ReadHead(key, head));
  }
  batch.sealed_heads.try_emplace(key.aud(), internal::OpenBatch::Head{head, *next});
  co_return Ok();
}

Task<Status> Ledger::Prepare(commit::Staging& staging) {
  return state_->Prepare(staging.time().wall_ms);
}

Task<Status> Ledger::State::Prepare(std::int64_t wall_ms) {
  if (refusing) co_return Error{Code::kUnavailable, "the ledger takes no entries any more"};
  batch.time_ms = wall_ms;
  const std::uint32_t month = MonthOf(wall_ms);
  if (month != batch.month) {
    CLOISON_CO_TRY(co_await parts.months.Ensure(month));
  }
  batch.month = month;
  CLOISON_CO_TRY_ASSIGN(batch.month_key, parts.months.KeyOf(month));
  co_return Ok();
}

void Ledger::Begin(const commit::Staging& staging) {
  internal::OpenBatch& batch = state_->batch;
  batch.drafts.clear();
  batch.segment.clear();
  batch.heads.clear();
  batch.sealed_heads.clear();
  batch.built = std::make_shared<BuiltBatch>();
  batch.version = staging.version();
}

Pending Ledger::Stage(EntryDraft draft) {
  internal::OpenBatch& batch = state_->batch;
  CLOISON_CHECK(batch.drafts.size() < internal::kBatchLeavesMax);
  Pending pending;
  pending.batch_ = batch.built;
  pending.position_ = batch.drafts.size();
  pending.index_ = state_->frontier.size() + batch.drafts.size();
  pending.version_ = batch.version;
  pending.principal_ = draft.actor.principal;
  internal::Drafted drafted{std::move(draft), {}, 0};
  if (const std::optional<EntryDraft::Subject>& subject = drafted.draft.subject) {
    // A sealed key of somebody else would put the entry into their sealed trail.
    CLOISON_CHECK(subject->sealed == nullptr || subject->sealed->aud() == subject->key->aud());
    internal::OpenBatch::Head& head = batch.HeadOf(*subject);
    drafted.head = head.key;
    drafted.n = head.next++;
    head.changed = head.changed || drafted.draft.kind == Kind::kChange;
    pending.person_ = subject->person;
    pending.fields_ = subject->fields;
    pending.form_ = subject->form;
    pending.seq_ = subject->seq;
    pending.allowed_ = drafted.draft.decision == Decision::kAllow;
  }
  batch.drafts.push_back(std::move(drafted));
  return pending;
}

std::size_t Ledger::Room() const {
  return internal::kBatchLeavesMax - state_->batch.drafts.size();
}

Recorded Ledger::Redeem(Pending pending, const commit::Durable& durable) const {
  CLOISON_CHECK(pending.batch_ != nullptr);  // else it was moved from: redeemed before
  CLOISON_CHECK(pending.version_ == durable.version());
  const std::shared_ptr<BuiltBatch> batch = std::move(pending.batch_);
  Recorded& slot = batch->entries.at(pending.position_);
  Recorded recorded = std::move(slot);
  crypto::Wipe(slot.actor_randomness);
  CLOISON_CHECK(recorded.index == pending.index_);
  recorded.batch = batch->signed_batch;
  return recorded;
}

Receipt Ledger::RedeemReceipt(Pending pending, const commit::Durable& durable) const {
  CLOISON_CHECK(pending.allowed_);
  const PrincipalId principal = *pending.principal_;
  const PersonId person = *pending.person_;
  std::vector<FieldId> fields = std::move(pending.fields_);
  const Form form = pending.form_;
  const std::uint64_t seq = pending.seq_;
  Receipt receipt(Redeem(std::move(pending), durable), principal, person);
  receipt.fields_ = std::move(fields);
  receipt.form_ = form;
  receipt.seq_ = seq;
  receipt.now_ms_ = durable.time().CalmMs();
  return receipt;
}

std::size_t Ledger::Mark() const {
  return state_->batch.drafts.size();
}

void Ledger::Rollback(std::size_t mark) {
  internal::OpenBatch& batch = state_->batch;
  CLOISON_CHECK(mark <= batch.drafts.size());
  while (batch.drafts.size() > mark) {
    const std::optional<EntryDraft::Subject>& subject = batch.drafts.back().draft.subject;
    if (subject) --batch.HeadOf(*subject).next;
    batch.drafts.pop_back();
  }
}

void Ledger::State::PutSealed(commit::Staging& staging, const char* name, ByteView value) const {
  const store::Key row = internal::MetaKey(name);
  staging.Put(row, parts.state.Seal(row, value));
}

void Ledger::State::PutMonth(commit::Staging& staging) {
  const std::unique_lock lock(mutex);
  if (!month_starts.Begins(batch.month)) return;
  month_starts.Add(batch.month, PlaceAt(frontier.size()));
  PutSealed(staging, internal::kMonthsRow, month_starts.Serialise());
}

void Ledger::Close(commit::Staging& staging) {
  internal::OpenBatch& batch = state_->batch;
  if (batch.drafts.empty()) return;
  state_->PutMonth(staging);
  const std::uint64_t first_index = state_->frontier.size();
  const internal::Ground ground{
      state_->options.register_id, state_->log_id, batch.time_ms, first_index, *batch.month_key,
      state_->parts.random};
  batch.built->entries.resize(batch.drafts.size());
  internal::Built built =
      internal::BuildEntries(ground, batch.drafts, batch.built->entries, staging.parallel());
  batch.built->signed_batch->first_index = first_index;
  CLOISON_CHECK(state_->frontier.Append(built.hashes).ok());
  batch.built->signed_batch->size_after = state_->frontier.size();

  const std::string first = internal::BatchKey(state_->PlaceAt(first_index));
  staging.Put(store::Key{store::Family::kFrames, first}, internal::EncodeFrame(built.leaves));
  staging.Put(store::Key{store::Family::kRecords, first},
              internal::EncodeRecords(batch.month, batch.drafts.size(), built.records));
  const store::Key segment{store::Family::kSegments, first};
  const Bytes plain = internal::EncodeSegment(built.segment);
  staging.Put(segment, state_->parts.state.Seal(segment, plain));
  state_->PutSealed(staging, internal::kFrontierRow, state_->frontier.Serialise());
  batch.segment = std::move(built.segment);
  batch.hashes = std::move(built.hashes);
}

void Ledger::Committed(const commit::Durable& durable) {
  internal::OpenBatch& batch = state_->batch;
  const bool fold_done = std::exchange(state_->fold_staged, false);
  if (batch.drafts.empty() && !fold_done) return;
  std::string checkpoint;
  if (!batch.drafts.empty()) {
    if (state_->observer != nullptr) {
      state_->observer->Add(batch.built->signed_batch->first_index, std::move(batch.hashes));
    }
    const tlog::Checkpoint head{state_->key.name(),
                                {state_->frontier.size(), state_->frontier.Root()}};
    const Result<tlog::Note> note = tlog::SignCheckpoint(head, state_->key, state_->parts.signer);
    // Out of reach of the signer the entries are durable all the same; the next batch's checkpoint
    // covers them.
    if (note.ok()) checkpoint = tlog::PrintNote(*note);
    batch.built->signed_batch->checkpoint = checkpoint;
  }
  {
    const std::unique_lock lock(state_->mutex);
    if (fold_done) {
      state_->tail.DropFrozen();
      ++state_->folds;
    }
    if (state_->options.cache_heads) {
      // Who is only written is not looked at: a record that was made lately answers as slowly as
      // one of before, so that decoys, which are made late, do not answer faster than people.
      for (const auto& [aud, head] : batch.heads) {
        if (head.changed) {
          state_->heads.Update(head.key, head.next);
        } else {
          state_->heads.Set(head.key, head.next);
        }
      }
      for (const auto& [aud, head] : batch.sealed_heads) state_->heads.Set(head.key, head.next);
    }
    if (!batch.drafts.empty()) {
      state_->tail.Add(state_->PlaceAt(batch.built->signed_batch->first_index), batch.segment);
      state_->tail.EndBatch(durable.version(), state_->frontier);
      state_->durable_size = state_->frontier.size();
      if (!checkpoint.empty()) state_->checkpoint = std::move(checkpoint);
    }
  }
  // Those who staged have their entries; nothing of them waits here for the next batch.
  batch.drafts.clear();
  batch.segment.clear();
  batch.built.reset();
  state_->FoldWhenDue();
}

std::uint64_t Ledger::size() const {
  const std::shared_lock lock(state_->mutex);
  return state_->durable_size;
}

std::string Ledger::checkpoint() const {
  const std::shared_lock lock(state_->mutex);
  return state_->checkpoint;
}

std::string Ledger::vkey() const {
  return state_->key.Text();
}

const LogId& Ledger::log_id(std::uint32_t generation) const {
  return generation == 0 ? state_->log_id : state_->LogIdOf(generation);
}

const std::string& Ledger::origin() const {
  return state_->key.name();
}

std::uint32_t Ledger::generation() const {
  return state_->generation;
}

const std::vector<Log>& Ledger::logs() const {
  return state_->logs;
}

std::uint64_t Ledger::end() const {
  const std::shared_lock lock(state_->mutex);
  return state_->End();
}

std::uint64_t Ledger::SizeOf(std::uint32_t generation) const {
  CLOISON_CHECK(generation >= 1 && generation <= state_->generation);
  const std::shared_lock lock(state_->mutex);
  return state_->SizeOf(generation);
}

Status Ledger::KeepSigned(const std::string& checkpoint) {
  const std::lock_guard lock(state_->publish_mutex);
  if (checkpoint.empty() || checkpoint == state_->published) return Ok();
  CLOISON_TRY_ASSIGN(const tlog::Checkpoint kept, tlog::OpenCheckpoint(checkpoint, state_->key));
  if (kept.head.size < state_->published_size) return Ok();
  CLOISON_TRY(
      base::WriteWhole(state_->parts.files, state_->options.signed_path, AsBytes(checkpoint)));
  state_->published = checkpoint;
  state_->published_size = kept.head.size;
  return Ok();
}

std::string Ledger::signed_checkpoint() const {
  const std::lock_guard lock(state_->publish_mutex);
  return state_->published;
}

}  // namespace cloison::ledger
