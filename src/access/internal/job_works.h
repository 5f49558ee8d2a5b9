// The works of approved jobs: what an application, or an officer, does with one. Those of an export
// alone: internal/export_works.h.
#ifndef CLOISON_ACCESS_INTERNAL_JOB_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_JOB_WORKS_H_

#include "access/internal/archive.h"
#include "access/internal/change_works.h"
#include "access/internal/job_rows.h"
#include "access/internal/read_works.h"
#include "records/job_sealer.h"

namespace cloison::access::internal {

// Whether principals of this role run jobs of these people.
bool RunsJobs(const Policy& policy, const std::string& role, Whom whom = Whom::kNamed);
// Whether they look at all such jobs of their organisation, and may stop them.
bool SeesJobs(const Policy& policy, const std::string& role, Whom whom = Whom::kNamed);
// The first field of one that the policy does not let them have sealed: its grants for anybody, in
// plain form, say what it does. An export has what its officers agreed to, for a purpose of the
// policy that is not sealed.
std::optional<FieldId> FirstNotSealed(const Policy& policy, const records::Schema& schema,
                                      OrganisationId organisation, const std::string& role,
                                      const JobRequest& request);

// What is asked to be sealed, and where in its run; `asked`: so that it is known again.
struct JobBatch {
  std::uint32_t run, number;
  std::uint32_t people;
  crypto::Digest asked;
};

// What all share: the job, who may touch it, what keeps it from going on.
class JobWork : public GateWork {
 protected:
  JobWork(Core& core, const Caller& caller, std::uint64_t number, Whom whom = Whom::kNamed)
      : GateWork(core, caller, Reason{}), number_(number), whom_(whom), rows_(core) {}
  Task<Status> LoadMore(commit::Staging& staging) override;
  // Nothing: it was refused, `refused_` says how.
  Result<std::optional<Job>> FindOwn(commit::Staging& staging);      // of its application
  Result<std::optional<Job>> FindVisible(commit::Staging& staging);  // of whom Jobs::Read is for
  // Why nothing more is sealed; nothing: it goes on. Of a run: that it is the last, and running.
  std::optional<Refusal> WhyOver(const Job& job, const commit::Staging& staging) const;
  std::optional<Refusal> WhyNotGranted(const Job& job);
  // "job/stopped", "export/stopped".
  std::string RuleOf(std::string_view rule) const {
    return std::string(kind()) + "/" + std::string(rule);
  }
  std::string_view kind() const { return whom_ == Whom::kNamed ? kJobKind : kExportKind; }
  // Of a batch, before anybody is looked for. kConflict: neither the next one nor the last again.
  Result<std::optional<Refusal>> WhyNotSealed(const Job& job, const commit::Staging& staging,
                                              const JobBatch& batch);
  static bool IsAgain(const JobRun& run, const JobBatch& batch) {
    return batch.number == run.batches && batch.number > 0 && batch.asked == run.last;
  }
  Result<commit::Staged> RefuseSo(commit::Staging& staging, Refusal refusal);
  // "job/begin/12/1"
  ledger::Pending StageStep(std::string_view step, const Job& job);

  std::uint64_t number_;
  Whom whom_;
  JobRows rows_;
  Result<commit::Staged> refused_{commit::Staged::kDone};

 private:
  bool MayRun(const Job& job);
  // Of an export: both officers, as they are now.
  bool BothStand(const Walk& walk, std::int64_t now_ms) const;
};

// Whose jobs the caller may have listed.
class MayListJobsWork final : public GateWork {
 public:
  struct May {
    OrganisationId organisation;
    bool all = false;  // of the organisation; else those that the caller runs
  };
  using Promise = std::variant<May, Refusal>;
  MayListJobsWork(Core& core, const Caller& caller, Whom whom)
      : GateWork(core, caller, Reason{whom == Whom::kNamed ? "jobs" : "exports", ""}),
        whom_(whom) {}
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }
  Task<Status> LoadMore(commit::Staging&) override { co_return Ok(); }
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Whom whom_;
  May may_{OrganisationId(0)};
};

