// What approvals about principals ask for, as the kinds of access/internal/principal_kinds.h read
// it. Encodings are strict: what is read prints back as itself.
//
// Source   docs/format/state.md "Approvals".
#ifndef CLOISON_ACCESS_PRINCIPAL_REQUESTS_H_
#define CLOISON_ACCESS_PRINCIPAL_REQUESTS_H_

#include <optional>
#include <string>
#include <vector>

#include "access/principal_info.h"
#include "access/session_opened.h"

namespace cloison::access {

// "enrol": an identity becomes a principal of the asker's organisation.
struct EnrolRequest {
  PrincipalId who{ByteArray<16>{}};
  std::optional<OfficeId> office;
  std::string role, label;
  std::optional<std::int64_t> expires_ms;
  std::optional<PrincipalId> manager;
  std::optional<HumanId> human;
  std::string human_reference;  // as the asker gave it, for whoever agrees to read; with `human`
  friend bool operator==(const EnrolRequest&, const EnrolRequest&) = default;
};

// "change": what is there replaces what was. An inner nothing takes it away.
struct ChangeRequest {
  PrincipalId who{ByteArray<16>{}};
  std::optional<std::string> role;
  std::optional<std::optional<OfficeId>> office;
  std::optional<std::optional<PrincipalId>> manager;
  std::optional<std::optional<std::int64_t>> expires_ms;
  bool empty() const { return !role && !office && !manager && !expires_ms; }
  friend bool operator==(const ChangeRequest&, const ChangeRequest&) = default;
};

// "raise": caps of at most kRaiseTimesMax the class' own, for at most kRaiseLastsMaxMs from when it
// was asked for. They replace all raises there were.
struct RaiseRequest {
  PrincipalId who{ByteArray<16>{}};
  std::vector<Raise> raises;  // 1 to kRaisesMax, in the order of (counter, window)
  friend bool operator==(const RaiseRequest&, const RaiseRequest&) = default;
};

// "freeze", "unfreeze".
struct UnfreezeRequest {
  PrincipalId who{ByteArray<16>{}};
  friend bool operator==(const UnfreezeRequest&, const UnfreezeRequest&) = default;
};

// "key", "citizen_key": an unseen key from an unseen network, which whoever has it asks to be
// known.
struct KeyRequest {
  PrincipalId who{ByteArray<16>{}};
  SeenKey key{};
  std::int64_t known_ms = 0;  // when the newest of the keys before was seen first
  friend bool operator==(const KeyRequest&, const KeyRequest&) = default;
};

// CHECK that texts are of at most 255 bytes and lists of at most kRaisesMax.
Bytes Encode(const EnrolRequest& request);
Bytes Encode(const ChangeRequest& request);
Bytes Encode(const RaiseRequest& request);
Bytes Encode(const UnfreezeRequest& request);
Bytes Encode(const KeyRequest& request);
// kInvalid: not as Encode writes it.
Result<EnrolRequest> ParseEnrol(ByteView bytes);
Result<ChangeRequest> ParseChange(ByteView bytes);
Result<RaiseRequest> ParseRaise(ByteView bytes);
Result<UnfreezeRequest> ParseUnfreeze(ByteView bytes);
Result<KeyRequest> ParseKey(ByteView bytes);

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_PRINCIPAL_REQUESTS_H_
