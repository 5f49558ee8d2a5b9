// What a day does to a register, through the API of a running server: registrations, assignments,
// look-ups, readings, refusals of all sorts, changes, erasures, trails, freezes. All that is said
// of people on the way is kept, to be searched for afterwards.
#ifndef CLOISON_TESTS_DISK_REGISTER_LOAD_H_
#define CLOISON_TESTS_DISK_REGISTER_LOAD_H_

#include "ingest/generator.h"
#include "tests/disk/daemon.h"
#include "tests/disk/register_texts.h"

namespace cloison::disk {

class RegisterLoad {
 public:
  // `people`: of the world; those who come are made from there on.
  RegisterLoad(const Daemon& daemon, std::size_t people) : daemon_(daemon), next_(people) {}

  void Run();
  // Answers of another status than expected: empty.
  const std::vector<std::string>& problems() const { return problems_; }
  std::size_t answers() const { return answers_; }
  // Values, codes, case references and keys that were used.
  void AddTo(RegisterTexts& texts, const records::Schema& schema) const;

 private:
  struct Came {
    ingest::GeneratedPerson person;
    std::string code;
    int version = 1;
  };

  void Register();
  void Assign();
  void Look();
  void Refuse();
  void Change();
  void Erase();
  void Rest();
  Answer Expect(int status, const char* what, Answer answer);
  // To the approval that was asked for.
  Answer Agree(const std::string& who, const Answer& asked);
  // Notes the reference.
  std::string CaseRef();
  std::string Key();

  const Daemon& daemon_;
  std::uint64_t next_;
  std::vector<Came> came_;
  std::vector<std::string> texts_;
  std::vector<std::pair<std::string, std::string>> values_;  // beside those of people
  std::vector<std::string> problems_;
  std::size_t answers_ = 0, named_ = 0;
};

}  // namespace cloison::disk

#endif  // CLOISON_TESTS_DISK_REGISTER_LOAD_H_
