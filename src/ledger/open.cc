// Recovery: what the store holds must be one log, whole, and not shorter than what we have signed.
#include <utility>

#include "ledger/internal/frame.h"
#include "ledger/internal/state.h"

namespace cloison::ledger {

namespace {

constexpr std::size_t kReplayRowsPerPage = 256;
constexpr Error kTorn{Code::kCorrupt, "the rows of the ledger do not fit together"};

// Where it is: the first entry of the batch that does not fit.
Error WithPlace(const Error& error, std::uint64_t index) {
  if (error.code() != Code::kCorrupt) return error;
  return Error{Code::kCorrupt, "the rows of the ledger do not fit together",
               static_cast<std::int64_t>(index)};
}

bool TagsMatch(const internal::SegmentEntry& entry, const Leaf& leaf) {
  const ByteView tags = ByteView(leaf).last(32);
  return base::Equal(tags.last(16), entry.actor_tag) &&
         (!entry.subject || base::Equal(tags.first(16), entry.subject->tag));
}

}  // namespace

Task<Result<std::unique_ptr<Ledger>>> Ledger::Open(Options options, Parts parts) {
  const crypto::Ed25519PublicKey public_key = parts.signer.public_key();
  CLOISON_CO_TRY_ASSIGN(std::vector<Log> logs, co_await State::LogsOf(options, parts, public_key));
  if (logs.back().key != public_key) {
    co_return Error{Code::kCorrupt, "the ledger's key is not that of its newest log"};
  }
  CLOISON_CO_TRY_ASSIGN(tlog::VerifierKey key, VerifierKeyOf(logs.back()));
  auto state = std::make_unique<State>(std::move(options), parts, std::move(logs), std::move(key));
  CLOISON_CO_TRY(co_await state->Recover());
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(state)));
  co_return ledger;
}

Task<Result<std::vector<Log>>> Ledger::State::LogsOf(Options options, Parts parts,
                                                     crypto::Ed25519PublicKey first) {
  CLOISON_CO_TRY_ASSIGN(std::vector<Log> logs, co_await ReadLogs(parts.store, parts.state));
  if (logs.empty()) {
    logs.push_back(Log{options.origin, first, std::nullopt, std::nullopt});
  }
  for (std::size_t i = 0; i < logs.size(); ++i) {
    if (logs[i].origin == OriginOf(options.origin, static_cast<std::uint32_t>(i) + 1)) continue;
    co_return Error{Code::kCorrupt, "the logs of the store have another origin"};
  }
  co_return logs;
}

Task<Status> Ledger::State::Recover() {
  const Result<std::optional<tlog::Head>> last_signed = ReadSigned();
  if (!last_signed.ok()) co_return last_signed.error();
  CLOISON_CO_TRY_ASSIGN(const bool signed_found, co_await RecoverRows(*last_signed));
  if (!signed_found) {
    co_return Error{Code::kCorrupt, "the log is not the one that was signed last"};
  }
  // The first entry is written, and the first size published, when a register is made; only a crash
  // in between leaves the one without the other. So it is with a successor.
  if (!*last_signed && frontier.size() > 1) {
    co_return Error{Code::kCorrupt, "the last signed size is gone"};
  }
  CLOISON_CO_TRY(AskBeforeSigning());
  co_return SignHead();
}

Task<Result<bool>> Ledger::State::RecoverRows(std::optional<tlog::Head> last_signed) {
  CLOISON_CO_TRY_ASSIGN(tlog::Frontier folded, co_await ReadFrontier(internal::kFoldedRow));
  CLOISON_CO_TRY_ASSIGN(const tlog::Frontier whole, co_await ReadFrontier(internal::kFrontierRow));
  CLOISON_CO_TRY_ASSIGN(const bool signed_found, co_await Replay(std::move(folded), last_signed));
  if (!(frontier == whole)) co_return WithPlace(kTorn, frontier.size());
  durable_size = frontier.size();
  CLOISON_CO_TRY(co_await ReadMonths());
  co_return signed_found;
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
  co_return month_starts.Fits(End()) ? Ok() : Status(kTorn);
}

// Frames and segments go in step from the fold position to the end.
Task<Result<bool>> Ledger::State::Replay(tlog::Frontier from,
                                         std::optional<tlog::Head> last_signed) {
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
      const std::uint64_t at = frontier.size();
      const Status replayed = ReplayBatch(page->rows[i], (*frames)[i]);
      if (!replayed.ok()) co_return WithPlace(replayed.error(), at);
      if (is_signed_head()) signed_found = last_signed->root == frontier.Root();
    }
    more = page->next.has_value();
    if (more) range.begin = *page->next;
  }
  range = store::Range{store::Family::kFrames, internal::BatchKey(PlaceAt(frontier.size())), ""};
  const Result<store::ScanPage> beyond = co_await parts.store.Scan(range, 1);
  if (!beyond.ok()) co_return beyond.error();
  if (!beyond->rows.empty()) co_return WithPlace(kTorn, frontier.size());
  co_return signed_found;
}

Status Ledger::State::ReplayBatch(const store::KeyedRow& segment, const store::Row& frame) {
  CLOISON_TRY_ASSIGN(const std::uint64_t first, internal::ParseBatchKey(segment.key));
  if (first != PlaceAt(frontier.size()) || !frame.present()) return kTorn;
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
  if (last.ok()) {
    published = AsText(*note);
    published_size = last->head.size;
    return std::optional<tlog::Head>(last->head);
  }
  // A closed log's, maybe of a key that is lost: a successor begins beside it. It is as if none
  // were there.
  if (generation > 1) return std::optional<tlog::Head>();
  return Error{Code::kCorrupt, "the last signed checkpoint cannot be read"};
}

Status Ledger::State::AskBeforeSigning() {
  if (!options.before_signing) return Ok();
  return options.before_signing(key, published, {frontier.size(), frontier.Root()});
}

Status Ledger::State::SignHead() {
  const tlog::Checkpoint head{key.name(), {frontier.size(), frontier.Root()}};
  CLOISON_TRY_ASSIGN(const tlog::Note note, tlog::SignCheckpoint(head, key, parts.signer));
  checkpoint = tlog::PrintNote(note);
  return Ok();
}

}  // namespace cloison::ledger
