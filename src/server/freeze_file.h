// Freezes given while nothing can be recorded, in a small synced file beside the databases. They
// hold at once; at the next start with a ledger each becomes an entry and leaves the file.
//
//   "cloison freezes 4\n", then per line:
//   officer <32 hex> <organisation> <levels> <methods>      freeze <by, 32 hex> <who, 32 hex>
//
// Officers are those that the ledger last showed with the right, of which organisation, and what it
// takes of their sign-in ("1 eidas2,eidas3 otp,hwk"; "." for none): without a ledger nobody else
// may freeze, nor they by less. Versions 1 to 3 did not say all of it; their officers are to be
// shown anew, their freezes hold. A line that a power cut left half-written is dropped; anything
// else that does not parse is kCorrupt.
#ifndef CLOISON_SERVER_FREEZE_FILE_H_
#define CLOISON_SERVER_FREEZE_FILE_H_

#include <atomic>
#include <map>
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
    friend bool operator==(const Given&, const Given&) = default;
  };
  // `files` outlives it. kCorrupt; as base::Files fails.
  static Result<std::unique_ptr<FreezeFile>> Open(base::Files& files, std::string path);

  bool IsFrozen(const PrincipalId& who) const override;
  Status Freeze(const PrincipalId& by, const identity::Assurance& proven,
                const PrincipalId& who) override;
  void Forget(const PrincipalId& who) override;

  // To be read before the ledger is asked: what was frozen or unfrozen since is newer than its
  // answer.
  std::uint64_t asked_at() const;
  // Of `asked`, those in `may` have the right, as the ledger showed who was asked at `asked_at`,
  // and the others don't. Nothing is learnt of an answer that is too old: it is asked again soon
  // (server/node.cc, of everybody whose role has the right).
  void Learn(std::uint64_t asked_at, std::span<const PrincipalId> asked,
             std::span<const access::FreezeRight> may);

  // Until Forget, or the process ends: frozen by another way, which keeps it elsewhere.
  void Hold(const PrincipalId& who);

  std::vector<PrincipalId> officers() const;
  std::vector<Given> waiting() const;
  // They have become entries, and leave the file.
  Status Remove(const std::vector<Given>& done);
  // Writes what the disk did not take before; Ok when there is nothing of it.
  Status Keep();

 private:
  FreezeFile(base::Files& files, std::string path) : files_(files), path_(std::move(path)) {}
  Status Parse(std::string_view text);
  Status ParseLine(std::string_view line, bool rights);
  Status Give(const PrincipalId& by, const identity::Assurance& proven, const PrincipalId& who);
  Status MayAloneLocked(const PrincipalId& by, const PrincipalId& who) const;
  std::string Text() const;
  Status Write();

  base::Files& files_;
  std::string path_;
  mutable std::mutex writing_;  // before mutex_
  mutable std::mutex mutex_;    // guards what follows
  std::map<PrincipalId, access::FreezeRight> officers_;
  std::vector<Given> given_;
  std::map<PrincipalId, std::size_t> alone_;  // how many each gave in this process
  std::set<PrincipalId> frozen_;
  std::uint64_t changes_ = 0;         // how often somebody was forgotten, or stopped here
  std::atomic<bool> unkept_ = false;  // the file says less than is known here
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_FREEZE_FILE_H_
