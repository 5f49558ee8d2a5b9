#include "access/internal/credentials.h"

#include <algorithm>

namespace cloison::access::internal {

namespace {

constexpr std::uint8_t kCredentialsVersion = 1;
constexpr std::size_t kWaitingMax = 8;

template <std::size_t N>
bool Has(const std::vector<Credentials::Seen<N>>& seen, const ByteArray<N>& what) {
  return std::ranges::find(seen, what, &Credentials::Seen<N>::what) != seen.end();
}

template <std::size_t N>
bool Add(std::vector<Credentials::Seen<N>>& seen, const ByteArray<N>& what, std::uint64_t value,
         std::size_t most) {
  if (Has(seen, what)) return false;
  if (seen.size() >= most) seen.erase(seen.begin());
  seen.push_back({what, value});
  return true;
}

template <std::size_t N>
void Append(Bytes& out, const std::vector<Credentials::Seen<N>>& seen) {
  out.push_back(static_cast<std::uint8_t>(seen.size()));
  for (const Credentials::Seen<N>& one : seen) {
    base::AppendBytes(out, one.what);
    base::AppendU64(out, one.value);
  }
}

template <std::size_t N>
bool Take(base::Reader& reader, std::vector<Credentials::Seen<N>>& seen, std::size_t most) {
  const std::size_t count = reader.U8();
  if (count > most) return false;
  for (std::size_t i = 0; i < count; ++i) {
    const ByteArray<N> what = reader.Array<N>();
    if (Has(seen, what)) return false;
    seen.push_back({what, reader.U64()});
  }
  return !reader.failed();
}

}  // namespace

bool Credentials::KnowsKey(const ByteArray<32>& thumbprint) const {
  return Has(keys, thumbprint);
}
bool Credentials::KnowsNetwork(const ByteArray<8>& network) const {
  return Has(networks, network);
}

std::optional<std::uint64_t> Credentials::WaitsFor(const ByteArray<32>& thumbprint) const {
  const auto found = std::ranges::find(waiting, thumbprint, &Seen<32>::what);
  if (found == waiting.end()) return std::nullopt;
  return found->value;
}

bool Credentials::AddKey(const SeenKey& key, std::int64_t now_ms) {
  std::erase_if(waiting, [&](const Seen<32>& one) { return one.what == key.thumbprint; });
  AddNetwork(key.network, now_ms);
  return Add(keys, key.thumbprint, static_cast<std::uint64_t>(now_ms), kKnownKeysMax);
}

bool Credentials::AddNetwork(const ByteArray<8>& network, std::int64_t now_ms) {
  return Add(networks, network, static_cast<std::uint64_t>(now_ms), kKnownNetworksMax);
}

void Credentials::Wait(const ByteArray<32>& thumbprint, std::uint64_t approval) {
  std::erase_if(waiting, [&](const Seen<32>& one) { return one.what == thumbprint; });
  Add(waiting, thumbprint, approval, kWaitingMax);
}

Bytes EncodeCredentials(const Credentials& credentials) {
  Bytes out{kCredentialsVersion};
  Append(out, credentials.keys);
  Append(out, credentials.networks);
  Append(out, credentials.waiting);
  return out;
}

Result<Credentials> ParseCredentials(ByteView plain) {
  base::Reader reader(plain);
  Credentials credentials;
  const bool version = reader.U8() == kCredentialsVersion;
  const bool taken = version && Take(reader, credentials.keys, kKnownKeysMax) &&
                     Take(reader, credentials.networks, kKnownNetworksMax) &&
                     Take(reader, credentials.waiting, kWaitingMax);
  if (!taken || reader.failed() || !reader.empty()) {
    return Error{Code::kCorrupt, "a row of credentials does not parse"};
  }
  return credentials;
}

store::Key CredentialsKey(const Core& core, const PrincipalId& who) {
  return {store::Family::kCredentials,
          core.parts.state.Prf(store::Family::kCredentials, {who.bytes()})};
}

Result<Credentials> CredentialsIn(const Core& core, const commit::Staging& staging,
                                  const PrincipalId& who) {
  const store::Key key = CredentialsKey(core, who);
  const store::Row& row = staging.Get(key);
  if (!row.present()) return Credentials{};
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, core.parts.state.Open(key, row.value));
  return ParseCredentials(plain.Reveal());
}

void PutCredentials(const Core& core, commit::Staging& staging, const PrincipalId& who,
                    const Credentials& credentials) {
  store::Key key = CredentialsKey(core, who);
  Bytes sealed = core.parts.state.Seal(key, EncodeCredentials(credentials));
  staging.Put(std::move(key), std::move(sealed));
}

}  // namespace cloison::access::internal
