#include "commit/committer.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

namespace cloison::commit {

namespace {

// Of those that go again: the rest of a batch is what lanes have to themselves.
constexpr std::size_t kAgainWorksMax =
    kBatchWorksMax - std::accumulate(kKeptWorks.begin(), kKeptWorks.end(), std::size_t{0});
constexpr auto kBulkLane = static_cast<std::size_t>(Lane::kBulk);

store::Key ClockKey() {
  return store::Key{store::Family::kMeta, kClockRow};
}

// Empty: nothing was ever committed here.
Result<Bytes> OpenClock(const store::Row& row, store::Version last, const SealedState* sealed) {
  if (!row.present()) {
    if (last != 0) return Error{Code::kCorrupt, "the clock row is gone"};
    return Bytes{};
  }
  if (sealed == nullptr) return row.value;
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, sealed->Open(ClockKey(), row.value));
  return base::ToBytes(plain.Reveal());
}

}  // namespace

struct Committer::State {
  State(store::Store& store_in, base::Executor& executor_in, Options options_in)
      : store(store_in), executor(executor_in), options(std::move(options_in)) {}

  store::Store& store;
  base::Executor& executor;
  Options options;

  std::mutex mutex;  // guards what follows, up to the empty line
  std::array<std::deque<Ticket*>, kLanes> lanes;
  bool running = false;
  bool stopping = false;
  std::vector<std::coroutine_handle<>> stop_waiters;

  // The executor's alone.
  std::vector<Participant*> participants;
  std::deque<Ticket*> again;
  RecentChanges recent;
};

// A batch on its way.
struct Committer::Batch {
  std::vector<Ticket*> tickets;
  Staging staging;
  std::vector<std::size_t> marks_at_begin;  // of the participants
};

Committer::Committer(store::Store& store, base::Executor& executor, Options options)
    : state_(std::make_unique<State>(store, executor, std::move(options))) {}

Committer::~Committer() {
  const std::lock_guard lock(state_->mutex);
  CLOISON_CHECK(std::ranges::all_of(state_->lanes, [](const auto& lane) { return lane.empty(); }));
}

Task<Result<std::unique_ptr<Committer>>> Committer::Open(store::Store& store,
                                                         base::Executor& executor,
                                                         base::Clock& clock, Options options) {
  std::vector<store::Key> keys;
  keys.push_back(ClockKey());
  Result<std::vector<store::Row>> rows =
      co_await store.MultiGet(std::move(keys), store::ReadMode::kAny);
  if (!rows.ok()) co_return rows.error();
  CLOISON_CO_TRY_ASSIGN(const Bytes clock_row,
                        OpenClock(rows->front(), store.last_version(), options.sealed));
  Result<TimeKeeper> time_keeper = TimeKeeper::Open(clock, clock_row);
  if (!time_keeper.ok()) co_return time_keeper.error();
  std::unique_ptr<Committer> committer(new Committer(store, executor, std::move(options)));
  committer->time_keeper_ = std::make_unique<TimeKeeper>(std::move(*time_keeper));
  committer->durable_version_.store(store.last_version());
  committer->began_empty_ = clock_row.empty();
  co_return committer;
}

void Committer::Join(Participant& participant) {
  state_->participants.push_back(&participant);
}

BatchTime Committer::Now() const {
  return time_keeper_->Peek();
}

bool Committer::Enqueue(Ticket& ticket) {
  base::Executor& executor = state_->executor;
  {
    const std::lock_guard lock(state_->mutex);
    auto& lane = state_->lanes[static_cast<std::size_t>(ticket.work.lane())];
    if (failed_.load()) {
      ticket.outcome = Error{Code::kUnknownOutcome, "a commit failed: restarting"};
      return false;
    }
    if (state_->stopping) {
      ticket.outcome = Error{Code::kUnavailable, "the committer has been stopped"};
      return false;
    }
    if (lane.size() >= kQueueWorksMax) {
      ticket.outcome = Error{Code::kExhausted, "too many works are waiting"};
      return false;
    }
    lane.push_back(&ticket);
    if (std::exchange(state_->running, true)) return true;
  }
  // The committer cannot end before this job has run: it is what ends `running`.
  executor.Post([this] { base::Detach(RunBatches()); });
  return true;
}

