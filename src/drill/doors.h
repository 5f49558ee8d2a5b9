// Every door of the gate by which somebody may be shown, tried as a thief would who knows the
// policy, the codes and the numbers of everybody.
#ifndef CLOISON_DRILL_DOORS_H_
#define CLOISON_DRILL_DOORS_H_

#include <string>
#include <utility>
#include <vector>

#include "access/explanations.h"
#include "access/questions.h"
#include "drill/book.h"
#include "drill/stage.h"

namespace cloison::drill {

// Whom a thief asks for, and what it knows of them already.
struct Target {
  PersonId person;
  std::string code;                                             // of the caller's organisation
  std::vector<std::pair<std::string_view, std::string>> known;  // fields and texts to ask with
  std::vector<std::pair<std::string_view, std::string>> truth;  // what the fields really are
};

// What one answer told of somebody.
struct Told {
  PersonId person;
  std::vector<std::uint64_t> entries;  // that its receipts name
  std::vector<FieldId> fields;
  // A value came whole, one of them of a sensitive field. What came is held against what the thief
  // knows; of what it does not know, nothing is taken for a mask but the rows of a look-up.
  bool opened = false, sensitive = false;
};
// What it counts in, of a stranger or not.
access::CounterSet CountersOf(const Told& told, bool stranger);
BookLine LineOf(const Told& told, std::int64_t at_ms, bool stranger);

// One caller. Threads: one.
class Doors {
 public:
  // `stage` and `book` outlive it; into the book go requests without an answer, which are asked
  // again. The role is in force throughout.
  Doors(Stage& stage, Book& book, access::Caller caller, OrganisationId organisation,
        std::string role)
      : stage_(stage),
        book_(book),
        caller_(std::move(caller)),
        organisation_(organisation),
        role_(std::move(role)) {}

  // By each purpose of the policy: opens, looks up by each number known, asks whether a value is
  // there, whether it is the known one, and for a decision. Gives every answer that told
  // something; `any` as for Match.
  Result<std::vector<Told>> TryAll(const Target& target, bool any = false);
  // One door. Empty: nothing was told.
  Result<std::vector<Told>> Open(const Target& target, const std::string& purpose);
  Result<std::vector<Told>> LookUp(const Target& target, const std::string& purpose);
  Result<std::vector<Told>> Exist(const Target& target, const std::string& purpose);
  Result<std::vector<Told>> Decide(const Target& target, const std::string& purpose);
  // A yes. Also a no when `any`: of who is there, a no tells as much.
  Result<std::vector<Told>> Match(const Target& target, const std::string& purpose,
                                  std::string_view field, std::string_view text, bool any);
  Result<std::vector<Told>> Overview();  // of the own caseload

  std::uint64_t requests() const { return requests_; }
  std::uint64_t refused() const { return refused_; }

 private:
  template <class T>
  Result<const T*> Count(const access::Outcome<T>& outcome);
  std::vector<FieldId> FieldsOf(const std::string& purpose) const;
  Result<std::vector<Told>> ToldBy(const std::vector<access::ShownRecord>& records,
                                   const Target* target, bool rows) const;
  access::Gate& gate() { return stage_.vault().gate(); }
  access::Caller Again() const { return caller_; }

  // Of one person, when `target` names them.
  template <class Call>
  auto Ask(const Target* target, std::size_t people, Call call) {
    const auto person = target == nullptr ? std::nullopt : std::optional(target->person);
    return stage_.Ask(&book_, person, people, std::move(call));
  }

  Stage& stage_;
  Book& book_;
  const access::Caller caller_;
  const OrganisationId organisation_;
  const std::string role_;
  std::uint64_t requests_ = 0, refused_ = 0;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_DOORS_H_
