// Freezes given while nothing can be recorded, in a small synced file beside the databases. They
// hold at once; at the next start with a ledger each becomes an entry and leaves the file.
//
//   "cloison freezes 1\n", then per line:   officer <32 hex>   freeze <by, 32 hex> <who, 32 hex>
//
// Officers are those that the ledger last showed with the right: without a ledger nobody else may
// freeze. A line that a power cut left half-written is dropped; anything else that does not parse
// is kCorrupt.
#ifndef CLOISON_SERVER_FREEZE_FILE_H_
#define CLOISON_SERVER_FREEZE_FILE_H_

#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "api/service.h"
#include "base/files.h"

namespace cloison::server {

inline constexpr std::size_t kOfficersMax = 1'000;
inline constexpr std::size_t kFreezesMax = 10'000;

class FreezeFile final : public api::EmergencyFreezes {
 public:
  struct Given {
    PrincipalId by, who;
  };
  // `files` outlives it. kCorrupt; as base::Files fails.
  static Result<std::unique_ptr<FreezeFile>> Open(base::Files& files, std::string path);

  bool IsFrozen(const PrincipalId& who) const override;
  Status Freeze(const PrincipalId& by, const PrincipalId& who) override;
  void Remember(const PrincipalId& officer) override;
  void Forget(const PrincipalId& who) override;

  std::vector<Given> waiting() const;
  // What was waiting has become entries.
  Status Clear();

 private:
  FreezeFile(base::Files& files, std::string path) : files_(files), path_(std::move(path)) {}
  Status Parse(std::string_view text);
  Status ParseLine(std::string_view line);
  Status MayAloneLocked(const PrincipalId& by, const PrincipalId& who) const;
  Status WriteLocked() const;

  base::Files& files_;
  std::string path_;
  mutable std::mutex mutex_;  // guards what follows
  std::set<PrincipalId> officers_;
  std::vector<Given> given_;
  std::set<PrincipalId> frozen_;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_FREEZE_FILE_H_
