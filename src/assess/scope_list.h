// The exact scope of some accounts in a period, from the log: each person once, with the first and
// last time and what was done. The list is people's: it goes to a file of mode 0600, or where the
// caller asked for it by name.
//
// Threads  Add: any.
#ifndef CLOISON_ASSESS_SCOPE_LIST_H_
#define CLOISON_ASSESS_SCOPE_LIST_H_

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "assess/log_line.h"

namespace cloison::assess {

inline constexpr std::size_t kScopePeopleMax = 10'000'000;

// Empty lists and ends ask for nothing. From is in it, until is not.
struct ScopeQuery {
  std::vector<std::string> agents, organisations, offices;
  std::int64_t from_ms = 0, until_ms = INT64_MAX;

  // "agent=7,agent=8,from=2024-02-06,until=2024-03-05T12:00:00Z"; days begin at midnight of `zone`.
  // `until` as a day: its end. At least one agent, organisation or office. kInvalid: `problems`
  // says what.
  static Result<ScopeQuery> Parse(std::string_view text, const Zone& zone,
                                  std::vector<std::string>* problems);
  bool Holds(const LogAccess& access) const;
};

class ScopeList {
 public:
  explicit ScopeList(ScopeQuery query) : query_(std::move(query)) {}

  // kExhausted above kScopePeopleMax: a shorter period is needed.
  Status Add(const LogAccess& access);
  std::uint64_t people() const { return people_.size(); }
  std::uint64_t accesses() const { return accesses_; }
  // CSV: person, first, last, accesses, opened, sensitive; people in the order of their texts.
  std::string Csv() const;

 private:
  struct Of {
    std::int64_t first_ms, last_ms;
    std::uint32_t accesses, opened, sensitive;
  };
  const ScopeQuery query_;
  std::mutex mutex_;
  std::map<std::string, Of, std::less<>> people_;
  std::uint64_t accesses_ = 0;
};

}  // namespace cloison::assess

#endif  // CLOISON_ASSESS_SCOPE_LIST_H_
