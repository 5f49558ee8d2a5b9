// cloison assess: what an existing access log tells. No vault, no data moved: what one stolen
// account could take today, what budgets would have refused and whom they would have disturbed,
// ceilings to propose, the exact scope of accounts.
//
// Threads  Run starts its own. Memory: docs/operate/assess.md. Cost: 1 us of CPU per line.
#ifndef CLOISON_ASSESS_ASSESS_H_
#define CLOISON_ASSESS_ASSESS_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/policy.h"
#include "assess/log_reading.h"
#include "assess/pair_counts.h"
#include "assess/tally.h"

namespace cloison::assess {

struct Options {
  LogMap map;
  std::shared_ptr<const access::Policy> policy;
  std::string default_class = "case-worker";  // of roles that neither map nor policy knows
  std::uint64_t register_people = 0;          // 0: as many as the log names
  std::size_t threads = 2;
  std::size_t memory_bytes = std::size_t{256} << 20;  // of accesses; more goes to a file
  std::string temporary = "/tmp";                     // where that is made
  std::size_t block_bytes = kBlockBytes;
  ByteArray<16> key{};  // of hashes and pseudonyms; of this run
  base::WritableFile* rejects = nullptr;
  bool include_values = false;  // in the rejects
  ScopeList* scope = nullptr;
};

// One row of a table. What does not apply is empty.
struct Row {
  std::string organisation, office, role;
  std::string budget_class;  // of a role and a place
  GroupTally tally;
  std::optional<std::uint64_t> people;  // estimate; of roles
};

struct AccountRow {
  Account account;
  std::string pseudonym;
  Place place;
  TopAccount top;
};

// One ceiling of one counter.
struct CeilingRow {
  access::Scope scope;
  std::string organisation, name;  // of an office or a client
  access::Counter counter;
  Proposal proposal;
};

struct Findings {
  LogCounts counts;
  TimeForm time_form = TimeForm::kYearMonthDay;
  Zone zone;
  bool told = false;         // the log says who is followed
  std::uint64_t people = 0;  // estimate of whom the log names
  std::uint64_t register_people = 0;
  GroupTally all;
  std::vector<Row> roles, offices, places;  // by name
  std::vector<AccountRow> top;
  std::int64_t bucket_ms = 0;  // of ceilings; 0: too many offices and days
  std::uint32_t buckets = 0;
  std::vector<CeilingRow> ceilings;            // register, organisations, offices, clients
  std::vector<PairCounts::Day> register_days;  // shown, whole register
  std::vector<access::BudgetClass> classes;    // of the rows
  std::uint64_t spilled_bytes = 0;

  const access::BudgetClass& ClassOf(const std::string& name) const;
};

// Fails    kInvalid: the header, the times or a class do not fit, or no line was good (`problems`,
//          never null, says what); what reading, rejects, temporary file and scope fail with.
Result<Findings> Run(std::unique_ptr<ByteSource> log, const Options& options,
                     std::vector<std::string>* problems);

// People in an hour at a rate, and such figures, as the reports give them.
struct Reach {
  std::uint64_t seen_hour, seen_day, seen_week, seen_month;  // the most one account was shown
  std::uint64_t rate_hour, rate_day;  // at most_per_minute, somebody new each time
  std::array<std::uint64_t, access::kWindows> opened, opened_off;  // under the budget
};
Reach ReachOf(const Row& row, const Findings& findings);

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_ASSESS_H_
