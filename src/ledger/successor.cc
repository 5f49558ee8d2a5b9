#include "ledger/successor.h"

#include <algorithm>
#include <utility>

#include "ledger/internal/state.h"

namespace cloison::ledger {

namespace {

// Ceremonies that may lie between a copy of both databases and its use.
constexpr std::uint32_t kClaimedAheadMax = 8;
constexpr std::size_t kFramesPerPage = 256;
constexpr Error kFrameMissing{Code::kCorrupt, "a frame is missing"};

// Replaces the closed log's rows by an empty one's. What the closed log's own entries are stays.
class SuccessionWork final : public commit::Work {
 public:
  using Promise = std::monostate;
  SuccessionWork(const commit::SealedState& state, std::vector<Log> logs, std::string note,
                 store::WriteSet with)
      : state_(state), logs_(std::move(logs)), note_(std::move(note)), with_(std::move(with)) {}

  commit::Lane lane() const override { return commit::Lane::kUrgent; }
  Task<Status> Load(commit::Staging&) override { co_return Ok(); }
  Result<commit::Staged> Stage(commit::Staging& staging) override {
    std::vector<Log> logs = logs_;
    logs.back().opening = Log::Opening{staging.time().wall_ms,
                                       std::max<std::int64_t>(1, staging.time().budget_ms), note_};
    const Bytes empty = tlog::Frontier().Serialise();
    staging.DeleteRange(store::Range{store::Family::kSegments, "", ""});
    Put(staging, internal::kFrontierRow, empty);
    Put(staging, internal::kFoldedRow, empty);
    Put(staging, kLogsRow, Serialise(logs));
    for (const store::Put& put : with_.puts) staging.Put(put.key, put.value);
    for (const store::Key& key : with_.deletes) staging.Delete(key);
    return commit::Staged::kDone;
  }
  Promise Take(const commit::Durable&) { return {}; }

 private:
  void Put(commit::Staging& staging, const char* name, ByteView value) const {
    const store::Key row = internal::MetaKey(name);
    staging.Put(row, state_.Seal(row, value));
  }

