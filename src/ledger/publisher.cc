#include "ledger/publisher.h"

#include <algorithm>
#include <utility>

#include "ledger/internal/publishing.h"

namespace cloison::ledger {

namespace {

constexpr Error kStopped{Code::kUnavailable, "the publisher is stopped"};
constexpr Error kNotTheFiles{Code::kUnavailable, "the tiles are not the tree that was signed"};

tlog::VerifierKey KeyOf(const Ledger& ledger) {
  Result<tlog::VerifierKey> key = tlog::VerifierKey::Parse(ledger.vkey());
  CLOISON_CHECK(key.ok());  // its own
  return std::move(*key);
}

// The trees of two checkpoints of the ledger's own, the smaller first; one of them may be missing.
std::vector<tlog::Head> HeadsOf(const Ledger& ledger, const tlog::VerifierKey& key) {
  std::vector<tlog::Head> heads;
  for (const std::string& note : {ledger.signed_checkpoint(), ledger.checkpoint()}) {
    const Result<tlog::Checkpoint> checkpoint = tlog::OpenCheckpoint(note, key);
    if (checkpoint.ok()) heads.push_back(checkpoint->head);
  }
  CLOISON_CHECK(!heads.empty() && heads.back().size == ledger.size());
  return heads;
}

}  // namespace

Publisher::State::State(Options options_in, Parts parts_in)
    : options(std::move(options_in)),
      parts(parts_in),
      key(KeyOf(parts.ledger)),
      marks(HeadsOf(parts.ledger, key)),
      files(parts.files, options.directory),
      added_begin(parts.ledger.size()),
      added_end(added_begin),
      latest_at_us(parts.clock.mono_us()) {}

Publisher::Publisher(Options options, Parts parts)
    : state_(std::make_unique<State>(std::move(options), parts)) {}

Publisher::~Publisher() = default;

void Publisher::Add(std::uint64_t first_index, std::vector<tlog::Hash> hashes) {
  State& state = *state_;
  std::vector<State::Added> dropped;  // freed after the lock
  const std::lock_guard lock(state.added_mutex);
  CLOISON_CHECK(first_index == state.added_end);
  state.added_end += hashes.size();
  state.added.push_back({first_index, std::move(hashes)});
  if (state.added_end - state.added_begin <= state.options.tail_entries_max) return;
  state.added.swap(dropped);
  state.added_begin = state.added_end;
}

Task<Status> Publisher::Publish() {
  State& state = *state_;
  if (state.catching_up) co_return Ok();
  co_await state.turn.Take();
  co_await state.parts.home.Schedule();
  Status done = kStopped;
  if (!state.turn.closed()) {
    done = state.failed ? Status(*state.failed) : co_await state.PublishLatest();
    state.failed.reset();
    if (!state.corrupt && !state.IsWhole()) {
      state.BeginCatchingUp();  // the turn goes with it
      co_return done;
    }
  }
  state.turn.Give(state.parts.home);
  co_return done;
}

Task<void> Publisher::Stop() {
  State& state = *state_;
  co_await state.turn.Take();
  state.turn.Close();
  state.turn.Give(state.parts.home);
}

void Publisher::State::BeginCatchingUp() {
  catching_up = true;
  parts.background.Post([this] { base::Detach(CatchUpInBackground()); });
}

Task<void> Publisher::State::CatchUpInBackground() {
  Status done = Ok();
  while (done.ok() && !IsWhole() && !turn.waited_for()) {
    done = co_await CatchUp(options.slice_entries);
    co_await parts.background.Schedule();  // others have their turn
  }
  if (!done.ok()) failed = done.error();
  catching_up = false;
  turn.Give(parts.background);
}

Task<Status> Publisher::State::PublishLatest() {
  const std::int64_t now_us = parts.clock.mono_us();
  const std::string latest = parts.ledger.checkpoint();
  CLOISON_CO_TRY_ASSIGN(const tlog::Checkpoint signed_now, tlog::OpenCheckpoint(latest, key));
  CLOISON_CO_TRY(co_await CatchUp(options.slice_entries));
  if (!IsWhole()) co_return Ok();
  const bool is_news = !note.has_value() || signed_now.head.size != size;
  if (is_news) {
    CLOISON_CO_TRY(co_await WriteAll());
    if (!IsWhole()) co_return Ok();
    CLOISON_CO_TRY_ASSIGN(const tlog::Hash root, co_await RootAt(signed_now.head.size));
    if (root != signed_now.head.root) co_return kNotTheFiles;
    CLOISON_CO_TRY(parts.ledger.KeepSigned(latest));
    GiveOut(latest, signed_now.head);
  }
  latest_at_us = now_us;
  co_return Ok();
}

// What is in memory goes into the files, durably.
Task<Status> Publisher::State::WriteAll() {
  {
    const std::lock_guard lock(mutex);
    whole = Absorb();
    if (!whole) co_return Ok();
  }
  const Status wrote = WriteFresh();
  if (!wrote.ok()) {
    if (FreshEntries() > options.tail_entries_max) GoBack();
    co_return wrote;
  }
  const Status synced = files.Sync();
  if (!synced.ok() && synced.error().code() == Code::kUnknownOutcome) {
    // The pages may be gone while they still read as if they were there: never again these files.
    lost = true;
    opened = false;
    GoBack();
  }
  co_return synced;
}

void Publisher::State::GiveOut(const std::string& latest, const tlog::Head& head) {
  Result<tlog::Note> parsed = tlog::ParseNote(latest);
  CLOISON_CHECK(parsed.ok());  // it was opened
  const std::lock_guard lock(note_mutex);
  note = std::move(*parsed);
  checkpoint = latest;
  size = head.size;
}

std::string Publisher::checkpoint() const {
  const std::lock_guard lock(state_->note_mutex);
  return state_->checkpoint;
}

std::uint64_t Publisher::size() const {
  return state_->size;
}

std::int64_t Publisher::lag_ms() const {
  if (size() == state_->parts.ledger.size()) return 0;
  return (state_->parts.clock.mono_us() - state_->latest_at_us) / 1000;
}

void Publisher::AddCosignatures(const std::string& checkpoint_text,
                                std::vector<tlog::NoteSignature> signatures) {
  State& state = *state_;
  const std::lock_guard lock(state.note_mutex);
  if (!state.note.has_value() || state.note->text != checkpoint_text) return;
  std::vector<tlog::NoteSignature>& have = state.note->signatures;
  for (tlog::NoteSignature& signature : signatures) {
    const bool known = std::ranges::any_of(have, [&](const tlog::NoteSignature& other) {
      return other.name == signature.name && other.key_id == signature.key_id;
    });
    if (known || have.size() >= tlog::kNoteSignaturesMax) continue;
    have.push_back(std::move(signature));
    if (tlog::PrintNote(*state.note).size() > tlog::kNoteBytesMax) have.pop_back();
  }
  state.checkpoint = tlog::PrintNote(*state.note);
}

}  // namespace cloison::ledger
