#include "cli/session_file.h"

#include <filesystem>

#include "base/files.h"
#include "base/random.h"
#include "cli/terminal.h"
#include "codec/json_writer.h"
#include "crypto/base64.h"
#include "crypto/mac.h"
#include "identity/jws.h"
#include "net/http.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kHead = "cloison session 1\n";
constexpr Error kBad{Code::kInvalid, "not a session file"};
constexpr unsigned kMode = 0600, kDirectoryMode = 0700;
// PKCS#8 of an Ed25519 key (RFC 8410 section 7), up to its seed.
constexpr std::uint8_t kPrefix[] = {0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06,
                                    0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20};

// What stands behind `word` on the next line.
std::optional<std::string> TakeAfter(std::string_view& rest, std::string_view word) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos || !rest.starts_with(word)) return std::nullopt;
  std::string text(rest.substr(word.size(), end - word.size()));
  rest.remove_prefix(end + 1);
  return text;
}

std::string RandomText() {
  base::SystemRandom random;
  return base::ToHex(random.Draw<16>());
}

}  // namespace

Result<ProofKey> ProofKey::FromSeed(const crypto::Secret<32>& seed) {
  Bytes der(std::begin(kPrefix), std::end(kPrefix));
  base::AppendBytes(der, seed.Reveal());
  std::string pem =
      "-----BEGIN PRIVATE KEY-----\n" + crypto::ToBase64(der) + "\n-----END PRIVATE KEY-----\n";
  crypto::Wipe(der);
  Result<crypto::SigningKey> key = crypto::SigningKey::FromPem(AsBytes(pem));
  net::WipeText(pem);
  if (!key.ok()) return key.error();
  return ProofKey(std::move(*key));
}

Result<std::string> ProofKey::Proof(std::string_view method, std::string_view url,
                                    std::string_view nonce, std::string_view token,
                                    base::Clock& clock) const {
  std::string claims;
  codec::JsonWriter json(claims);
  json.BeginObject().Key("htm").String(method).Key("htu").String(url);
  json.Key("jti").String(RandomText()).Key("iat").Int(clock.wall_ms() / base::kSecondMs);
  if (!nonce.empty()) json.Key("nonce").String(nonce);
  if (!token.empty()) {
    json.Key("ath").String(crypto::ToBase64Url(crypto::Sha256(AsBytes(token))));
  }
  json.EndObject();
  const std::string header = R"("typ":"dpop+jwt","jwk":)" + identity::PublicJwk(key_);
  return identity::SignJws(identity::JwsAlgorithm::kEdDsa, header, claims, key_);
}

crypto::SecretBytes Serialise(const SessionFile& file) {
  crypto::SecretBytes out;
  out.Append(AsBytes(std::string(kHead) + "server " + file.server + "\nca " + file.ca + "\nseed "));
  std::string seed = crypto::ToBase64Url(file.seed.Reveal());
  out.Append(AsBytes(seed));
  net::WipeText(seed);
  out.Append(AsBytes("\ntoken " + file.token + "\n"));
  return out;
}

Result<SessionFile> ParseSessionFile(ByteView bytes) {
  std::string_view rest = AsText(bytes);
  if (bytes.size() > kSessionFileBytesMax || !rest.starts_with(kHead)) return kBad;
  rest.remove_prefix(kHead.size());
  std::optional<std::string> server = TakeAfter(rest, "server ");
  std::optional<std::string> ca = server ? TakeAfter(rest, "ca ") : std::nullopt;
  std::optional<std::string> seed = ca ? TakeAfter(rest, "seed ") : std::nullopt;
  std::optional<std::string> token = seed ? TakeAfter(rest, "token ") : std::nullopt;
  if (!token.has_value() || !rest.empty() || server->empty()) return kBad;
  Result<Bytes> key = crypto::FromBase64Url(*seed);
  net::WipeText(*seed);
  if (!key.ok()) return kBad;
  Result<crypto::Secret<32>> secret = crypto::Secret<32>::FromBytes(*key);
  crypto::Wipe(*key);
  if (!secret.ok()) return kBad;
  return SessionFile{std::move(*server), std::move(*ca), std::move(*secret), std::move(*token)};
}

Result<SessionFile> ReadSessionFile(const std::string& path) {
  base::SystemFiles files;
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  if (info.is_link || info.is_directory || info.mode != kMode) {
    return Error{Code::kDenied, "a session is a file that only its owner can read (0600)"};
  }
  CLOISON_TRY_ASSIGN(Bytes bytes, files.Read(path));
  Result<SessionFile> file = ParseSessionFile(bytes);
  crypto::Wipe(bytes);
  return file;
}

Status WriteSessionFile(const SessionFile& file, const std::string& path) {
  base::SystemFiles files;
  const std::filesystem::path directory = std::filesystem::path(path).parent_path();
  std::error_code failed;
  if (!directory.empty() && !std::filesystem::exists(directory, failed)) {
    std::filesystem::create_directories(directory.parent_path(), failed);
    CLOISON_TRY(files.MakeDirectory(directory.string(), kDirectoryMode));
  }
  return base::WriteWhole(files, path, Serialise(file).Reveal(), kMode);
}

std::string DefaultSessionPath() {
  if (const auto state = Environment("XDG_STATE_HOME")) return *state + "/cloison/session";
  if (const auto home = Environment("HOME")) return *home + "/.local/state/cloison/session";
  return "";
}

}  // namespace cloison::cli
