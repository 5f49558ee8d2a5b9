#include "verify/log.h"

#include <algorithm>

#include "verify/internal/checkpoint.h"
#include "verify/internal/walk.h"

namespace cloison::verify {
namespace {

constexpr const char* kCheckpointPath = "checkpoint";
constexpr const char* kSincePath = "since";

void Put(Report& report, Fault fault) {
  report.fault = std::move(fault);
}

// The text of the checkpoint once it is that of this log and witnessed; else a fault.
void ReadCheckpoint(Source& source, const LogOptions& options, Report& report) {
  Bytes bytes;
  const Status read = source.Read(kCheckpointPath, tlog::kNoteBytesMax, bytes);
  ++report.objects;
  if (!read.ok()) {
    const bool absent = read.error().code() == Code::kNotFound;
    const bool large = read.error().code() == Code::kExhausted;
    const FaultKind kind = absent  ? FaultKind::kMissing
                           : large ? FaultKind::kLength
                                   : FaultKind::kUnreadable;
    return Put(report, {kind, kCheckpointPath, {}, 0, read.error().text()});
  }
  internal::OpenedNote note = internal::OpenNote(AsText(bytes), kCheckpointPath, options.key);
  if (!note.fault) {
    report.head = note.head;
    report.checkpoint = AsText(bytes);
    note.fault = internal::CheckWitnesses(AsText(bytes), options, report.cosigned);
  }
  report.fault = std::move(note.fault);
}

// Heads to be met on the way, the largest first; the walk does not come to those above its size.
std::vector<KnownHead> Sorted(std::vector<KnownHead> heads) {
  std::stable_sort(heads.begin(), heads.end(), [](const KnownHead& a, const KnownHead& b) {
    return a.head.size > b.head.size;
  });
  return heads;
}

std::optional<Fault> CheckSizes(const std::vector<KnownHead>& heads, std::uint64_t size) {
  for (const KnownHead& known : heads) {
    if (known.head.size <= size || known.may_be_newer) continue;
    return Fault{FaultKind::kRolledBack, kCheckpointPath, size, 0,
                 "the log is shorter than it was signed before"};
  }
  return {};
}

// What there is to read after the checkpoint, and whether it continues `since`.
void Continue(Source& source, const LogOptions& options, Report& report) {
  const internal::OpenedNote since = internal::OpenNote(*options.since, kSincePath, options.key);
  if (since.fault) return Put(report, *since.fault);
  std::vector<KnownHead> heads = options.heads;
  heads.push_back({since.head, kSincePath});
  report.fault = CheckSizes(heads, report.head.size);
  if (report.fault) return;
  if (since.head == report.head) return;
  if (since.head.size > 0 && since.head.size < report.head.size) {
    std::erase_if(heads,
                  [&](const KnownHead& known) { return known.head.size <= since.head.size; });
    if (internal::Walk(source, options, report).From(since.head, Sorted(std::move(heads)))) return;
  }
  // Something before it is not as it was: the whole log says what.
  heads = options.heads;
  heads.push_back({since.head, kSincePath});
  internal::Walk(source, options, report).Whole(Sorted(std::move(heads)));
}

}  // namespace

Result<Report> VerifyLog(Source& source, const LogOptions& options) {
  CLOISON_TRY(internal::CheckOptions(options));
  Report report;
  report.origin = options.key.name();
  ReadCheckpoint(source, options, report);
  if (!report.ok()) return report;
  if (options.since) {
    Continue(source, options, report);
    return report;
  }
  report.fault = CheckSizes(options.heads, report.head.size);
  if (report.ok()) internal::Walk(source, options, report).Whole(Sorted(options.heads));
  return report;
}

}  // namespace cloison::verify
