#include "vault/load_people.h"

#include <algorithm>

#include "records/bulk_register.h"

namespace cloison::vault {

namespace {

constexpr std::size_t kProgressPeople = 1'000;

}  // namespace

Result<records::Values> CanonicalValues(
    const records::Schema& schema,
    const std::vector<std::pair<std::string_view, std::string>>& texts) {
  records::Values values;
  for (const auto& [name, text] : texts) {
    const records::FieldSpec* field = schema.Find(name);
    if (field == nullptr) return Error{Code::kInvalid, "the schema lacks a field of the demo"};
    CLOISON_TRY_ASSIGN(crypto::SecretBytes value, schema.Canonical(*field, text, true));
    values.push_back({field->id, std::move(value)});
  }
  std::sort(values.begin(), values.end(),
            [](const records::Value& a, const records::Value& b) { return a.field < b.field; });
  return values;
}

Task<Result<LoadedPeople>> LoadPeople(
    Vault& vault, std::size_t count,
    std::function<Result<records::Values>(std::size_t index)> values_of,
    std::function<void(std::size_t)> progress) {
  records::BulkRegister bulk(vault.people(), {vault.environment().files, vault.spill_directory()});
  CLOISON_CO_TRY(co_await bulk.CheckEmpty());
  LoadedPeople loaded;
  loaded.people.reserve(count);
  loaded.auds.reserve(count);
  while (loaded.people.size() < count) {
    const Result<records::Values> values = values_of(loaded.people.size());
    if (!values.ok()) co_return values.error();
    CLOISON_CO_TRY_ASSIGN(const auto prepared, bulk.Prepare(*values));
    CLOISON_CO_TRY_ASSIGN(const auto taken, bulk.Take(prepared));
    if (taken != records::BulkRegister::Taken::kYes) {
      co_return Error{Code::kConflict,
                      "one of those to be loaded is there already, or too like many"};
    }
    loaded.people.push_back(prepared.person);
    loaded.auds.push_back(prepared.aud);
    if (loaded.people.size() % kProgressPeople == 0) progress(loaded.people.size());
  }
  progress(count);
  Result<std::vector<crypto::Digest>> roots = bulk.Finish(vault.environment().builders);
  if (!roots.ok()) co_return roots.error();
  CLOISON_CO_TRY(co_await vault.gate().RecordLoad(std::move(*roots), vault.environment().home));
  co_return loaded;
}

}  // namespace cloison::vault
