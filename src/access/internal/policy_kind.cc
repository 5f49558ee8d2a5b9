// The kind of approval by which another policy takes the place of the one in force.
#include "access/internal/policy_kind.h"

#include "access/founding.h"
#include "access/internal/alerts.h"
#include "access/internal/gate_work.h"
#include "access/internal/policy_rows.h"
#include "identity/principal_name.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kVersion = 1;

}  // namespace

Result<PolicyWanted> ParsePolicyWanted(ByteView what) {
  base::Reader reader(what);
  const std::uint8_t version = reader.U8();
  const std::uint32_t note = reader.U32();
  if (version != kVersion || note > kPolicyNoteBytesMax) {
    return Error{Code::kInvalid, "what is asked for does not parse"};
  }
  PolicyWanted wanted;
  wanted.note = AsText(reader.Take(note));
  if (reader.failed() || reader.rest().empty() || reader.rest().size() > kPolicyBytesMax) {
    return Error{Code::kInvalid, "what is asked for does not parse"};
  }
  wanted.document = AsText(reader.rest());
  return wanted;
}

namespace internal {

namespace {

class PolicyKind final : public ApprovalKind {
 public:
  explicit PolicyKind(Core& core) : core_(core) {}

  std::string_view name() const override { return "policy"; }
  std::optional<Right> asks() const override { return Right::kPolicy; }
  Right approves() const override { return Right::kPolicy; }

  Task<Status> Load(commit::Staging& staging, const Approval& approval) override;
  Result<std::optional<Refusal>> Check(commit::Staging& staging, const Approval& approval) override;
  // Whom a policy gives something cannot be said of single principals: its founders alone gain.
  approvals::Gaining Gains(const Approval& approval) const override;
  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override;
  // Codes for the organisations that it names.
  bool runs() const override { return true; }
  Task<Status> Run(Approval approval, base::Executor& home) override;

 private:
  Result<std::shared_ptr<const Policy>> PolicyOf(const std::string& document);
  // Of the statement, whoever signed it; nobody when it is none.
  static std::vector<ledger::Founder> FoundersOf(const Approval& approval);
  Status EnrolFounders(commit::Staging& staging, const Approval& approval, EntryMaker& entries);