Task<void> Committer::RunBatches() {
  base::Executor& executor = state_->executor;
  for (;;) {
    std::vector<Ticket*> tickets = TakeTickets();
    if (tickets.empty()) break;
    co_await RunBatch(std::move(tickets));
  }
  std::vector<std::coroutine_handle<>> waiters;
  {
    const std::lock_guard lock(state_->mutex);
    // A work may have come since the last look.
    if (std::ranges::any_of(state_->lanes, [](const auto& lane) { return !lane.empty(); })) {
      executor.Post([this] { base::Detach(RunBatches()); });
      co_return;
    }
    state_->running = false;
    waiters.swap(state_->stop_waiters);
  }
  // From here on the committer may be gone.
  for (const std::coroutine_handle<> waiter : waiters) executor.Post([waiter] { waiter.resume(); });
}

std::vector<Committer::Ticket*> Committer::TakeTickets() {
  std::vector<Ticket*> taken;
  while (!state_->again.empty() && taken.size() < kAgainWorksMax) {
    taken.push_back(state_->again.front());
    state_->again.pop_front();
  }
  const std::lock_guard lock(state_->mutex);
  std::array<std::size_t, kLanes> counts{};
  std::size_t room = kBatchWorksMax - taken.size();
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    counts[lane] = std::min(kKeptWorks[lane], state_->lanes[lane].size());
    room -= std::min(room, counts[lane]);
  }
  for (std::size_t lane = 0; lane < kBulkLane; ++lane) {  // of bulk there is no more
    const std::size_t more = std::min(room, state_->lanes[lane].size() - counts[lane]);
    counts[lane] += more;
    room -= more;
  }
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    auto& queue = state_->lanes[lane];
    const auto end = queue.begin() + static_cast<std::ptrdiff_t>(counts[lane]);
    taken.insert(taken.end(), queue.begin(), end);
    queue.erase(queue.begin(), end);
  }
  return taken;
}

Task<void> Committer::RunBatch(std::vector<Ticket*> tickets) {
  const store::Version next = durable_version_.load() + 1;
  Batch batch{std::move(tickets),
              Staging(state_->store, state_->recent, next, time_keeper_->Next(), &state_->executor),
              {}};
  batch.staging.set_parallel(state_->options.parallel);
  stats_.batches.Add();
  const Status begun = co_await BeginBatch(batch);
  if (!begun.ok()) {
    for (Ticket* ticket : batch.tickets) Refuse(*ticket, begun.error());
    Resume(batch.tickets);
    co_return;
  }
  co_await LoadWorks(batch);
  StageWorks(batch);
  if (!HasChanges(batch)) {
    Finish(batch, Durable(durable_version_.load(), batch.staging.time()));
    co_return;
  }
  for (Participant* participant : state_->participants) participant->Close(batch.staging);
  PutClock(batch.staging);
  store::WriteSet writes = batch.staging.TakeWrites();
  const std::thread::id here = std::this_thread::get_id();
  const Result<store::Version> version = co_await state_->store.Commit(std::move(writes));
  if (std::this_thread::get_id() != here) co_await state_->executor.Schedule();
  if (!version.ok() || *version != next) {
    Fail(batch);
    co_return;
  }
  durable_version_.store(next, std::memory_order_release);
  const Durable durable(next, batch.staging.time());
  for (Participant* participant : state_->participants) participant->Committed(durable);
  Finish(batch, durable);
}

Task<Status> Committer::BeginBatch(Batch& batch) {
  for (Participant* participant : state_->participants) {
    const std::thread::id here = std::this_thread::get_id();
    const Status prepared = co_await participant->Prepare(batch.staging);
    if (std::this_thread::get_id() != here) co_await state_->executor.Schedule();
    CLOISON_CO_TRY(prepared);
    participant->Begin(batch.staging);
    batch.marks_at_begin.push_back(participant->Mark());
  }
  co_return Ok();
}

Task<void> Committer::LoadWorks(Batch& batch) {
  for (Ticket* ticket : batch.tickets) {
    const std::thread::id here = std::this_thread::get_id();
    const Status loaded = co_await ticket->work.Load(batch.staging);
    if (std::this_thread::get_id() != here) co_await state_->executor.Schedule();
    if (!loaded.ok()) Refuse(*ticket, loaded.error());
  }
}

