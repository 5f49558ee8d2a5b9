// The rows of jobs (family jobs), within works: u64 number -> a sealed Job. They hold ceilings, so
// their digests are in the sum that the anchor holds (access/ceilings.h).
//
// Source   docs/format/state.md "Jobs".
#ifndef CLOISON_ACCESS_INTERNAL_JOB_ROWS_H_
#define CLOISON_ACCESS_INTERNAL_JOB_ROWS_H_

#include "access/internal/gate_work.h"
#include "access/jobs.h"

namespace cloison::access::internal {

Bytes EncodeJob(const Job& job);
Result<Job> ParseJobRow(ByteView plain);  // kCorrupt

class JobRows {
 public:
  explicit JobRows(Core& core) : core_(core) {}
  static store::Key KeyOf(std::uint64_t number);
  // In Load, before Get and Put.
  Task<Status> Load(commit::Staging& staging, std::uint64_t number) const;
  // Nothing: no such job. kCorrupt.
  Result<std::optional<Job>> Get(const commit::Staging& staging, std::uint64_t number) const;
  // In Stage, when nothing can fail any more.
  void Put(commit::Staging& staging, const Job& job) const;

 private:
  Core& core_;
};

// What the file of the last run begins with.
records::JobFileHeader HeaderOf(const records::Schema& schema, const Job& job);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_JOB_ROWS_H_
