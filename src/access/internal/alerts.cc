#include "access/internal/alerts.h"

#include <algorithm>

#include "access/internal/approval_rows.h"
#include "access/internal/caseload_works.h"

namespace cloison::access::internal {

namespace {

constexpr std::uint8_t kAlertVersion = 2;
constexpr store::Family kFamily = store::Family::kOutbox;
constexpr std::size_t kKeyBytes = 4 + 16;
constexpr std::size_t kAlertsScannedForManagerMax = 100;  // who reads none but their own

AlertId IdOf(std::string_view key) {
  AlertId id;
  std::copy(key.end() - 16, key.end(), id.begin());
  return id;
}

}  // namespace

Bytes EncodeAlert(const Alert& alert) {
  Bytes out{kAlertVersion, static_cast<std::uint8_t>(alert.what),
            static_cast<std::uint8_t>(alert.whom)};
  base::AppendBytes(out, alert.about.bytes());
  out.push_back(alert.manager.has_value() ? 1 : 0);
  base::AppendBytes(out, alert.manager.value_or(PrincipalId(ByteArray<16>{})).bytes());
  base::AppendU64(out, alert.approval);
  return out;
}

Result<Alert> ParseAlert(ByteView plain, OrganisationId organisation) {
  constexpr Error kBad{Code::kCorrupt, "an alert does not parse"};
  base::Reader reader(plain);
  const std::uint8_t version = reader.U8(), what = reader.U8(), whom = reader.U8();
  Alert alert{Alert::What::kEnrolled, Alert::Whom::kManager, PrincipalId(reader.Array<16>()),
              organisation, std::nullopt};
  const std::uint8_t has_manager = reader.U8();
  const PrincipalId manager(reader.Array<16>());
  alert.approval = reader.U64();
  if (reader.failed() || !reader.empty() || version != kAlertVersion || has_manager > 1)
    return kBad;
  if (what < 1 || what > 9 || whom < 1 || whom > 2) return kBad;
  if (has_manager == 0 && manager != PrincipalId(ByteArray<16>{})) return kBad;
  alert.what = static_cast<Alert::What>(what);
  alert.whom = static_cast<Alert::Whom>(whom);
  if (has_manager == 1) alert.manager = manager;
  return alert;
}

store::Key AlertKey(OrganisationId organisation, const AlertId& id) {
  std::string name(AsText(base::BigU32(organisation.value())));
  name += AsText(id);
  return {kFamily, std::move(name)};
}

namespace {

// `rest`: 8 bytes.
void PutAs(Core& core, commit::Staging& staging, const Alert& alert, std::int64_t at_ms,
           ByteView rest) {
  const ByteArray<8> at = base::BigU64(static_cast<std::uint64_t>(at_ms));
  AlertId id;
  std::ranges::copy(rest, std::copy(at.begin(), at.end(), id.begin()));
  store::Key key = AlertKey(alert.organisation, id);
  Bytes sealed = core.parts.state.Seal(key, EncodeAlert(alert));
  staging.Put(std::move(key), std::move(sealed));
}

}  // namespace

void PutAlert(Core& core, commit::Staging& staging, const Alert& alert) {
  const ByteArray<8> random = core.parts.random.Draw<8>();
  PutAs(core, staging, alert, staging.time().budget_ms, random);
}

void PutAlertOfDay(Core& core, commit::Staging& staging, const Alert& alert) {
  const std::int64_t now_ms = staging.time().budget_ms;
  const std::uint8_t what[] = {static_cast<std::uint8_t>(alert.what)};
  const std::string name = core.parts.state.Prf(kFamily, {alert.about.bytes(), what});
  PutAs(core, staging, alert, now_ms - now_ms % base::kDayMs, AsBytes(name).first(8));
}

bool AlertWork::IsForCaller(const Alert& alert) {
  const PrincipalInfo& info = principal().info();
  return (alert.whom == Alert::Whom::kManager && alert.manager == info.id) || ReadsAll();
}

bool AlertWork::ReadsAll() {
  const PrincipalInfo& info = principal().info();
  const Policy& policy = core_.parts.policy.Now();
  const Role* const role = policy.FindRole(info.role);
  const Organisation* const organisation = policy.FindOrganisation(info.organisation);
  const bool contact = organisation != nullptr && !organisation->second_contact.empty() &&
                       organisation->second_contact == info.label;
  return contact || (role != nullptr && role->kind == RoleKind::kOfficer);
}

Result<Alert> AlertWork::Open(const AlertId& id, const store::Row& row) {
  const OrganisationId organisation = principal().info().organisation;
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain,
                     core_.parts.state.Open(AlertKey(organisation, id), row.value));
  return ParseAlert(plain.Reveal(), organisation);
}

// Who may be somebody's manager only is shown the few that are theirs, and costs the others as few;
// a citizen or a program manages nobody.
std::size_t ListAlertsWork::ScansMost() {
  if (ReadsAll()) return kAlertsScannedMax;
  const PrincipalInfo& info = principal().info();
  const Role* const role = core_.parts.policy.Now().FindRole(info.role);
  const bool program = role == nullptr || role->kind == RoleKind::kApplication;
  return program || info.person.has_value() ? 0 : kAlertsScannedForManagerMax;
}

