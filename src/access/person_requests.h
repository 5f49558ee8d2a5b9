// What approvals about people and records ask for, as the kinds of access/internal/person_kinds.cc
// read it. Encodings are strict. No value of a person is in one.
//
// Source   docs/format/state.md "Approvals".
#ifndef CLOISON_ACCESS_PERSON_REQUESTS_H_
#define CLOISON_ACCESS_PERSON_REQUESTS_H_

#include <cstdint>
#include <string>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace cloison::access {

// "erase": exactly this person, of exactly this version.
struct EraseRequest {
  PersonId person{ByteArray<8>{}};
  Aud aud{ByteArray<16>{}};
  std::uint64_t version = 0;
  std::string purpose, case_ref;
  friend bool operator==(const EraseRequest&, const EraseRequest&) = default;
};

// "rekey": exactly this person, away from exactly this key.
struct RekeyRequest {
  PersonId person{ByteArray<8>{}};
  Aud aud{ByteArray<16>{}};
  std::uint32_t pkv = 0;
  std::string purpose, case_ref;
  friend bool operator==(const RekeyRequest&, const RekeyRequest&) = default;
};

// "unseal": the sealed access at a place of the ledger (ledger/logs.h).
struct UnsealRequest {
  std::uint64_t place = 0;
  std::string purpose, case_ref;
  friend bool operator==(const UnsealRequest&, const UnsealRequest&) = default;
};

// "release": a hold, by its number.
struct ReleaseRequest {
  std::uint32_t hold = 0;
  friend bool operator==(const ReleaseRequest&, const ReleaseRequest&) = default;
};

// CHECK that texts are of at most 255 bytes.
Bytes Encode(const EraseRequest& request);
Bytes Encode(const RekeyRequest& request);
Bytes Encode(const UnsealRequest& request);
Bytes Encode(const ReleaseRequest& request);
// kInvalid: not as Encode writes it.
Result<EraseRequest> ParseErase(ByteView bytes);
Result<RekeyRequest> ParseRekey(ByteView bytes);
Result<UnsealRequest> ParseUnseal(ByteView bytes);
Result<ReleaseRequest> ParseRelease(ByteView bytes);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_PERSON_REQUESTS_H_
