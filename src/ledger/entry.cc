#include "ledger/entry.h"

#include <algorithm>
#include <limits>

namespace cloison::ledger {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kSuite = 1;
constexpr std::size_t kRecordHeaderBytes = 4;
constexpr std::uint8_t kFirstRecordTag = 20;

namespace tag {
constexpr std::uint8_t kLog = 1, kKind = 2;
constexpr std::uint8_t kAud = 3, kFields = 4, kForm = 5;
constexpr std::uint8_t kTime = 3, kOrganisation = 4, kOffice = 5, kRole = 6, kPurpose = 7;
constexpr std::uint8_t kCase = 8, kAgent = 9, kDecision = 10, kShown = 11;
constexpr std::uint8_t kCaseRef = 20, kSession = 21, kClient = 22, kRule = 23, kCost = 24;
constexpr std::uint8_t kSealed = 25, kActorRandomness = 26;
}  // namespace tag

constexpr Error kBadPart{Code::kCorrupt, "a part of an entry cannot be read"};
constexpr Error kBadRecord{Code::kCorrupt, "a record cannot be read"};

void Item(Bytes& out, std::uint8_t number, ByteView value) {
  base::AppendU8(out, number);
  base::AppendU16(out, static_cast<std::uint16_t>(value.size()));
  base::AppendBytes(out, value);
}
void Item(Bytes& out, std::uint8_t number, std::string_view text, std::size_t bytes_max) {
  CLOISON_CHECK(text.size() <= bytes_max);
  if (!text.empty()) Item(out, number, AsBytes(text));
}
void ItemU8(Bytes& out, std::uint8_t number, std::uint8_t value) {
  Item(out, number, ByteView(&value, 1));
}

// Walks the items of a part: ascending tags, each at most once.
class Items {
 public:
  explicit Items(ByteView bytes) : reader_(bytes) {}

  // The value of `number` when it is the next item; nothing otherwise.
  std::optional<ByteView> Take(std::uint8_t number) {
    if (reader_.empty() || reader_.rest()[0] != number) return std::nullopt;
    reader_.U8();
    const std::uint16_t size = reader_.U16();
    return reader_.Take(size);
  }
  // The value, of exactly `size` bytes; else the walk fails.
  ByteView TakeExactly(std::uint8_t number, std::size_t size) {
    const std::optional<ByteView> value = Take(number);
    if (!value.has_value() || value->size() != size) {
      failed_ = true;
      return ByteView(kZeros).first(size);
    }
    return *value;
  }
  std::optional<ByteView> TakeOptional(std::uint8_t number, std::size_t size) {
    const std::optional<ByteView> value = Take(number);
    if (value.has_value() && value->size() != size) failed_ = true;
    return failed_ ? std::nullopt : value;
  }
  // An item that is left out when it would be empty.
  std::string TakeText(std::uint8_t number, std::size_t bytes_max) {
    const std::optional<ByteView> value = Take(number);
    if (!value.has_value()) return {};
    if (value->empty() || value->size() > bytes_max) failed_ = true;
    return std::string(AsText(*value));
  }
  std::uint8_t TakeU8(std::uint8_t number, std::uint8_t least, std::uint8_t most) {
    const std::uint8_t value = TakeExactly(number, 1)[0];
    if (value < least || value > most) failed_ = true;
    return value;
  }
  template <std::size_t N>
  ByteArray<N> TakeArray(std::uint8_t number) {
    return base::Reader(TakeExactly(number, N)).template Array<N>();
  }
  template <std::size_t N>
  std::optional<ByteArray<N>> TakeOptionalArray(std::uint8_t number) {
    const std::optional<ByteView> value = TakeOptional(number, N);
    if (!value.has_value()) return std::nullopt;
    return base::Reader(*value).template Array<N>();
  }
  void Fail() { failed_ = true; }
  bool Ended() const { return !failed_ && !reader_.failed() && reader_.empty(); }

