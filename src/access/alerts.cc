#include "access/alerts.h"

#include <map>

#include "access/internal/alerts.h"
#include "access/internal/gate_calls.h"

namespace cloison::access {

namespace {

constexpr std::size_t kRowsPerWork = 1'000;

// How many rows each organisation has.
Task<Result<std::map<std::string, std::size_t>>> CountAll(store::Store& store) {
  std::map<std::string, std::size_t> counts;
  store::Range range{store::Family::kOutbox, "", ""};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await store.Scan(range, kRowsPerWork));
    for (const store::KeyedRow& keyed : page.rows) ++counts[keyed.key.substr(0, 4)];
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  co_return counts;
}

}  // namespace

std::string_view Name(Alert::What what) {
  static constexpr std::string_view kNames[] = {"enrolled",      "unseen_key",   "key_waits",
                                                "other_role",    "raised",       "unfrozen",
                                                "erasure_waits", "export_waits", "schema_agreed"};
  return kNames[static_cast<std::size_t>(what) - 1];
}

Task<Outcome<Alerts::Page>> Alerts::List(Caller caller, AlertId above, std::size_t count) {
  if (count == 0 || count > kAlertsPageMax) {
    co_return Error{Code::kInvalid, "a page has 1 to 100 alerts"};
  }
  auto work = std::make_unique<internal::ListAlertsWork>(core_, caller, above, count);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Alerts::Acknowledged>> Alerts::Acknowledge(Caller caller, AlertId id) {
  auto work = std::make_unique<internal::AcknowledgeWork>(core_, caller, id);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Status> Alerts::Prune(base::Executor& home) {
  store::Store& store = core_.parts.people.store();
  const std::int64_t oldest_ms = core_.parts.committer.Now().budget_ms - kAlertKeptMs;
  CLOISON_CO_TRY_ASSIGN(auto counts, co_await CountAll(store));
  store::Range range{store::Family::kOutbox, "", ""};
  for (bool more = true; more;) {
    CLOISON_CO_TRY_ASSIGN(const store::ScanPage page, co_await store.Scan(range, kRowsPerWork));
    std::vector<store::Key> gone;
    for (const store::KeyedRow& keyed : page.rows) {
      std::size_t& left = counts[keyed.key.substr(0, 4)];
      const auto at_ms = static_cast<std::int64_t>(base::LoadBig(AsBytes(keyed.key).subspan(4, 8)));
      if (at_ms >= oldest_ms && left <= kAlertsOfOrganisationMax) continue;
      if (left > 0) --left;
      gone.push_back({store::Family::kOutbox, keyed.key});
    }
    if (!gone.empty()) {
      auto work = std::make_unique<internal::PruneAlertsWork>(core_, internal::SystemCaller(home),
                                                              std::move(gone));
      const Result<Status> done = co_await core_.parts.committer.Submit(std::move(work), home);
      if (!done.ok()) co_return done.error();
      CLOISON_CO_TRY(*done);
    }
    more = page.next.has_value();
    if (more) range.begin = *page.next;
  }
  co_return Ok();
}

}  // namespace cloison::access