  const commit::SealedState& state_;
  std::vector<Log> logs_;
  std::string note_;
  const store::WriteSet with_;
};

}  // namespace

Succession::Succession(std::unique_ptr<Ledger::State> state, std::vector<Known> known)
    : state_(std::move(state)), known_(std::move(known)) {}
Succession::~Succession() = default;

Task<Result<std::unique_ptr<Succession>>> Succession::Open(Ledger::Options options,
                                                           Ledger::Parts parts,
                                                           std::vector<Known> known,
                                                           std::string witnessed) {
  if (known.empty() || !known.front().key.has_value()) {
    co_return Error{Code::kCorrupt, "the key ring knows no key of the first log"};
  }
  CLOISON_CO_TRY_ASSIGN(std::vector<Log> logs,
                        co_await Ledger::State::LogsOf(options, parts, *known.front().key));
  CLOISON_CO_TRY_ASSIGN(tlog::VerifierKey key, VerifierKeyOf(logs.back()));
  const Result<Bytes> signed_note = parts.files.Read(options.signed_path);
  auto state =
      std::make_unique<Ledger::State>(std::move(options), parts, std::move(logs), std::move(key));
  std::unique_ptr<Succession> succession(new Succession(std::move(state), std::move(known)));
  CLOISON_CO_TRY(succession->Judge(signed_note, witnessed));
  CLOISON_CO_TRY(co_await succession->Compare());
  co_return succession;
}

// What a note proves, when one of the register's logs has signed it.
std::optional<Succession::Evidence> Succession::Read(std::string_view note) const {
  const std::vector<Log>& logs = state_->logs;
  const std::size_t count = std::max(logs.size(), known_.size());
  for (std::size_t i = count; i > 0; --i) {
    const auto generation = static_cast<std::uint32_t>(i);
    Log log{OriginOf(state_->options.origin, generation), std::nullopt, {}, {}};
    log.key = i <= logs.size() ? logs[i - 1].key : known_[i - 1].key;
    const Result<tlog::VerifierKey> key = VerifierKeyOf(log);
    if (!key.ok()) continue;
    const Result<tlog::Checkpoint> checkpoint = tlog::OpenCheckpoint(note, *key);
    if (checkpoint.ok()) return Evidence{generation, checkpoint->head};
  }
  return std::nullopt;
}

// The generation that a note of an unknown key names: its successor shall have another origin all
// the same. 0: none, or one too far ahead to be believed.
std::uint32_t Succession::ClaimOf(std::string_view note) const {
  const Result<tlog::Note> parsed = tlog::ParseNote(note);
  if (!parsed.ok()) return 0;
  const Result<tlog::Checkpoint> checkpoint = tlog::ParseCheckpoint(parsed->text);
  if (!checkpoint.ok()) return 0;
  for (std::uint32_t ahead = 1; ahead <= kClaimedAheadMax; ++ahead) {
    const std::uint32_t generation = state_->generation + ahead;
    if (checkpoint->origin == OriginOf(state_->options.origin, generation)) return generation;
  }
  return 0;
}

Status Succession::Judge(const Result<Bytes>& signed_note, std::string_view witnessed) {
  if (!signed_note.ok() && signed_note.error().code() != Code::kNotFound) {
    return signed_note.error();
  }
  std::optional<Evidence> own;
  if (signed_note.ok()) {
    own = Read(AsText(*signed_note));
    if (!own.has_value()) claimed_ = ClaimOf(AsText(*signed_note));
    // Of before the last ceremony: it says nothing of this log.
    if (own.has_value() && own->generation < state_->generation) own.reset();
    unreadable_ = !own.has_value() && state_->generation == 1;
  }
  evidence_ = own;
  if (own.has_value()) proven_.push_back(*own);
  if (witnessed.empty()) return Ok();
  const std::optional<Evidence> other = Read(witnessed);
  if (!other.has_value())
    return Error{Code::kDenied, "the witnessed checkpoint is not of this log"};
  proven_.push_back(*other);
  const auto order = [](const Evidence& e) { return std::pair(e.generation, e.head.size); };
  forked_ = own.has_value() && order(*own) == order(*other) && !(own->head == other->head);
  const bool newer = !own.has_value() || order(*own) < order(*other);
  if (other->generation >= state_->generation && newer) evidence_ = other;
  return Ok();
}

// Of the newest log's first `size` entries, from their frames: all of them, the folded ones too.
Task<Result<tlog::Hash>> Succession::RootAt(std::uint64_t size) const {
  const Ledger::State& state = *state_;
  if (size == state.frontier.size()) co_return state.frontier.Root();
  tlog::Frontier tree;
  store::Range range{store::Family::kFrames, internal::BatchKey(state.PlaceAt(0)),
                     internal::BatchKey(state.PlaceAt(size))};
  for (bool more = size != 0; more;) {
    const Result<store::ScanPage> page = co_await state.parts.store.Scan(range, kFramesPerPage);
    if (!page.ok()) co_return page.error();
    for (const store::KeyedRow& row : page->rows) {
      CLOISON_CO_TRY_ASSIGN(const std::uint64_t first, internal::ParseBatchKey(row.key));
      CLOISON_CO_TRY_ASSIGN(const ByteView leaves, internal::ParseFrame(row.row.value));
      if (first != state.PlaceAt(tree.size())) co_return kFrameMissing;
      std::vector<tlog::Hash> hashes;
      const std::uint64_t count = std::min(leaves.size() / kLeafBytes, size - tree.size());
      for (std::uint64_t i = 0; i < count; ++i) {
        hashes.push_back(tlog::LeafHash(internal::LeafAt(leaves, i)));
      }
      CLOISON_CO_TRY(tree.Append(hashes));
    }
    more = page->next.has_value();
    if (more) range.begin = *page->next;
  }
  co_return tree.size() == size ? Result<tlog::Hash>(tree.Root()) : kFrameMissing;
}

// What was signed at a size that is here must be what is here at that size: a log that was put back
// and has grown past it is another log all the same. What shows it is what the statement names.
Task<Status> Succession::FindFork() {
  for (const Evidence& proven : proven_) {
    if (proven.generation != state_->generation || proven.head.size > state_->durable_size) {
      continue;
    }
    CLOISON_CO_TRY_ASSIGN(const tlog::Hash root, co_await RootAt(proven.head.size));
    if (root == proven.head.root) continue;
    forked_ = true;
    evidence_ = proven;
  }
  co_return Ok();
}

// Holds the store against the evidence.
Task<Status> Succession::Compare() {
  Ledger::State& state = *state_;
  const bool of_newest = evidence_.has_value() && evidence_->generation == state.generation;
  std::optional<tlog::Head> last_signed;
  if (of_newest) last_signed = evidence_->head;
  CLOISON_CO_TRY_ASSIGN(const bool met, co_await state.RecoverRows(last_signed));
  if (state.End() == 0) co_return Error{Code::kNotFound, "the store holds no register"};
  CLOISON_CO_TRY(co_await FindFork());
  const bool signs = state.generation <= known_.size() && known_[state.generation - 1].signs;
  const std::uint32_t last_signed_by =
      evidence_.has_value() ? evidence_->generation : state.generation;
  if (last_signed_by > state.generation || !signs) {
    fault_ = Fault::kLaterLog;
  } else if (of_newest && evidence_->head.size > state.durable_size) {
    fault_ = Fault::kShorter;
  } else if (forked_ || !met) {
    fault_ = Fault::kAnother;
  } else if (!evidence_.has_value() && (unreadable_ || state.durable_size > 1)) {
    fault_ = Fault::kSignedSizeGone;
  }
  // The key of a log is retired before the next one's signs. So a later key than that has signed
  // nothing: it was made for a statement, and is the successor's.
  std::uint32_t begun = state.generation;
  for (std::uint32_t i = 0; i < known_.size(); ++i) {
    if (known_[i].key.has_value() && !known_[i].signs) begun = std::max(begun, i + 2);
  }
  successor_ = std::max({begun, last_signed_by, claimed_}) + 1;
  if (successor_ > kLogsMax) co_return Error{Code::kExhausted, "too many logs"};
  co_return Ok();
}

// The logs before the successor, all closed.
std::vector<Log> Succession::ClosedLogs() const {
  const Ledger::State& state = *state_;
  std::vector<Log> logs = state.logs;
  logs.back().closing = Log::Closing{{state.frontier.size(), state.frontier.Root()}, std::nullopt};
  while (logs.size() + 1 < successor_) {
    const auto generation = static_cast<std::uint32_t>(logs.size()) + 1;
    Log lost{OriginOf(state.options.origin, generation), std::nullopt, std::nullopt,
             Log::Closing{{0, tlog::EmptyRoot()}, std::nullopt}};
    if (generation <= known_.size()) lost.key = known_[generation - 1].key;
    logs.push_back(std::move(lost));
  }
  if (evidence_.has_value()) logs[evidence_->generation - 1].closing->signed_head = evidence_->head;
  return logs;
}

Statement Succession::StatementFor(const crypto::Ed25519PublicKey& key,
                                   const ByteArray<16>& ceremony) const {
  const Result<tlog::VerifierKey> successor = tlog::VerifierKey::Make(
      OriginOf(state_->options.origin, successor_), tlog::KeyType::kSignature, key);
  CLOISON_CHECK(successor.ok());
  Statement statement{state_->options.register_id, ceremony, {}, *successor};
  const std::vector<Log> closed = ClosedLogs();
  for (std::size_t i = state_->logs.size() - 1; i < closed.size(); ++i) {
    const Result<tlog::VerifierKey> of = VerifierKeyOf(closed[i]);
    statement.closed.push_back({closed[i].origin, of.ok() ? std::optional(*of) : std::nullopt,
                                closed[i].closing->head, closed[i].closing->signed_head});
  }
  return statement;
}

// A copy: until the commit is durable the evidence stays where it is.
Status Succession::KeepAside() {
  const std::string& path = state_->options.signed_path;
  const Result<Bytes> note = state_->parts.files.Read(path);
  if (!note.ok()) return note.error().code() == Code::kNotFound ? Ok() : Status(note.error());
  const std::string aside = path + "." + std::to_string(successor_ - 1);
  return base::WriteWhole(state_->parts.files, aside, *note);
}

Task<Status> Succession::Close(commit::Committer& committer, base::Executor& home,
                               const crypto::Ed25519PublicKey& key, std::string note,
                               store::WriteSet with) {
  CLOISON_CHECK(fault_ != Fault::kNone);
  CLOISON_CHECK(with.range_deletes.empty() && with.expects.empty() && with.fence == 0);
  Ledger::State& state = *state_;
  const std::shared_ptr<const internal::Generation> unfolded =
      state.tail.Freeze(std::make_shared<internal::Generation>());
  if (unfolded != nullptr) {
    CLOISON_CO_TRY(state.WriteRuns(*unfolded));
  }
  CLOISON_CO_TRY(KeepAside());
  std::vector<Log> logs = ClosedLogs();
  logs.push_back(Log{OriginOf(state.options.origin, successor_), key, std::nullopt, std::nullopt});
  auto work = std::make_unique<SuccessionWork>(state.parts.state, std::move(logs), std::move(note),
                                               std::move(with));
  const auto done = co_await committer.Submit(std::move(work), home);
  co_return done.ok() ? Ok() : Status(done.error());
}

}  // namespace cloison::ledger