 private:
  static constexpr ByteArray<32> kZeros{};
  base::Reader reader_;
  bool failed_ = false;
};

constexpr auto kKindMax = static_cast<std::uint8_t>(Kind::kAggregate);
constexpr auto kFormMax = static_cast<std::uint8_t>(Form::kMatches);
constexpr auto kDecisionMax = static_cast<std::uint8_t>(Decision::kMiss);

// What follows the actor part: begins at the first item of the record's own tags.
Result<std::size_t> SizeOfActorPart(ByteView items) {
  base::Reader reader(items);
  while (!reader.empty() && reader.rest()[0] < kFirstRecordTag) {
    reader.U8();
    const std::uint16_t size = reader.U16();
    reader.Take(size);
    if (reader.failed()) return kBadRecord;
  }
  return items.size() - reader.rest().size();
}

crypto::Context RecordContext(RegisterId register_id, LogId log_id, const EntryId& entry) {
  crypto::Context context("rec");
  context.U32(register_id.value()).Raw(log_id.bytes()).Raw(entry.bytes());
  return context;
}

crypto::BoxKey RecordKey(const crypto::HmacKey& month_key, LogId log_id, const EntryId& entry) {
  crypto::Context info("rec");
  info.Raw(log_id.bytes()).Raw(entry.bytes());
  return crypto::BoxKey::Derive(month_key, info);
}

crypto::Secret<32> Derive(const crypto::HmacKey& key, Literal label, ByteView id) {
  crypto::Context info(label);
  info.Raw(id);
  return key.Expand<32>(info);
}

Tag TagFrom(const crypto::HmacKey& key, std::uint64_t n) {
  return crypto::Truncate<16>(key.Mac({base::BigU64(n)}));
}

Aud AudOf(RegisterId register_id, const PersonId& person, const crypto::HmacKey& plk) {
  crypto::Context info("aud");
  info.U32(register_id.value()).Raw(person.bytes());
  return Aud(plk.ExpandPublic<16>(info));
}

}  // namespace

SubjectKey::SubjectKey(RegisterId register_id, LogId log_id, const PersonId& person,
                       const crypto::Secret<32>& plk)
    : plk_(plk),
      trail_(Derive(plk_, "trail", log_id.bytes())),
      aud_(AudOf(register_id, person, plk_)) {}

Tag SubjectKey::TagOf(std::uint64_t n) const {
  return TagFrom(trail_, n);
}

Tag SubjectKey::TagIn(const LogId& log, std::uint64_t n) const {
  return TagFrom(crypto::HmacKey(Derive(plk_, "trail", log.bytes())), n);
}

crypto::Secret<32> SubjectKey::Randomness(const EntryId& entry) const {
  return Derive(plk_, "rs", entry.bytes());
}

crypto::Secret<32> SubjectKey::TrailKey(LogId log_id) const {
  return Derive(plk_, "trail", log_id.bytes());
}

Tag SealedKey::TagOf(std::uint64_t m) const {
  return TagFrom(key_, m);
}

SealedKey OversightKey::Of(LogId log_id, const Aud& person) const {
  crypto::Context info("sealed");
  info.Raw(log_id.bytes()).Raw(person.bytes());
  return {ovs_.Expand<32>(info), person};
}

ActorKey::ActorKey(LogId log_id, crypto::Secret<32> pk)
    : pk_(std::move(pk)), kept_pk_(pk_), activity_(Derive(kept_pk_, "act", log_id.bytes())) {}

Tag ActorKey::TagOf(std::uint64_t n) const {
  return TagFrom(activity_, n);
}

Tag ActorKey::TagIn(const LogId& log, std::uint64_t n) const {
  return TagFrom(crypto::HmacKey(Derive(kept_pk_, "act", log.bytes())), n);
}

crypto::Secret<32> ActorKey::Randomness(const EntryId& entry) const {
  return Derive(kept_pk_, "ra", entry.bytes());
}

crypto::Digest ActorKey::AgentCommitment(const EntryId& entry, const PrincipalId& id) const {
  return crypto::Hmac(Derive(kept_pk_, "ri", entry.bytes()), {id.bytes()});
}

crypto::Digest ActorKey::CaseCommitment(const EntryId& entry, std::string_view case_ref) const {
  return crypto::Hmac(Derive(kept_pk_, "rc", entry.bytes()), {AsBytes(case_ref)});
}

crypto::Digest ActorKey::ShownCommitment(const EntryId& entry, const ByteArray<16>& code,
                                         const std::vector<FieldId>& fields) const {
  Bytes shown(code.begin(), code.end());
  for (const FieldId field : fields) base::AppendU16(shown, field.value());
  return crypto::Hmac(Derive(kept_pk_, "rd", entry.bytes()), {shown});
}

Bytes Encode(const SubjectPart& part) {
  CLOISON_CHECK(part.fields.size() <= kFieldsPerEntryMax);
  Bytes out;
  out.reserve(64 + 2 * part.fields.size());
  Item(out, tag::kLog, part.log_id.bytes());
  ItemU8(out, tag::kKind, static_cast<std::uint8_t>(part.kind));
  Item(out, tag::kAud, part.aud.bytes());
  base::AppendU8(out, tag::kFields);
  base::AppendU16(out, static_cast<std::uint16_t>(8 + 2 * part.fields.size()));
  base::AppendU64(out, part.seq);
  for (const FieldId field : part.fields) base::AppendU16(out, field.value());
  ItemU8(out, tag::kForm, static_cast<std::uint8_t>(part.form));
  return out;
}

