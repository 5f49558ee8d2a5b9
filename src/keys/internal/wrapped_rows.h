// The rows of family wrapped_keys: their names, what wraps them, and the works that write them.
#ifndef CLOISON_KEYS_INTERNAL_WRAPPED_ROWS_H_
#define CLOISON_KEYS_INTERNAL_WRAPPED_ROWS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "commit/committer.h"
#include "crypto/secret.h"
#include "keys/key_objects.h"

namespace cloison::keys::internal {

inline constexpr std::string_view kEpochRow = "epoch";
inline constexpr std::size_t kKeyBytes = 32;

std::string RootObject(RegisterId register_id);
std::string EpochObject(RegisterId register_id, std::uint32_t epoch);
std::string MonthObject(RegisterId register_id, std::uint32_t month);
std::string HoldObject(RegisterId register_id, std::uint32_t hold);

store::Key RowKey(std::string_view name);
std::string KekRow(std::uint32_t epoch);
std::string MonthRow(std::uint32_t month);
std::string HoldRow(std::uint32_t hold);
std::string PartnerRow(OrganisationId organisation, std::uint32_t generation);

// "log" of generation 1, "log-2" and so on; "log-public-1" of one that is closed.
std::string LogRow(std::uint32_t generation);
std::string RetiredLogRow(std::uint32_t generation);
struct LogName {
  std::uint32_t generation;
  bool retired;
};
std::optional<LogName> LogOf(std::string_view name);  // nothing: another key's row

// The number after `prefix`; nothing unless it is written as std::to_string writes it.
std::optional<std::uint32_t> NumberAfter(std::string_view name, std::string_view prefix);
// "ppk-<organisation>-<generation>".
std::optional<std::pair<std::uint32_t, std::uint32_t>> PartnerNumbers(std::string_view name);

struct Wrapping {
  KeyObjects& objects;
  RegisterId register_id;
};
Result<Bytes> WrapRow(const Wrapping& with, const std::string& object, std::string_view name,
                      const crypto::SecretBytes& key);
Result<crypto::Secret<32>> UnwrapRow(const Wrapping& with, const std::string& object,
                                     std::string_view name, ByteView wrapped);
// A new key of 32 bytes, wrapped.
Result<Bytes> WrapNew(const Wrapping& with, const std::string& object, std::string_view name,
                      base::Random& random);
// Ok also when it exists: what an earlier start that crashed has left is used.
Status MakeObject(KeyObjects& objects, const std::string& name);

struct Done {};

// Puts `puts` when every key of `absent` and of `puts` is absent, but for the row `moved`, which
// must hold `from`.
class RowsWork final : public commit::Work {
 public:
  using Promise = Done;
  struct Move {
    store::Key key;
    Bytes from;
    Bytes to;
  };
  std::vector<store::Key> absent;
  std::vector<store::Put> puts;
  std::optional<Move> moved;

  commit::Lane lane() const override { return commit::Lane::kUrgent; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Done Take(const commit::Durable&) { return {}; }
};

// Puts and deletes, whatever was there.
class RetireWork final : public commit::Work {
 public:
  using Promise = Done;
  std::vector<store::Put> puts;
  std::vector<store::Key> deletes;

  commit::Lane lane() const override { return commit::Lane::kUrgent; }
  Task<Status> Load(commit::Staging&) override { co_return Ok(); }
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Done Take(const commit::Durable&) { return {}; }
};

// Puts the row when it is absent; gives the value in force.
class EnsureRowWork final : public commit::Work {
 public:
  using Promise = Bytes;
  explicit EnsureRowWork(store::Put put) : put_(std::move(put)) {}

  commit::Lane lane() const override { return commit::Lane::kUrgent; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Bytes Take(const commit::Durable&) { return std::move(put_.value); }

 private:
  store::Put put_;
};

}  // namespace cloison::keys::internal

#endif  // CLOISON_KEYS_INTERNAL_WRAPPED_ROWS_H_
