#include "ledger/internal/build.h"

#include <algorithm>
#include <utility>

#include "ledger/internal/frame.h"

namespace cloison::ledger::internal {

namespace {

constexpr std::size_t kSlice = 32;  // entries: some 300 us of work
constexpr std::size_t kRecordBytesUsual = 512;

ActorPart ActorPartOf(const EntryDraft& draft, const EntryId& entry, const Ground& ground) {
  const ActorKey& key = *draft.actor.key;
  ActorPart part{ground.log_id,
                 draft.kind,
                 ground.time_ms,
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

void AppendRecord(const Ground& ground, const Record& record, Bytes& out) {
  const std::size_t begin = out.size();
  base::AppendU32(out, 0);
  SealRecord(record, ground.register_id, ground.log_id, ground.month_key, ground.random, out);
  const std::size_t size = out.size() - begin - 4;
  CLOISON_CHECK(size <= kSealedRecordBytesMax);
  const ByteArray<4> prefix = base::BigU32(static_cast<std::uint32_t>(size));
  std::copy(prefix.begin(), prefix.end(), out.begin() + static_cast<std::ptrdiff_t>(begin));
}

// One entry: its leaf and opening into `recorded`, its tags into `staged`, its record after
// `records`.
void BuildOne(const Ground& ground, Drafted& drafted, Recorded& recorded, SegmentEntry& staged,
              Bytes& records) {
  EntryDraft& draft = drafted.draft;
  const EntryId entry(ground.random.Draw<16>());
  Record record{entry,
                {},
                Encode(ActorPartOf(draft, entry, ground)),
                std::move(draft.case_ref),
                draft.session,
                draft.client,
                std::move(draft.rule),
                draft.cost,
                {},
                {}};
  const crypto::Secret<32> actor_randomness = draft.actor.key->Randomness(entry);
  record.actor_randomness = base::Reader(actor_randomness.Reveal()).Array<32>();
  const Tag actor_tag = draft.actor.key->TagOf(draft.actor.n);
  crypto::Digest subject_commitment;
  Tag subject_tag;
  staged = SegmentEntry{{}, actor_tag, draft.actor.n};
  if (draft.subject) {
    const EntryDraft::Subject& subject = *draft.subject;
    record.subject_part = Encode(SubjectPart{ground.log_id, draft.kind, subject.key->aud(),
                                             subject.seq, subject.fields, subject.form});
    subject_commitment = Commit(subject.key->Randomness(entry), "subj", record.subject_part);
    if (subject.sealed != nullptr) record.sealed_n = drafted.n;
    subject_tag = subject.sealed != nullptr ? subject.sealed->TagOf(drafted.n)
                                            : subject.key->TagOf(drafted.n);
    staged.subject = SegmentEntry::Subject{subject_tag, drafted.head, drafted.n};
  } else {
    subject_commitment = ground.random.Draw<32>();
    subject_tag = ground.random.Draw<16>();
  }
  recorded.entry_id = entry;
  recorded.time_ms = ground.time_ms;
  recorded.leaf = MakeLeaf(subject_commitment, Commit(actor_randomness, "actor", record.actor_part),
                           subject_tag, actor_tag);
  recorded.actor_randomness = *record.actor_randomness;
  AppendRecord(ground, record, records);
  recorded.actor_part = std::move(record.actor_part);
}

}  // namespace

Built BuildEntries(const Ground& ground, std::vector<Drafted>& drafts,
                   std::vector<Recorded>& entries, const base::Parallel& parallel) {
  CLOISON_CHECK(entries.size() == drafts.size());
  Built built;
  built.segment.resize(drafts.size());
  built.hashes.resize(drafts.size());
  built.leaves.resize(drafts.size() * kLeafBytes);
  std::vector<Bytes> records((drafts.size() + kSlice - 1) / kSlice);
  parallel.ForSlices(drafts.size(), kSlice, [&](std::size_t begin, std::size_t end) {
    Bytes& piece = records[begin / kSlice];
    piece.reserve((end - begin) * kRecordBytesUsual);
    for (std::size_t i = begin; i < end; ++i) {
      BuildOne(ground, drafts[i], entries[i], built.segment[i], piece);
      entries[i].index = ground.first_index + i;
      const Leaf& leaf = entries[i].leaf;
      built.hashes[i] = tlog::LeafHash(leaf);
      std::ranges::copy(leaf, built.leaves.begin() + static_cast<std::ptrdiff_t>(i * kLeafBytes));
    }
  });
  for (const Bytes& piece : records) base::AppendBytes(built.records, piece);
  return built;
}

}  // namespace cloison::ledger::internal
