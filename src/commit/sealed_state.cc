#include "commit/sealed_state.h"

namespace cloison::commit {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::uint8_t kSuite = 1;
constexpr std::size_t kHeaderBytes = 6;
constexpr std::size_t kFamiliesMax = 40;

crypto::Context BoundTo(RegisterId register_id, std::uint32_t generation, const store::Key& key) {
  crypto::Context context("state");
  context.U32(register_id.value()).U32(generation);
  context.Name(store::FamilyName(key.family)).Raw(AsBytes(key.bytes));
  return context;
}

}  // namespace

SealedState::SealedState(RegisterId register_id, std::uint32_t generation,
                         const crypto::Secret<32>& state_key, base::Random& random)
    : register_id_(register_id),
      generation_(generation),
      key_(state_key),
      random_(random),
      prf_keys_(kFamiliesMax) {
  for (std::size_t i = 0; i < prf_keys_.size(); ++i) {
    const std::string_view family = store::FamilyName(static_cast<store::Family>(i));
    if (family.empty()) continue;
    crypto::Context info("prf");
    info.U32(register_id_.value()).Name(family);
    prf_keys_[i].emplace(key_.Expand<32>(info));
  }
  for (const std::string_view label : kKeptLabels) digest_keys_.emplace_back(DigestKey(label));
}

crypto::Secret<32> SealedState::DigestKey(std::string_view label) const {
  crypto::Context info("digest");
  info.U32(register_id_.value()).Name(label);
  return key_.Expand<32>(info);
}

crypto::BoxKey SealedState::BoxOf(const store::Key& key) const {
  crypto::Context info("st");
  info.U32(register_id_.value()).Name(store::FamilyName(key.family)).Raw(AsBytes(key.bytes));
  return crypto::BoxKey::Derive(key_, info);
}

RowSealer SealedState::SealerOf(store::Key key) const {
  crypto::BoxKey box = BoxOf(key);
  return RowSealer(std::move(key), std::move(box));
}

Bytes SealedState::Seal(const store::Key& key, ByteView value) const {
  return Seal(key, BoxOf(key), value);
}

Bytes SealedState::Seal(const RowSealer& row, ByteView value) const {
  return Seal(row.key_, row.box_, value);
}

Bytes SealedState::Seal(const store::Key& key, const crypto::BoxKey& box, ByteView value) const {
  Bytes out;
  out.reserve(kHeaderBytes + value.size() + crypto::kBoxOverhead);
  base::AppendU8(out, kVersion);
  base::AppendU8(out, kSuite);
  base::AppendU32(out, generation_);
  const crypto::Context bound_to = BoundTo(register_id_, generation_, key);
  box.Seal(bound_to.view(), value, random_, out);
  return out;
}

Result<crypto::SecretBytes> SealedState::Open(const store::Key& key, ByteView sealed) const {
  base::Reader reader(sealed);
  const std::uint8_t version = reader.U8();
  const std::uint8_t suite = reader.U8();
  const std::uint32_t generation = reader.U32();
  if (reader.failed() || version != kVersion || suite != kSuite) {
    return Error{Code::kCorrupt, "a row of state has another format"};
  }
  if (generation != generation_) {
    return Error{Code::kCorrupt, "a row of state has another key generation"};
  }
  const crypto::Context bound_to = BoundTo(register_id_, generation_, key);
  return BoxOf(key).Open(bound_to.view(), reader.rest());
}

ByteArray<16> SealedState::PrfBytes(store::Family family,
                                    std::initializer_list<ByteView> parts) const {
  const auto number = static_cast<std::size_t>(family);
  CLOISON_CHECK(number < prf_keys_.size() && prf_keys_[number].has_value());
  return crypto::Truncate<16>(prf_keys_[number]->Mac(parts));
}

std::string SealedState::Prf(store::Family family, std::initializer_list<ByteView> parts) const {
  return std::string(AsText(PrfBytes(family, parts)));
}

crypto::Digest SealedState::Digest(Literal label, std::initializer_list<ByteView> parts) const {
  for (std::size_t i = 0; i < kKeptLabels.size(); ++i) {
    if (kKeptLabels[i] == label.view()) return digest_keys_[i].Mac(parts);
  }
  return crypto::Hmac(DigestKey(label.view()), parts);
}

}  // namespace cloison::commit
