#include "access/internal/case_works.h"

#include <algorithm>

namespace cloison::access::internal {

namespace {

Refusal Because(RefusalCode code, std::string rule) {
  return Refusal{code, std::move(rule), {}, {}, 0, {}, {}, {}, {}};
}

// Whoever may freeze looks at what holds people back, of all organisations.
bool MayLook(Core& core, const PrincipalInfo& info) {
  return core.parts.policy.Now().Has(info.role, Right::kFreeze);
}

}  // namespace

Task<Status> ListCasesWork::LoadMore(commit::Staging& staging) {
  page_ = {};
  CaseId last;
  last.fill(0xff);
  // One behind `above`: a longer key that begins with it.
  store::Range range{store::Family::kCases, CaseKey(open_, above_).bytes + '\0',
                     CaseKey(open_, last).bytes};
  const Result<store::ScanPage> page = co_await staging.store().Scan(std::move(range), count_);
  if (!page.ok()) co_return page.error();
  for (const store::KeyedRow& keyed : page->rows) {
    const store::Key key{store::Family::kCases, keyed.key};
    CaseId id;
    if (keyed.key.size() != 1 + id.size())
      co_return Error{Code::kCorrupt, "a case has another name"};
    std::copy(keyed.key.begin() + 1, keyed.key.end(), id.begin());
    CLOISON_CO_TRY_ASSIGN(const crypto::SecretBytes plain,
                          core_.parts.state.Open(key, keyed.row.value));
    CLOISON_CO_TRY_ASSIGN(Case one, ParseCase(plain.Reveal(), id));
    page_.items.push_back(std::move(one));
  }
  if (page->rows.size() == count_) page_.next = page_.items.back().id;
  co_return Ok();
}

Result<commit::Staged> ListCasesWork::Decide(commit::Staging& staging) {
  pending_.reset();
  if (!MayLook(core_, principal().info())) {
    return Refuse(staging, Because(RefusalCode::kNoRight, "right/freeze"),
                  ledger::Decision::kRefuse, {});
  }
  pending_ =
      StageEntry(GateWork::Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "case/list"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

ListCasesWork::Promise ListCasesWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  page_.recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(page_);
}

Task<Status> CaseWork::LoadMore(commit::Staging& staging) {
  co_return co_await LoadCase(core_, staging, id_);
}

Result<commit::Staged> CaseWork::Decide(commit::Staging& staging) {
  pending_.reset();
  shown_.reset();
  evidence_.clear();
  if (!MayLook(core_, principal().info())) {
    return Refuse(staging, Because(RefusalCode::kNoRight, "right/freeze"),
                  ledger::Decision::kRefuse, {});
  }
  CLOISON_TRY_ASSIGN(std::optional<Case> found, FindCase(core_, staging, id_));
  if (!found.has_value()) {
    return Refuse(staging, Because(RefusalCode::kNotAvailable, "not-available"),
                  ledger::Decision::kMiss, {});
  }
  return reason_to_close_.has_value() ? Close(staging, std::move(*found))
                                      : Show(staging, std::move(*found));
}

Result<commit::Staged> CaseWork::Show(commit::Staging& staging, Case found) {
  const std::int64_t now_ms = staging.time().budget_ms;
  if (found.open && found.principal.has_value()) {
    evidence_ = core_.principals.EvidenceOf(core_.principals.Get(*found.principal), now_ms);
  } else if (found.open) {
    evidence_ = core_.parts.observer->EvidenceOf(found.pool, now_ms);
  }
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "case/read"));
  Charge(staging, {});
  shown_ = std::move(found);
  return commit::Staged::kDone;
}

Result<commit::Staged> CaseWork::Close(commit::Staging& staging, Case found) {
  if (!found.open) {
    return Refuse(staging, Because(RefusalCode::kDecided, "case/closed"), ledger::Decision::kRefuse,
                  {});
  }
  if (IsApplication() || IsTheirs(core_, found, caller_.principal)) {
    return Refuse(staging, Because(RefusalCode::kNoRight, "case/own"), ledger::Decision::kRefuse,
                  {});
  }
  // As with what others ask for (PartyOf): who is held back lets nobody go.
  if (hold().rung >= Rung::kSecondPerson) return RefuseHeld(staging, "case/held");
  if (!HasFreshProof(staging)) return RefuseStale(staging, "case/step-up");
  if (found.rung >= Rung::kFrozen && core_.parts.two_people) return RefuseAlone(staging, kCaseKind);
  found.closer = caller_.principal;
  found.reason = *reason_to_close_;
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "case/read"));
  CloseCase(core_, staging, *this, found);
  Charge(staging, {});
  shown_ = std::move(found);
  return commit::Staged::kDone;
}

CaseWork::Promise CaseWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Cases::Shown{std::move(*shown_), std::move(evidence_),
                      core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

}  // namespace cloison::access::internal
