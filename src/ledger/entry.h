// What one decision leaves behind: the leaf (public, 98 bytes, tells nothing) and the record
// (sealed, off the tree). Formats: docs/format/ledger.md; vectors "leaf" and "record" of
// tests/vectors/cloison-formats.json.
#ifndef CLOISON_LEDGER_ENTRY_H_
#define CLOISON_LEDGER_ENTRY_H_

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "crypto/box.h"
#include "crypto/mac.h"

namespace cloison::ledger {

enum class Kind : std::uint8_t {
  kDisclosure = 1,
  kGlimpse,
  kRefusal,
  kChange,
  kErasure,
  kRights,
  kApproval,
  kFreeze,
  kKeyOrPolicy,
  kIncident,
  kUnseal,
  kLoad,
  kAggregate,
};
enum class Form : std::uint8_t { kPlain = 1, kMasked, kExists, kMatches };
enum class Decision : std::uint8_t { kAllow = 1, kRefuse, kMiss };

inline constexpr std::size_t kLeafBytes = 98;
inline constexpr std::size_t kCaseRefBytesMax = 128;
inline constexpr std::size_t kRoleBytesMax = 64;
inline constexpr std::size_t kPurposeBytesMax = 64;
inline constexpr std::size_t kRuleBytesMax = 128;
inline constexpr std::size_t kFieldsPerEntryMax = 512;

using Leaf = ByteArray<kLeafBytes>;
using Tag = ByteArray<16>;

// A person's ledger key (PLK) in use: the person's name in the ledger, tags of the trail, openings.
// Move-only; wiped with its last owner. Threads: const use from any.
class SubjectKey {
 public:
  SubjectKey(RegisterId register_id, LogId log_id, const PersonId& person,
             const crypto::Secret<32>& plk);
  const Aud& aud() const { return aud_; }
  Tag TagOf(std::uint64_t n) const;
  // In another log than its own. Cost: as the first use of a key.
  Tag TagIn(const LogId& log, std::uint64_t n) const;
  crypto::Secret<32> Randomness(const EntryId& entry) const;  // r_s
  // What makes the tags of the person's trail in this log: for the person alone.
  crypto::Secret<32> TrailKey(LogId log_id) const;

 private:
  crypto::HmacKey plk_;
  crypto::HmacKey trail_;
  Aud aud_;
};

// A person in the tag space of sealed accesses: what makes the tags that only an oversight
// authority can walk. Another type than SubjectKey, so that neither space is read, or counted on,
// in place of the other. Move-only; wiped. Threads: const use from any.
class SealedKey {
 public:
  const Aud& aud() const { return aud_; }
  Tag TagOf(std::uint64_t m) const;

 private:
  friend class OversightKey;
  SealedKey(const crypto::Secret<32>& key, const Aud& aud) : key_(key), aud_(aud) {}

  crypto::HmacKey key_;
  Aud aud_;
};

// The register's oversight key (OVS) in use. Move-only; wiped. Threads: const use from any.
class OversightKey {
 public:
  explicit OversightKey(const crypto::Secret<32>& ovs) : ovs_(ovs) {}
  SealedKey Of(LogId log_id, const Aud& person) const;

 private:
  crypto::HmacKey ovs_;
};

// A principal's own random key (PK) in use.
class ActorKey {
 public:
  ActorKey(LogId log_id, crypto::Secret<32> pk);
  Tag TagOf(std::uint64_t n) const;
  Tag TagIn(const LogId& log, std::uint64_t n) const;         // as a person's
  crypto::Secret<32> Randomness(const EntryId& entry) const;  // r_a
  crypto::Digest AgentCommitment(const EntryId& entry, const PrincipalId& id) const;
  crypto::Digest CaseCommitment(const EntryId& entry, std::string_view case_ref) const;
  crypto::Digest ShownCommitment(const EntryId& entry, const ByteArray<16>& code,
                                 const std::vector<FieldId>& fields) const;
  const crypto::Secret<32>& pk() const { return pk_; }

 private:
  crypto::Secret<32> pk_;
  crypto::HmacKey kept_pk_;
  crypto::HmacKey activity_;
};

// Both parts as they are committed to; absent parts (a citizen has no office) are left out of the
// bytes.
struct SubjectPart {
  LogId log_id;
  Kind kind;
  Aud aud;
  std::uint64_t seq;  // of the row shown or written
  std::vector<FieldId> fields;
  Form form;
};
struct ActorPart {
  LogId log_id;
  Kind kind;
  std::int64_t time_ms;
  std::optional<OrganisationId> organisation;
  std::optional<OfficeId> office;
  std::string role;     // empty: left out
  std::string purpose;  // empty: left out
  std::optional<crypto::Digest> case_commitment;
  std::optional<crypto::Digest> agent_commitment;
  Decision decision;
  std::optional<crypto::Digest> shown_commitment;
};
Bytes Encode(const SubjectPart& part);
Bytes Encode(const ActorPart& part);
Result<SubjectPart> ParseSubjectPart(ByteView bytes);
Result<ActorPart> ParseActorPart(ByteView bytes);

struct Record {
  EntryId entry_id;
  Bytes subject_part;  // empty: no subject
  Bytes actor_part;
  std::string case_ref;
  std::optional<SessionId> session;
  std::optional<ClientId> client;
  std::string rule;
  std::uint32_t cost = 0;
  std::optional<std::uint64_t> sealed_n = {};  // m, of a sealed access
  // r_a, so that a citizen can be given the opening without a look at who the actor was. Nothing:
  // of an entry of an earlier version.
  std::optional<crypto::Digest> actor_randomness = {};
};
// Appends the sealed record. `month_key`: the record key of the entry's month.
void SealRecord(const Record& record, RegisterId register_id, LogId log_id,
                const crypto::HmacKey& month_key, base::Random& random, Bytes& out);
Result<Record> OpenRecord(ByteView sealed, RegisterId register_id, LogId log_id,
                          const crypto::HmacKey& month_key);

Leaf MakeLeaf(const crypto::Digest& subject, const crypto::Digest& actor, const Tag& subject_tag,
              const Tag& actor_tag);
crypto::Digest Commit(const crypto::Secret<32>& randomness, Literal label,
                      ByteView part);  // C_subj "subj", C_actor "actor"

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_ENTRY_H_
