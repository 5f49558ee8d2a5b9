#include "verify/person.h"

#include "verify/internal/person_pages.h"
#include "verify/internal/tag_watch.h"

namespace cloison::verify {
namespace {

using internal::PersonPages;
using internal::TagWatch;

Fault AtNumber(FaultKind kind, std::uint64_t n, std::optional<std::uint64_t> index, Literal text) {
  return {kind, "person n=" + std::to_string(n), index, 0, text.view()};
}

// What the numbers say once all entries have passed.
std::optional<Fault> CheckNumbers(const PersonPages& pages, const TagWatch& watch,
                                  PersonFacts& facts) {
  for (std::uint64_t n = facts.first; n < facts.end; ++n) {
    const auto found = watch.found().find(n);
    const bool in_log = found != watch.found().end();
    if (pages.Has(n)) {
      const auto known = pages.numbers().find(n);
      if (!in_log || known == pages.numbers().end() || known->second == found->second) continue;
      return AtNumber(FaultKind::kTag, n, found->second,
                      "the log has this number at another index");
    }
    if (in_log) {
      return AtNumber(FaultKind::kGap, n, found->second,
                      "the log holds this entry, and the file leaves it out");
    }
    return AtNumber(FaultKind::kGap, n, {}, "neither the file nor the log has this number");
  }
  for (auto it = watch.found().lower_bound(facts.end); it != watch.found().end(); ++it) {
    if (it->second < pages.log_size()) {
      return AtNumber(FaultKind::kLater, it->first, it->second,
                      "the log had this entry when the file was made, and it is left out");
    }
    ++facts.later;
  }
  return {};
}

void CountNewer(const PersonPages& pages, std::uint64_t size, PersonFacts& facts) {
  const auto& claims = pages.claims();
  facts.newer = static_cast<std::uint64_t>(std::distance(claims.lower_bound(size), claims.end()));
}

}  // namespace

Result<PersonReport> VerifyPerson(Source& source, const LogOptions& options,
                                  const PersonFile& file) {
  if (file.pages.empty() || file.pages.size() > kPersonPagesMax) {
    return Error{Code::kInvalid, "a person's file has at least one page"};
  }
  if (options.since || options.observer != nullptr) {
    return Error{Code::kInvalid, "a person's file needs the whole log: not with --since"};
  }
  PersonPages pages(options, file);
  PersonReport out;
  out.log.origin = options.key.name();
  out.log.fault = pages.Read();
  out.facts = pages.facts();
  if (!out.log.ok()) return out;
  TagWatch watch(TagWatch::Side::kSubject, pages.trail(), out.facts.first,
                 out.facts.end + kTagsAhead, pages.claims());
  LogOptions whole = options;
  whole.observer = &watch;
  whole.heads.insert(whole.heads.end(), pages.context().heads.begin(), pages.context().heads.end());
  CLOISON_TRY_ASSIGN(out.log, VerifyLog(source, whole));
  if (!out.log.ok()) return out;
  out.log.fault = watch.fault() ? watch.fault() : CheckNumbers(pages, watch, out.facts);
  CountNewer(pages, out.log.head.size, out.facts);
  return out;
}

}  // namespace cloison::verify