// Reads a job, begins, ends or cancels a run, stops a job.
class JobStepWork final : public JobWork {
 public:
  enum class Step { kRead, kBegin, kEnd, kCancel, kStop };
  struct Done {
    Job job;
    std::optional<ledger::Recorded> recorded;
  };
  using Promise = std::variant<Done, Refusal>;
  // `what`: how many people of kBegin, which run of kEnd and kCancel.
  JobStepWork(Core& core, const Caller& caller, std::uint64_t number, Step step,
              std::uint32_t what = 0)
      : JobWork(core, caller, number), step_(step), what_(what) {}
  // Of an export: kRead, kBegin (its one run, once) and kStop alone.
  JobStepWork(Core& core, const Caller& caller, std::uint64_t number, Whom whom, Step step)
      : JobWork(core, caller, number, whom), step_(step), what_(0) {}
  void Remember(const Gate::Once& once) { once_.emplace(core_, caller_.principal, once); }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<commit::Staged> Begin(commit::Staging& staging, Job job);
  Result<commit::Staged> BeginExport(commit::Staging& staging, Job job);
  Result<commit::Staged> Finish(commit::Staging& staging, Job job);
  Result<commit::Staged> Stop(commit::Staging& staging, Job job);
  Result<commit::Staged> Write(commit::Staging& staging, std::string_view step, Job job);

  Step step_;
  std::uint32_t what_;
  std::optional<OnceBook> once_;
  std::optional<Job> job_;
  std::optional<ledger::Pending> pending_;
  std::optional<ledger::Recorded> repeated_;
};

// Keyed, and never 0: a row tells nothing by it, and nobody can look for two who share the 8 bytes.
std::uint64_t ShownDigest(const Core& core, std::uint64_t job, const PersonId& person);
// How many lines show nobody.
std::uint32_t Nobody(const std::vector<std::uint64_t>& shown);
crypto::RecipientKey RecipientOf(const Job& job);
// What Jobs::Read gives, of either.
Jobs::Shown ShownOf(const Core& core, JobStepWork::Done done);
Task<Outcome<Jobs::Shown>> SubmitStep(Core& core, std::unique_ptr<JobStepWork> work,
                                      base::Executor& home);
Task<Outcome<Jobs::Page>> ListJobs(Core& core, Caller caller, Whom whom, std::uint64_t above,
                                   std::size_t count);

// Whether a batch may be sealed, before it costs or tells something: looking people up takes longer
// for somebody than for nobody, and whoever may not ask learns neither.
class JobMaySealWork final : public JobWork {
 public:
  using Promise = std::variant<std::monostate, Refusal>;
  JobMaySealWork(Core& core, const Caller& caller, std::uint64_t number, const JobBatch& batch)
      : JobWork(core, caller, number), batch_(batch) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  JobBatch batch_;
};

// One batch: one entry for each who was asked for.
class JobSealWork final : public JobWork {
 public:
  struct ToSeal {
    std::size_t target;
    records::SealOnlyReceipt receipt;
  };
  struct Granted {
    Job job;
    std::vector<Target> targets;
    std::vector<ToSeal> to_seal;
  };
  using Promise = std::variant<Granted, Refusal>;
  JobSealWork(Core& core, const Caller& caller, std::uint64_t number, const JobBatch& batch,
              std::vector<Target> targets)
      : JobWork(core, caller, number), batch_(batch), targets_(std::move(targets)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<commit::Staged> Charged(commit::Staging& staging, Job job, bool again);
  std::vector<bool> WhoIsThere(const commit::Staging& staging);
  std::vector<std::uint64_t> DigestsOf(const Job& job, const std::vector<bool>& there) const;
  Result<bool> IsThere(const Target& target, std::int64_t wall_ms);
  void StageEntries(const Job& job, const std::vector<bool>& there, bool again);
  std::vector<Showing> ShowingsOf(const Job& job);

  JobBatch batch_;
  std::vector<Target> targets_;
  std::optional<Job> job_;
  std::vector<std::pair<std::size_t, ledger::Pending>> pending_;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_JOB_WORKS_H_
