// What the clients of a crash test know: what they asked for and what they were told. One line per
// fact, so that a child that is killed can have told them through a pipe.
//
//   register? N         a registration of person N was sent     register! N CODE VERSION INDEX LEAF
//   update? N EMAIL     a change of the e-mail was sent         update! N VERSION INDEX LEAF
//   erase? N            an erasure was sent                     erase! N INDEX LEAF
//   rekey? N            another key was asked for               rekey! N VERSION
//   refused N           the answer of any of these: nothing was changed
//   read! AGENT N PURPOSE INDEX LEAF                            a value was received
//   signed! HEX                                                 a checkpoint was received
//   is N CODE VERSION EMAIL                                     what an audit found of what was
//   asked gone N
// "?" without its "!" is what a crash leaves open: it may have happened or not.
#ifndef CLOISON_TESTS_SIM_CRASH_FACTS_H_
#define CLOISON_TESTS_SIM_CRASH_FACTS_H_

#include <iosfwd>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/entry.h"
#include "tests/sim/sim_vault.h"

namespace cloison::sim {

struct KnownPerson {
  std::string code;
  std::uint64_t version = 0;
  std::uint64_t email = 0;  // EmailOf(email)
  bool erased = false;
  std::optional<std::uint64_t> email_asked;  // a change without an answer
  bool erase_asked = false;
  bool rekey_asked = false;  // without an answer: the version may be one more
};
struct KnownEntry {
  std::uint64_t index;
  ledger::Leaf leaf;
};
struct KnownRead {
  std::size_t agent;
  std::uint64_t person;
  std::string purpose;
  KnownEntry entry;
};

// What each purpose of the simulation's policy is asked for.
struct AskedFor {
  const char* purpose;
  const char* field;
  std::vector<access::Counter> counters;
};
const std::vector<AskedFor>& Asked();

// Threads: any, for Note; the rest when nobody notes.
class Facts {
 public:
  // `pipe`: where each line is written as well; -1: nowhere.
  explicit Facts(int pipe = -1) : pipe_(pipe) {}
  // CHECKs that the line is one of those above.
  void Note(const std::string& line);
  // The same without the pipe.
  void Recall(const std::string& line);

  const std::map<std::uint64_t, KnownPerson>& people() const { return people_; }
  const std::set<std::uint64_t>& registering() const { return registering_; }
  const std::vector<KnownEntry>& entries() const { return entries_; }
  const std::vector<KnownRead>& reads() const { return reads_; }
  const std::vector<std::string>& checkpoints() const { return checkpoints_; }
  const std::vector<std::string>& lines() const { return lines_; }

 private:
  void Apply(const std::string& line);
  void ApplyTo(KnownPerson& person, const std::string& what, std::istream& in);

  const int pipe_;
  std::mutex mutex_;
  std::map<std::uint64_t, KnownPerson> people_;
  std::set<std::uint64_t> registering_;
  std::vector<KnownEntry> entries_;
  std::vector<KnownRead> reads_;
  std::vector<std::string> checkpoints_;
  std::vector<std::string> lines_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_CRASH_FACTS_H_
