#include "ledger/ledger.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "ledger/internal/frame.h"
#include "ledger/internal/state.h"

namespace cloison::ledger {

std::uint32_t MonthOf(std::int64_t wall_ms) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(wall_ms)};
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(time)};
  return static_cast<std::uint32_t>(static_cast<int>(day.year())) * 12 +
         static_cast<unsigned>(day.month()) - 1;
}

Ledger::State::State(Options options_in, Parts parts_in, tlog::VerifierKey key_in)
    : options(std::move(options_in)),
      parts(parts_in),
      key(std::move(key_in)),
      log_id(tlog::LogIdOf(key)) {}

Ledger::Ledger(std::unique_ptr<State> state) : state_(std::move(state)) {}

Ledger::~Ledger() = default;

void Ledger::Attach(commit::Committer& committer) {
  CLOISON_CHECK(state_->committer == nullptr);
  state_->committer = &committer;
  committer.Join(*this);
}

internal::HeadKey Ledger::State::HeadKeyOf(const Aud& aud) const {
  const std::string prf = parts.state.Prf(store::Family::kHeads, {aud.bytes()});
  return base::Reader(AsBytes(prf)).Array<16>();
}

Result<std::uint64_t> Ledger::State::OpenHead(const store::Key& key_of_row,
                                              const store::Row& row) const {
  if (!row.present()) return std::uint64_t{0};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes value, parts.state.Open(key_of_row, row.value));
  if (value.size() != 8) return Error{Code::kCorrupt, "a head cannot be read"};
  return base::LoadBig(value.Reveal());
}

Task<Status> Ledger::LoadHead(commit::Staging& staging, const SubjectKey& key) {
  return state_->LoadHead(staging, key);
}

Task<Status> Ledger::State::LoadHead(commit::Staging& staging, const SubjectKey& subject) {
  const Aud aud = subject.aud();
  if (batch.heads.contains(aud)) co_return Ok();
  const internal::HeadKey head = HeadKeyOf(aud);
  std::optional<std::uint64_t> next;
  {
    const std::shared_lock lock(mutex);
    next = tail.NextOf(head);
  }
  if (!next) {
    const store::Key row{store::Family::kHeads, std::string(AsText(head))};
    std::vector<store::Key> keys{row};
    CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
    CLOISON_CO_TRY_ASSIGN(next, OpenHead(row, staging.Get(row)));
    CLOISON_CO_TRY_ASSIGN(const bool is_next, co_await IsNext(subject, *next));
    if (!is_next) co_return Error{Code::kCorrupt, "a head is not that of its entries"};
  }
  batch.heads.try_emplace(aud, internal::OpenBatch::Head{head, *next});
  co_return Ok();
}

Task<Status> Ledger::Prepare(commit::Staging& staging) {
  return state_->Prepare(staging.time().wall_ms);
}

Task<Status> Ledger::State::Prepare(std::int64_t wall_ms) {
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
  batch.entries.clear();
  batch.subjects.clear();
  batch.record_ends.clear();
  batch.leaves.clear();
  batch.records.clear();
  batch.heads.clear();
  batch.signed_batch = std::make_shared<SignedBatch>();
  batch.version = staging.version();
}

void Ledger::State::AppendRecord(const Record& record) {
  const std::size_t begin = batch.records.size();
  base::AppendU32(batch.records, 0);
  SealRecord(record, options.register_id, log_id, *batch.month_key, parts.random, batch.records);
  const std::size_t size = batch.records.size() - begin - 4;
  CLOISON_CHECK(size <= internal::kSealedRecordBytesMax);
  const ByteArray<4> prefix = base::BigU32(static_cast<std::uint32_t>(size));
  std::copy(prefix.begin(), prefix.end(),
            batch.records.begin() + static_cast<std::ptrdiff_t>(begin));
  batch.record_ends.push_back(batch.records.size());
}

