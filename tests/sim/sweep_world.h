// One fixed life of a register, in which one chosen call of its stores or files fails once: it is
// created, filled, read, searched, changed, refused, frozen, erased from, folded, stopped and
// opened again. Whoever is told nothing asks again, as clients do; a process that must end ends,
// and starts again.
#ifndef CLOISON_TESTS_SIM_SWEEP_WORLD_H_
#define CLOISON_TESTS_SIM_SWEEP_WORLD_H_

#include "base/testing/manual_clock.h"
#include "store/memory/memory_store.h"
#include "store/testing/fault_store.h"
#include "tests/sim/crash_audit.h"
#include "tests/sim/fault_files.h"

namespace cloison::sim {

enum class FaultWhere : std::uint8_t { kMainStore, kKeyStore, kFiles };

struct FaultAt {
  FaultWhere where;
  bool reads;  // else commits, or changes of files
  FileFault how;
  int nth;
};

class SweepWorld {
 public:
  explicit SweepWorld(const FaultAt& fault);

  // The life, then an opening without faults, then the audit.
  void Run();
  bool fired() const { return fired_; }
  // What was not as promised: empty.
  const std::vector<std::string>& problems() const { return problems_; }
  std::size_t restarts() const { return restarts_; }
  const Facts& facts() const { return facts_; }

 private:
  struct Entry {
    std::string what;
    KnownEntry entry;
    bool of_person_0;
  };

  void Life();
  void Rest();
  void AuditAll();
  void AuditEntries();
  void AuditTrail();
  void AuditFrozen();
  void AuditCaseload();
  void GoOn();

  bool Up();       // creates it if it is not there, opens it
  void Restart();  // as after the end of a process
  void Stop();
  void Disarm();
  void EnrolAll();
  void Enrol(const access::PrincipalInfo& info);
  void EnrolCitizen();

  void Register(std::uint64_t person);
  void RegisterAgain(std::uint64_t person);  // a number that is taken
  void Update(std::uint64_t person, std::uint64_t email);
  void Erase(std::uint64_t person);
  void Read(std::size_t agent, std::uint64_t person, std::size_t asked);
  void LookUp(std::size_t agent, std::uint64_t person);
  void Assign(std::size_t agent, std::uint64_t person);
  void Freeze(std::size_t agent);
  void Refuse(const PrincipalId& who, const std::string& code, access::RefusalCode want);
  void OwnTrail();

  access::DisclosureRequest Asking(const std::string& code, std::size_t asked) const;
  Task<access::Outcome<access::LookedUp>> LookUpTask(std::size_t agent, std::uint64_t person);
  const std::string& CodeOf(std::uint64_t person) const;
  PersonId IdOf(std::uint64_t person);
  access::Gate& gate() { return vault_.vault().gate(); }
  void NoteRead(std::size_t agent, std::uint64_t person, std::size_t asked,
                const access::ShownRecord& record);
  ledger::Leaf LeafOf(const ledger::Recorded& recorded);
  void NoteEntry(const char* what, const ledger::Recorded& recorded, bool of_person_0);
  void Problem(const std::string& what) { problems_.push_back(what); }
  // Counts a failure that the one fault may explain, and ends the process where it has to.
  void Failed(const Error& error, const std::string& during);
  // What was asked for; a refusal or an error, when it still is one, is a problem.
  template <class T>
  const T* Given(const access::Outcome<T>& outcome, const std::string& during);
  // Asks until it is answered.
  template <class Ask>
  auto Try(const std::string& during, Ask ask);

  base::testing::SeededRandom random_{1};
  base::testing::SeededExecutor seeded_{1};
  base::testing::ManualClock clock_{
      1'701'385'200'000};  // the last hour of a month: a new key comes
  FaultFiles files_;
  store::MemoryStore main_memory_{&seeded_}, keys_memory_{&seeded_};
  store::testing::FaultStore main_{main_memory_}, keys_{keys_memory_};
  SimVault vault_;
  Facts facts_;
  bool created_ = false, fired_ = false, armed_ = true;
  bool frozen_ = false, assigned_ = false;
  std::size_t restarts_ = 0;
  std::vector<Entry> entries_;
  std::vector<std::string> problems_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_SWEEP_WORLD_H_
