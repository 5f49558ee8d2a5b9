// Exports: all people of a register, all fields that two officers agreed to, sealed to a recipient,
// for whoever moves away (docs/design/0031-export.md). An export is a job (access/jobs.h) whose
// people the register names itself: whoever runs it chooses nobody, and can read nothing.
//
//   Approvals (kind "export")  --delay-->  Begin  ->  Seal, Seal, ... one part each  ->  End
//
// Nothing is given before the delay is over; all organisations are told at the agreement, and one
// officer stops it at any time. A part is the next people in the order of their ids, each with an
// entry of their own, decided and recorded before it is sealed; the last one may be had again
// (kJobRepeatsMax times) and shows whom it showed, or fewer. The archive is part of it, decoys are
// not. No ceiling of the register counts it: its people_max is its bound (ExportBound).
//
// Threads  any; Rule before anybody is served. Fails as the calls of Gate do, and kConflict: a part
//          that is neither the next one nor the last one again, or an end while people are left.
//          Refusals: kNotAvailable, kNoRight, kPurposeRefused as of jobs; kDecided
//          ("export/waits" with the time that is left, "export/stopped", "export/expired",
//          "export/officers": who asked or agreed does not stand any more, "export/run-over",
//          "export/ceremony"), kBudgetSpent ("budget/export/people", "budget/export/again").
// Source   docs/format/state.md "Exports", docs/format/job_file.md.
#ifndef CLOISON_ACCESS_EXPORTS_H_
#define CLOISON_ACCESS_EXPORTS_H_

#include "access/jobs.h"

namespace cloison::access {

inline constexpr std::int64_t kExportDelayMinMs = 24 * base::kHourMs;  // and what it is unless told
inline constexpr std::int64_t kExportDelayMaxMs = 30 * base::kDayMs;
inline constexpr std::size_t kPartSpareRows = 56;  // looked at beyond a part: some may be decoys
inline constexpr std::size_t kCountRowsPerEnd = 100'000;  // looked at by one End

// The people of one part: fewer where there are so many fields that a frame has no room for more.
std::size_t PartPeopleMax(std::size_t fields);

class Exports {
 public:
  explicit Exports(internal::Core& core) : core_(core) {}
  // Of steps and parts; a batch is a part.
  const JobStats& stats() const { return stats_; }

  // From the agreement to the first part, of what is agreed to from now on; and the most rows that
  // one End looks at. CHECKs the bounds.
  void Rule(std::int64_t delay_ms, std::size_t count_rows = kCountRowsPerEnd);

  // For its application, and for who may ask for exports, agree to them, freeze or hold, of any
  // organisation.
  Task<Outcome<Jobs::Shown>> Read(Caller caller, std::uint64_t number);
  Task<Outcome<Jobs::Page>> List(Caller caller, std::uint64_t above, std::size_t count);
  // Once; again while it runs: the same.
  Task<Outcome<Jobs::Shown>> Begin(Caller caller, std::uint64_t number);
  // The next part, or the last one again. The frame is empty where it had nobody: then the walk is
  // whole (Job::walk), or the same number goes on.
  Task<Outcome<Jobs::Sealed>> Seal(Caller caller, std::uint64_t number, std::uint32_t part);
  // Counts whose records were written since the first part, some rows a call:
  // the frame is empty and the run goes on, or the frame ends the file. Again: the same.
  Task<Outcome<Jobs::Sealed>> End(Caller caller, std::uint64_t number);
  // For good, from the next part on; by one of those whom Read is for.
  Task<Outcome<Jobs::Shown>> Stop(Caller caller, std::uint64_t number);

 private:
  Task<Outcome<Job>> MayGoOn(Caller caller, std::uint64_t number,
                             std::optional<std::uint32_t> part);
  template <class T>
  void Count(const Outcome<T>& outcome, base::Counter& done);

  internal::Core& core_;
  std::size_t count_rows_ = kCountRowsPerEnd;
  JobStats stats_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_EXPORTS_H_