Bytes Encode(const ActorPart& part) {
  Bytes out;
  out.reserve(256);
  Item(out, tag::kLog, part.log_id.bytes());
  ItemU8(out, tag::kKind, static_cast<std::uint8_t>(part.kind));
  Item(out, tag::kTime, base::BigU64(static_cast<std::uint64_t>(part.time_ms)));
  if (part.organisation) Item(out, tag::kOrganisation, base::BigU32(part.organisation->value()));
  if (part.office) Item(out, tag::kOffice, base::BigU32(part.office->value()));
  Item(out, tag::kRole, part.role, kRoleBytesMax);
  Item(out, tag::kPurpose, part.purpose, kPurposeBytesMax);
  if (part.case_commitment) Item(out, tag::kCase, *part.case_commitment);
  if (part.agent_commitment) Item(out, tag::kAgent, *part.agent_commitment);
  ItemU8(out, tag::kDecision, static_cast<std::uint8_t>(part.decision));
  if (part.shown_commitment) Item(out, tag::kShown, *part.shown_commitment);
  return out;
}

Result<SubjectPart> ParseSubjectPart(ByteView bytes) {
  Items items(bytes);
  SubjectPart part{LogId(items.TakeArray<8>(tag::kLog)),
                   static_cast<Kind>(items.TakeU8(tag::kKind, 1, kKindMax)),
                   Aud(items.TakeArray<16>(tag::kAud)),
                   0,
                   {},
                   Form::kPlain};
  const std::optional<ByteView> shown = items.Take(tag::kFields);
  if (!shown || shown->size() < 8 || shown->size() % 2 != 0 ||
      shown->size() > 8 + 2 * kFieldsPerEntryMax) {
    return kBadPart;
  }
  base::Reader reader(*shown);
  part.seq = reader.U64();
  while (!reader.empty()) part.fields.push_back(FieldId(reader.U16()));
  part.form = static_cast<Form>(items.TakeU8(tag::kForm, 1, kFormMax));
  if (!items.Ended()) return kBadPart;
  return part;
}

Result<ActorPart> ParseActorPart(ByteView bytes) {
  Items items(bytes);
  ActorPart part{LogId(items.TakeArray<8>(tag::kLog)),
                 static_cast<Kind>(items.TakeU8(tag::kKind, 1, kKindMax)),
                 0,
                 {},
                 {},
                 {},
                 {},
                 {},
                 {},
                 Decision::kAllow,
                 {}};
  const std::uint64_t time_ms = base::LoadBig(items.TakeExactly(tag::kTime, 8));
  if (time_ms > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) items.Fail();
  part.time_ms = static_cast<std::int64_t>(time_ms);
  const auto number = [&items](std::uint8_t which) -> std::optional<std::uint32_t> {
    const std::optional<ByteView> value = items.TakeOptional(which, 4);
    if (!value) return std::nullopt;
    return static_cast<std::uint32_t>(base::LoadBig(*value));
  };
  if (const auto value = number(tag::kOrganisation)) part.organisation = OrganisationId(*value);
  if (const auto value = number(tag::kOffice)) part.office = OfficeId(*value);
  part.role = items.TakeText(tag::kRole, kRoleBytesMax);
  part.purpose = items.TakeText(tag::kPurpose, kPurposeBytesMax);
  part.case_commitment = items.TakeOptionalArray<32>(tag::kCase);
  part.agent_commitment = items.TakeOptionalArray<32>(tag::kAgent);
  part.decision = static_cast<Decision>(items.TakeU8(tag::kDecision, 1, kDecisionMax));
  part.shown_commitment = items.TakeOptionalArray<32>(tag::kShown);
  if (!items.Ended()) return kBadPart;
  return part;
}

