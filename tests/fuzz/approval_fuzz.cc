// Documents of approvals and what they ask for: what is read prints back as itself, byte by byte.
#include "access/internal/alerts.h"
#include "access/internal/credentials.h"
#include "access/person_requests.h"
#include "access/principal_requests.h"
#include "approvals/document.h"

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

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView bytes(data + 1, size - 1);
  const auto encode = [](const auto& value) { return Encode(value); };
  switch (data[0]) {
    case 'd': PrintsBack(approvals::Parse(bytes), encode, bytes, Code::kCorrupt); break;
    case 'e': PrintsBack(access::ParseEnrol(bytes), encode, bytes, Code::kInvalid); break;
    case 'c': PrintsBack(access::ParseChange(bytes), encode, bytes, Code::kInvalid); break;
    case 'r': PrintsBack(access::ParseRaise(bytes), encode, bytes, Code::kInvalid); break;
    case 'u': PrintsBack(access::ParseUnfreeze(bytes), encode, bytes, Code::kInvalid); break;
    case 'k': PrintsBack(access::ParseKey(bytes), encode, bytes, Code::kInvalid); break;
    case 'x': PrintsBack(access::ParseErase(bytes), encode, bytes, Code::kInvalid); break;
    case 'y': PrintsBack(access::ParseRekey(bytes), encode, bytes, Code::kInvalid); break;
    case 's': PrintsBack(access::ParseUnseal(bytes), encode, bytes, Code::kInvalid); break;
    case 'h': PrintsBack(access::ParseRelease(bytes), encode, bytes, Code::kInvalid); break;
    case 'n':
      PrintsBack(
          access::internal::ParseCredentials(bytes),
          [](const auto& value) { return access::internal::EncodeCredentials(value); }, bytes,
          Code::kCorrupt);
      break;
    case 'o':
      PrintsBack(
          access::internal::ParseAlert(bytes, OrganisationId(1)),
          [](const auto& value) { return access::internal::EncodeAlert(value); }, bytes,
          Code::kCorrupt);
      break;
    default: break;
  }
  return 0;
}