Task<Status> ListAlertsWork::LoadMore(commit::Staging& staging) {
  found_.clear();
  scanned_to_.reset();
  const std::size_t most = ScansMost();
  if (most == 0) co_return Ok();
  const OrganisationId organisation = principal().info().organisation;
  AlertId last;
  last.fill(0xff);
  // One behind `above`: a longer key that begins with it.
  store::Range range{kFamily, AlertKey(organisation, above_).bytes + '\0',
                     AlertKey(organisation, last).bytes};
  const Result<store::ScanPage> page = co_await staging.store().Scan(std::move(range), most);
  if (!page.ok()) co_return page.error();
  for (const store::KeyedRow& keyed : page->rows) {
    if (keyed.key.size() != kKeyBytes) co_return Error{Code::kCorrupt, "an alert has another name"};
    const AlertId id = IdOf(keyed.key);
    CLOISON_CO_TRY_ASSIGN(const Alert alert, Open(id, keyed.row));
    const auto at_ms = static_cast<std::int64_t>(base::LoadBig({id.data(), 8}));
    if (IsForCaller(alert)) found_.push_back({id, alert, at_ms});
  }
  if (page->rows.size() == most) scanned_to_ = IdOf(page->rows.back().key);
  co_return Ok();
}

Result<commit::Staged> ListAlertsWork::Decide(commit::Staging& staging) {
  page_ = {};
  page_.items = found_;
  page_.next = scanned_to_;
  if (page_.items.size() > count_) {
    page_.items.erase(page_.items.begin() + static_cast<std::ptrdiff_t>(count_), page_.items.end());
    page_.next = page_.items.back().id;
  }
  pending_ = StageEntry(Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "alerts/list"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

ListAlertsWork::Promise ListAlertsWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  page_.recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(page_);
}

Task<Status> AcknowledgeWork::LoadMore(commit::Staging& staging) {
  std::vector<store::Key> keys{AlertKey(principal().info().organisation, id_)};
  CLOISON_CO_TRY(co_await staging.Load(std::move(keys)));
  CLOISON_CO_TRY_ASSIGN(const std::optional<Alert> alert, Find(staging));
  if (!alert.has_value()) co_return Ok();
  if (alert->approval != 0) {
    CLOISON_CO_TRY(co_await ApprovalRows(core_).Load(staging, alert->approval));
  }
  CLOISON_CO_TRY_ASSIGN(std::vector<PrincipalId> whose, WhoseIs(staging, *alert));
  co_return co_await LoadHumansOf(core_, staging, principal().info(), std::move(whose));
}

Result<std::vector<PrincipalId>> AcknowledgeWork::WhoseIs(const commit::Staging& staging,
                                                          const Alert& alert) const {
  std::vector<PrincipalId> whose{alert.about};
  // Whoever agrees to a key that waits has looked: that is what it was told for.
  if (alert.approval == 0 || alert.what == Alert::What::kKeyWaits) return whose;
  CLOISON_TRY_ASSIGN(const std::optional<Approval> approval,
                     ApprovalRows(core_).Get(staging, alert.approval));
  if (!approval.has_value()) return Error{Code::kCorrupt, "the approval of an alert is gone"};
  whose.push_back(approval->asker);
  if (approval->decider.has_value()) whose.push_back(*approval->decider);
  return whose;
}

Result<std::optional<Alert>> AcknowledgeWork::Find(const commit::Staging& staging) {
  const store::Row& row = staging.Get(AlertKey(principal().info().organisation, id_));
  if (!row.present()) return std::optional<Alert>{};
  CLOISON_TRY_ASSIGN(const Alert alert, Open(id_, row));
  return IsForCaller(alert) ? std::optional<Alert>(alert) : std::nullopt;
}

Result<commit::Staged> AcknowledgeWork::Decide(commit::Staging& staging) {
  pending_.reset();
  const PrincipalInfo& info = principal().info();
  CLOISON_TRY_ASSIGN(const std::optional<Alert> alert, Find(staging));
  if (!alert.has_value()) {
    return Refuse(staging,
                  Refusal{RefusalCode::kNotAvailable, "not-available", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kMiss, {});
  }
  CLOISON_TRY_ASSIGN(const std::vector<PrincipalId> whose, WhoseIs(staging, *alert));
  const bool own = std::ranges::any_of(whose, [&](const PrincipalId& one) {
    return one == info.id || IsSameHuman(core_, info, one);
  });
  if (own) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "alerts/own", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  staging.Delete(AlertKey(info.organisation, id_));
  ledger::EntryDraft draft =
      Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "alerts/acknowledge");
  draft.case_ref = base::ToHex(id_);
  pending_ = StageEntry(std::move(draft));
  Charge(staging, {});
  return commit::Staged::kDone;
}

AcknowledgeWork::Promise AcknowledgeWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  return Alerts::Acknowledged{core_.parts.ledger.Redeem(std::move(*pending_), durable)};
}

Result<commit::Staged> PruneAlertsWork::Decide(commit::Staging& staging) {
  for (const store::Key& key : rows_) staging.Delete(key);
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
