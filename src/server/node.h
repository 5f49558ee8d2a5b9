// One running server: stores, keys, vault, API and its listeners, put together and taken apart in
// the one right order.
//
// Refusing mode: when the store cannot be written, the keys are out of reach or the ledger does not
// hold together, the node opens all the same, answers health, metrics and status, and 503 to
// everything that would show a person.
//
// Threads  one caller. on_fatal comes from a committer's thread, or from one that asked for an
//          erasure.
// Source   docs/architecture.md "Start, stop, failure".
#ifndef CLOISON_SERVER_NODE_H_
#define CLOISON_SERVER_NODE_H_

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "server/config.h"
#include "server/witness_options.h"
#include "vault/vault.h"

namespace cloison::server {

inline constexpr int kDiskThreads = 4;  // of the stores

// The file that says: an import is under way, or was broken off.
std::string ImportingPath(const Config& config);

// Files that say that a register is half of one.
std::string RestoringPath(const Config& config);
// Held while the process lives: two who clear and build in one directory, demos or restores, would
// clear what the other builds. kConflict: another process holds it.
Status LockDirectory(const std::string& directory);

// What is below the vault: executors, both databases, key objects, schema and policy.
class Ground {
 public:
  // Schema, policy and witnesses are read and checked; no store is opened. `problems` gets lines
  // for the operator.
  static Result<std::unique_ptr<Ground>> Make(const Config& config, base::EventSink& events,
                                              std::vector<std::string>& problems);
  ~Ground();
  // Makes the directories that are missing.
  Status MakeDirectories();
  // kConflict: a direct import was broken off, so this is half a register; kUnavailable: the store.
  Status OpenStores();
  // As OpenStores, for the restore that fills them: half a register to all others is its own.
  Status OpenStoresToRestore();
  // In the token, when one is configured. kDenied, kNotFound; of a token also kInvalid, kConflict,
  // kUnavailable.
  Status OpenKeyObjects(bool create);
  // After both.
  vault::Environment environment();
  vault::Settings settings(std::function<void()> on_fatal) const;

  base::SystemFiles& files();
  base::Clock& clock();
  base::Random& random();
  base::EventSink& events();
  const std::optional<ledger::WitnessOptions>& witnesses() const;
  const store::Store* main_store() const;  // null until opened
  const store::Store* key_store() const;
  keys::KeyObjects& key_objects();  // after OpenKeyObjects
  const Config& config() const;
  const std::vector<access::PrincipalInfo>& invented() const;  // of development (principals)

 private:
  struct Parts;
  explicit Ground(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

class Node {
 public:
  // `names` get credentials of development, as those do whom the configuration names.
  // Fails  kInvalid: what only the operator can mend (listeners, credentials); `problems` says it.
  //        kNotFound: the register was never created.
  static Result<std::unique_ptr<Node>> Start(std::unique_ptr<Ground> ground,
                                             const std::vector<std::string>& names,
                                             std::vector<std::string>& problems);
  ~Node();

  std::uint16_t port() const;
  std::uint16_t management_port() const;
  std::uint16_t public_port() const;  // 0: there is no listener for strangers
  bool serving() const;
  bool failed() const;  // a commit's outcome is unknown
  // Each second: publishing, aggregates, old idempotency keys, holds, expired records.
  void Tick();
  // Lets requests in flight end, then stops the vault.
  Status Stop();
  // After a fatal commit: answers what the socket still takes, and no more.
  void Abandon();

 private:
  struct Parts;
  void ExpireRecords();
  explicit Node(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_NODE_H_
