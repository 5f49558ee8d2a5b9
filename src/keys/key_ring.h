// The key ring of one register: the long-lived keys, unwrapped at start and kept in locked memory.
//
//   ROOT wraps IDX, PG, STATE, OVS, LOG[generation], PPK[organisation, generation];  EPOCH[e] wraps
//   KEK[e];  MONTH[m] wraps the month's key;  HOLD[h] wraps the hold's key.
// Wrapped forms are rows of the key database, family wrapped_keys, by name; they are in its
// backups, the objects are not. Key objects come first, rows after: a crash in between leaves an
// object that the next attempt uses. A row whose object is gone says "destroyed", for ever.
//
// Threads  getters any; tasks any, they resume on `home` (for Ensure, which the ledger awaits while
//          it prepares a batch, `home` must be the register committer's executor).
// Source   docs/format/keys.md.
#ifndef CLOISON_KEYS_KEY_RING_H_
#define CLOISON_KEYS_KEY_RING_H_

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "commit/committer.h"
#include "crypto/box.h"
#include "crypto/ed25519.h"
#include "crypto/ff1.h"
#include "keys/key_objects.h"
#include "ledger/successor.h"

namespace cloison::keys {

inline constexpr std::int64_t kEpochDays = 7;
inline constexpr std::size_t kWrappedRowsMax = 100'000;

// KEK[e] in use, with the box keys that wrap people's keys under it, derived once.
struct EpochKeys {
  explicit EpochKeys(crypto::Secret<32> from);

  crypto::Secret<32> kek;
  crypto::BoxKey wk;   // HX(KEK, L("kek"), 64)
  crypto::BoxKey aud;  // HX(KEK, L("kek-aud"), 64)
};

class KeyRing final : public ledger::MonthKeys, public ledger::HoldKeys {
 public:
  // First start: makes ROOT, EPOCH 1 and every wrapped key. kConflict when there is a ring already.
  static Task<Status> Create(KeyObjects& objects, commit::Committer& key_committer,
                             RegisterId register_id, base::Random& random, base::Executor& home);
  // Later starts. kUnavailable: an object is out of reach (the register stays sealed); kNotFound:
  // never created; kCorrupt: a wrapped key does not open, or one is missing.
  static Task<Result<std::unique_ptr<KeyRing>>> Open(KeyObjects& objects, store::Store& key_store,
                                                     commit::Committer& key_committer,
                                                     RegisterId register_id, base::Random& random,
                                                     base::Executor& home);

  RegisterId register_id() const { return register_id_; }
  const crypto::Secret<32>& idx() const { return idx_; }
  const crypto::Secret<32>& pg() const { return pg_; }
  const crypto::Secret<32>& state() const { return state_; }
  std::uint32_t state_generation() const { return 1; }
  const ledger::OversightKey& oversight() const { return *oversight_; }
  // Of the ledger's log of that generation; CHECKs LogKeys()[generation - 1].signs.
  const crypto::Signer& log_signer(std::uint32_t generation = 1) const;
  // What there is of each, by generation from 1.
  std::vector<ledger::Succession::Known> LogKeys() const;
  // Makes the key of a successor, or finds the one that was made. kConflict: it was there and is
  // retired.
  Task<Result<crypto::Ed25519PublicKey>> EnsureLog(std::uint32_t generation);
  // Of the logs before `newest` only the public keys are kept: they are closed, and nothing may be
  // signed in their name. Await it before anything is signed by the newest.
  Task<Status> RetireLogs(std::uint32_t newest);

  std::uint32_t current_epoch() const;
  // kNotFound: destroyed; kCorrupt: no epoch of this ring.
  Result<std::shared_ptr<const EpochKeys>> Epoch(std::uint32_t epoch) const;
  Result<std::shared_ptr<const crypto::Secret<32>>> Kek(std::uint32_t epoch) const;
  // Begins the next epoch (new object, new KEK). From its commit on no WK of an older epoch is
  // written; old ones are re-wrapped by a job. kConflict: somebody else began it.
  Task<Status> BeginEpoch();
  // The object of an earlier epoch, for ever; what it wraps opens in no backup any more. kConflict:
  // the current one, or none. Again: the same.
  Status DestroyEpoch(std::uint32_t epoch);

