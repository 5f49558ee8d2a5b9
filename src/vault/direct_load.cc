#include "vault/direct_load.h"

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>

#include "base/executor.h"
#include "records/bulk_register.h"

namespace cloison::vault {

namespace {

constexpr std::size_t kAhead = 4;  // people whose places are fetched before their turn
// More than a few cores, since each waits for the disk at the end of its run; not more than this,
// since each has a part of the rows in memory.
constexpr std::size_t kWritersMax = 5;

enum class Refused : std::uint8_t { kExists, kNoRoom, kTooLarge };

ingest::RowAnswer AnswerOf(Refused why) {
  switch (why) {
    case Refused::kExists: return {ingest::RowOutcome::kExists, {}};
    case Refused::kNoRoom: return {ingest::RowOutcome::kRefused, "index_full"};
    case Refused::kTooLarge: break;
  }
  return {ingest::RowOutcome::kRefused, "compartment_too_large"};
}

}  // namespace

struct DirectLoad::State {
  State(Vault& all, const std::string& directory)
      : vault(all), bulk(all.people(), {all.environment().files, directory}) {}

  // A window and its place in the order.
  struct Window {
    std::uint64_t turn;
    std::vector<ingest::ImportRow> rows;
  };
  struct Ready {
    std::uint64_t row;
    std::optional<records::BulkRegister::Prepared> prepared;  // nothing: it is too large
  };
  struct Late {  // there may be as many as rows
    std::uint64_t row;
    Refused why;
  };

  void Work();
  std::optional<Window> Next();
  Result<std::vector<Ready>> Prepare(const Window& window) const;
  void Put(std::uint64_t turn, Result<std::vector<Ready>> ready);
  Status TakeAll(const std::vector<Ready>& ready);
  void Stop(bool rest_counts);

  Vault& vault;
  records::BulkRegister bulk;
  std::size_t writers = 1;  // beside the caller
  std::vector<std::thread> threads;

