// Reads the register back and holds it against the model: after each step of a simulated world, on
// an open vault on which nothing runs.
//
// What each check is for: docs/design/0010-seeded-worlds.md.
#ifndef CLOISON_TESTS_SIM_WORLD_AUDIT_H_
#define CLOISON_TESTS_SIM_WORLD_AUDIT_H_

#include "tests/sim/sim_vault.h"
#include "tests/sim/world_ground.h"
#include "tests/sim/world_model.h"
#include "tlog/checkpoint.h"

namespace cloison::sim {

class WorldAudit {
 public:
  // All outlive it.
  struct Parts {
    SimVault& vault;
    Model& model;
    WorldStore& main;
    WorldStore& keys;
    const WorldTime& time;
    base::Files& files;
    std::string directory;  // of the signed size
    base::Random& random;
  };
  explicit WorldAudit(const Parts& parts) : parts_(parts) {}

  // `reopened`: the vault was opened since the last time, so what an opening sweeps is swept.
  void Run(bool reopened);
  std::string signed_path() const;
  // The size that the log's own file says was signed; 0: there is none.
  std::uint64_t SignedSize();

 private:
  struct Clock {
    std::int64_t budget_ms, wall_ms, boot_ms, real_ms;
    ByteArray<16> boot_id;
  };
  void JudgeNew();
  std::vector<Entry> ReadNew();
  std::optional<Clock> ReadClock(const Bytes& sealed);
  void CheckTime(const Clock& now);
  void ResolvePeople();
  void CheckAnswers();
  void CheckReceipt(const Op& op, const ledger::Recorded& recorded);
  void CheckLedger();
  std::optional<std::uint64_t> CheckHead(const std::string& text, const std::string& which);
  void CheckPeople(bool reopened);
  void CheckLiving(Number person);
  void CheckSealed(Number number, const ledger::SubjectKey& key);
  void CheckDead(Number person, bool reopened);
  void CheckRows(bool reopened);
  void CheckActors();
  void CheckActor(std::size_t actor);
  void CheckNumbers(std::size_t actor);
  void CheckScope();
  std::set<PersonId> FindBy(const char* field, std::uint64_t nir, std::uint64_t email);
  std::set<std::string> PersonsIn(WorldStore& store, store::Family family);

  void Broken(const std::string& what) { parts_.model.Broken(what); }
  template <class T>
  T Wait(Task<T> task) {
    return parts_.vault.Wait(std::move(task));
  }
  vault::Vault& vault() { return parts_.vault.vault(); }
  ledger::Ledger& log() { return vault().ledger(); }

  Parts parts_;
  std::size_t batch_ = 0, checked_ops_ = 0;
  std::optional<Clock> last_;
  std::vector<tlog::Hash> roots_{tlog::EmptyRoot()};  // by size
  tlog::Frontier frontier_;
  std::map<std::string, std::uint64_t> opened_heads_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WORLD_AUDIT_H_