  // The key of an organisation's codes, made on first use by Ensure.
  Task<Status> EnsurePartner(OrganisationId organisation, std::uint32_t generation);
  Result<std::shared_ptr<const crypto::Ff1>> Partner(OrganisationId organisation,
                                                     std::uint32_t generation) const;

  // kNotFound: the month's key was destroyed, and no other takes its place.
  Task<Status> Ensure(std::uint32_t month) override;
  Result<std::shared_ptr<const crypto::HmacKey>> KeyOf(std::uint32_t month) override;
  Status DestroyMonth(std::uint32_t month) override;

  // Resumes on `home` of Open, as Ensure does.
  Task<Status> EnsureHold(std::uint32_t hold) override;
  Result<std::shared_ptr<const crypto::HmacKey>> HoldKeyOf(std::uint32_t hold) override;
  std::vector<std::uint32_t> Holds() const override;
  Status DestroyHold(std::uint32_t hold) override;

 private:
  using SharedKey = std::shared_ptr<const crypto::Secret<32>>;
  using PartnerName = std::pair<std::uint32_t, std::uint32_t>;
  // Keys of records, by number, each under an object of its own.
  struct RecordKeys {
    std::string (*object_of)(RegisterId register_id, std::uint32_t number);
    std::string (*row_of)(std::uint32_t number);
    std::map<std::uint32_t, std::shared_ptr<const crypto::HmacKey>> keys = {};
    std::set<std::uint32_t> destroyed = {};
  };

  KeyRing(KeyObjects& objects, commit::Committer& key_committer, RegisterId register_id,
          base::Random& random, base::Executor& home);

  // Open, row by row.
  Status Absorb(const std::map<std::string, Bytes>& rows);
  Status AbsorbRootKeys(const std::map<std::string, Bytes>& rows);
  Status AbsorbEpoch(const std::map<std::string, Bytes>& rows);
  Status AbsorbLogs(const std::map<std::string, Bytes>& rows);
  Status AbsorbNumbered(const std::string& name, ByteView wrapped);
  Status AbsorbKek(std::uint32_t epoch, ByteView wrapped);
  Status AbsorbRecordKey(RecordKeys& of, std::uint32_t number, ByteView wrapped);
  Task<Status> EnsureRecordKey(RecordKeys& of, std::uint32_t number);
  Result<std::shared_ptr<const crypto::HmacKey>> RecordKeyOf(const RecordKeys& of,
                                                             std::uint32_t number) const;
  Status DestroyRecordKey(RecordKeys& of, std::uint32_t number);
  // Makes the row `name` under `object` if there is none, and gives the key in force.
  Task<Result<crypto::Secret<32>>> EnsureRow(std::string object, std::string name);

  KeyObjects& objects_;
  commit::Committer& key_committer_;
  RegisterId register_id_;
  base::Random& random_;
  base::Executor& home_;
  crypto::Secret<32> idx_, pg_, state_;
  std::unique_ptr<const ledger::OversightKey> oversight_;
  mutable std::mutex mutex_;  // guards what follows
  std::map<std::uint32_t, std::unique_ptr<crypto::Ed25519Signer>> log_signers_;
  std::map<std::uint32_t, crypto::Ed25519PublicKey> retired_logs_;
  std::uint32_t current_epoch_ = 0;
  std::map<std::uint32_t, std::shared_ptr<const EpochKeys>> epochs_;
  RecordKeys months_, holds_;
  std::map<PartnerName, std::shared_ptr<const crypto::Ff1>> partners_;
};

}  // namespace cloison::keys

#endif  // CLOISON_KEYS_KEY_RING_H_
