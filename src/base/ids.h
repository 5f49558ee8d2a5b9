// Identifiers that never mix: each is a type of its own, with no conversion in or out but by name.
//
// Personal identifiers (PersonId) have no text form and no <<: they never leave the vault. The code
// a partner sees is records::PersonCode; the name in the ledger is Aud.
#ifndef CLOISON_BASE_IDS_H_
#define CLOISON_BASE_IDS_H_

#include <algorithm>
#include <compare>
#include <cstring>
#include <functional>

#include "base/bytes.h"

namespace cloison::base {

template <class Tag, std::size_t N>
class ByteId {
 public:
  static constexpr std::size_t kSize = N;
  ByteId() = delete;
  explicit constexpr ByteId(const ByteArray<N>& bytes) : bytes_(bytes) {}
  static Result<ByteId> FromBytes(ByteView view) {
    if (view.size() != N) return Error{Code::kCorrupt, "an id has the wrong length"};
    ByteArray<N> bytes;
    std::copy(view.begin(), view.end(), bytes.begin());
    return ByteId(bytes);
  }
  ByteView bytes() const { return bytes_; }
  const ByteArray<N>& array() const { return bytes_; }
  friend auto operator<=>(const ByteId&, const ByteId&) = default;

 private:
  ByteArray<N> bytes_;
};

template <class Tag, class Int>
class NumberId {
 public:
  NumberId() = delete;
  explicit constexpr NumberId(Int value) : value_(value) {}
  constexpr Int value() const { return value_; }
  friend constexpr auto operator<=>(const NumberId&, const NumberId&) = default;

 private:
  Int value_;
};

// 8 random bytes; never shown, never logged (docs/format/record.md).
using PersonId = ByteId<struct PersonIdTag, 8>;
// The person's name in ledger, caseload and seen rows; dies with the person's key.
using Aud = ByteId<struct AudTag, 16>;
// Who acts: an agent, an application, an officer, a citizen.
using PrincipalId = ByteId<struct PrincipalIdTag, 16>;
using EntryId = ByteId<struct EntryIdTag, 16>;
using SessionId = ByteId<struct SessionIdTag, 16>;
using LogId = ByteId<struct LogIdTag, 8>;
using RegisterId = NumberId<struct RegisterIdTag, std::uint32_t>;
using OrganisationId = NumberId<struct OrganisationIdTag, std::uint32_t>;
using OfficeId = NumberId<struct OfficeIdTag, std::uint32_t>;
using ClientId = NumberId<struct ClientIdTag, std::uint32_t>;
using FieldId = NumberId<struct FieldIdTag, std::uint16_t>;  // below 0x8000
using CompartmentId = NumberId<struct CompartmentIdTag, std::uint16_t>;

struct IdHash {
  template <class Tag, std::size_t N>
  std::size_t operator()(const ByteId<Tag, N>& id) const {
    return std::hash<std::string_view>{}(AsText(id.bytes()));
  }
  template <class Tag, class Int>
  std::size_t operator()(const NumberId<Tag, Int>& id) const {
    return std::hash<Int>{}(id.value());
  }
};

}  // namespace cloison::base

namespace cloison {
using base::Aud;
using base::ClientId;
using base::CompartmentId;
using base::EntryId;
using base::FieldId;
using base::IdHash;
using base::LogId;
using base::OfficeId;
using base::OrganisationId;
using base::PersonId;
using base::PrincipalId;
using base::RegisterId;
using base::SessionId;
}  // namespace cloison

#endif  // CLOISON_BASE_IDS_H_
