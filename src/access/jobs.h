// Approved jobs: an application has the named fields of many people sealed to a recipient whose key
// two officers agreed to, and cannot read them itself (docs/design/0020-approved-jobs.md).
//
//   Approvals (kind "job")  ->  Begin  ->  Seal, Seal, ... one batch each  ->  End
//
// A batch is decided, charged and recorded like every showing, one entry per person who was asked
// for, and only then sealed. The state of a run is durable with each batch: after a crash of either
// side the application asks for the last batch again, which costs nothing more and shows nobody
// else (kJobRepeatsMax times: each is an entry per person): who stands under an identifier by now
// and was not shown then is nobody. Who is nobody, in the archive or erased costs and records the
// same as the others; how many they were is told at the end of the run.
//
// Threads  any. Fails as the calls of Gate do, and kConflict: a batch that is neither the next one
//          nor the last one again. Refusals: kNotAvailable (no such job, or not the caller's),
//          kNoRight, kDecided ("job/stopped", "job/expired", "job/run-over", "job/ceremony":
//          approved in a log that was lost since, nobody knows what it showed), kBudgetSpent
//          ("budget/job/people", ".../runs", ".../pause", ".../again", and the register's
//          ceilings), kPurposeRefused (the policy gives a field no longer).
// Source   docs/format/state.md "Jobs", docs/format/job_file.md.
#ifndef CLOISON_ACCESS_JOBS_H_
#define CLOISON_ACCESS_JOBS_H_

#include <optional>
#include <string>
#include <vector>

#include "access/gate.h"
#include "access/job_requests.h"

namespace cloison::access {

inline constexpr std::uint8_t kJobRepeatsMax = 16;
inline constexpr std::size_t kJobsPageMax = 100;
inline constexpr std::size_t kJobRowsPerPage = 1'000;  // looked through for one page

enum class RunState : std::uint8_t { kRunning = 1, kEnded, kCancelled };
std::string_view Name(RunState state);  // "running", "ended", "cancelled"

struct JobRun {
  RunState state = RunState::kRunning;
  std::int64_t began_ms = 0, last_ms = 0;  // budget time; of the last batch
  std::int64_t began_wall_ms = 0;
  std::uint32_t people = 0;       // that the application said there would be
  std::uint32_t batches = 0;      // charged; the next one is batches + 1
  std::uint32_t asked = 0;        // charged people
  std::uint32_t unavailable = 0;  // of them: told at the end alone
  crypto::Digest last{};          // of what the last batch asked for
  std::uint8_t repeats = 0;       // of the last batch, at most kJobRepeatsMax
  // Per line of the last batch a keyed digest of whom it showed; 0: nobody. Of a running run alone.
  std::vector<std::uint64_t> shown = {};
  friend bool operator==(const JobRun&, const JobRun&) = default;
};

// What an export (access/exports.h) waits for, and how far through the register it is.
struct Walk {
  std::int64_t starts_ms = 0;  // not before, in budget time
  // Who asked and who agreed: it goes no further while one of them does not stand.
  PrincipalId asker{ByteArray<16>{}}, agreed{ByteArray<16>{}};
  std::optional<PersonId> from, to;  // the last part has people behind `from`, up to `to`
  bool whole = false;                // nobody comes behind `to`
  // The commit before the first part. At the end, who was written since is counted, up to here.
  store::Version since = 0;
  std::optional<PersonId> counted;
  std::uint64_t late = 0;
  friend bool operator==(const Walk&, const Walk&) = default;
};

struct Job {
  std::uint64_t number = 0;  // of its approval
  OrganisationId organisation{0};
  std::int64_t approved_ms = 0;
  bool stopped = false;
  JobRequest request;
  std::vector<JobRun> runs;       // numbered from 1
  std::optional<Walk> walk = {};  // of an export
  friend bool operator==(const Job&, const Job&) = default;
};

struct JobItem {
  std::string person;         // a code of the caller's organisation
  bool by_agency_id = false;  // `person` is the agency's identifier instead
  std::string attached =
      {};  // sealed beside the values; at most records::kJobAttachedBytesMax bytes
};

// Counts alone: of no job, application or person.
struct JobStats {
  base::Counter begun, ended, cancelled, stopped;
  base::Counter batches, people_asked, people_sealed;
  base::Counter refused;  // of any of these
};

class Jobs {
 public:
  explicit Jobs(internal::Core& core) : core_(core) {}
  const JobStats& stats() const { return stats_; }

  struct Shown {
    Job job;
    Bytes header;  // of the file of the last run; empty: none has begun
    // Of what was done; nothing: it was read.
    std::optional<ledger::Recorded> recorded;
  };
  // For its application, and for who may ask for jobs or freeze, of its organisation.
  Task<Outcome<Shown>> Read(Caller caller, std::uint64_t job);
  // Those that Read is for, and for its application its own, by number. Fewer than `count` may be
  // there though more follow: `next` says so. kInvalid: a page of none, or over kJobsPageMax.
  struct Page {
    std::vector<Job> items;
    std::optional<std::uint64_t> next;  // the `above` of the next page
  };
  Task<Outcome<Page>> List(Caller caller, std::uint64_t above, std::size_t count);
  // A run for so many people; one that is still running is cancelled.
  Task<Outcome<Shown>> Begin(Caller caller, std::uint64_t job, std::uint32_t people,
                             Gate::Once once);
  struct Sealed {
    Job job;
    Bytes frame;
  };
  // The next batch of the last run, or its last one again with the same items.
  Task<Outcome<Sealed>> Seal(Caller caller, std::uint64_t job, std::uint32_t run,
                             std::uint32_t batch, std::vector<JobItem> items);
  // Ends the last run; again: the same. The frame ends its file.
  Task<Outcome<Sealed>> End(Caller caller, std::uint64_t job, std::uint32_t run);
  Task<Outcome<Shown>> Cancel(Caller caller, std::uint64_t job, std::uint32_t run);
  // For good, from the next batch on; takes one of those whom Read is for.
  Task<Outcome<Shown>> Stop(Caller caller, std::uint64_t job);

 private:
  template <class T>
  void Count(const Outcome<T>& outcome, base::Counter& done);

  internal::Core& core_;
  JobStats stats_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_JOBS_H_
