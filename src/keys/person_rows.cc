#include "keys/internal/person_rows.h"

#include "keys/person_keys.h"

namespace cloison::keys::internal {

namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::uint8_t kSuite = 1;
constexpr std::size_t kWkHeadBytes = 12;
constexpr std::size_t kAudHeadBytes = 8;
constexpr std::string_view kIntentPrefix = "intent/";
constexpr std::string_view kAfterIntents = "intent0";  // '0' follows '/'

const Error kBadWk{Code::kCorrupt, "a wrapped person key has the wrong form"};
const Error kBadAudRow{Code::kCorrupt, "an AUD row has the wrong form"};

void AppendHead(Bytes& out, std::uint32_t epoch) {
  base::AppendU8(out, kFormat);
  base::AppendU8(out, kSuite);
  base::AppendU16(out, 0);
  base::AppendU32(out, epoch);
}

// The epoch of a row's head; nothing when the head is not ours.
std::optional<std::uint32_t> ReadHead(base::Reader& reader) {
  const bool ours = reader.U8() == kFormat && reader.U8() == kSuite && reader.U16() == 0;
  const std::uint32_t epoch = reader.U32();
  if (!ours || reader.failed()) return std::nullopt;
  return epoch;
}

crypto::Context WkAad(const KeyName& name, ByteView head) {
  crypto::Context aad("wk");
  aad.Raw(head).U32(name.register_id.value()).Raw(name.person.bytes());
  return aad;
}

crypto::Context AudAad(RegisterId register_id, const Aud& aud, ByteView head) {
  crypto::Context aad("aud-row");
  aad.Raw(head).U32(register_id.value()).Raw(aud.bytes());
  return aad;
}

}  // namespace

store::Key WkKey(const PersonId& person, std::uint32_t pkv) {
  store::Key key{store::Family::kPersonKeys, std::string(AsText(person.bytes()))};
  base::AppendU32(key.bytes, pkv);
  return key;
}

store::Range WkRange(const PersonId& person) {
  // The last key of the range has pkv 2^32 - 1; its successor is that key and a zero byte.
  std::string end = WkKey(person, 0xffffffffu).bytes;
  end.push_back('\0');
  return store::Range{store::Family::kPersonKeys, std::string(AsText(person.bytes())), end};
}

Result<std::uint32_t> PkvOf(std::string_view wk_key) {
  base::Reader reader(AsBytes(wk_key));
  reader.Take(PersonId::kSize);
  const std::uint32_t pkv = reader.U32();
  if (reader.failed() || !reader.empty()) {
    return Error{Code::kCorrupt, "a key of family person_keys has the wrong length"};
  }
  return pkv;
}

store::Key AudKey(const Aud& aud) {
  return store::Key{store::Family::kAud, std::string(AsText(aud.bytes()))};
}

store::Key IntentKey(const PersonId& person) {
  store::Key key{store::Family::kMeta, std::string(kIntentPrefix)};
  key.bytes.append(AsText(person.bytes()));
  return key;
}

store::Range IntentRange() {
  return store::Range{store::Family::kMeta, std::string(kIntentPrefix), std::string(kAfterIntents)};
}

Result<PersonId> PersonOfIntent(std::string_view intent_key) {
  if (!intent_key.starts_with(kIntentPrefix)) {
    return Error{Code::kCorrupt, "an intent row of another name"};
  }
  return PersonId::FromBytes(AsBytes(intent_key.substr(kIntentPrefix.size())));
}

Bytes WrapWk(const KeyName& name, const Under& under, const crypto::Secret<64>& secret,
             base::Random& random) {
  Bytes out;
  out.reserve(kWrappedPersonKeyBytes);
  AppendHead(out, under.epoch);
  base::AppendU32(out, name.pkv);
  const crypto::Context aad = WkAad(name, out);
  under.keys.wk.Seal(aad.view(), secret.Reveal(), random, out);
  return out;
}

Result<crypto::Secret<64>> UnwrapWk(const KeyName& name, const KeyRing& ring, ByteView wrapped) {
  if (wrapped.size() != kWrappedPersonKeyBytes) return kBadWk;
  base::Reader reader(wrapped);
  const std::optional<std::uint32_t> epoch = ReadHead(reader);
  if (!epoch.has_value() || reader.U32() != name.pkv) return kBadWk;
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const EpochKeys> keys, ring.Epoch(*epoch));
  const crypto::Context aad = WkAad(name, wrapped.first(kWkHeadBytes));
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes secret, keys->wk.Open(aad.view(), reader.rest()));
  return crypto::Secret<64>::FromBytes(secret.Reveal());
}

Result<std::uint32_t> EpochOf(ByteView row) {
  base::Reader reader(row);
  const std::optional<std::uint32_t> epoch = ReadHead(reader);
  if (!epoch.has_value()) return Error{Code::kCorrupt, "a wrapped row has the wrong form"};
  return *epoch;
}

Bytes SealAudRow(const PersonId& person, const Aud& aud, RegisterId register_id, const Under& under,
                 base::Random& random) {
  Bytes out;
  AppendHead(out, under.epoch);
  const crypto::Context aad = AudAad(register_id, aud, out);
  under.keys.aud.Seal(aad.view(), person.bytes(), random, out);
  return out;
}

Result<PersonId> OpenAudRow(const Aud& aud, const KeyRing& ring, ByteView row) {
  if (row.size() != kAudHeadBytes + crypto::kBoxOverhead + PersonId::kSize) return kBadAudRow;
  base::Reader reader(row);
  const std::optional<std::uint32_t> epoch = ReadHead(reader);
  if (!epoch.has_value()) return kBadAudRow;
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const EpochKeys> keys, ring.Epoch(*epoch));
  const crypto::Context aad = AudAad(ring.register_id(), aud, row.first(kAudHeadBytes));
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes person, keys->aud.Open(aad.view(), reader.rest()));
  return PersonId::FromBytes(person.Reveal());
}

}  // namespace cloison::keys::internal