  Core& core_;
  // The last one that was read: it is looked at when it is asked for, and twice when it is
  // approved.
  std::shared_ptr<const Policy> read_;
};

Result<std::shared_ptr<const Policy>> PolicyKind::PolicyOf(const std::string& document) {
  if (read_ != nullptr && read_->document() == document) return read_;
  std::vector<std::string> problems;
  CLOISON_TRY_ASSIGN(read_, Policy::Parse(document, core_.parts.people.schema(), &problems));
  return read_;
}

std::vector<ledger::Founder> PolicyKind::FoundersOf(const Approval& approval) {
  const Result<PolicyWanted> wanted = ParsePolicyWanted(approval.what);
  if (!wanted.ok()) return {};
  Result<ledger::PolicyStatement> statement = ledger::PolicyStatementOf(wanted->note);
  return statement.ok() ? std::move(statement->founders) : std::vector<ledger::Founder>{};
}

approvals::Gaining PolicyKind::Gains(const Approval& approval) const {
  approvals::Gaining gaining;
  for (const ledger::Founder& founder : FoundersOf(approval)) {
    const auto name = identity::ParsePrincipalName(founder.account);
    if (name.ok()) {
      gaining.principals.push_back(identity::PrincipalIdOf(founder.issuer, name->sub));
    }
    gaining.humans.push_back(HumanIdOf(core_.parts.state, founder.human));
  }
  return gaining;
}

Task<Status> PolicyKind::Load(commit::Staging& staging, const Approval& approval) {
  const Result<PolicyWanted> wanted = ParsePolicyWanted(approval.what);
  if (!wanted.ok()) co_return wanted.error();
  std::vector<store::Key> keys;
  for (const PrincipalId& founder : Gains(approval).principals) {
    const Status loaded = co_await core_.principals.Load(staging, founder);
    if (!loaded.ok() && loaded.error().code() != Code::kNotFound) co_return loaded;
    keys.push_back({store::Family::kPrincipals, core_.principals.RowKey(founder)});
  }
  co_return co_await staging.Load(std::move(keys));
}

Result<std::optional<Refusal>> PolicyKind::Check(commit::Staging& staging,
                                                 const Approval& approval) {
  CLOISON_TRY_ASSIGN(const PolicyWanted wanted, ParsePolicyWanted(approval.what));
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const Policy> next, PolicyOf(wanted.document));
  const Policy& now = core_.parts.policy.Now();
  if (next->version() != now.version() + 1) {
    return std::optional<Refusal>(
        Refusal{RefusalCode::kChanged, "policy/not-next", {}, {}, 0, {}, {}, {}});
  }
  const ledger::PolicyStatement statement{core_.parts.state.register_id(), next->version(),
                                          DigestOfPolicy(now.document()),
                                          DigestOfPolicy(wanted.document), FoundersOf(approval)};
  CLOISON_TRY(ledger::CheckSigned(wanted.note, statement, core_.parts.officers));
  if (statement.founders.empty()) return std::optional<Refusal>{};
  std::vector<std::string> problems;
  CLOISON_TRY(CheckNewcomers(statement.founders, now, *next, staging.time().wall_ms, problems));
  for (const PrincipalId& founder : Gains(approval).principals) {
    if (core_.principals.Peek(founder) == nullptr) continue;
    return std::optional<Refusal>(
        Refusal{RefusalCode::kDecided, "enrol/exists", {}, {}, 0, {}, {}, {}});
  }
  return std::optional<Refusal>{};
}

Status PolicyKind::EnrolFounders(commit::Staging& staging, const Approval& approval,
                                 EntryMaker& entries) {
  for (const ledger::Founder& founder : FoundersOf(approval)) {
    PrincipalInfo info = FounderInfo(founder, core_.parts.state, staging.time());
    const PrincipalId id = info.id;
    const OrganisationId organisation = info.organisation;
    CLOISON_TRY(core_.principals.Enrol(staging, std::move(info)));
    ledger::EntryDraft draft =
        entries.Draft(ledger::Kind::kRights, ledger::Decision::kAllow, "enrol/founder");
    draft.case_ref = base::ToHex(id.bytes());
    (void)entries.StageEntry(std::move(draft));
    PutAlert(core_, staging,
             {Alert::What::kEnrolled, Alert::Whom::kSecondContact, id, organisation, std::nullopt,
              approval.number});
  }
  return Ok();
}

Status PolicyKind::Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) {
  CLOISON_TRY_ASSIGN(PolicyWanted wanted, ParsePolicyWanted(approval.what));
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const Policy> next, PolicyOf(wanted.document));
  PutPolicy(staging, core_.parts.state,
            {next->version(), staging.time().wall_ms, std::move(wanted.note),
             std::move(wanted.document)});
  (void)entries.StageEntry(
      entries.Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow, PolicyRule(*next)));
  core_.parts.policy.Take(next);
  return EnrolFounders(staging, approval, entries);
}

Task<Status> PolicyKind::Run(Approval, base::Executor& home) {
  const std::shared_ptr<const Policy> policy = core_.parts.policy.Current();
  for (const Organisation& organisation : policy->organisations()) {
    const Status made = co_await core_.parts.codes.Ensure(organisation.id);
    co_await home.Schedule();
    CLOISON_CO_TRY(made);
  }
  core_.parts.events.Emit(base::Severity::kInfo, "policy_in_force",
                          {{"version", static_cast<std::int64_t>(policy->version())}});
  co_return Ok();
}

}  // namespace

Bytes EncodePolicyWanted(std::string_view note, std::string_view document) {
  Bytes out{kVersion};
  base::AppendU32(out, static_cast<std::uint32_t>(note.size()));
  base::AppendBytes(out, AsBytes(note));
  base::AppendBytes(out, AsBytes(document));
  return out;
}

std::string PolicyRule(const Policy& policy) {
  return "policy/" + std::to_string(policy.version()) + "/" +
         base::ToHex(DigestOfPolicy(policy.document()));
}

void AddPolicyKind(Core& core) {
  core.approval_kinds.push_back(std::make_unique<PolicyKind>(core));
}

}  // namespace internal

}  // namespace cloison::access
