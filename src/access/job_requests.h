// What an approval of kind "job" asks for: that an application may have the named fields of many
// people sealed to somebody else's key (docs/operate/jobs.md).
//
// Source   docs/format/state.md "Jobs".
#ifndef CLOISON_ACCESS_JOB_REQUESTS_H_
#define CLOISON_ACCESS_JOB_REQUESTS_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "records/job_file.h"

namespace cloison::access {

inline constexpr std::string_view kJobKind = "job";
inline constexpr std::uint32_t kJobPeopleMax = 100'000'000;  // of one run
inline constexpr std::uint32_t kJobRunsMax = 36;
inline constexpr std::uint32_t kJobPauseDaysMax = 366;
inline constexpr std::int64_t kJobLastsMaxMs = 366 * base::kDayMs;
inline constexpr std::size_t kJobLabelDigitsMax = 8;  // in a row: a date, no number of a person

struct JobRequest {
  std::string label;  // IsJobLabel
  PrincipalId application{ByteArray<16>{}};
  std::string purpose;
  std::vector<FieldId> fields;   // 1 to records::kJobFieldsMax, ascending
  ByteArray<32> recipient{};     // a crypto::RecipientKey
  std::uint32_t people_max = 0;  // of each run; 1 to kJobPeopleMax
  std::uint32_t runs = 1;        // 1 to kJobRunsMax
  std::uint32_t pause_days = 0;  // from the beginning of a run to that of the next; 1 of several
  std::int64_t expires_ms = 0;   // budget time
  friend bool operator==(const JobRequest&, const JobRequest&) = default;
};

// 1 to records::kJobLabelBytesMax of a-z 0-9 - . _, no kJobLabelDigitsMax + 1 digits in a row: what
// is not the place for a name, an address or a number of somebody.
bool IsJobLabel(std::string_view label);

// CHECKs the sizes.
Bytes Encode(const JobRequest& request);
// kInvalid: not as Encode writes it, or out of its limits, or nothing can be sealed to the key.
Result<JobRequest> ParseJob(ByteView what);

// The most people that a job shows in any interval of `duration_ms`: the runs that it can touch,
// each of at most people_max (docs/design/0020-approved-jobs.md).
std::uint64_t JobBound(const JobRequest& request, std::int64_t duration_ms);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_JOB_REQUESTS_H_
