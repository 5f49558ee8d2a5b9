#include "records/job_file.h"

#include <algorithm>

namespace cloison::records {

namespace {

constexpr std::string_view kMagic = "CLOISON JOB 1\n";
static_assert(kMagic.size() + 4 == kJobPrefixBytes);
constexpr Error kNoHeader{Code::kInvalid, "not the header of a job's file"};
constexpr Error kNoFrame{Code::kInvalid, "not a frame of a job's file"};
constexpr Error kBadFrame{Code::kCorrupt, "a frame of a job's file does not parse"};
constexpr std::uint8_t kReadable = 0, kUnreadable = 1;

void AppendShort(Bytes& out, std::string_view text) {
  CLOISON_CHECK(text.size() <= 255);
  out.push_back(static_cast<std::uint8_t>(text.size()));
  base::AppendBytes(out, AsBytes(text));
}

std::string TakeShort(base::Reader& reader) {
  const std::size_t size = reader.U8();
  return std::string(AsText(reader.Take(size)));
}

// What a message is bound to beside its keys.
Bytes Aad(const crypto::Digest& header, FrameKind kind, std::uint32_t number) {
  Bytes aad = base::ToBytes(header);
  aad.push_back(static_cast<std::uint8_t>(kind));
  base::AppendU32(aad, number);
  return aad;
}

crypto::Context Info() {
  return crypto::Context("job-file");
}

Result<crypto::SecretBytes> OpenFrame(const crypto::RecipientSecret& by,
                                      const crypto::Digest& header, const FrameHead& head,
                                      ByteView message) {
  return crypto::HpkeOpen(by, Info().view(), Aad(header, head.kind, head.number), message);
}

}  // namespace

Bytes Encode(const JobFileHeader& header) {
  CLOISON_CHECK(header.label.size() <= kJobLabelBytesMax);
  CLOISON_CHECK(!header.fields.empty() && header.fields.size() <= kExportFieldsMax);
  Bytes body;
  base::AppendU32(body, header.register_id.value());
  base::AppendU32(body, header.organisation.value());
  base::AppendU64(body, header.job);
  base::AppendU32(body, header.run);
  base::AppendU64(body, static_cast<std::uint64_t>(header.began_ms));
  base::AppendBytes(body, header.recipient);
  AppendShort(body, header.label);
  AppendShort(body, header.purpose);
  body.push_back(static_cast<std::uint8_t>(header.fields.size()));
  for (const std::string& field : header.fields) AppendShort(body, field);
  Bytes whole = base::ToBytes(AsBytes(kMagic));
  base::AppendU32(whole, static_cast<std::uint32_t>(body.size()));
  base::AppendBytes(whole, body);
  CLOISON_CHECK(whole.size() <= kJobHeaderBytesMax);
  return whole;
}

Result<std::size_t> JobHeaderSize(ByteView prefix) {
  base::Reader reader(prefix);
  const ByteView magic = reader.Take(kMagic.size());
  const std::size_t size = kJobPrefixBytes + reader.U32();
  const bool fits = !reader.failed() && AsText(magic) == kMagic && size <= kJobHeaderBytesMax;
  if (!fits) return kNoHeader;
  return size;
}

Result<JobFileHeader> ParseJobFileHeader(ByteView whole) {
  CLOISON_TRY_ASSIGN(const std::size_t size,
                     JobHeaderSize(whole.first(std::min(whole.size(), kJobPrefixBytes))));
  if (size != whole.size()) return kNoHeader;
  base::Reader reader(whole.subspan(kJobPrefixBytes));
  JobFileHeader header;
  header.register_id = RegisterId(reader.U32());
  header.organisation = OrganisationId(reader.U32());
  header.job = reader.U64();
  header.run = reader.U32();
  const std::uint64_t began = reader.U64();
  header.began_ms = static_cast<std::int64_t>(began);
  header.recipient = reader.Array<32>();
  header.label = TakeShort(reader);
  header.purpose = TakeShort(reader);
  const std::size_t fields = reader.U8();
  for (std::size_t i = 0; i < fields && !reader.failed(); ++i) {
    header.fields.push_back(TakeShort(reader));
  }
  const bool sized = began <= INT64_MAX && fields > 0 && fields <= kExportFieldsMax &&
                     header.label.size() <= kJobLabelBytesMax;
  if (reader.failed() || !reader.empty() || !sized) return kNoHeader;
  return header;
}

crypto::Digest DigestOfHeader(ByteView whole) {
  return crypto::Sha256(whole);
}

Result<FrameHead> ParseFrameHead(ByteView head) {
  base::Reader reader(head);
  const std::uint8_t kind = reader.U8();
  const FrameHead out{static_cast<FrameKind>(kind), reader.U32(), reader.U32()};
  const bool known = kind == 1 || kind == 2;
  const bool sized = out.size >= crypto::kHpkeOverhead && out.size <= kJobFrameBytesMax;
  if (reader.failed() || !reader.empty() || !known || !sized || out.number == 0) return kNoFrame;
  return out;
}

Result<std::vector<JobRecord>> OpenRecords(const crypto::RecipientSecret& by,
                                           const crypto::Digest& header, const FrameHead& head,
                                           ByteView message) {
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, OpenFrame(by, header, head, message));
  return internal::ParseRecords(plain.Reveal());
}

