#include "identity/issuers.h"

#include <algorithm>

namespace cloison::identity {

namespace {

template <class Range, class F>
auto* FindIf(Range& range, F matches) {
  const auto found = std::ranges::find_if(range, matches);
  return found == range.end() ? nullptr : &*found;
}

}  // namespace

std::string IssuerSpec::LevelOf(std::string_view acr) const {
  if (acr.empty()) return {};
  if (levels.empty()) return acr == "eidas2" || acr == "eidas3" ? std::string(acr) : std::string();
  const auto found = levels.find(acr);
  return found == levels.end() ? std::string() : found->second;
}

Methods IssuerSpec::MethodsOf(const std::vector<std::string>& amr) const {
  Methods out;
  for (const std::string& name : amr) {
    const auto mapped = methods.find(name);
    const std::optional<Method> method =
        mapped != methods.end() ? mapped->second : MethodNamed(name);
    if (method.has_value()) out.Add(*method);
  }
  return out;
}

ClientId ClientIdOf(std::string_view name) {
  const crypto::Digest digest = crypto::Sha256({AsBytes("cloison-client/"), AsBytes(name)});
  return ClientId(static_cast<std::uint32_t>(base::LoadBig({digest.data(), 4})));
}

crypto::Digest ClientKeyName(std::string_view name) {
  return crypto::Sha256({AsBytes("cloison-client-key/"), AsBytes(name)});
}

const IssuerSpec* Issuers::Find(std::string_view alias) const {
  return FindIf(issuers_, [alias](const IssuerSpec& one) { return one.alias == alias; });
}

const IssuerSpec* Issuers::FindByUrl(std::string_view issuer) const {
  return FindIf(issuers_, [issuer](const IssuerSpec& one) { return one.issuer == issuer; });
}

const RegisteredClient* Issuers::FindClient(std::string_view name) const {
  return FindIf(clients_, [name](const RegisteredClient& one) { return one.name == name; });
}

const RegisteredClient* Issuers::FindClientOf(const PrincipalName& principal) const {
  return FindIf(clients_,
                [&principal](const RegisteredClient& one) { return one.principal == principal; });
}

const RegisteredClient* Issuers::FindClientByCertificate(const crypto::Digest& certificate) const {
  return FindIf(clients_, [&certificate](const RegisteredClient& one) {
    return one.certificate == certificate;
  });
}

const RegisteredClient* Issuers::FindClientByKey(const crypto::Digest& key) const {
  return FindIf(clients_, [&key](const RegisteredClient& one) { return one.key == key; });
}

crypto::Digest Issuers::SeenKeyOf(const crypto::Digest& thumbprint) const {
  const RegisteredClient* client = FindClientByCertificate(thumbprint);
  if (client == nullptr) client = FindClientByKey(thumbprint);
  return client == nullptr ? thumbprint : ClientKeyName(client->name);
}

Result<PrincipalId> Issuers::Named(std::string_view name) const {
  CLOISON_TRY_ASSIGN(const PrincipalName parsed, ParsePrincipalName(name));
  const IssuerSpec* const issuer = Find(parsed.alias);
  if (issuer == nullptr) return Error{Code::kInvalid, "not the name of a principal"};
  return PrincipalIdOf(issuer->issuer, parsed.sub);
}

}  // namespace cloison::identity
