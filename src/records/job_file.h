// The file of an approved job, or of an export: what it showed, sealed to its recipient
// (docs/format/job_file.md).
//
//   file    header ‖ frame*            one frame per batch, numbered from 1, and one that ends it
//   header  magic ‖ u32 size ‖ body    in clear: which job, which run, for whom, which fields
//   frame   u8 kind ‖ u32 number ‖ u32 size ‖ HPKE message (crypto/hpke.h)
//
// A message is bound to its header, kind and number: a frame of another run, or in another place,
// does not open. Pure. Threads: any.
#ifndef CLOISON_RECORDS_JOB_FILE_H_
#define CLOISON_RECORDS_JOB_FILE_H_

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "crypto/hpke.h"

namespace cloison::records {

inline constexpr std::size_t kJobFieldsMax = 32;
inline constexpr std::size_t kExportFieldsMax = 255;  // what a file can have
inline constexpr std::size_t kJobLabelBytesMax = 48;
inline constexpr std::size_t kJobAttachedBytesMax = 64;
inline constexpr std::size_t kJobBatchPeopleMax = 200;
inline constexpr std::size_t kJobHeaderBytesMax = 48u << 10;
inline constexpr std::size_t kJobFrameBytesMax = 64u << 20;
// Of one person asked for, whether they are in the frame or not: its size tells nothing of who is,
// unless records are larger.
inline constexpr std::size_t kJobSlotBytes = 512;
inline constexpr std::size_t kJobPrefixBytes = 18;    // magic and size of a header
inline constexpr std::size_t kJobFrameHeadBytes = 9;  // kind, number, size

struct JobFileHeader {
  RegisterId register_id{0};
  OrganisationId organisation{0};
  std::uint64_t job = 0;
  std::uint32_t run = 0;
  std::int64_t began_ms = 0;  // unix
  ByteArray<32> recipient{};
  std::string label, purpose;
  std::vector<std::string> fields;  // names; values name them by their place
  friend bool operator==(const JobFileHeader&, const JobFileHeader&) = default;
};
// Whole: prefix and body. CHECKs the sizes.
Bytes Encode(const JobFileHeader& header);
// kInvalid: not as Encode writes it.
Result<JobFileHeader> ParseJobFileHeader(ByteView whole);
// From kJobPrefixBytes bytes: how long the whole header is. kInvalid.
Result<std::size_t> JobHeaderSize(ByteView prefix);
crypto::Digest DigestOfHeader(ByteView whole);

enum class FrameKind : std::uint8_t { kRecords = 1, kEnd = 2 };
struct FrameHead {
  FrameKind kind;
  std::uint32_t number;  // of records from 1; of the end: one more than the last of them
  std::uint32_t size;    // of the message behind it
};
Result<FrameHead> ParseFrameHead(ByteView head);  // kInvalid

// One person, opened by the recipient.
struct JobRecord {
  std::string person;            // the organisation's code
  std::uint64_t version = 0;     // of the record
  std::uint64_t entry = 0;       // its place in the ledger (ledger/logs.h)
  bool readable = true;          // false: the record is there and could not be opened
  crypto::SecretBytes attached;  // what the application said of this person
  std::vector<std::pair<std::uint16_t, crypto::SecretBytes>> values;  // by place in the header
};
struct JobEnd {
  std::uint32_t frames;  // of records
  std::uint64_t asked, sealed;
  // Of an export: whose records were written while it ran, so what it has of them may be of before,
  // or nothing.
  std::optional<std::uint64_t> late = std::nullopt;
  friend bool operator==(const JobEnd&, const JobEnd&) = default;
};
// kCorrupt: it does not open, or not to what is written. `message` is what lies behind the head.
Result<std::vector<JobRecord>> OpenRecords(const crypto::RecipientSecret& by,
                                           const crypto::Digest& header, const FrameHead& head,
                                           ByteView message);
Result<JobEnd> OpenEnd(const crypto::RecipientSecret& by, const crypto::Digest& header,
                       const FrameHead& head, ByteView message);

namespace internal {
// A whole frame.
Bytes SealFrame(const crypto::RecipientKey& to, const crypto::Digest& header, FrameKind kind,
                std::uint32_t number, ByteView plain, base::Random& random);
Bytes EncodeEnd(const JobEnd& end);
// What is inside, for who reads it and for its fuzz target. kCorrupt.
Result<std::vector<JobRecord>> ParseRecords(ByteView plain);
Result<JobEnd> ParseEnd(ByteView plain);
}  // namespace internal

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_JOB_FILE_H_
