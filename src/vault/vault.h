// The vault: one register with all its parts, put together in the one right order, opened,
// recovered, stopped. Server, drill, simulation and benchmarks open the same vault; they differ in
// what they hand in.
//
// Threads  Open and Stop: one caller. Accessors: any, between the two.
// Source   docs/architecture.md "Start, stop, failure".
#ifndef CLOISON_VAULT_VAULT_H_
#define CLOISON_VAULT_VAULT_H_

#include <functional>
#include <memory>
#include <string>

#include "access/gate.h"
#include "base/parallel.h"
#include "keys/key_objects.h"
#include "ledger/bootstrap_statement.h"
#include "ledger/publisher.h"

namespace cloison::vault {

// What a vault stands on. All outlive it. `main_executor` and `key_executor` run one job at a time
// each; in a simulation all executors are one.
struct Environment {
  store::Store& main_store;
  store::Store& key_store;
  keys::KeyObjects& objects;
  base::Files& files;
  base::Clock& clock;
  base::Random& random;
  base::EventSink& events;
  base::Executor& main_executor;
  base::Executor& key_executor;
  base::Executor& background;
  base::Executor& home;          // where Open, Create and Stop go on
  base::Parallel builders = {};  // what a batch's cryptography is shared with
  // Where tiles and proofs are read and made; null: where the reader is. Not what the stores read
  // on: strangers ask for as much as they like.
  base::Executor* disk = nullptr;
  // Where searches by name compare; null: where the caller is.
  base::Executor* search = nullptr;
};

struct Settings {
  // Of the register's file: the one in force, or one that was agreed to (access/schemas.h).
  std::shared_ptr<const records::Schema> schema;
  // What a register begins with. Later the one in force is the store's; another one here is said
  // (event policy_file_differs) and changes nothing.
  std::shared_ptr<const access::Policy> policy;
  std::string origin;                // of the ledger: "cloison.example/job-seekers"
  std::string directory;             // for the signed size, the tiles and the erase journal
  std::string spill_directory = {};  // of a first load (records/spill_place.h); empty: `directory`
  std::size_t fold_entries = ledger::kFoldEntries;
  bool two_people = true;  // access::Gate::Parts
  std::function<void()> on_fatal = [] {
  };  // a commit's outcome is unknown: the process must end (exit 75)
  decltype(ledger::Ledger::Options::before_signing) before_signing = nullptr;
  std::vector<tlog::VerifierKey> officers = {};  // who sign policies; none: nobody can
  std::vector<Aud> decoys = {};                  // beside those that are made: of simulations
  std::shared_ptr<access::DecoyInventor> inventor = nullptr;  // null: no decoys are made
};

// Where the last size that was signed is kept.
std::string SignedPath(const std::string& directory);

inline constexpr std::int64_t kClockSkewMs = 60'000;

class Vault {
 public:
  // First start of a register: its keys, then the system principal and whoever `founding` names
  // (nothing: development). A crash in between is finished by calling it again.
  // Fails  kConflict: it exists, or `founding` is of another register, ledger or policy; kInvalid:
  //        nobody may begin it so (access/founding.h).
  static Task<Status> Create(Environment environment, Settings settings,
                             std::optional<ledger::SignedBootstrap> founding = {});
  // The keys alone, unless they are there. Gives the ledger's, for the statement that is to be
  // signed. kConflict: the register exists.
  static Task<Result<tlog::VerifierKey>> CreateKeys(Environment environment, Settings settings);
  // Opens and recovers: keys (kUnavailable: sealed), ledger (kCorrupt: nothing may be served, maybe
  // until a recovery ceremony: recovery.h), schema (records::IsSchemaConflict: the file is
  // another), indexes (kCorrupt: what says which are in force is not the last), policy (kCorrupt:
  // it is not the last one), erase journal, orphans, codes of the
  // policy's organisations.
  static Task<Result<std::unique_ptr<Vault>>> Open(Environment environment, Settings settings);
  // Opens what is there and changes nothing: nothing is finished, published, folded or swept, and
  // nobody is asked. Without gate() and publisher(). Fails as Open does.
  static Task<Result<std::unique_ptr<Vault>>> OpenToRead(Environment environment,
                                                         Settings settings);
  ~Vault();
  // Finishes what waits, publishes what is new. Await before destruction, unless the process is
  // ending anyway.
  Task<Status> Stop();

  access::Gate& gate();
  records::People& people();
  keys::PersonKeys& person_keys();
  keys::KeyRing& ring();
  const records::Codes& codes() const;
  ledger::Ledger& ledger();
  ledger::Publisher& publisher();
  commit::Committer& committer();
  commit::Committer& key_committer();
  const commit::SealedState& state() const;
  // All ever erased; also of a vault that was opened to read.
  Result<std::vector<keys::EraseJournal::Item>> ReadEraseJournal() const;
  const records::Schema& schema() const;
  std::shared_ptr<const access::Policy> policy() const;  // in force
  const Environment& environment() const;
  const std::string& spill_directory() const;  // of the settings

  // What time it is, as a witness's cosignature says: what waits for that since a reboot goes on.
  // kInvalid: our clock is further than kClockSkewMs from it, and nothing is confirmed.
  Status ConfirmTime(std::int64_t trusted_ms);

  // Makes an organisation's codes possible. Durable.
  Task<Status> EnrolOrganisation(OrganisationId organisation);

 private:
  struct Parts;
  explicit Vault(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_VAULT_H_
