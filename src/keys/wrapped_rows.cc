#include "keys/internal/wrapped_rows.h"

#include <charconv>

#include "crypto/context.h"

namespace cloison::keys::internal {

namespace {

crypto::Context AadOf(RegisterId register_id, std::string_view name) {
  return crypto::Context("wrapped-key").U32(register_id.value()).Name(name);
}

}  // namespace

std::string RootObject(RegisterId register_id) {
  return "root-" + std::to_string(register_id.value());
}

std::string EpochObject(RegisterId register_id, std::uint32_t epoch) {
  return "epoch-" + std::to_string(register_id.value()) + "-" + std::to_string(epoch);
}

std::string MonthObject(RegisterId register_id, std::uint32_t month) {
  return "month-" + std::to_string(register_id.value()) + "-" + std::to_string(month);
}

std::string HoldObject(RegisterId register_id, std::uint32_t hold) {
  return "hold-" + std::to_string(register_id.value()) + "-" + std::to_string(hold);
}

store::Key RowKey(std::string_view name) {
  return store::Key{store::Family::kWrappedKeys, std::string(name)};
}

std::string KekRow(std::uint32_t epoch) {
  return "kek-" + std::to_string(epoch);
}

std::string MonthRow(std::uint32_t month) {
  return "month-" + std::to_string(month);
}

std::string HoldRow(std::uint32_t hold) {
  return "hold-" + std::to_string(hold);
}

std::string PartnerRow(OrganisationId organisation, std::uint32_t generation) {
  return "ppk-" + std::to_string(organisation.value()) + "-" + std::to_string(generation);
}

std::string LogRow(std::uint32_t generation) {
  return generation == 1 ? "log" : "log-" + std::to_string(generation);
}

std::string RetiredLogRow(std::uint32_t generation) {
  return "log-public-" + std::to_string(generation);
}

std::optional<LogName> LogOf(std::string_view name) {
  if (name == LogRow(1)) return LogName{1, false};
  const auto retired = NumberAfter(name, "log-public-");
  if (retired.has_value() && *retired >= 1) return LogName{*retired, true};
  const auto generation = NumberAfter(name, "log-");
  if (generation.has_value() && *generation >= 2) return LogName{*generation, false};
  return std::nullopt;
}

std::optional<std::uint32_t> NumberAfter(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), value);
  if (error != std::errc() || end != name.data() + name.size()) return std::nullopt;
  if (std::to_string(value) != name) return std::nullopt;
  return value;
}

std::optional<std::pair<std::uint32_t, std::uint32_t>> PartnerNumbers(std::string_view name) {
  const std::size_t dash = name.rfind('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto organisation = NumberAfter(name.substr(0, dash), "ppk-");
  const auto generation = NumberAfter(name.substr(dash), "-");
  if (!organisation.has_value() || !generation.has_value()) return std::nullopt;
  return std::pair(*organisation, *generation);
}

Result<Bytes> WrapRow(const Wrapping& with, const std::string& object, std::string_view name,
                      const crypto::SecretBytes& key) {
  return with.objects.Wrap(object, AadOf(with.register_id, name).view(), key);
}

Result<crypto::Secret<32>> UnwrapRow(const Wrapping& with, const std::string& object,
                                     std::string_view name, ByteView wrapped) {
  const crypto::Context aad = AadOf(with.register_id, name);
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes key,
                     with.objects.Unwrap(object, aad.view(), wrapped));
  return crypto::Secret<kKeyBytes>::FromBytes(key.Reveal());
}

Result<Bytes> WrapNew(const Wrapping& with, const std::string& object, std::string_view name,
                      base::Random& random) {
  crypto::SecretBytes key(kKeyBytes);
  random.Fill(key.Reveal());
  return WrapRow(with, object, name, key);
}

Status MakeObject(KeyObjects& objects, const std::string& name) {
  const Status made = objects.Create(name);
  if (made.ok() || made.error().code() == Code::kConflict) return Ok();
  return made;
}

Task<Status> RowsWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys = absent;
  for (const store::Put& put : puts) keys.push_back(put.key);
  if (moved.has_value()) keys.push_back(moved->key);
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> RowsWork::Stage(commit::Staging& staging) {
  const Error taken{Code::kConflict, "a wrapped key is there already"};
  for (const store::Key& key : absent) {
    if (staging.Get(key).present()) return taken;
  }
  for (const store::Put& put : puts) {
    if (staging.Get(put.key).present()) return taken;
  }
  if (moved.has_value() && !base::Equal(staging.Get(moved->key).value, moved->from)) {
    return Error{Code::kConflict, "the epoch has moved on"};
  }
  for (store::Put& put : puts) staging.Put(std::move(put.key), std::move(put.value));
  if (moved.has_value()) staging.Put(moved->key, moved->to);
  return commit::Staged::kDone;
}

Result<commit::Staged> RetireWork::Stage(commit::Staging& staging) {
  for (store::Put& put : puts) staging.Put(put.key, put.value);
  for (const store::Key& key : deletes) staging.Delete(key);
  return commit::Staged::kDone;
}

Task<Status> EnsureRowWork::Load(commit::Staging& staging) {
  std::vector<store::Key> keys(1, put_.key);
  co_return co_await staging.Load(std::move(keys));
}

Result<commit::Staged> EnsureRowWork::Stage(commit::Staging& staging) {
  const store::Row& row = staging.Get(put_.key);
  if (row.present()) {
    put_.value = row.value;
  } else {
    staging.Put(put_.key, put_.value);
  }
  return commit::Staged::kDone;
}

}  // namespace cloison::keys::internal
