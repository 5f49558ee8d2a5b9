// The works of exports alone (access/exports.h): may it go on, a part, the end.
#ifndef CLOISON_ACCESS_INTERNAL_EXPORT_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_EXPORT_WORKS_H_

#include "access/exports.h"
#include "access/internal/job_works.h"

namespace cloison::access::internal {

class ExportWork : public JobWork {
 public:
  commit::Lane lane() const override { return commit::Lane::kBulk; }

 protected:
  ExportWork(Core& core, const Caller& caller, std::uint64_t number)
      : JobWork(core, caller, number, Whom::kEverybody) {}
  // The export, when its run goes on. `part`: kConflict when it is neither the next one nor the
  // last again; nothing: the run is to end, or has ended. Nothing given: refused, `refused_`.
  Result<std::optional<Job>> FindGoing(commit::Staging& staging, std::optional<std::uint32_t> part);
  static bool IsLastAgain(const JobRun& run, std::uint32_t part) {
    return part == run.batches && part > 0;
  }

 private:
  std::optional<Refusal> WhyNotGoing(const Job& job, const commit::Staging& staging,
                                     std::optional<std::uint32_t> part);
};

// Before anybody is looked for, and for where the walk is.
class ExportMayWork final : public ExportWork {
 public:
  using Promise = std::variant<Job, Refusal>;
  ExportMayWork(Core& core, const Caller& caller, std::uint64_t number,
                std::optional<std::uint32_t> part)
      : ExportWork(core, caller, number), part_(part) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  std::optional<std::uint32_t> part_;
  std::optional<Job> job_;
};

// What was read of the register for one part.
struct PartRead {
  std::uint32_t number = 0;
  std::optional<PersonId> behind;  // where it was read from
  bool more = false;               // people come behind the last target
  std::vector<Target> targets;     // in the order of ids
};

// One part: one entry for each person of it.
class ExportSealWork final : public ExportWork {
 public:
  // One line of the part: what it may open, or where it stands that it could not be read.
  struct Line {
    std::size_t target;
    std::variant<records::SealOnlyReceipt, ledger::Recorded> is;
  };
  struct Granted {
    Job job;
    std::vector<Target> targets;
    std::vector<Line> lines;
    std::size_t asked = 0;  // lines that its frame has room for; none: the part has nobody
  };
  using Promise = std::variant<Granted, Refusal>;
  ExportSealWork(Core& core, const Caller& caller, std::uint64_t number, PartRead read)
      : ExportWork(core, caller, number), read_(std::move(read)) {}
  Promise Take(const commit::Durable& durable);

 private:
  using Taken = std::vector<std::size_t>;  // of the targets
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  bool IsThere(const Target& target) const;
  Result<commit::Staged> Next(commit::Staging& staging, Job job);
  Result<commit::Staged> Again(commit::Staging& staging, Job job);
  Result<commit::Staged> Write(commit::Staging& staging, Job job, const Taken& taken, bool again);
  void StageEntries(const Job& job, const Taken& taken, bool again);

  PartRead read_;
  std::optional<Job> job_;
  std::size_t asked_ = 0;
  std::vector<std::pair<std::size_t, ledger::Pending>> pending_;
};

// What was counted of the register for its end.
struct EndRead {
  std::optional<PersonId> behind, up_to;  // of the rows that were looked at
  std::uint64_t late = 0;
  bool whole = false;
};

class ExportEndWork final : public ExportWork {
 public:
  using Promise = std::variant<Job, Refusal>;
  ExportEndWork(Core& core, const Caller& caller, std::uint64_t number, const EndRead& read)
      : ExportWork(core, caller, number), read_(read) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  EndRead read_;
  std::optional<Job> job_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_EXPORT_WORKS_H_