void Committer::StageWorks(Batch& batch) {
  std::vector<std::size_t> marks(state_->participants.size());
  for (Ticket*& ticket : batch.tickets) {
    if (!ticket->outcome.ok()) continue;
    const std::size_t mark = batch.staging.Mark();
    for (std::size_t i = 0; i < marks.size(); ++i) marks[i] = state_->participants[i]->Mark();
    Result<Staged> staged = ticket->work.Stage(batch.staging);
    if (staged.ok() && batch.staging.Mark() - mark > kWorkRowsMax) {
      staged = Error{Code::kExhausted, "a work stages too many rows"};
    }
    if (staged.ok() && *staged == Staged::kDone) {
      stats_.works.Add();
      continue;
    }
    batch.staging.Rollback(mark);
    for (std::size_t i = 0; i < marks.size(); ++i) state_->participants[i]->Rollback(marks[i]);
    if (staged.ok()) {
      stats_.again.Add();
      state_->again.push_back(std::exchange(ticket, nullptr));
    } else {
      Refuse(*ticket, staged.error());
    }
  }
  std::erase(batch.tickets, nullptr);
}

bool Committer::HasChanges(const Batch& batch) const {
  if (batch.staging.Mark() != 0) return true;
  for (std::size_t i = 0; i < state_->participants.size(); ++i) {
    if (state_->participants[i]->Mark() != batch.marks_at_begin[i]) return true;
  }
  return false;
}

void Committer::PutClock(Staging& staging) const {
  const SealedState* sealed = state_->options.sealed;
  Bytes row = time_keeper_->Row();
  if (sealed != nullptr) row = sealed->Seal(ClockKey(), row);
  staging.Put(ClockKey(), std::move(row));
}

void Committer::Refuse(Ticket& ticket, const Error& error) {
  stats_.refused.Add();
  ticket.outcome = error;
}

void Committer::Finish(Batch& batch, const Durable& durable) {
  for (Ticket* ticket : batch.tickets) {
    if (ticket->outcome.ok()) ticket->durable = durable;
  }
  Resume(batch.tickets);
}

// Nobody learns what a work decided: its decision may rest on works of which nobody knows whether
// they happened.
void Committer::Fail(Batch& batch) {
  stats_.failed.Add();
  std::vector<Ticket*> lost = std::move(batch.tickets);
  lost.insert(lost.end(), state_->again.begin(), state_->again.end());
  state_->again.clear();
  bool first = false;
  {
    const std::lock_guard lock(state_->mutex);
    first = !failed_.exchange(true);
    for (auto& lane : state_->lanes) {
      lost.insert(lost.end(), lane.begin(), lane.end());
      lane.clear();
    }
  }
  for (Ticket* ticket : lost) {
    ticket->outcome = Error{Code::kUnknownOutcome, "a commit failed: restarting"};
  }
  Resume(lost);
  if (first) state_->options.on_fatal();
}

void Committer::Abandon() {
  {
    const std::lock_guard lock(state_->mutex);
    if (failed_.exchange(true)) return;
  }
  state_->options.on_fatal();
}

void Committer::Resume(const std::vector<Ticket*>& tickets) {
  // A submitter's frame may end as soon as its home runs it: no ticket is touched after its post.
  std::vector<std::pair<base::Executor*, std::vector<std::coroutine_handle<>>>> homes;
  for (Ticket* ticket : tickets) {
    auto found =
        std::ranges::find(homes, &ticket->home, [](const auto& entry) { return entry.first; });
    if (found == homes.end()) found = homes.insert(homes.end(), {&ticket->home, {}});
    found->second.push_back(ticket->waiter);
  }
  for (auto& [home, handles] : homes) {
    home->Post([waiters = std::move(handles)] {
      for (const std::coroutine_handle<> waiter : waiters) waiter.resume();
    });
  }
}

bool Committer::WaitForStop(std::coroutine_handle<> waiter) {
  const std::lock_guard lock(state_->mutex);
  state_->stopping = true;
  if (!state_->running) return false;
  state_->stop_waiters.push_back(waiter);
  return true;
}

Task<void> Committer::Stop() {
  struct Awaiter {
    Committer& committer;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self) const { return committer.WaitForStop(self); }
    void await_resume() const noexcept {}
  };
  Awaiter awaiter{*this};
  co_await awaiter;
}

}  // namespace cloison::commit
