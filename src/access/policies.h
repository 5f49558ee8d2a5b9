// The policies of a register: which is in force, which were, and how another one takes its place.
//
// Another policy is asked for with a statement that two officers signed, and approved as any other
// request (access/approvals.h, kind "policy"). In the commit that approves it, it is stored, named
// by an entry, and decides from there on. So are the founders of the organisations that it brings,
// if the statement names any: nobody else could enrol the first people of those.
//
// Threads  any.
// Fails    as the calls of Gate do: refusals are answers with their entry.
// Source   docs/format/policy.md "Versions".
#ifndef CLOISON_ACCESS_POLICIES_H_
#define CLOISON_ACCESS_POLICIES_H_

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "access/approvals.h"
#include "access/calibration.h"
#include "access/policy_diff.h"
#include "access/policy_preview.h"
#include "ledger/policy_statement.h"

namespace cloison::access {

inline constexpr std::size_t kPolicyNoteBytesMax = 8'192;
inline constexpr std::size_t kPolicyRowsPerScan = 100;

// One policy as the store keeps it.
struct PolicyVersion {
  std::uint32_t version = 0;
  std::int64_t since_ms = 0;  // wall clock; decides nothing
  std::string note;           // what was signed for it; "": the first of a development register
  std::string document;
};
crypto::Digest DigestOfPolicy(std::string_view document);  // SHA-256

// What the store has, before a gate is there. Nothing: a register that has no policy yet.
// kCorrupt: a version is missing, does not open, or is not the one that the next names; what is in
// force does not fit the schema.
struct LoadedPolicy {
  PolicyVersion version;
  std::shared_ptr<const Policy> policy;
};
Task<Result<std::optional<LoadedPolicy>>> LoadPolicy(store::Store& store,
                                                     const commit::SealedState& state,
                                                     const records::Schema& schema);

// What an approval of kind policy asks for.
struct PolicyWanted {
  std::string note, document;
};
Result<PolicyWanted> ParsePolicyWanted(ByteView what);  // kInvalid

class Policies {
 public:
  explicit Policies(internal::Core& core) : core_(core) {}

  struct Request {
    std::string document;
    std::string note;
    std::string reason;  // 1 to approvals::kReasonBytesMax bytes
  };
  // Asks for it. kInvalid: not a policy of this register, or not a signed statement; kDenied: too
  // few officers signed; kConflict: the statement is of another document; kExhausted: over
  // kPolicyBytesMax. Refusal kChanged: not the version after the one in force.
  Task<Outcome<Approvals::Shown>> Propose(Caller caller, Request request, Gate::Once once);

  struct Shown {
    PolicyVersion version;
    bool in_force;
    ledger::Recorded recorded;
  };
  // Refusal kNotAvailable: no such version. Reading one is an entry.
  Task<Outcome<Shown>> Read(Caller caller, std::uint32_t version);

  // What would have been decided otherwise of what was asked lately (access/policy_preview.h).
  // Needs the right `policy`. kInvalid: not a policy of this register. An entry before anything is
  // looked at.
  struct Previewed {
    PreviewReport report;
    std::shared_ptr<const Policy> before, after;
    ledger::Recorded recorded;
  };
  Task<Outcome<Previewed>> Preview(Caller caller, std::string document, PreviewLimits limits);

  // Bounds of detectors by what the register's own accounts did (access/calibration.h). Needs the
  // right `policy`. kInvalid: not 1 to kCalibrationDaysMax days; kExhausted: one is made already.
  // An entry before anything is read.
  //
  // Cost     one thread, that of CalibrateOn, and none of the store's but while a page is read;
  //          some 60 MB and 10 s for 60,000 accounts of 60 days (sentinel/calibration.h).
  struct Calibrated {
    Calibration report;
    ledger::Recorded recorded;
  };
  Task<Outcome<Calibrated>> Calibrate(Caller caller, std::uint32_t days);

  // Where that has its turns; outlives this. Before there is one: where the caller is.
  void CalibrateOn(base::Executor& turns) { turns_ = &turns; }

  // Whether two officers began this register: its first version has their statement. kCorrupt: that
  // version does not open.
  Task<Result<bool>> BegunByOfficers() const;

  // Stores the first version of a register of before there were any. At start.
  Task<Status> Adopt(base::Executor& home);

 private:
  internal::Core& core_;
  base::Executor* turns_ = nullptr;
  std::atomic<bool> calibrating_ = false;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_POLICIES_H_
