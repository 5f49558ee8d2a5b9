#include "vault/testing/test_vault.h"

#include <algorithm>

#include "access/principal_requests.h"

namespace cloison::vault::testing {

DemoSize SmallWorld() {
  DemoSize size;
  size.people = 2'000;
  size.offices_1 = 2;
  size.advisers_1 = 3;
  size.offices_2 = 1;
  size.advisers_2 = 2;
  return size;
}

TestVault::TestVault(DemoSize size, std::uint64_t seed)
    : executor(seed), random(seed), size_(size), schema_(DemoSchema(size)) {
  policy = DemoPolicy(*schema_);
}

TestVault::~TestVault() {
  if (vault_ != nullptr) (void)Stop();
}

Environment TestVault::MakeEnvironment() {
  return {*over_main, *over_keys, objects,  files,    clock,    random,
          events,     executor,   executor, executor, executor, builders};
}

Settings TestVault::MakeSettings() const {
  Settings settings;
  settings.schema = schema_;
  settings.policy = policy;
  settings.origin = "cloison.example/test";
  settings.directory = directory.path() + "/register";
  settings.officers = officers;
  settings.fold_entries = 256;  // so that folding happens
  settings.two_people = two_people;
  settings.decoys = decoys;
  settings.inventor = inventor;
  return settings;
}

Status TestVault::Create() {
  return Wait(Vault::Create(MakeEnvironment(), MakeSettings()));
}

Status TestVault::Open() {
  CLOISON_TRY_ASSIGN(vault_, Wait(Vault::Open(MakeEnvironment(), MakeSettings())));
  return Ok();
}

Status TestVault::Start() {
  CLOISON_TRY(Create());
  CLOISON_TRY(Open());
  CLOISON_TRY_ASSIGN(DemoWorld world, Wait(BuildDemoWorld(*vault_, size_, [](std::size_t) {})));
  world_.emplace(std::move(world));
  return Ok();
}

Status TestVault::Stop() {
  const Status stopped = Wait(vault_->Stop());
  executor.RunAll();
  vault_.reset();
  return stopped;
}

Result<StoreReport> TestVault::Audit(std::optional<tlog::Head> published) {
  return Wait(AuditStore(MakeEnvironment(), MakeSettings(), std::move(published)));
}

Status TestVault::Reopen() {
  CLOISON_TRY(Stop());
  return Open();
}

access::Caller TestVault::As(std::string_view principal) {
  return {DemoPrincipalId(principal), SessionId(ByteArray<16>{7}), ClientId(1), executor,
          identity::Assurance::Internal()};
}

const DemoPrincipal& TestVault::Principal(std::string_view name) const {
  const auto found = std::find_if(world_->principals.begin(), world_->principals.end(),
                                  [name](const DemoPrincipal& one) { return one.name == name; });
  CLOISON_CHECK(found != world_->principals.end());
  return *found;
}

std::string TestVault::CodeFor(std::string_view principal, const PersonId& person) {
  const OrganisationId own = Principal(principal).organisation;
  const OrganisationId organisation = own.value() == 0 ? OrganisationId(1) : own;
  const Result<records::PersonCode> code = vault_->codes().Encode(organisation, person);
  CLOISON_CHECK(code.ok());
  return code->Text();
}

std::vector<FieldId> TestVault::Fields(const std::vector<std::string>& names) {
  std::vector<FieldId> fields;
  for (const std::string& name : names) {
    const records::FieldSpec* field = schema_->Find(name);
    CLOISON_CHECK(field != nullptr);
    fields.push_back(field->id);
  }
  return fields;
}

std::vector<PersonId> TestVault::CaseloadOf(std::string_view principal) const {
  std::vector<PersonId> people;
  for (const auto& [agent, followed] : world_->caseloads) {
    if (agent != DemoPrincipalId(principal)) continue;
    for (const std::uint32_t i : followed) people.push_back(world_->people[i]);
  }
  return people;
}

access::Outcome<access::Disclosed> TestVault::DiscloseAs(std::string_view principal,
                                                         const PersonId& person,
                                                         const Names& fields,
                                                         const std::string& purpose) {
  return DiscloseCodesAs(principal, {CodeFor(principal, person)}, fields, purpose);
}

access::Outcome<access::Disclosed> TestVault::DiscloseCodesAs(std::string_view principal,
                                                              const std::vector<std::string>& codes,
                                                              const Names& fields,
                                                              const std::string& purpose) {
  access::DisclosureRequest request{codes, Fields(fields), {purpose, "case-1"}};
  return Wait(gate().Disclose(As(principal), std::move(request)));
}

access::Outcome<access::Disclosed> TestVault::DiscloseOwn(std::string_view principal,
                                                          const Names& fields) {
  return DiscloseCodesAs(principal, {}, fields, "own");
}

access::Outcome<access::LookedUp> TestVault::LookUpAs(std::string_view principal,
                                                      std::string_view criterion,
                                                      std::string_view text,
                                                      const std::string& purpose) {
  const std::uint16_t index = records::Schema::IndexOfCriterion(criterion);
  const auto field =
      std::find_if(schema_->fields().begin(), schema_->fields().end(),
                   [index](const records::FieldSpec& one) { return one.index == index; });
  CLOISON_CHECK(index != 0 && field != schema_->fields().end());
  const Result<crypto::SecretBytes> value = schema_->Canonical(*field, text, true);
  CLOISON_CHECK(value.ok());
  access::LookupRequest request{{index, schema_->IndexForm(*field, value->Reveal())},
                                {purpose, "case-1"}};
  return Wait(gate().LookUp(As(principal), std::move(request)));
}

records::Values TestVault::ValuesOf(const Texts& texts) {
  records::Values values;
  for (const auto& [name, text] : texts) {
    const records::FieldSpec* field = schema_->Find(name);
    CLOISON_CHECK(field != nullptr);
    Result<crypto::SecretBytes> value = schema_->Canonical(*field, text, true);
    CLOISON_CHECK(value.ok());
    values.push_back({field->id, std::move(*value)});
  }
  std::sort(values.begin(), values.end(),
            [](const records::Value& a, const records::Value& b) { return a.field < b.field; });
  return values;
}

Task<access::Outcome<access::Registered>> TestVault::RegisterTask(std::string_view principal,
                                                                  const Texts& texts,
                                                                  const std::string& key) {
  std::string body;
  for (const auto& [name, text] : texts) body += name + "=" + text + ";";
  access::Gate::Once once{key, base::ToBytes(AsBytes(body))};
  return gate().Register(As(principal), ValuesOf(texts), {"register", ""}, std::move(once));
}

access::Outcome<access::Registered> TestVault::RegisterAs(std::string_view principal,
                                                          const Texts& texts,
                                                          const std::string& key) {
  return Wait(RegisterTask(principal, texts, key));
}

access::Outcome<access::Registered> TestVault::UpdateAs(std::string_view principal,
                                                        const std::string& code,
                                                        std::uint64_t version, const Texts& texts) {
  std::vector<records::FieldChange> changes;
  for (const auto& [name, text] : texts) {
    const records::FieldSpec* field = schema_->Find(name);
    records::FieldChange change{field->id, std::nullopt};
    if (!text.empty()) change.text = std::move(*schema_->Canonical(*field, text, true));
    changes.push_back(std::move(change));
  }
  return Wait(
      gate().Update(As(principal), code, version, std::move(changes), {"update", "case-1"}));
}

template <class T>
access::Outcome<T> TestVault::AgreeTo(std::string_view asker,
                                      access::Outcome<access::Approvals::Shown> asked) {
  if (!asked.ok()) return asked.error();
  if (auto* refusal = std::get_if<access::Refusal>(&*asked); refusal != nullptr) {
    return std::variant<T, access::Refusal>(std::move(*refusal));
  }
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  auto agreed = ApproveAs(std::string(asker) + ".b", number);
  if (!agreed.ok()) return agreed.error();
  if (auto* refusal = std::get_if<access::Refusal>(&*agreed); refusal != nullptr) {
    return std::variant<T, access::Refusal>(std::move(*refusal));
  }
  auto& shown = std::get<access::Approvals::Shown>(*agreed);
  if (shown.approval.state != approvals::State::kUsed) {
    return Error{Code::kUnavailable, "approved, and not done yet"};
  }
  return std::variant<T, access::Refusal>(T{std::move(shown.recorded)});
}

access::Outcome<access::Gate::Erased> TestVault::EraseAs(std::string_view principal,
                                                         const std::string& code,
                                                         std::uint64_t version) {
  access::Gate::Once once{"erase/" + std::to_string(asked_++), {}};
  auto asked = Wait(gate().approvals().AskErase(As(principal), code, version, {"erase", "case-1"},
                                                std::move(once)));
  return AgreeTo<access::Gate::Erased>(principal, std::move(asked));
}

Result<access::Decoys::Tended> TestVault::TendDecoys(std::uint32_t per_100000) {
  const auto asked = AskAs("officer.security", std::string(access::kDecoysKind),
                           Encode(access::DecoysRequest{per_100000}));
  if (!asked.ok()) return asked.error();
  if (Word(asked) != "shown") return Error{Code::kDenied, "nobody asks for decoys so"};
  const std::uint64_t number = std::get<access::Approvals::Shown>(*asked).approval.number;
  if (Word(ApproveAs("officer.security.b", number)) != "shown") {
    return Error{Code::kDenied, "nobody agrees to decoys so"};
  }
  return Wait(gate().decoys().Tend(executor));
}

std::vector<PersonId> TestVault::Decoys() {
  std::vector<PersonId> known = world_->people;
  std::ranges::sort(known);
  std::vector<PersonId> found;
  for (const store::KeyedRow& keyed : Rows(store::Family::kPeople)) {
    base::Reader reader(AsBytes(keyed.key));
    const PersonId person(reader.Array<PersonId::kSize>());
    if (!std::ranges::binary_search(known, person)) found.push_back(person);
  }
  return found;
}

access::Outcome<access::Approvals::Shown> TestVault::AskAs(std::string_view principal,
                                                           const std::string& kind, Bytes what) {
  access::Gate::Once once{"ask/" + std::to_string(asked_++), what};
  access::Approvals::Request request{kind, std::move(what), "case-1"};
  return Wait(gate().approvals().Ask(As(principal), std::move(request), std::move(once)));
}

access::Outcome<access::Approvals::Shown> TestVault::ApproveAs(std::string_view principal,
                                                               std::uint64_t number) {
  return Wait(gate().approvals().Approve(As(principal), number));
}

access::Outcome<access::Approvals::Shown> TestVault::DenyAs(std::string_view principal,
                                                            std::uint64_t number) {
  return Wait(gate().approvals().Deny(As(principal), number));
}

access::Outcome<access::Gate::Froze> TestVault::FreezeAs(std::string_view principal,
                                                         std::string_view whom, bool frozen) {
  const PrincipalId who = DemoPrincipalId(whom);
  if (frozen) return Wait(gate().Freeze(As(principal), who, true));
  return AgreeTo<access::Gate::Froze>(
      principal, AskAs(principal, "unfreeze", Encode(access::UnfreezeRequest{who})));
}

access::Outcome<access::Trail> TestVault::TrailOf(std::string_view principal, std::size_t count,
                                                  access::TrailDetail detail) {
  return Wait(gate().OwnTrail(As(principal), std::nullopt, count, detail));
}

access::Outcome<access::Gate::Unsealing> TestVault::UnsealAs(std::string_view principal,
                                                             std::uint64_t index,
                                                             const std::string& key) {
  access::Gate::Once once{key, base::ToBytes(AsBytes(std::to_string(index)))};
  auto asked = Wait(
      gate().approvals().AskUnseal(As(principal), index, {"unseal", "order-7"}, std::move(once)));
  return AgreeTo<access::Gate::Unsealing>(principal, std::move(asked));
}

std::vector<store::KeyedRow> TestVault::Rows(store::Family family) {
  std::vector<store::KeyedRow> rows;
  store::Range range{family, "", ""};
  while (true) {
    Result<store::ScanPage> page = Wait(main_store.Scan(range, store::kScanRowsMax));
    CLOISON_CHECK(page.ok());
    for (store::KeyedRow& row : page->rows) rows.push_back(std::move(row));
    if (!page->next.has_value()) return rows;
    range.begin = *page->next;
  }
}

void TestVault::Overwrite(store::Family family, const std::vector<store::KeyedRow>& rows) {
  store::WriteSet writes;
  writes.range_deletes.push_back({family, "", ""});
  CLOISON_CHECK(Wait(main_store.Commit(std::move(writes))).ok());
  store::WriteSet puts;
  for (const store::KeyedRow& row : rows) {
    puts.puts.push_back(store::Put{{family, row.key}, row.row.value});
  }
  CLOISON_CHECK(Wait(main_store.Commit(std::move(puts))).ok());
}

void TestVault::Delete(store::Family family, const std::string& key) {
  store::WriteSet writes;
  writes.deletes.push_back({family, key});
  CLOISON_CHECK(Wait(main_store.Commit(std::move(writes))).ok());
}

std::string_view Word(access::RefusalCode code) {
  using enum access::RefusalCode;
  switch (code) {
    case kNotEnrolled: return "not_enrolled";
    case kNotAvailable: return "not_available";
    case kPurposeRefused: return "purpose_refused";
    case kBudgetSpent: return "budget_spent";
    case kFrozen: return "frozen";
    case kNoRight: return "no_right";
    case kExists: return "exists";
    case kChanged: return "changed";
    case kNotSealed: return "not_sealed";
    case kRecordExpired: return "record_expired";
    case kUnsealed: return "unsealed";
    case kStepUp: return "step_up";
    case kTooWeak: return "too_weak";
    case kExpired: return "expired";
    case kApprovalRequired: return "approval_required";
    case kDecided: return "decided";
    case kCaseRefRequired: return "case_ref_required";
    case kHeldBack: return "held_back";
  }
  return "error";
}

}  // namespace cloison::vault::testing
