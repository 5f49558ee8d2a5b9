#include "identity/credentials.h"

#include <optional>

#include "crypto/certificate.h"
#include "identity/development.h"

namespace cloison::identity {

namespace {

constexpr std::int64_t kRenewBeforeMs = base::kDayMs;

std::string TextOf(const crypto::SecretBytes& bytes) {
  return std::string(AsText(bytes.Reveal()));
}

// One directory of credentials while it is made or read again.
class Folder {
 public:
  Folder(std::string directory, CredentialsParts parts)
      : directory_(std::move(directory)),
        parts_(parts),
        not_before_s_(parts.clock.wall_ms() / 1000 - 300),
        not_after_s_(not_before_s_ + kCredentialsDays * 24 * 3600) {}

  Status Prepare() { return parts_.files.MakeDirectory(directory_, 0700); }

  bool Lasts() const {
    const Result<Bytes> until = parts_.files.Read(Path("until"));
    if (!until.ok() || until->size() != 8) return false;
    return static_cast<std::int64_t>(base::LoadBig(*until)) >
           parts_.clock.wall_ms() + kRenewBeforeMs;
  }

  Status MarkUntil() {
    const auto until = base::BigU64(static_cast<std::uint64_t>(not_after_s_ * 1000));
    return base::WriteWhole(parts_.files, Path("until"), until);
  }

  Result<crypto::Certificate> Authority(bool anew) {
    if (!anew) return Load("ca");
    crypto::CertificateRequest request = Request("Cloison development authority");
    CLOISON_TRY_ASSIGN(crypto::Certificate made, crypto::MakeAuthority(request, parts_.random));
    CLOISON_TRY(Save("ca", made));
    return made;
  }

  Result<crypto::Certificate> Server(const crypto::Certificate& authority, bool anew) {
    if (!anew) return Load("server");
    crypto::CertificateRequest request = Request("localhost");
    request.dns_names = {"localhost"};
    request.ip_addresses = {"127.0.0.1", "::1"};
    CLOISON_TRY_ASSIGN(crypto::Certificate made,
                       crypto::IssueServerCertificate(authority, request, parts_.random));
    CLOISON_TRY(Save("server", made));
    return made;
  }

  Result<crypto::Secret<32>> IssuerSeed(bool anew) {
    if (!anew) {
      CLOISON_TRY_ASSIGN(Bytes bytes, parts_.files.Read(Path("issuer.key")));
      Result<crypto::Secret<32>> seed = crypto::Secret<32>::FromBytes(bytes);
      crypto::Wipe(bytes);
      return seed;
    }
    crypto::Secret<32> seed(parts_.random);
    CLOISON_TRY(base::WriteWhole(parts_.files, Path("issuer.key"), seed.Reveal()));
    return seed;
  }

  // The certificate of `name`, kept when it is there, and a new token.
  Status Principal(const crypto::Certificate& authority, const DevelopmentIssuer& issuer,
                   const std::string& name, bool anew) {
    Result<Bytes> kept = parts_.files.Read(Path(name + ".pem"));
    bool made_now = false;
    if (anew || !kept.ok() || !parts_.files.Stat(Path(name + ".key")).ok()) {
      const crypto::CertificateRequest request = Request(name);
      CLOISON_TRY_ASSIGN(const crypto::Certificate made,
                         crypto::IssueClientCertificate(authority, request, parts_.random));
      CLOISON_TRY(Save(name, made));
      kept = base::ToBytes(AsBytes(made.certificate_pem));
      made_now = true;
    }
    CLOISON_TRY_ASSIGN(const crypto::Digest thumbprint, crypto::CertificateThumbprint(*kept));
    CLOISON_TRY_ASSIGN(const std::string token, issuer.Issue(name, thumbprint));
    const Status wrote = base::WriteWhole(parts_.files, Path(name + ".token"), AsBytes(token));
    // On a full disk the token of the last start serves on until it expires.
    const bool old_serves = !made_now && parts_.files.Stat(Path(name + ".token")).ok();
    return !wrote.ok() && old_serves ? Ok() : wrote;
  }

 private:
  std::string Path(const std::string& name) const { return directory_ + "/" + name; }

  crypto::CertificateRequest Request(const std::string& common_name) const {
    crypto::CertificateRequest request;
    request.common_name = common_name;
    request.not_before_s = not_before_s_;
    request.not_after_s = not_after_s_;
    return request;
  }

  Result<crypto::Certificate> Load(const std::string& name) const {
    CLOISON_TRY_ASSIGN(const Bytes certificate, parts_.files.Read(Path(name + ".pem")));
    CLOISON_TRY_ASSIGN(Bytes key, parts_.files.Read(Path(name + ".key")));
    crypto::Certificate loaded{std::string(AsText(certificate)), crypto::SecretBytes::CopyOf(key)};
    crypto::Wipe(key);
    return loaded;
  }

  Status Save(const std::string& name, const crypto::Certificate& certificate) {
    CLOISON_TRY(
        base::WriteWhole(parts_.files, Path(name + ".key"), certificate.private_key_pem.Reveal()));
    return base::WriteWhole(parts_.files, Path(name + ".pem"),
                            AsBytes(certificate.certificate_pem));
  }

  std::string directory_;
  CredentialsParts parts_;
  std::int64_t not_before_s_;
  std::int64_t not_after_s_;
};

}  // namespace

bool MayHaveCredentials(std::string_view name) {
  const bool ours = name == "ca" || name == "server" || name == "issuer";
  return !ours && IsDevelopmentName(name);
}

Result<DevelopmentCredentials> PrepareDevelopmentCredentials(const std::string& directory,
                                                             const std::vector<std::string>& names,
                                                             CredentialsParts parts) {
  if (names.size() > kCredentialNamesMax) return Error{Code::kExhausted, "too many principals"};
  for (const std::string& name : names) {
    if (!MayHaveCredentials(name)) {
      return Error{Code::kInvalid, "not the name of a principal"};
    }
  }
  Folder folder(directory, parts);
  CLOISON_TRY(folder.Prepare());
  const bool anew = !folder.Lasts();
  CLOISON_TRY_ASSIGN(const crypto::Certificate authority, folder.Authority(anew));
  CLOISON_TRY_ASSIGN(const crypto::Certificate server, folder.Server(authority, anew));
  CLOISON_TRY_ASSIGN(const crypto::Secret<32> seed, folder.IssuerSeed(anew));
  const crypto::Ed25519Signer signer(seed);
  const DevelopmentIssuer issuer(signer, parts.clock, parts.random);
  for (const std::string& name : names) {
    CLOISON_TRY(folder.Principal(authority, issuer, name, anew));
  }
  // Last: a crash before this line makes everything anew.
  if (anew) {
    CLOISON_TRY(folder.MarkUntil());
  }
  return DevelopmentCredentials{authority.certificate_pem, server.certificate_pem,
                                TextOf(server.private_key_pem), signer.public_key()};
}

}  // namespace cloison::identity
