#include "access/person_requests.h"

#include "base/check.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr Error kBad{Code::kInvalid, "what is asked for does not parse"};

void AppendText(Bytes& out, const std::string& text) {
  CLOISON_CHECK(text.size() <= 255);
  out.push_back(static_cast<std::uint8_t>(text.size()));
  base::AppendBytes(out, AsBytes(text));
}

std::string TakeText(base::Reader& reader) {
  const std::size_t size = reader.U8();
  return std::string(AsText(reader.Take(size)));
}

}  // namespace

Bytes Encode(const EraseRequest& request) {
  Bytes out{kVersion};
  base::AppendBytes(out, request.person.bytes());
  base::AppendBytes(out, request.aud.bytes());
  base::AppendU64(out, request.version);
  AppendText(out, request.purpose);
  AppendText(out, request.case_ref);
  return out;
}

Result<EraseRequest> ParseErase(ByteView bytes) {
  base::Reader reader(bytes);
  const std::uint8_t version = reader.U8();
  EraseRequest request;
  request.person = PersonId(reader.Array<8>());
  request.aud = Aud(reader.Array<16>());
  request.version = reader.U64();
  request.purpose = TakeText(reader);
  request.case_ref = TakeText(reader);
  if (reader.failed() || !reader.empty() || version != kVersion) return kBad;
  return request;
}

Bytes Encode(const RekeyRequest& request) {
  Bytes out{kVersion};
  base::AppendBytes(out, request.person.bytes());
  base::AppendBytes(out, request.aud.bytes());
  base::AppendU32(out, request.pkv);
  AppendText(out, request.purpose);
  AppendText(out, request.case_ref);
  return out;
}

Result<RekeyRequest> ParseRekey(ByteView bytes) {
  base::Reader reader(bytes);
  const std::uint8_t version = reader.U8();
  RekeyRequest request;
  request.person = PersonId(reader.Array<8>());
  request.aud = Aud(reader.Array<16>());
  request.pkv = reader.U32();
  request.purpose = TakeText(reader);
  request.case_ref = TakeText(reader);
  // Without a key of before there is nothing to go away from.
  if (reader.failed() || !reader.empty() || version != kVersion || request.pkv == 0) return kBad;
  return request;
}

Bytes Encode(const UnsealRequest& request) {
  Bytes out{kVersion};
  base::AppendU64(out, request.place);
  AppendText(out, request.purpose);
  AppendText(out, request.case_ref);
  return out;
}

Result<UnsealRequest> ParseUnseal(ByteView bytes) {
  base::Reader reader(bytes);
  const std::uint8_t version = reader.U8();
  UnsealRequest request;
  request.place = reader.U64();
  request.purpose = TakeText(reader);
  request.case_ref = TakeText(reader);
  if (reader.failed() || !reader.empty() || version != kVersion) return kBad;
  return request;
}

Bytes Encode(const ReleaseRequest& request) {
  Bytes out{kVersion};
  base::AppendU32(out, request.hold);
  return out;
}

Result<ReleaseRequest> ParseRelease(ByteView bytes) {
  base::Reader reader(bytes);
  const std::uint8_t version = reader.U8();
  const ReleaseRequest request{reader.U32()};
  if (reader.failed() || !reader.empty() || version != kVersion) return kBad;
  return request;
}

}  // namespace cloison::access
