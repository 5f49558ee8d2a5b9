// GET /v1/disclosures/{id}/proof, and the proofs that receipts carry.
#include "api/internal/proofs.h"

#include <algorithm>

#include "crypto/base64.h"
#include "tlog/checkpoint.h"
#include "tlog/inclusion_text.h"

namespace cloison::api::internal {

namespace {

constexpr std::string_view kIdPrefix = "acc_";
constexpr std::string_view kPathPrefix = "/v1/disclosures/";
constexpr std::string_view kPathSuffix = "/proof";
constexpr std::size_t kIdBytesMax = 128;

store::Key NameOfId(const PrincipalId& caller) {
  return {store::Family::kOperations, "acc/" + std::string(AsText(caller.bytes()))};
}

// Nothing: no id of this caller, or of an entry in a closed log, of which no proofs are made.
std::optional<std::uint64_t> IndexOf(const Call& call, std::string_view id) {
  if (!id.starts_with(kIdPrefix) || id.size() > kIdBytesMax) return std::nullopt;
  const Result<Bytes> sealed = crypto::FromBase64Url(id.substr(kIdPrefix.size()));
  if (!sealed.ok()) return std::nullopt;
  const Result<crypto::SecretBytes> opened =
      call.service.vault->state().Open(NameOfId(call.caller->principal), *sealed);
  if (!opened.ok() || opened->size() != 8) return std::nullopt;
  const std::uint64_t place = base::LoadBig(opened->Reveal());
  if (ledger::GenerationOf(place) != call.service.vault->ledger().generation()) {
    return std::nullopt;
  }
  return ledger::NumberOf(place);
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool HasToken(std::string_view preferences, std::string_view token) {
  while (!preferences.empty()) {
    const std::size_t end = std::min(preferences.find(','), preferences.size());
    const std::string_view one = preferences.substr(0, end);
    const std::string_view name = Trimmed(one.substr(0, std::min(one.find(';'), one.size())));
    const bool equal = std::ranges::equal(name, token, {}, [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (equal) return true;
    preferences.remove_prefix(std::min(end + 1, preferences.size()));
  }
  return false;
}

Result<std::uint64_t> SizeOf(const std::string& checkpoint) {
  CLOISON_TRY_ASSIGN(const tlog::Note note, tlog::ParseNote(checkpoint));
  CLOISON_TRY_ASSIGN(const tlog::Checkpoint parsed, tlog::ParseCheckpoint(note.text));
  return parsed.head.size;
}

Task<Result<std::string>> ProofText(vault::Vault& vault, std::uint64_t index) {
  std::string checkpoint = vault.publisher().checkpoint();
  Result<std::uint64_t> size = SizeOf(checkpoint);
  if (!size.ok() || index >= *size) {  // not published yet
    checkpoint = vault.ledger().checkpoint();
    size = SizeOf(checkpoint);
    if (!size.ok()) co_return size.error();
  }
  auto proof = co_await vault.publisher().ProveInclusion(index, *size);
  if (!proof.ok()) co_return proof.error();
  co_return tlog::Print({{}, index, std::move(*proof), std::move(checkpoint)});
}

}  // namespace

bool Prefers(const net::Request& request, std::string_view token) {
  for (std::size_t i = 0; i < request.headers.size(); ++i) {
    if (request.headers.name(i) == "prefer" && HasToken(request.headers.value(i), token)) {
      return true;
    }
  }
  return false;
}

bool WantsProofs(const Call& call) {
  return Prefers(call.request, "proof");
}

Task<void> MakeProofs(Call& call, std::vector<const ledger::Recorded*> entries) {
  if (!WantsProofs(call)) co_return;
  std::erase_if(entries, [](const ledger::Recorded* entry) {
    return entry->batch == nullptr || entry->batch->checkpoint.empty();
  });
  ledger::Publisher& publisher = call.service.vault->publisher();
  for (std::size_t at = 0; at < entries.size();) {
    const ledger::SignedBatch& batch = *entries[at]->batch;
    std::vector<std::uint64_t> indices;
    for (; at < entries.size() && entries[at]->batch.get() == &batch; ++at) {
      indices.push_back(entries[at]->index);
    }
    const auto proofs = co_await publisher.ProveInclusions(indices, batch.size_after);
    if (!proofs.ok()) break;
    for (std::size_t i = 0; i < indices.size(); ++i) {
      call.proofs[indices[i]] = tlog::Print({{}, indices[i], (*proofs)[i], batch.checkpoint});
    }
  }
  co_await call.request.home->Schedule();
}

std::string IdOf(const Call& call, std::uint64_t index) {
  const auto number =
      base::BigU64(ledger::PlaceOf(call.service.vault->ledger().generation(), index));
  return std::string(kIdPrefix) + crypto::ToBase64Url(call.service.vault->state().Seal(
                                      NameOfId(call.caller->principal), number));
}

Task<net::Response> ProofOfDisclosure(Call& call) {
  std::string_view id = call.request.path;
  id.remove_prefix(kPathPrefix.size());
  id.remove_suffix(kPathSuffix.size());
  const std::optional<std::uint64_t> index = IndexOf(call, id);
  if (!index) co_return call.Refuse(ProblemCode::kNotAvailable);
  const Result<std::string> text = co_await ProofText(*call.service.vault, *index);
  co_await call.request.home->Schedule();
  if (!text.ok()) co_return call.Refuse(FromError(text.error()));
  net::Response response;
  response.headers.Add("content-type", "text/plain; charset=utf-8");
  response.body = *text;
  co_return response;
}

}  // namespace cloison::api::internal
