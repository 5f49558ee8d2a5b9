// The ledger's word on an account, as an officer is told it over HTTP, in the terms of the thief's
// book: who is a pseudonym there is whom the thief knows by a code here, if they always go
// together.
//
// Threads  pure functions.
#ifndef CLOISON_DRILL_LIVE_SCOPE_H_
#define CLOISON_DRILL_LIVE_SCOPE_H_

#include <string>
#include <vector>

#include "drill/book.h"
#include "drill/live_answers.h"
#include "records/schema.h"

namespace cloison::drill {

struct LiveScope {
  std::vector<ScopeEntry> entries;  // that showed somebody, by the sessions of the run
  // The same, explained by requests without an answer, which are not in `entries`: of each the
  // entries of one showing.
  std::uint64_t unanswered = 0;
  // That showed somebody by other sessions of the account: its owner was at work.
  std::uint64_t elsewhere = 0;
};

// `entries`: all of the account's since the run began, in any order; `first_n`: the number that the
// first of them must have. `unanswered`: for whom requests without an answer were. `log`: that the
// book counts in; "": the book is empty. Fails    kCorrupt: a field that the schema does not have;
// a number that is missing or twice.
Result<LiveScope> ScopeOfActivity(std::vector<LiveEntry> entries, std::uint64_t first_n,
                                  const Book& book, std::vector<std::optional<PersonId>> unanswered,
                                  const std::string& log, const records::Schema& schema);

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_LIVE_SCOPE_H_