namespace {

Bytes EncodeOwn(const Record& record) {
  Bytes out;
  out.reserve(128 + record.case_ref.size() + record.rule.size());
  Item(out, tag::kCaseRef, record.case_ref, kCaseRefBytesMax);
  if (record.session) Item(out, tag::kSession, record.session->bytes());
  if (record.client) Item(out, tag::kClient, base::BigU32(record.client->value()));
  Item(out, tag::kRule, record.rule, kRuleBytesMax);
  if (record.cost != 0) Item(out, tag::kCost, base::BigU32(record.cost));
  if (record.sealed_n) Item(out, tag::kSealed, base::BigU64(*record.sealed_n));
  if (record.actor_randomness) Item(out, tag::kActorRandomness, *record.actor_randomness);
  return out;
}

Status ParseOwn(ByteView bytes, Record& record) {
  Items items(bytes);
  record.case_ref = items.TakeText(tag::kCaseRef, kCaseRefBytesMax);
  if (const auto session = items.TakeOptionalArray<16>(tag::kSession)) {
    record.session = SessionId(*session);
  }
  if (const auto client = items.TakeOptional(tag::kClient, 4)) {
    record.client = ClientId(static_cast<std::uint32_t>(base::LoadBig(*client)));
  }
  record.rule = items.TakeText(tag::kRule, kRuleBytesMax);
  if (const auto cost = items.TakeOptional(tag::kCost, 4)) {
    record.cost = static_cast<std::uint32_t>(base::LoadBig(*cost));
    if (record.cost == 0) items.Fail();
  }
  if (const auto sealed = items.TakeOptional(tag::kSealed, 8)) {
    record.sealed_n = base::LoadBig(*sealed);
  }
  record.actor_randomness = items.TakeOptionalArray<32>(tag::kActorRandomness);
  return items.Ended() ? Ok() : Status(kBadRecord);
}

}  // namespace

void SealRecord(const Record& record, RegisterId register_id, LogId log_id,
                const crypto::HmacKey& month_key, base::Random& random, Bytes& out) {
  const Bytes own = EncodeOwn(record);
  const ByteArray<2> subject_size =
      base::BigU16(static_cast<std::uint16_t>(record.subject_part.size()));
  const ByteView pieces[] = {subject_size, record.subject_part, record.actor_part, own};
  crypto::SecretBytes plain(subject_size.size() + record.subject_part.size() +
                            record.actor_part.size() + own.size());
  auto place = plain.Reveal().begin();
  for (const ByteView piece : pieces) place = std::copy(piece.begin(), piece.end(), place);
  base::AppendU8(out, kVersion);
  base::AppendU8(out, kSuite);
  base::AppendU16(out, 0);
  base::AppendBytes(out, record.entry_id.bytes());
  const crypto::Context bound_to = RecordContext(register_id, log_id, record.entry_id);
  RecordKey(month_key, log_id, record.entry_id)
      .Seal(bound_to.view(), std::as_const(plain).Reveal(), random, out);
}

Result<Record> OpenRecord(ByteView sealed, RegisterId register_id, LogId log_id,
                          const crypto::HmacKey& month_key) {
  if (sealed.size() < kRecordHeaderBytes + EntryId::kSize) return kBadRecord;
  base::Reader reader(sealed);
  const std::uint8_t version = reader.U8();
  const std::uint8_t suite = reader.U8();
  if (version != kVersion || suite != kSuite || reader.U16() != 0) return kBadRecord;
  Record record{EntryId(reader.Array<16>()), {}, {}, {}, {}, {}, {}, 0, {}, {}};
  const crypto::Context bound_to = RecordContext(register_id, log_id, record.entry_id);
  CLOISON_TRY_ASSIGN(
      const crypto::SecretBytes plain,
      RecordKey(month_key, log_id, record.entry_id).Open(bound_to.view(), reader.rest()));
  base::Reader inside(plain.Reveal());
  record.subject_part = base::ToBytes(inside.Take(inside.U16()));
  if (inside.failed()) return kBadRecord;
  CLOISON_TRY_ASSIGN(const std::size_t actor_size, SizeOfActorPart(inside.rest()));
  record.actor_part = base::ToBytes(inside.Take(actor_size));
  CLOISON_TRY(ParseOwn(inside.rest(), record));
  return record;
}

Leaf MakeLeaf(const crypto::Digest& subject, const crypto::Digest& actor, const Tag& subject_tag,
              const Tag& actor_tag) {
  Leaf leaf{kVersion, 0};
  auto place = leaf.begin() + 2;
  place = std::copy(subject.begin(), subject.end(), place);
  place = std::copy(actor.begin(), actor.end(), place);
  place = std::copy(subject_tag.begin(), subject_tag.end(), place);
  std::copy(actor_tag.begin(), actor_tag.end(), place);
  return leaf;
}

crypto::Digest Commit(const crypto::Secret<32>& randomness, Literal label, ByteView part) {
  const crypto::Context prefix(label);
  return crypto::Hmac(randomness, {prefix.view(), part});
}

}  // namespace cloison::ledger
