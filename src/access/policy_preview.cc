#include "access/policy_preview.h"

#include <algorithm>

namespace cloison::access {

namespace {

std::optional<Relation> RelationNamed(std::string_view name) {
  for (std::size_t i = 0; i < kRelations; ++i) {
    if (Name(static_cast<Relation>(i)) == name) return static_cast<Relation>(i);
  }
  return std::nullopt;
}

// "support/caseload" of the purpose support.
std::optional<Relation> RelationOf(std::string_view rule, std::string_view purpose) {
  if (!rule.starts_with(purpose) || rule.size() <= purpose.size()) return std::nullopt;
  rule.remove_prefix(purpose.size());
  return rule.front() == '/' ? RelationNamed(rule.substr(1)) : std::nullopt;
}

// How one policy shows these fields: each, or nothing at all.
struct Verdict {
  bool allowed = true;
  bool plain = false, masked = false;
};
Verdict Judge(const Policy& policy, const ledger::ActorPart& actor, Relation relation,
              const std::vector<FieldId>& fields) {
  const std::vector<const Grant*> grants =
      policy.GrantsOf(*actor.organisation, actor.role, actor.purpose);
  Verdict verdict;
  for (const FieldId field : fields) {
    const std::optional<ledger::Form> form = Policy::FormOf(grants, relation, field);
    if (!form.has_value()) return {false, false, false};
    (*form == ledger::Form::kPlain ? verdict.plain : verdict.masked) = true;
  }
  return verdict;
}

}  // namespace

void CountEntry(PreviewReport& report, const Policy& before, const Policy& after,
                const ledger::SubjectPart* subject, const ledger::ActorPart& actor,
                std::string_view rule) {
  ++report.entries;
  if (actor.kind == ledger::Kind::kRefusal) ++report.refusals;
  const bool look = actor.kind == ledger::Kind::kDisclosure || actor.kind == ledger::Kind::kGlimpse;
  if (!look || actor.decision != ledger::Decision::kAllow || subject == nullptr) return;
  if (subject->fields.empty() || !IsShowing(subject->form)) return;
  ++report.allowed;
  const std::optional<Relation> relation = RelationOf(rule, actor.purpose);
  if (!relation.has_value() || !actor.organisation.has_value()) {
    ++report.undecided;
    return;
  }
  const Verdict old = Judge(before, actor, *relation, subject->fields);
  const Verdict now = Judge(after, actor, *relation, subject->fields);
  const bool was_plain = subject->form == ledger::Form::kPlain;
  PreviewCounts counts;
  counts.looks = 1;
  counts.refused = old.allowed && !now.allowed ? 1 : 0;
  counts.granted = !old.allowed && now.allowed ? 1 : 0;
  if (old.allowed && now.allowed) {
    counts.masked = was_plain && old.plain && !old.masked && now.masked ? 1 : 0;
    counts.unmasked = !was_plain && old.masked && !old.plain && now.plain ? 1 : 0;
  }
  if (counts.refused + counts.granted + counts.masked + counts.unmasked == 0) return;
  PreviewCounts& sum =
      report.changed[{actor.organisation->value(), actor.role, actor.purpose, *relation}];
  sum.looks += counts.looks;
  sum.refused += counts.refused;
  sum.granted += counts.granted;
  sum.masked += counts.masked;
  sum.unmasked += counts.unmasked;
}

namespace {

// One page of records, the newest first. False: older than the period.
Result<bool> CountPage(PreviewReport& report, const Policy& before, const Policy& after,
                       const std::vector<ledger::Record>& records, std::int64_t period_ms) {
  for (auto record = records.rbegin(); record != records.rend(); ++record) {
    CLOISON_TRY_ASSIGN(const ledger::ActorPart actor, ledger::ParseActorPart(record->actor_part));
    if (report.entries == 0) report.to_ms = actor.time_ms;
    if (actor.time_ms < report.to_ms - period_ms) return false;
    report.from_ms = actor.time_ms;
    std::optional<ledger::SubjectPart> subject;
    if (!record->subject_part.empty()) {
      CLOISON_TRY_ASSIGN(subject, ledger::ParseSubjectPart(record->subject_part));
    }
    CountEntry(report, before, after, subject.has_value() ? &*subject : nullptr, actor,
               record->rule);
  }
  return true;
}

}  // namespace

Task<Result<PreviewReport>> CountLately(const ledger::Ledger& log, const Policy& before,
                                        const Policy& after, PreviewLimits limits) {
  PreviewReport report;
  std::uint64_t end = log.size();
  bool within = true;
  while (within && end > 0 && report.entries < limits.entries) {
    const std::uint64_t most =
        std::min<std::uint64_t>(ledger::kReadEntriesMax, limits.entries - report.entries);
    const std::uint64_t first = end - std::min(end, most);
    const Result<std::vector<ledger::Record>> records =
        co_await log.ReadRecords(first, static_cast<std::size_t>(end - first));
    if (!records.ok() && records.error().code() == Code::kNotFound) {
      report.expired = true;
      break;
    }
    if (!records.ok()) co_return records.error();
    CLOISON_CO_TRY_ASSIGN(within, CountPage(report, before, after, *records, limits.period_ms));
    end = first;
  }
  report.more = within && end > 0 && !report.expired;
  co_return report;
}

}  // namespace cloison::access
