// Jobs: what is asked for, their rows, the headers of their files, heads of frames and what is in
// them: what is read prints back as itself, byte by byte.
#include "access/internal/job_rows.h"
#include "records/job_file.h"

namespace {

using namespace cloison;

template <class T, class Encoder>
void PrintsBack(const Result<T>& read, Encoder encode, ByteView bytes, Code code) {
  if (read.ok()) {
    CLOISON_CHECK(base::Equal(encode(*read), bytes));
  } else {
    CLOISON_CHECK(read.error().code() == code);
  }
}

void Records(ByteView plain) {
  const auto records = records::internal::ParseRecords(plain);
  if (!records.ok()) {
    CLOISON_CHECK(records.error().code() == Code::kCorrupt);
    return;
  }
  CLOISON_CHECK(records->size() <= records::kJobBatchPeopleMax);
  std::size_t bytes = 0;
  for (const records::JobRecord& record : *records) {
    bytes += record.person.size() + record.attached.size();
    for (const auto& [place, value] : record.values) bytes += value.size();
  }
  CLOISON_CHECK(bytes <= plain.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  switch (data[0]) {
    case 'q':
      PrintsBack(
          access::ParseJob(bytes), [](const auto& request) { return access::Encode(request); },
          bytes, Code::kInvalid);
      break;
    case 'j':
      PrintsBack(
          access::internal::ParseJobRow(bytes),
          [](const auto& job) { return access::internal::EncodeJob(job); }, bytes, Code::kCorrupt);
      break;
    case 'h':
      PrintsBack(
          records::ParseJobFileHeader(bytes),
          [](const auto& header) { return records::Encode(header); }, bytes, Code::kInvalid);
      break;
    case 'f': {
      const auto head = records::ParseFrameHead(bytes);
      CLOISON_CHECK(!head.ok() || head->size <= records::kJobFrameBytesMax);
      break;
    }
    case 'r': Records(bytes); break;
    case 'e':
      PrintsBack(
          records::internal::ParseEnd(bytes),
          [](const auto& end) { return records::internal::EncodeEnd(end); }, bytes, Code::kCorrupt);
      break;
    default: break;
  }
  return 0;
}
