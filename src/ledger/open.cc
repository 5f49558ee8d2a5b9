// Recovery: what the store holds must be one log, whole, and not shorter than what we have signed.
#include <utility>

#include "ledger/internal/frame.h"
#include "ledger/internal/state.h"

namespace cloison::ledger {

namespace {

constexpr std::size_t kReplayRowsPerPage = 256;
constexpr Error kTorn{Code::kCorrupt, "the rows of the ledger do not fit together"};

bool TagsMatch(const internal::SegmentEntry& entry, const Leaf& leaf) {
  const ByteView tags = ByteView(leaf).last(32);
  return base::Equal(tags.last(16), entry.actor_tag) &&
         (!entry.subject || base::Equal(tags.first(16), entry.subject->tag));
}

}  // namespace

Task<Result<std::unique_ptr<Ledger>>> Ledger::Open(Options options, Parts parts) {
  Result<tlog::VerifierKey> key =
      tlog::VerifierKey::Make(options.origin, tlog::KeyType::kSignature, parts.signer.public_key());
  if (!key.ok()) co_return key.error();
  auto state = std::make_unique<State>(std::move(options), parts, std::move(*key));
  CLOISON_CO_TRY(co_await state->Recover());
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(state)));
  co_return ledger;
}

Task<Status> Ledger::State::Recover() {
  Result<std::optional<tlog::Head>> last_signed = ReadSigned();
  if (!last_signed.ok()) co_return last_signed.error();
  Result<tlog::Frontier> folded = co_await ReadFrontier(internal::kFoldedRow);
  if (!folded.ok()) co_return folded.error();
  Result<tlog::Frontier> whole = co_await ReadFrontier(internal::kFrontierRow);
  if (!whole.ok()) co_return whole.error();
  CLOISON_CO_TRY(co_await Replay(*folded, *last_signed));
  if (!(frontier == *whole)) co_return kTorn;
  // The first entry is written, and the first size published, when a register is made; only a crash
  // in between leaves the one without the other.
  if (!*last_signed && frontier.size() > 1) {
    co_return Error{Code::kCorrupt, "the last signed size is gone"};
  }
  CLOISON_CO_TRY(co_await ReadMonths());
  durable_size = frontier.size();
  CLOISON_CO_TRY(AskBeforeSigning());
  co_return SignHead();
}

Task<Result<tlog::Frontier>> Ledger::State::ReadFrontier(const char* name) {
  const store::Key row = internal::MetaKey(name);
  std::vector<store::Key> keys{row};
  Result<std::vector<store::Row>> rows =
      co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  if (!rows->front().present()) co_return tlog::Frontier{};
  Result<crypto::SecretBytes> value = parts.state.Open(row, rows->front().value);
  if (!value.ok()) co_return value.error();
  co_return tlog::Frontier::Parse(std::as_const(*value).Reveal());
}

Task<Status> Ledger::State::ReadMonths() {
  const store::Key row = internal::MetaKey(internal::kMonthsRow);
  std::vector<store::Key> keys{row};
  const Result<std::vector<store::Row>> rows =
      co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  if (rows->front().present()) {
    CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                          parts.state.Open(row, rows->front().value));
    CLOISON_CO_TRY_ASSIGN(month_starts, internal::Months::Parse(plain.Reveal()));
  }
  co_return month_starts.Fits(frontier.size()) ? Ok() : Status(kTorn);
}

// Frames and segments go in step from the fold position to the end.
Task<Status> Ledger::State::Replay(tlog::Frontier from, std::optional<tlog::Head> last_signed) {
  const auto is_signed_head = [this, &last_signed] {
    return last_signed && last_signed->size == frontier.size();
  };
  frontier = from;
  bool signed_found = !last_signed || last_signed->size < frontier.size();
  if (is_signed_head()) signed_found = last_signed->root == frontier.Root();
  store::Range range{store::Family::kSegments, "", ""};
  for (bool more = true; more;) {
    Result<store::ScanPage> page = co_await parts.store.Scan(range, kReplayRowsPerPage);
    if (!page.ok()) co_return page.error();
    std::vector<store::Key> keys;
    for (const store::KeyedRow& row : page->rows) {
      keys.push_back(store::Key{store::Family::kFrames, row.key});
    }
    Result<std::vector<store::Row>> frames =
        co_await parts.store.MultiGet(std::move(keys), store::ReadMode::kAny);
    if (!frames.ok()) co_return frames.error();
    for (std::size_t i = 0; i < page->rows.size(); ++i) {
      CLOISON_CO_TRY(ReplayBatch(page->rows[i], (*frames)[i]));
      if (is_signed_head()) signed_found = last_signed->root == frontier.Root();
    }
    more = page->next.has_value();
    if (more) range.begin = *page->next;
  }
  if (!signed_found) {
    co_return Error{Code::kCorrupt, "the log is not the one that was signed last"};
  }
  range = store::Range{store::Family::kFrames, internal::BatchKey(frontier.size()), ""};
  const Result<store::ScanPage> beyond = co_await parts.store.Scan(range, 1);
  if (!beyond.ok()) co_return beyond.error();
  co_return beyond->rows.empty() ? Ok() : Status(kTorn);
}

Status Ledger::State::ReplayBatch(const store::KeyedRow& segment, const store::Row& frame) {
  CLOISON_TRY_ASSIGN(const std::uint64_t first, internal::ParseBatchKey(segment.key));
  if (first != frontier.size() || !frame.present()) return kTorn;
  const store::Key key_of_row{store::Family::kSegments, segment.key};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain,
                     parts.state.Open(key_of_row, segment.row.value));
  CLOISON_TRY_ASSIGN(const std::vector<internal::SegmentEntry> entries,
                     internal::ParseSegment(plain.Reveal()));
  CLOISON_TRY_ASSIGN(const ByteView leaves, internal::ParseFrame(frame.value));
  if (leaves.size() != entries.size() * kLeafBytes) return kTorn;
  std::vector<tlog::Hash> hashes;
  hashes.reserve(entries.size());
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const Leaf leaf = internal::LeafAt(leaves, i);
    if (!TagsMatch(entries[i], leaf)) return kTorn;
    hashes.push_back(tlog::LeafHash(leaf));
  }
  CLOISON_TRY(frontier.Append(hashes));
  tail.Add(first, entries);
  tail.EndBatch(segment.row.version, frontier);
  return Ok();
}

Result<std::optional<tlog::Head>> Ledger::State::ReadSigned() {
  const Result<Bytes> note = parts.files.Read(options.signed_path);
  if (!note.ok()) {
    if (note.error().code() == Code::kNotFound) return std::optional<tlog::Head>();
    return note.error();
  }
  const Result<tlog::Checkpoint> last = tlog::OpenCheckpoint(AsText(*note), key);
  if (!last.ok()) return Error{Code::kCorrupt, "the last signed checkpoint cannot be read"};
  published = AsText(*note);
  published_size = last->head.size;
  return std::optional<tlog::Head>(last->head);
}

Status Ledger::State::AskBeforeSigning() {
  if (!options.before_signing) return Ok();
  return options.before_signing(key, published, {frontier.size(), frontier.Root()});
}

Status Ledger::State::SignHead() {
  const tlog::Checkpoint head{options.origin, {frontier.size(), frontier.Root()}};
  CLOISON_TRY_ASSIGN(const tlog::Note note, tlog::SignCheckpoint(head, key, parts.signer));
  checkpoint = tlog::PrintNote(note);
  return Ok();
}

}  // namespace cloison::ledger
