#include "access/questions.h"

#include <algorithm>

#include "access/internal/gate_calls.h"
#include "access/internal/question_works.h"
#include "access/internal/read_works.h"

namespace cloison::access {

using internal::Core;
using internal::Target;

namespace {

// What a reference that is nobody's is charged under: never a code.
std::string NameOfReference(const std::string& reference) {
  return "reference/" + reference;
}

std::vector<Target> TargetsOf(Core& core, OrganisationId organisation,
                              std::vector<std::string> named) {
  std::vector<Target> targets;
  for (std::string& text : named) {
    Target target;
    const Result<records::NamedPerson> read = core.parts.codes.Read(organisation, text);
    if (read.ok()) {
      target.person = read->person;
      target.code = read->code;
    }
    target.named = std::move(text);
    targets.push_back(std::move(target));
  }
  return targets;
}

void SortFields(std::vector<FieldId>& fields) {
  std::ranges::sort(fields);
  fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
}

const records::FieldSpec* ReferenceField(const records::Schema& schema) {
  const auto found =
      std::ranges::find(schema.fields(), records::FieldType::kReference, &records::FieldSpec::type);
  return found == schema.fields().end() || found->index == 0 ? nullptr : &*found;
}

// A record may consist of its reference alone.
bool OthersAreOptional(const records::Schema& schema) {
  return std::ranges::none_of(schema.fields(), [](const records::FieldSpec& field) {
    return field.required && field.type != records::FieldType::kReference;
  });
}

// A person who is known by this alone. Nothing: somebody else put one there, or may not.
Task<Result<std::optional<Refusal>>> Refer(Core& core, Caller caller,
                                           const Questions::Decision& request,
                                           records::Values values) {
  Result<keys::PersonKey> key = co_await core.parts.person_keys.Create(caller.home);
  if (!key.ok()) co_return key.error();
  const PersonId person = key->person();
  Result<records::Registration> registration = core.parts.people.Register(std::move(*key), values);
  if (!registration.ok()) {
    CLOISON_CO_TRY(co_await core.parts.person_keys.Abandon(person, caller.home));
    co_return registration.error();
  }
  auto work = std::make_unique<internal::ReferWork>(core, caller, request.reason, request.fields,
                                                    std::move(*registration));
  Result<internal::ReferWork::Promise> promise =
      co_await core.parts.committer.Submit(std::move(work), caller.home);
  const bool unknown = !promise.ok() && promise.error().code() == Code::kUnknownOutcome;
  if (unknown) co_return promise.error();  // the sweep at start decides by the main store
  const bool adopted = promise.ok() && std::holds_alternative<internal::Referred>(*promise) &&
                       std::get<internal::Referred>(*promise).adopted;
  if (adopted) {
    core.parts.person_keys.Adopted(person);
  } else {
    CLOISON_CO_TRY(co_await core.parts.person_keys.Abandon(person, caller.home));
  }
  if (!promise.ok()) co_return promise.error();
  std::optional<Refusal> refused;
  if (Refusal* refusal = std::get_if<Refusal>(&*promise)) refused = std::move(*refusal);
  co_return refused;
}

records::Criterion CriterionOf(const records::Schema& schema, const records::FieldSpec& field,
                               const crypto::SecretBytes& stored) {
  return {field.index, schema.IndexForm(field, stored.Reveal())};
}

// A reference as it is stored; nothing: it cannot be one.
std::optional<crypto::SecretBytes> StoredReference(const records::Schema& schema,
                                                   const std::string& reference) {
  Result<crypto::SecretBytes> stored = schema.Canonical(*ReferenceField(schema), reference, true);
  if (!stored.ok()) return std::nullopt;
  return std::move(*stored);
}

// Whom a reference names.
Task<Result<Target>> FindReferred(Core& core, const std::string& reference) {
  const records::Schema& schema = core.parts.people.schema();
  Target target;
  target.named = NameOfReference(reference);
  const std::optional<crypto::SecretBytes> stored = StoredReference(schema, reference);
  if (!stored.has_value()) co_return std::move(target);  // nobody's
  const records::FieldSpec& field = *ReferenceField(schema);
  const records::Matcher matcher(core.parts.people);
  const records::Criterion criterion = CriterionOf(schema, field, *stored);
  CLOISON_CO_TRY_ASSIGN(const std::vector<PersonId> found, co_await matcher.Exact(criterion, 1));
  if (found.empty()) co_return std::move(target);
  target.person = found.front();
  target.criterion =
      std::make_shared<const records::Criterion>(CriterionOf(schema, field, *stored));
  co_return std::move(target);
}

// Puts those into the register whom nobody has put there: all that is new in `references`, or
// nobody when the caller may not, or has not the budget for all of them.
Task<Result<std::optional<Refusal>>> ReferAll(Core& core, Caller caller,
                                              const Questions::Decision& request,
                                              std::vector<Target>& targets) {
  const records::Schema& schema = core.parts.people.schema();
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const bool can_be = StoredReference(schema, request.references[i]).has_value();
    if (!targets[i].person.has_value() && can_be) unknown.push_back(i);
  }
  if (unknown.empty()) co_return std::optional<Refusal>{};
  auto may = std::make_unique<internal::MayReferWork>(core, caller, request.reason, request.fields,
                                                      unknown.size());
  Result<internal::MayReferWork::Promise> allowed =
      co_await core.parts.committer.Submit(std::move(may), caller.home);
  if (!allowed.ok()) co_return allowed.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*allowed)) {
    co_return std::optional<Refusal>(std::move(*refusal));
  }
  for (const std::size_t i : unknown) {
    std::optional<crypto::SecretBytes> stored = StoredReference(schema, request.references[i]);
    records::Values values;
    values.push_back({ReferenceField(schema)->id, std::move(*stored)});
    CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                          co_await Refer(core, caller, request, std::move(values)));
    if (refused.has_value()) co_return std::move(refused);
    CLOISON_CO_TRY_ASSIGN(Target found, co_await FindReferred(core, request.references[i]));
    targets[i].person = found.person;
    targets[i].criterion = std::move(found.criterion);
  }
  co_return std::optional<Refusal>{};
}

}  // namespace

