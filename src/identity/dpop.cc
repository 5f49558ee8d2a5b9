#include "identity/dpop.h"

#include <algorithm>
#include <utility>

#include "codec/json_reader.h"
#include "crypto/base64.h"
#include "identity/jws.h"
#include "identity/sign_in.h"
#include "net/url.h"

namespace cloison::identity {

namespace {

constexpr codec::JsonLimits kLimits{.bytes_max = kProofBytesMax,
                                    .depth_max = 4,
                                    .string_bytes_max = net::kUrlBytesMax,
                                    .members_max = 32,
                                    .values_max = 128};
constexpr JwsAlgorithm kProofAlgorithms[] = {JwsAlgorithm::kEs256, JwsAlgorithm::kEs384,
                                             JwsAlgorithm::kRs256, JwsAlgorithm::kPs256,
                                             JwsAlgorithm::kEdDsa};
constexpr std::size_t kNonceBytes = 8 + 16;

constexpr Error Refusal(Literal text) {
  return Error{Code::kDenied, text, static_cast<std::int64_t>(Remedy::kDpopProof)};
}
constexpr Error kNoNonce{Code::kDenied, "the proof needs a nonce of this server",
                         static_cast<std::int64_t>(Remedy::kDpopNonce)};

crypto::Secret<32> Drawn(base::Random& random) {
  return crypto::Secret<32>(random);
}

std::string_view TextOf(const codec::JsonValue& root, std::string_view key) {
  const std::optional<codec::JsonValue> value = root.Find(key);
  return value.has_value() ? value->string() : std::string_view();
}

Status CheckIssued(const codec::JsonValue& root, std::int64_t now_s) {
  const std::optional<codec::JsonValue> issued = root.Find("iat");
  const Result<double> seconds = issued.has_value() ? issued->AsNumber() : Refusal("no iat");
  const auto skew = static_cast<double>(kSkewSeconds);
  const auto now = static_cast<double>(now_s);
  if (!seconds.ok() || !(*seconds >= now - skew) || !(*seconds <= now + skew)) {
    return Refusal("the proof is too old, or comes from the future");
  }
  return Ok();
}

Status CheckToken(const codec::JsonValue& root, const DpopRequest& request) {
  const bool named = root.Find("ath").has_value();
  if (!request.access_token.has_value()) {
    return named ? Status(Refusal("the proof is for an access token")) : Ok();
  }
  const std::string digest = crypto::ToBase64Url(crypto::Sha256(AsBytes(*request.access_token)));
  if (TextOf(root, "ath") != digest) return Refusal("the proof is for another access token");
  return Ok();
}

bool IsUnreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '.' || c == '_' || c == '~';
}

int DigitOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  return (c | 0x20) - 'a' + 10;
}

// RFC 3986 section 6.2.2.1 and 6.2.2.2. The path's escapes are known to be whole.
std::string NormalEscapes(std::string_view path) {
  static constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  while (!path.empty()) {
    if (path[0] != '%') {
      out.push_back(path[0]);
      path.remove_prefix(1);
      continue;
    }
    const int value = DigitOf(path[1]) * 16 + DigitOf(path[2]);
    if (const char c = static_cast<char>(value); IsUnreserved(c)) {
      out.push_back(c);
    } else {
      out.append({'%', kDigits[value >> 4], kDigits[value & 15]});
    }
    path.remove_prefix(3);
  }
  return out;
}

// RFC 3986 section 5.2.4, for a path that begins with '/'.
std::string WithoutDots(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const std::size_t end = std::min(path.find('/', 1), path.size());
    const std::string_view segment = path.substr(0, end);
    const bool last = end == path.size();
    if (segment == "/." || segment == "/..") {
      if (segment == "/..") out.erase(std::min(out.rfind('/'), out.size()));
      if (last) out.push_back('/');
    } else {
      out.append(segment);
    }
    path.remove_prefix(end);
  }
  return out;
}

}  // namespace

DpopNonces::DpopNonces(base::Random& random, const base::Clock& clock)
    : key_(Drawn(random)), clock_(clock) {}

std::uint64_t DpopNonces::slot() const {
  return static_cast<std::uint64_t>(clock_.boot_ms() / (kProofSlotSeconds * 1000));
}

std::string DpopNonces::Of(std::uint64_t slot) const {
  const ByteArray<8> number = base::BigU64(slot);
  const crypto::Digest mac = key_.Mac({AsBytes("dpop-nonce"), number});
  Bytes out = base::ToBytes(number);
  base::AppendBytes(out, ByteView(mac).first(16));
  return crypto::ToBase64Url(out);
}

std::string DpopNonces::Current() const {
  return Of(slot());
}

