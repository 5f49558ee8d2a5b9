// The one committer: every change of the register passes through it, one batch at a time.
//
// A Work is submitted; the committer loads what it needs, lets it decide and stage against the
// store plus the earlier works of the same batch, writes the batch as one atomic synced commit, and
// only then makes a Durable, which is what turns a pending receipt into a receipt. A batch is what
// arrived while the previous one was written.
//
//   submit -> [lane queues] -> Load (async reads) -> Stage (sync, decides) -> participants close ->
//   Store::Commit
//          -> Durable -> participants and works finish -> the submitters resume, one post per home
//          executor
//
// Threads  Submit: any. Works and participants: only the committer's executor, never two at once.
// Failure  a commit that fails is fatal: every waiting and later Submit gives kUnknownOutcome, and
// `on_fatal` is
//          called once; the process restarts and recovers (docs/operate/failure.md).
// Source   docs/architecture.md "One committer".
#ifndef CLOISON_COMMIT_COMMITTER_H_
#define CLOISON_COMMIT_COMMITTER_H_

#include <array>
#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/events.h"
#include "base/executor.h"
#include "base/task.h"
#include "commit/durable.h"
#include "commit/sealed_state.h"
#include "commit/staging.h"
#include "commit/time_keeper.h"
#include "store/store.h"

namespace cloison::commit {

// Served in this order; inside a lane in the order of arrival. Of each batch every lane has
// kKeptWorks to itself, so none waits for ever behind another that is never empty.
enum class Lane : std::uint8_t { kUrgent = 0, kCaseload, kNormal, kBulk };
inline constexpr std::size_t kLanes = 4;
inline constexpr std::size_t kBatchWorksMax = 512;
inline constexpr std::size_t kBulkWorksPerBatchMax = 4;
inline constexpr std::array<std::size_t, kLanes> kKeptWorks{64, 64, 64, kBulkWorksPerBatchMax};
inline constexpr std::size_t kQueueWorksMax = 16'384;  // per lane; kExhausted past it

// What Stage says when it returns no error.
enum class Staged {
  kDone,   // staged (or decided to stage nothing)
  kAgain,  // needs rows that an earlier work of this batch changed: everything it staged is
           // dropped, and it goes first in the next batch, Load included
};

class Work {
 public:
  virtual ~Work() = default;
  virtual Lane lane() const { return Lane::kNormal; }
  // Reads what Stage will need into `staging` or into caches of the work's own module. No work of
  // the batch has staged anything yet. An error ends the work.
  virtual Task<Status> Load(Staging& staging) = 0;
  // Decides and stages. Called once per Load. An error ends the work: what it staged is dropped.
  // Rule: decide first, change memory last; nothing fails after the first change to memory.
  virtual Result<Staged> Stage(Staging& staging) = 0;
};

// Joins every batch: the ledger, then the principals (who count its entries in Close).
class Participant {
 public:
  virtual ~Participant() = default;
  // Before the first Load of a batch: what the participant itself must read or make sure of (the
  // month's key). An error ends every work of the batch with it.
  virtual Task<Status> Prepare(Staging& staging) = 0;
  virtual void Begin(const Staging& staging) = 0;
  // Around each work: what it added since Mark is dropped by Rollback.
  virtual std::size_t Mark() const = 0;
  virtual void Rollback(std::size_t mark) = 0;
  // After the last work: puts its own rows.
  virtual void Close(Staging& staging) = 0;
  virtual void Committed(const Durable& durable) = 0;
};

struct CommitterStats {
  base::Counter batches, works, again, refused, failed;
};

class Committer {
 public:
  struct Options {
    // Once: on the committer's executor, after the waiting works were told, or in Abandon.
    std::function<void()> on_fatal = [] {};
    // Seals the clock row; outlives the committer. Null: the row is plain, of a store whose times
    // decide nothing.
    const SealedState* sealed = nullptr;
    base::Parallel parallel = {};  // for the participants' Close
  };