Result<JobEnd> OpenEnd(const crypto::RecipientSecret& by, const crypto::Digest& header,
                       const FrameHead& head, ByteView message) {
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, OpenFrame(by, header, head, message));
  return internal::ParseEnd(plain.Reveal());
}

namespace internal {

Bytes SealFrame(const crypto::RecipientKey& to, const crypto::Digest& header, FrameKind kind,
                std::uint32_t number, ByteView plain, base::Random& random) {
  CLOISON_CHECK(plain.size() + crypto::kHpkeOverhead <= kJobFrameBytesMax);
  Bytes frame{static_cast<std::uint8_t>(kind)};
  base::AppendU32(frame, number);
  base::AppendU32(frame, static_cast<std::uint32_t>(plain.size() + crypto::kHpkeOverhead));
  crypto::HpkeSeal(to, Info().view(), Aad(header, kind, number), plain, random, frame);
  return frame;
}

Bytes EncodeEnd(const JobEnd& end) {
  Bytes out = base::ToBytes(base::BigU32(end.frames));
  base::AppendU64(out, end.asked);
  base::AppendU64(out, end.sealed);
  if (end.late.has_value()) base::AppendU64(out, *end.late);
  return out;
}

Result<JobEnd> ParseEnd(ByteView plain) {
  base::Reader reader(plain);
  JobEnd end{reader.U32(), reader.U64(), reader.U64()};
  if (!reader.failed() && !reader.empty()) end.late = reader.U64();
  if (reader.failed() || !reader.empty() || end.sealed > end.asked) return kBadFrame;
  return end;
}

Result<std::vector<JobRecord>> ParseRecords(ByteView plain) {
  base::Reader reader(plain);
  const std::size_t count = reader.U16();
  std::vector<JobRecord> records;
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    JobRecord record;
    record.person = TakeShort(reader);
    record.version = reader.U64();
    record.entry = reader.U64();
    const std::uint8_t status = reader.U8();
    record.readable = status == kReadable;
    const std::size_t attached = reader.U8();
    record.attached = crypto::SecretBytes::CopyOf(reader.Take(attached));
    const std::size_t values = reader.U8();
    std::optional<std::uint16_t> last;
    for (std::size_t v = 0; v < values && !reader.failed(); ++v) {
      const std::uint16_t field = reader.U8();
      const std::size_t size = reader.U16();
      if (last.has_value() && field <= *last) return kBadFrame;
      last = field;
      record.values.emplace_back(field, crypto::SecretBytes::CopyOf(reader.Take(size)));
    }
    const bool sized = status <= kUnreadable && attached <= kJobAttachedBytesMax &&
                       values <= kExportFieldsMax && (record.readable || values == 0);
    if (!sized) return kBadFrame;
    records.push_back(std::move(record));
  }
  const bool padded =
      std::ranges::all_of(reader.rest(), [](std::uint8_t byte) { return byte == 0; });
  if (reader.failed() || count > kJobBatchPeopleMax || !padded) return kBadFrame;
  return records;
}

}  // namespace internal

}  // namespace cloison::records
