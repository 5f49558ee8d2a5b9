#include "access/job_requests.h"

#include <algorithm>

#include "base/check.h"

namespace cloison::access {

namespace {

// The version says whose records it is of, so that neither kind of approval reads the other's.
constexpr std::uint8_t kVersionNamed = 1, kVersionEverybody = 2;
constexpr Error kBad{Code::kInvalid, "not what a job asks for"};

bool IsDigit(char c) {
  return c >= '0' && c <= '9';
}

bool IsLimited(const JobRequest& request) {
  const bool counts = request.people_max >= 1 && request.people_max <= kJobPeopleMax &&
                      request.runs >= 1 && request.runs <= kJobRunsMax &&
                      request.pause_days <= kJobPauseDaysMax &&
                      (request.runs == 1 || request.pause_days >= 1);
  const bool fields = !request.fields.empty() && request.fields.size() <= FieldsMax(request.whom) &&
                      std::ranges::adjacent_find(request.fields, std::ranges::greater_equal{}) ==
                          request.fields.end();
  const bool once = request.whom == Whom::kNamed || (request.runs == 1 && request.pause_days == 0);
  return counts && fields && once && IsJobLabel(request.label) && !request.purpose.empty() &&
         request.expires_ms > 0;
}

}  // namespace

bool IsJobLabel(std::string_view label) {
  std::size_t digits = 0;
  for (const char c : label) {
    digits = IsDigit(c) ? digits + 1 : 0;
    const bool known = (c >= 'a' && c <= 'z') || IsDigit(c) || c == '-' || c == '.' || c == '_';
    if (!known || digits > kJobLabelDigitsMax) return false;
  }
  return !label.empty() && label.size() <= records::kJobLabelBytesMax;
}

Bytes Encode(const JobRequest& request) {
  CLOISON_CHECK(request.label.size() <= 255 && request.purpose.size() <= 255);
  CLOISON_CHECK(request.fields.size() <= FieldsMax(request.whom));
  const bool named = request.whom == Whom::kNamed;
  Bytes out{named ? kVersionNamed : kVersionEverybody,
            static_cast<std::uint8_t>(request.label.size())};
  base::AppendBytes(out, AsBytes(request.label));
  base::AppendBytes(out, request.application.bytes());
  out.push_back(static_cast<std::uint8_t>(request.purpose.size()));
  base::AppendBytes(out, AsBytes(request.purpose));
  out.push_back(static_cast<std::uint8_t>(request.fields.size()));
  for (const FieldId field : request.fields) base::AppendU16(out, field.value());
  base::AppendBytes(out, request.recipient);
  base::AppendU32(out, request.people_max);
  base::AppendU32(out, request.runs);
  base::AppendU32(out, request.pause_days);
  base::AppendU64(out, static_cast<std::uint64_t>(request.expires_ms));
  return out;
}

Result<JobRequest> ParseJob(ByteView what) {
  base::Reader reader(what);
  const std::uint8_t version = reader.U8();
  JobRequest request;
  request.whom = version == kVersionNamed ? Whom::kNamed : Whom::kEverybody;
  const std::size_t label = reader.U8();
  request.label = AsText(reader.Take(label));
  request.application = PrincipalId(reader.Array<16>());
  const std::size_t purpose = reader.U8();
  request.purpose = AsText(reader.Take(purpose));
  const std::size_t fields = reader.U8();
  for (std::size_t i = 0; i < fields && !reader.failed(); ++i) {
    request.fields.push_back(FieldId(reader.U16()));
  }
  request.recipient = reader.Array<32>();
  request.people_max = reader.U32();
  request.runs = reader.U32();
  request.pause_days = reader.U32();
  request.expires_ms = static_cast<std::int64_t>(reader.U64());
  const bool known = version == kVersionNamed || version == kVersionEverybody;
  if (reader.failed() || !reader.empty() || !known || !IsLimited(request)) return kBad;
  CLOISON_TRY(crypto::RecipientKey::FromBytes(request.recipient));
  return request;
}

// A run that began before the interval, and those that begin in it.
std::uint64_t JobBound(const JobRequest& request, std::int64_t duration_ms) {
  CLOISON_CHECK(duration_ms > 0);
  std::uint64_t touched = request.runs;
  if (request.pause_days > 0) {
    const std::int64_t pause_ms = request.pause_days * base::kDayMs;
    const auto begun = static_cast<std::uint64_t>((duration_ms + pause_ms - 1) / pause_ms);
    touched = std::min(touched, begun + 1);
  }
  return touched * request.people_max;
}

std::uint64_t ExportBound(const JobRequest& request) {
  CLOISON_CHECK(request.whom == Whom::kEverybody && request.runs == 1);
  return request.people_max;
}

}  // namespace cloison::access
