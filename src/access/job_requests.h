// What an approval of kind "job" or "export" asks for: that an application may have the named
// fields of many people sealed to somebody else's key (docs/operate/jobs.md, export.md).
//
// Source   docs/format/state.md "Jobs", "Exports".
#ifndef CLOISON_ACCESS_JOB_REQUESTS_H_
#define CLOISON_ACCESS_JOB_REQUESTS_H_

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "records/job_file.h"

namespace cloison::access {

inline constexpr std::string_view kJobKind = "job", kExportKind = "export";
inline constexpr std::uint32_t kJobPeopleMax = 100'000'000;  // of one run
inline constexpr std::uint32_t kJobRunsMax = 36;
inline constexpr std::uint32_t kJobPauseDaysMax = 366;
inline constexpr std::int64_t kJobLastsMaxMs = 366 * base::kDayMs;
inline constexpr std::int64_t kExportLastsMaxMs = 31 * base::kDayMs;
inline constexpr std::size_t kJobLabelDigitsMax = 8;  // in a row: a date, no number of a person

// Whose records a job is of.
enum class Whom : std::uint8_t {
  kNamed = 1,  // the people whom the application names, batch by batch
  kEverybody,  // all of the register, whom the register names itself: an export
};

struct JobRequest {
  std::string label;  // IsJobLabel
  PrincipalId application{ByteArray<16>{}};
  std::string purpose;
  std::vector<FieldId> fields;   // 1 to FieldsMax, ascending
  ByteArray<32> recipient{};     // a crypto::RecipientKey
  std::uint32_t people_max = 0;  // of each run; 1 to kJobPeopleMax
  std::uint32_t runs = 1;        // 1 to kJobRunsMax
  std::uint32_t pause_days = 0;  // from the beginning of a run to that of the next; 1 of several
  std::int64_t expires_ms = 0;   // budget time
  Whom whom = Whom::kNamed;      // an export has one run
  friend bool operator==(const JobRequest&, const JobRequest&) = default;
};

// How many fields one may name: of an export all that a schema can have, less one.
constexpr std::size_t FieldsMax(Whom whom) {
  return whom == Whom::kNamed ? records::kJobFieldsMax : records::kExportFieldsMax;
}

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
// The same of an export, in any interval: its one run (docs/design/0031-export.md).
std::uint64_t ExportBound(const JobRequest& request);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_JOB_REQUESTS_H_