namespace {

ActorPart ActorPartOf(const EntryDraft& draft, const EntryId& entry, LogId log_id,
                      std::int64_t time_ms) {
  const ActorKey& key = *draft.actor.key;
  ActorPart part{log_id,
                 draft.kind,
                 time_ms,
                 draft.actor.organisation,
                 draft.actor.office,
                 draft.actor.role,
                 draft.purpose,
                 {},
                 key.AgentCommitment(entry, draft.actor.principal),
                 draft.decision,
                 {}};
  if (!draft.case_ref.empty()) part.case_commitment = key.CaseCommitment(entry, draft.case_ref);
  if (draft.subject && draft.subject->code) {
    part.shown_commitment = key.ShownCommitment(entry, *draft.subject->code, draft.subject->fields);
  }
  return part;
}

}  // namespace

Pending Ledger::Stage(const EntryDraft& draft) {
  internal::OpenBatch& batch = state_->batch;
  CLOISON_CHECK(batch.entries.size() < internal::kBatchLeavesMax);
  const EntryId entry(state_->parts.random.Draw<16>());
  Record record{entry, {}, {}, draft.case_ref, draft.session, draft.client, draft.rule, draft.cost};
  record.actor_part = Encode(ActorPartOf(draft, entry, state_->log_id, batch.time_ms));
  const crypto::Secret<32> actor_randomness = draft.actor.key->Randomness(entry);

  internal::SegmentEntry staged{{}, draft.actor.key->TagOf(draft.actor.n), draft.actor.n};
  crypto::Digest subject_commitment = state_->parts.random.Draw<32>();
  Tag subject_tag = state_->parts.random.Draw<16>();
  if (draft.subject) {
    const EntryDraft::Subject& subject = *draft.subject;
    const auto head = batch.heads.find(subject.key->aud());
    CLOISON_CHECK(head != batch.heads.end());
    const SubjectPart part{state_->log_id, draft.kind,     subject.key->aud(),
                           subject.seq,    subject.fields, subject.form};
    record.subject_part = Encode(part);
    subject_commitment = Commit(subject.key->Randomness(entry), "subj", record.subject_part);
    subject_tag = subject.key->TagOf(head->second.next);
    staged.subject =
        internal::SegmentEntry::Subject{subject_tag, head->second.key, head->second.next};
    ++head->second.next;
    batch.subjects.push_back(subject.key->aud());
  }

  Pending pending;
  Recorded& recorded = pending.recorded_;
  recorded.index = state_->frontier.size() + batch.entries.size();
  recorded.entry_id = entry;
  recorded.time_ms = batch.time_ms;
  recorded.leaf = MakeLeaf(subject_commitment, Commit(actor_randomness, "actor", record.actor_part),
                           subject_tag, staged.actor_tag);
  recorded.actor_randomness = base::Reader(actor_randomness.Reveal()).Array<32>();
  pending.batch_ = batch.signed_batch;
  pending.version_ = batch.version;
  pending.principal_ = draft.actor.principal;
  if (draft.subject) {
    pending.person_ = draft.subject->person;
    pending.fields_ = draft.subject->fields;
    pending.form_ = draft.subject->form;
    pending.seq_ = draft.subject->seq;
  }
  pending.allowed_ = draft.subject && draft.decision == Decision::kAllow;

  state_->AppendRecord(record);
  base::AppendBytes(batch.leaves, recorded.leaf);
  batch.entries.push_back(staged);
  recorded.actor_part = std::move(record.actor_part);
  return pending;
}

std::size_t Ledger::Room() const {
  return internal::kBatchLeavesMax - state_->batch.entries.size();
}

Recorded Ledger::Redeem(Pending pending, const commit::Durable& durable) const {
  CLOISON_CHECK(pending.batch_ != nullptr);  // else it was moved from: redeemed before
  CLOISON_CHECK(pending.version_ == durable.version());
  pending.recorded_.batch = std::move(pending.batch_);
  return std::move(pending.recorded_);
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
  return receipt;
}

std::size_t Ledger::Mark() const {
  return state_->batch.entries.size();
}