std::optional<std::uint64_t> DpopNonces::SlotOf(std::string_view nonce) const {
  const Result<Bytes> bytes = nonce.size() <= 2 * kNonceBytes ? crypto::FromBase64Url(nonce)
                                                              : Error{Code::kInvalid, "too long"};
  if (!bytes.ok() || bytes->size() != kNonceBytes) return std::nullopt;
  const std::uint64_t now = slot();
  const std::uint64_t named = base::LoadBig(ByteView(*bytes).first(8));
  if (named > now || now - named > 1) return std::nullopt;
  if (!crypto::EqualConstantTime(AsBytes(Of(named)), AsBytes(nonce))) return std::nullopt;
  return named;
}

Status DpopProofs::Take(std::uint64_t slot, const crypto::Digest& key, std::string_view id) {
  const auto name = crypto::Truncate<16>(crypto::Sha256({key, AsBytes(id)}));
  Book over;  // freed after the lock
  const std::lock_guard lock(mutex_);
  Book& book = books_[slot % books_.size()];
  if (book.slot > slot) return Refusal("the proof's nonce is over");
  if (book.slot != slot) over = std::exchange(book, Book{slot, {}});
  if (book.taken.contains(name)) return Refusal("the proof was used before");
  if (book.taken.size() >= per_slot_max_) {
    return Error{Code::kUnavailable, "no more proofs can be remembered"};
  }
  book.taken.insert(name);
  return Ok();
}

std::size_t DpopProofs::size() const {
  const std::lock_guard lock(mutex_);
  return books_[0].taken.size() + books_[1].taken.size();
}

Result<DpopProof> DpopProof::Check(const DpopRequest& request, const DpopParts& parts) {
  if (request.proof.empty()) return Refusal("a proof of possession is needed");
  if (request.proof.size() > kProofBytesMax) return Refusal("the proof is too long");
  const Result<UnverifiedJws> shown = UnverifiedJws::Parse(request.proof);
  if (!shown.ok()) return Refusal("the proof is no signed token");
  if (shown->header().type != kDpopType) return Refusal("the token is no proof");
  if (!shown->header().key.has_value()) return Refusal("the proof has no public key");
  const Jwk& key = *shown->header().key;
  // The key first: what is not signed is not looked at, so that nobody learns anything by trying.
  const Result<VerifiedJws> proven = shown->Verify(key, kProofAlgorithms);
  if (!proven.ok()) return Refusal("the proof's signature does not verify");
  const auto document = codec::JsonDocument::Parse(AsBytes(proven->payload()), kLimits);
  if (!document.ok() || !document->root().is_object()) {
    return Refusal("the proof is not strict JSON");
  }
  const codec::JsonValue root = document->root();
  const std::string_view id = TextOf(root, "jti");
  if (id.empty() || id.size() > kProofIdBytesMax) return Refusal("the proof has no jti");
  if (TextOf(root, "htm") != net::MethodName(request.method)) {
    return Refusal("the proof is for another method");
  }
  const Result<std::string> target = NormalTarget(TextOf(root, "htu"));
  const Result<std::string> wanted = NormalTarget(request.url);
  if (!target.ok() || !wanted.ok() || *target != *wanted) {
    return Refusal("the proof is for another address");
  }
  CLOISON_TRY(CheckIssued(root, parts.clock.wall_ms() / 1000));
  CLOISON_TRY(CheckToken(root, request));
  const std::optional<std::uint64_t> slot = parts.nonces.SlotOf(TextOf(root, "nonce"));
  if (!slot.has_value()) return kNoNonce;
  DpopProof out;
  out.key_ = key.thumbprint();
  out.slot_ = *slot;
  out.id_ = id;
  return out;
}

Result<crypto::Digest> CheckDpop(const DpopRequest& request, const DpopParts& parts) {
  CLOISON_TRY_ASSIGN(const DpopProof proof, DpopProof::Check(request, parts));
  CLOISON_TRY(proof.Take(parts.proofs));
  return proof.key();
}

Result<std::string> NormalTarget(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return Error{Code::kInvalid, "not a URL"};
  std::string lower(url);
  for (char& c : std::span(lower).first(scheme)) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  CLOISON_TRY_ASSIGN(const net::Url parsed, net::ParseUrl(lower));
  const std::string host =
      parsed.host.find(':') == std::string::npos ? parsed.host : "[" + parsed.host + "]";
  std::string out = (parsed.https ? "https://" : "http://") + host;
  if (parsed.port != (parsed.https ? 443 : 80)) out += ":" + std::to_string(parsed.port);
  return out + WithoutDots(NormalEscapes(parsed.path));
}

}  // namespace cloison::identity
