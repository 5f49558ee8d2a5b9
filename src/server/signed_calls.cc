#include "server/signed_calls.h"

namespace cloison::server {

namespace {

std::unique_ptr<crypto::Ed25519Signer> ReadKey(Ground& ground, const SignedCallNames& names,
                                               std::vector<std::string>& problems) {
  const Result<base::FileInfo> info = ground.files().Stat(names.key);
  Result<Bytes> bytes = ground.files().Read(names.key);
  const bool closed = info.ok() && (info->mode & 077) == 0;
  if (!bytes.ok() || !closed) {
    problems.push_back(names.name +
                       "_key: a file of 32 random bytes that its owner alone may read");
    return nullptr;
  }
  const Result<crypto::Secret<32>> seed = crypto::Secret<32>::FromBytes(*bytes);
  crypto::Wipe(*bytes);
  if (!seed.ok()) {
    problems.push_back(names.name + "_key: has 32 bytes");
    return nullptr;
  }
  return std::make_unique<crypto::Ed25519Signer>(*seed);
}

}  // namespace

std::optional<SignedCall> ReadSignedCall(Ground& ground, const SignedCallNames& names,
                                         std::vector<std::string>& problems) {
  const Result<net::Url> url = net::ParseUrl(names.url);
  if (!url.ok() || (!url->https && !IsLoopback(url->host))) {
    problems.push_back(names.name + ": an https URL, or http on the loopback");
    return std::nullopt;
  }
  SignedCall call;
  call.place.url = *url;
  call.signer = ReadKey(ground, names, problems);
  if (call.signer == nullptr) return std::nullopt;
  if (!names.ca.empty()) {
    const Result<Bytes> pem = ground.files().Read(names.ca);
    if (!pem.ok()) {
      problems.push_back(names.ca + ": cannot be read");
      return std::nullopt;
    }
    call.place.ca_pem = AsText(*pem);
  }
  return call;
}

}  // namespace cloison::server