Task<Outcome<Questions::Existing>> Questions::Exist(Caller caller, Existence request) {
  const bool sized = !request.persons.empty() &&
                     request.persons.size() <= kDisclosuresPerRequestMax && !request.fields.empty();
  if (!sized) co_return Error{Code::kInvalid, "1 to 50 people and at least one field"};
  CLOISON_CO_TRY(internal::CheckReason(request.reason));
  SortFields(request.fields);
  const Result<internal::KnownPrincipal> info =
      co_await internal::KnownCaller(core_, caller.principal);
  if (!info.ok() && info.error().code() == Code::kNotFound) {
    co_return std::variant<Existing, Refusal>(internal::NotEnrolled(core_));
  }
  if (!info.ok()) co_return info.error();
  std::vector<Target> targets = TargetsOf(core_, info->organisation, std::move(request.persons));
  CLOISON_CO_TRY(co_await internal::SightTargets(core_, info->pairs, targets));
  auto work = std::make_unique<internal::ExistWork>(core_, caller, std::move(request.reason),
                                                    std::move(targets), std::move(request.fields));
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Questions::Matched>> Questions::Matches(Caller caller, Match request) {
  CLOISON_CO_TRY(internal::CheckReason(request.reason));
  const Result<internal::KnownPrincipal> info =
      co_await internal::KnownCaller(core_, caller.principal);
  if (!info.ok() && info.error().code() == Code::kNotFound) {
    co_return std::variant<Matched, Refusal>(internal::NotEnrolled(core_));
  }
  if (!info.ok()) co_return info.error();
  std::vector<std::string> named{std::move(request.person)};
  std::vector<Target> targets = TargetsOf(core_, info->organisation, std::move(named));
  CLOISON_CO_TRY(co_await internal::SightTargets(core_, info->pairs, targets));
  auto work = std::make_unique<internal::MatchWork>(core_, caller, std::move(request.reason),
                                                    std::move(targets), request.field,
                                                    std::move(request.value));
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Questions::Decided>> Questions::Decide(Caller caller, Decision request) {
  const std::size_t count = request.persons.size() + request.references.size();
  const bool either = request.persons.empty() || request.references.empty();
  if (count == 0 || count > kDisclosuresPerRequestMax || !either || request.fields.empty()) {
    co_return Error{Code::kInvalid, "1 to 50 people, all by code or all by reference, and a field"};
  }
  const records::Schema& schema = core_.parts.people.schema();
  if (!request.references.empty() && ReferenceField(schema) == nullptr) {
    co_return Error{Code::kInvalid, "the register has no references"};
  }
  CLOISON_CO_TRY(internal::CheckReason(request.reason));
  SortFields(request.fields);
  const Result<PrincipalInfo> info =
      co_await core_.principals.Find(core_.parts.people.store(), caller.principal);
  if (!info.ok() && info.error().code() == Code::kNotFound) {
    co_return std::variant<Decided, Refusal>(internal::NotEnrolled(core_));
  }
  if (!info.ok()) co_return info.error();
  std::vector<Target> targets = TargetsOf(core_, info->organisation, std::move(request.persons));
  const std::shared_ptr<const Policy> policy = core_.parts.policy.Current();
  const bool may_refer =
      OthersAreOptional(schema) && policy->Has(info->role, Right::kDecide) &&
      internal::GivesToAnybody(
          policy->GrantsOf(info->organisation, info->role, request.reason.purpose), request.fields);
  for (const std::string& reference : request.references) {
    CLOISON_CO_TRY_ASSIGN(Target target, co_await FindReferred(core_, reference));
    targets.push_back(std::move(target));
  }
  if (may_refer && !request.references.empty()) {
    CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                          co_await ReferAll(core_, caller, request, targets));
    if (refused.has_value()) co_return std::variant<Decided, Refusal>(std::move(*refused));
  }
  const PairsOfAgent pairs = core_.caseload.PairsFor(caller.principal);
  CLOISON_CO_TRY(co_await internal::SightTargets(core_, pairs, targets));
  auto work = std::make_unique<internal::DiscloseWork>(
      core_, caller, std::move(request.reason), std::move(targets), std::move(request.fields));
  Result<internal::DiscloseWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* refusal = std::get_if<Refusal>(&*promise)) {
    co_return std::variant<Decided, Refusal>(std::move(*refusal));
  }
  auto& granted = std::get<internal::DiscloseWork::Granted>(*promise);
  Decided decided{{}, granted.budget};
  for (const Target& target : granted.targets) {
    constexpr records::PersonCode kNone{ByteArray<16>{}};
    decided.persons.push_back({target.code.value_or(kNone), {}, {}, {}});
  }
  for (const internal::Allowed& allowed : granted.allowed) {
    Decided::One& one = decided.persons[allowed.target];
    const bool plain = allowed.receipt.form() == ledger::Form::kPlain;
    (plain ? one.plain : one.masked) = allowed.receipt.fields();
    one.recorded.push_back(allowed.receipt.recorded());
  }
  co_return std::variant<Decided, Refusal>(std::move(decided));
}

}  // namespace cloison::access