void Ledger::Rollback(std::size_t mark) {
  internal::OpenBatch& batch = state_->batch;
  CLOISON_CHECK(mark <= batch.entries.size());
  while (batch.entries.size() > mark) {
    if (batch.entries.back().subject) {
      --batch.heads.at(batch.subjects.back()).next;
      batch.subjects.pop_back();
    }
    batch.entries.pop_back();
    batch.record_ends.pop_back();
  }
  batch.leaves.resize(mark * kLeafBytes);
  batch.records.resize(mark == 0 ? 0 : batch.record_ends.back());
}

void Ledger::State::PutSealed(commit::Staging& staging, const char* name, ByteView value) const {
  const store::Key row = internal::MetaKey(name);
  staging.Put(row, parts.state.Seal(row, value));
}

void Ledger::State::PutMonth(commit::Staging& staging) {
  const std::unique_lock lock(mutex);
  if (!month_starts.Begins(batch.month)) return;
  month_starts.Add(batch.month, frontier.size());
  PutSealed(staging, internal::kMonthsRow, month_starts.Serialise());
}

void Ledger::Close(commit::Staging& staging) {
  internal::OpenBatch& batch = state_->batch;
  if (batch.entries.empty()) return;
  state_->PutMonth(staging);
  const std::string first = internal::BatchKey(state_->frontier.size());
  std::vector<tlog::Hash> hashes;
  hashes.reserve(batch.entries.size());
  for (std::size_t at = 0; at < batch.leaves.size(); at += kLeafBytes) {
    hashes.push_back(tlog::LeafHash(ByteView(batch.leaves).subspan(at, kLeafBytes)));
  }
  batch.signed_batch->first_index = state_->frontier.size();
  CLOISON_CHECK(state_->frontier.Append(hashes).ok());
  batch.signed_batch->size_after = state_->frontier.size();

  staging.Put(store::Key{store::Family::kFrames, first}, internal::EncodeFrame(batch.leaves));
  staging.Put(store::Key{store::Family::kRecords, first},
              internal::EncodeRecords(batch.month, batch.entries.size(), batch.records));
  const store::Key segment{store::Family::kSegments, first};
  const Bytes plain = internal::EncodeSegment(batch.entries);
  staging.Put(segment, state_->parts.state.Seal(segment, plain));
  state_->PutSealed(staging, internal::kFrontierRow, state_->frontier.Serialise());
}

void Ledger::Committed(const commit::Durable& durable) {
  internal::OpenBatch& batch = state_->batch;
  const bool fold_done = std::exchange(state_->fold_staged, false);
  if (batch.entries.empty() && !fold_done) return;
  std::string checkpoint;
  if (!batch.entries.empty()) {
    const tlog::Checkpoint head{state_->options.origin,
                                {state_->frontier.size(), state_->frontier.Root()}};
    const Result<tlog::Note> note = tlog::SignCheckpoint(head, state_->key, state_->parts.signer);
    // Out of reach of the signer the entries are durable all the same; the next batch's checkpoint
    // covers them.
    if (note.ok()) checkpoint = tlog::PrintNote(*note);
    batch.signed_batch->checkpoint = checkpoint;
  }
  {
    const std::unique_lock lock(state_->mutex);
    if (fold_done) state_->tail.DropFrozen();
    if (!batch.entries.empty()) {
      state_->tail.Add(batch.signed_batch->first_index, batch.entries);
      state_->tail.EndBatch(durable.version(), state_->frontier);
      state_->durable_size = state_->frontier.size();
      if (!checkpoint.empty()) state_->checkpoint = std::move(checkpoint);
    }
  }
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

const LogId& Ledger::log_id() const {
  return state_->log_id;
}

const std::string& Ledger::origin() const {
  return state_->options.origin;
}

Status Ledger::Publish() {
  const std::lock_guard lock(state_->publish_mutex);
  const std::string latest = checkpoint();
  if (latest.empty() || latest == state_->published) return Ok();
  CLOISON_TRY(base::WriteWhole(state_->parts.files, state_->options.signed_path, AsBytes(latest)));
  state_->published = latest;
  return Ok();
}

}  // namespace cloison::ledger
