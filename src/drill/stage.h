// A whole vault on simulated time and one thread: what every drill stands on.
#ifndef CLOISON_DRILL_STAGE_H_
#define CLOISON_DRILL_STAGE_H_

#include <memory>

#include "drill/book.h"
#include "drill/drill.h"
#include "drill/faults.h"
#include "drill/heard.h"
#include "drill/simulation.h"
#include "vault/vault.h"

namespace cloison::drill {

// Threads: one.
class Stage {
 public:
  struct Register {
    std::string origin;
    std::shared_ptr<const records::Schema> schema;
    std::shared_ptr<const access::Policy> policy;
  };
  // An empty register. `ground` outlives it. Fails with what the vault fails with.
  static Result<std::unique_ptr<Stage>> Open(const Ground& ground, Register of);
  ~Stage();
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

  vault::Vault& vault() { return *vault_; }
  const vault::Vault& vault() const { return *vault_; }
  SimulatedClock& clock() { return clock_; }
  base::Random& random() { return ground_.random; }
  // Stops, and opens what is stored, with these decoys. What the vault gave before is gone.
  Status Reopen(std::vector<Aud> decoys);
  QueueExecutor& executor() { return executor_; }
  Heard& heard() { return heard_; }
  template <class T>
  T Wait(Task<T> task) {
    return executor_.Wait(std::move(task));
  }

  // `call` starts a request of the vault as it is then: a fault that is due comes before it, or in
  // its midst, and after a commit of unknown outcome the vault has been opened anew. Fails as the
  // request does; and as Open does, when it cannot.
  template <class Call>
  auto Try(Call call) -> decltype(std::declval<QueueExecutor&>().Wait(call())) {
    const Status befallen = BreakWhatIsDue();
    if (!befallen.ok()) return befallen.error();
    grown_from_ = vault_->ledger().size();
    auto outcome = executor_.Wait(call());
    const Status again = Settle();
    if (!again.ok()) return again.error();
    grown_to_ = vault_->ledger().size();
    return outcome;
  }
  // The same, again where a fault left it without an answer, which `book` is told of: for `person`,
  // when that is known, and at most so many people. Null: nobody is shown by it.
  template <class Call>
  auto Ask(Book* book, std::optional<PersonId> person, std::size_t people, Call call) {
    for (int tries = 1;; ++tries) {
      auto outcome = Try(call);
      if (outcome.ok() || tries == kTriesMax || !IsOfAFault(outcome.error())) return outcome;
      if (book != nullptr) NoteFault(outcome.error(), person, people, *book);
    }
  }
  // Whether the last request failed because of a fault; into the book goes one whose outcome nobody
  // knows. One that failed otherwise left no entry.
  bool IsOfAFault(const Error& error) const;
  void NoteFault(const Error& error, std::optional<PersonId> person, std::size_t people,
                 Book& book) const;
  // What writes to the key store, whose commits fail too: asked for when such a fault is due.
  void WriteKeysBy(std::function<Task<Status>()> writes) { writes_keys_ = std::move(writes); }
  // From `begin_ms` on, as the options have it.
  void Befall(const Options& options, std::int64_t begin_ms);
  // Nothing fails any more. What befell until now.
  FaultReport EndFaults();

 private:
  explicit Stage(const Ground& ground);
  vault::Environment Around();
  Status OpenStores();
  Status OpenVault(Register of);
  static constexpr int kTriesMax = 100;
  Status BreakWhatIsDue();
  Status BreakKeys(Fault fault);
  void Arm(FaultyStore& store, Fault fault);
  void Disarm();
  Status Settle();   // after a request: restarts where it has to
  Status Restart();  // as after a crash

  const Ground& ground_;
  SimulatedClock clock_;
  QueueExecutor executor_;
  Heard heard_;
  vault::Settings settings_;
  FaultPlan plan_;
  Draw faults_{1};
  FaultReport befallen_;
  bool breaks_ = false;                                    // faults befall
  std::optional<std::pair<FaultyStore*, Fault>> waiting_;  // armed, and met nothing yet
  std::uint64_t grown_from_ = 0, grown_to_ = 0;  // the ledger's size around the last request
  std::function<Task<Status>()> writes_keys_;
  bool fatal_ = false;  // a commit's outcome is unknown
  std::unique_ptr<FaultyStore> main_store_, key_store_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::unique_ptr<vault::Vault> vault_;
};

// What the ledger's scope of a session and the book of whoever held it say of one another.
Result<ScopeDifference> CompareScope(Stage& stage, SessionId session, const Book& book);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_STAGE_H_