  std::mutex mutex;  // guards what follows
  std::condition_variable changed;
  std::deque<Window> waiting;
  std::map<std::uint64_t, Result<std::vector<Ready>>> prepared;  // whose turn has not come
  std::uint64_t given = 0, turn = 0;  // windows that came; the next to be taken
  bool taking = false;                // one thread is, and it alone touches `late` and takes
  bool closed = false;
  std::optional<Error> failed;
  std::vector<Late> late;
};

std::optional<DirectLoad::State::Window> DirectLoad::State::Next() {
  std::unique_lock lock(mutex);
  changed.wait(lock, [this] { return closed || failed.has_value() || !waiting.empty(); });
  if (failed.has_value() || waiting.empty()) return std::nullopt;
  Window window = std::move(waiting.front());
  waiting.pop_front();
  changed.notify_all();
  return window;
}

Result<std::vector<DirectLoad::State::Ready>> DirectLoad::State::Prepare(
    const Window& window) const {
  std::vector<Ready> ready;
  ready.reserve(window.rows.size());
  for (const ingest::ImportRow& row : window.rows) {
    Result<records::BulkRegister::Prepared> one = bulk.Prepare(row.values);
    if (!one.ok() && one.error().code() != Code::kExhausted) return one.error();
    ready.push_back({row.number, std::nullopt});
    if (one.ok()) ready.back().prepared = std::move(*one);
  }
  return ready;
}

Status DirectLoad::State::TakeAll(const std::vector<Ready>& ready) {
  for (std::size_t i = 0; i < ready.size(); ++i) {
    if (i + kAhead < ready.size() && ready[i + kAhead].prepared.has_value()) {
      bulk.Expect(*ready[i + kAhead].prepared);
    }
    const Ready& one = ready[i];
    if (!one.prepared.has_value()) {
      late.push_back({one.row, Refused::kTooLarge});
      continue;
    }
    CLOISON_TRY_ASSIGN(const auto taken, bulk.Take(*one.prepared));
    switch (taken) {
      case records::BulkRegister::Taken::kYes: break;
      case records::BulkRegister::Taken::kThereAlready:
        late.push_back({one.row, Refused::kExists});
        break;
      case records::BulkRegister::Taken::kNoRoom:
        late.push_back({one.row, Refused::kNoRoom});
        break;
    }
  }
  return Ok();
}

// Whoever finds the next window prepared, and nobody taking, takes all whose turn has come; the
// others go on preparing, so far ahead as memory allows.
void DirectLoad::State::Put(std::uint64_t mine, Result<std::vector<Ready>> ready) {
  std::unique_lock lock(mutex);
  prepared.emplace(mine, std::move(ready));
  while (!taking && !failed.has_value() && prepared.begin()->first == turn) {
    const auto next = prepared.extract(prepared.begin());
    taking = true;
    lock.unlock();
    const Status taken =
        next.mapped().ok() ? TakeAll(*next.mapped()) : Status(next.mapped().error());
    lock.lock();
    taking = false;
    if (!taken.ok()) failed = taken.error();
    ++turn;
    changed.notify_all();
    if (prepared.empty()) break;
  }
  changed.wait(lock, [this] { return failed.has_value() || prepared.size() < kDirectWindowsMax; });
}

void DirectLoad::State::Work() {
  while (std::optional<Window> window = Next()) {
    Put(window->turn, Prepare(*window));
  }
}

void DirectLoad::State::Stop(bool rest_counts) {
  {
    const std::lock_guard lock(mutex);
    closed = true;
    if (!rest_counts && !failed.has_value()) failed = Error{Code::kUnavailable, "stopped"};
    changed.notify_all();
  }
  for (std::thread& thread : threads) thread.join();
  threads.clear();
}

Result<std::unique_ptr<DirectLoad>> DirectLoad::Begin(Vault& vault, std::size_t workers) {
  CLOISON_CHECK(workers > 0);
  auto state = std::make_unique<State>(vault, vault.spill_directory());
  CLOISON_TRY(base::SyncWait(state->bulk.CheckEmpty()));
  state->writers = std::min(workers + 1, kWritersMax);
  State* const shared = state.get();
  std::unique_ptr<DirectLoad> load(new DirectLoad(std::move(state)));
  for (std::size_t i = 0; i < workers; ++i) {
    shared->threads.emplace_back([shared] { shared->Work(); });
  }
  return load;
}

DirectLoad::DirectLoad(std::unique_ptr<State> state) : state_(std::move(state)) {}

DirectLoad::~DirectLoad() {
  state_->Stop(false);
}

Result<std::vector<ingest::RowAnswer>> DirectLoad::Register(std::vector<ingest::ImportRow> rows) {
  State& state = *state_;
  CLOISON_CHECK(!rows.empty() && rows.size() <= kDirectWindowRows);
  const std::size_t count = rows.size();
  std::unique_lock lock(state.mutex);
  state.changed.wait(lock, [&state] {
    return state.failed.has_value() || state.waiting.size() < kDirectWindowsMax;
  });
  if (state.failed.has_value()) return *state.failed;
  state.waiting.push_back({state.given++, std::move(rows)});
  state.changed.notify_all();
  return std::vector<ingest::RowAnswer>(count);
}

Status DirectLoad::Finish(const TellLate& tell) {
  State& state = *state_;
  state.Stop(true);
  if (state.failed.has_value()) return *state.failed;
  for (const State::Late& late : state.late) {
    CLOISON_TRY(tell({late.row, AnswerOf(late.why)}));
  }
  base::ThreadPool writers(static_cast<int>(state.writers));
  Result<std::vector<crypto::Digest>> roots =
      state.bulk.Finish(base::Parallel(&writers, state.writers));
  if (!roots.ok()) return roots.error();
  base::Executor& home = state.vault.environment().home;
  return base::SyncWait(state.vault.gate().RecordLoad(std::move(*roots), home));
}

}  // namespace cloison::vault
