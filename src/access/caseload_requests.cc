#include "access/caseload_requests.h"

#include "base/check.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr Error kBad{Code::kInvalid, "not what an approval of this kind asks for"};

}  // namespace

Bytes Encode(const AccessRequest& request) {
  CLOISON_CHECK(!request.person.empty() && request.person.size() <= kAccessPersonBytesMax);
  Bytes out{kVersion, static_cast<std::uint8_t>(request.person.size())};
  base::AppendBytes(out, AsBytes(request.person));
  return out;
}

Bytes Encode(const TransferRequest& request) {
  CLOISON_CHECK(!request.to.empty() && request.to.size() <= kTransferAgentsMax);
  Bytes out{kVersion};
  base::AppendBytes(out, request.from.bytes());
  out.push_back(static_cast<std::uint8_t>(request.to.size()));
  for (const PrincipalId& to : request.to) base::AppendBytes(out, to.bytes());
  return out;
}

Result<AccessRequest> ParseAccess(ByteView what) {
  base::Reader reader(what);
  const std::uint8_t version = reader.U8();
  const std::size_t size = reader.U8();
  AccessRequest request{std::string(AsText(reader.Take(size)))};
  const bool sized = size > 0 && size <= kAccessPersonBytesMax;
  if (reader.failed() || !reader.empty() || version != kVersion || !sized) return kBad;
  return request;
}

Result<TransferRequest> ParseTransfer(ByteView what) {
  base::Reader reader(what);
  const std::uint8_t version = reader.U8();
  TransferRequest request{PrincipalId(reader.Array<16>()), {}};
  const std::size_t count = reader.U8();
  for (std::size_t i = 0; i < count; ++i) request.to.push_back(PrincipalId(reader.Array<16>()));
  const bool sized = count > 0 && count <= kTransferAgentsMax;
  if (reader.failed() || !reader.empty() || version != kVersion || !sized) return kBad;
  return request;
}

}  // namespace cloison::access