  // Reads the clock row and the last version. `executor` runs one job at a time (a pool of 1, or
  // the simulator). All references outlive the committer.
  // Fails kCorrupt: the clock row does not open, or it is gone though something was committed.
  static Task<Result<std::unique_ptr<Committer>>> Open(store::Store& store,
                                                       base::Executor& executor, base::Clock& clock,
                                                       Options options);
  ~Committer();  // no work may be waiting

  void Join(Participant& participant);  // before the first Submit; closed in this order

  // Runs `work` and returns, on `home`, what it promised once its effects are durable: W::Promise
  // W::Take(const Durable&). A work that staged nothing costs no commit. What is refused before it
  // is queued returns on the caller's thread. Fails  what Load or Stage failed with (nothing of the
  // work is written)
  //        kExhausted       the lane is full
  //        kUnavailable     the committer has been stopped
  //        kUnknownOutcome  the commit failed: the process is about to restart
  template <class W>
  Task<Result<typename W::Promise>> Submit(std::unique_ptr<W> work, base::Executor& home) {
    Ticket ticket{*work, home};
    const Status outcome = co_await Wait{*this, ticket};
    if (!outcome.ok()) co_return outcome.error();
    co_return work->Take(*ticket.durable);
  }

  // The version of the last durable commit: a snapshot for prefetches (Staging::UnchangedSince).
  store::Version durable_version() const {
    return durable_version_.load(std::memory_order_acquire);
  }
  // Budget time now, for answers that decide nothing (the committer decides with the batch's own).
  BatchTime Now() const;
  // There was no clock row when it was opened: nothing was ever committed, or the rows that say so
  // are gone.
  bool began_empty() const { return began_empty_; }
  bool failed() const { return failed_.load(std::memory_order_acquire); }
  // Something beside the store has an unknown outcome (the erase journal): as after a commit that
  // failed, but for the works that wait, which are done. Threads: any.
  void Abandon();
  // Refuses new works (kUnavailable), finishes those waiting. Await it before destruction.
  Task<void> Stop();
  const CommitterStats& stats() const { return stats_; }
  TimeKeeper& time_keeper() { return *time_keeper_; }

 private:
  struct Ticket {
    Work& work;
    base::Executor& home;
    Status outcome = Ok();
    std::optional<Durable> durable = {};
    std::coroutine_handle<> waiter = {};
  };
  struct Wait {
    Committer& committer;
    Ticket& ticket;
    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> self) {
      ticket.waiter = self;
      return committer.Enqueue(ticket);  // false: refused at once, outcome set
    }
    Status await_resume() const { return ticket.outcome; }
  };
  struct State;  // queues, recent changes
  struct Batch;

  Committer(store::Store& store, base::Executor& executor, Options options);
  bool Enqueue(Ticket& ticket);
  Task<void> RunBatches();
  std::vector<Ticket*> TakeTickets();
  Task<void> RunBatch(std::vector<Ticket*> tickets);
  Task<Status> BeginBatch(Batch& batch);
  Task<void> LoadWorks(Batch& batch);
  void StageWorks(Batch& batch);
  bool HasChanges(const Batch& batch) const;
  void PutClock(Staging& staging) const;
  void Refuse(Ticket& ticket, const Error& error);
  void Finish(Batch& batch, const Durable& durable);
  void Fail(Batch& batch);
  static void Resume(const std::vector<Ticket*>& tickets);
  bool WaitForStop(std::coroutine_handle<> waiter);

  std::unique_ptr<State> state_;
  std::unique_ptr<TimeKeeper> time_keeper_;
  std::atomic<store::Version> durable_version_{0};
  std::atomic<bool> failed_{false};
  bool began_empty_ = false;
  CommitterStats stats_;
};

}  // namespace cloison::commit

#endif  // CLOISON_COMMIT_COMMITTER_H_
