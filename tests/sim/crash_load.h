// A mixed load of concurrent clients that note what they ask for and what they are told.
#ifndef CLOISON_TESTS_SIM_CRASH_LOAD_H_
#define CLOISON_TESTS_SIM_CRASH_LOAD_H_

#include <atomic>
#include <mutex>
#include <set>

#include "tests/sim/crash_facts.h"

namespace cloison::sim {

class Load {
 public:
  // `facts`: of all earlier loads of this register. All references outlive it.
  Load(SimVault& vault, Facts& facts, base::Random& random);

  // Starts `clients` of at most `requests` each; a client ends early when the register cannot
  // answer any more. In a seeded world: run the executor then.
  void Start(std::size_t clients, std::size_t requests);
  bool ended() const { return running_.load() == 0; }
  // Answers that can't be true: empty.
  std::vector<std::string> problems();

 private:
  // False: the register is going down.
  using Going = bool;

  Task<void> Client(std::size_t requests);
  Task<Going> Register();
  Task<Going> Read();
  Task<Going> LookUp();
  // Notes what an agent was shown of a person.
  Going Shown(std::size_t agent, std::uint64_t person, const AskedFor& asked,
              const access::ShownRecord& record);
  // A refusal of a person who may be gone by now.
  Going Refused(std::uint64_t person, const std::string& rule);
  Task<Going> Update();
  Task<Going> Erase();
  Task<Going> Rekey();
  // A living person nobody else is changing, taken for `change`; nothing: there is none.
  std::optional<std::uint64_t> Take(bool change);
  void GiveBack(std::uint64_t person);
  KnownPerson Known(std::uint64_t person);
  void NoteSigned(const ledger::Recorded& recorded);
  void Problem(const std::string& what);
  Going Failed(const Error& error, std::uint64_t person, const char* during);

  SimVault& vault_;
  Facts& facts_;
  base::Random& random_;
  std::mutex mutex_;  // guards what follows
  std::set<std::uint64_t> busy_;
  std::vector<std::uint64_t> living_;
  std::map<std::uint64_t, KnownPerson> known_;
  std::uint64_t next_person_ = 0, next_email_ = 1'000'000;
  std::string last_signed_;
  std::vector<std::string> problems_;
  std::atomic<std::size_t> running_{0};
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_CRASH_LOAD_H_
