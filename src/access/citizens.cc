#include "access/citizens.h"

#include "access/internal/assurance_check.h"
#include "access/internal/citizen_works.h"
#include "access/internal/gate_calls.h"

namespace cloison::access {

namespace {

using internal::BindWork;
using internal::Core;

constexpr std::size_t kSweepRowsPerWork = 500;
constexpr std::size_t kCitizenRowKeyBytes = 1 + 16;

Task<Status> Drop(Core& core, std::vector<store::Key> past, base::Executor& home) {
  if (past.empty()) co_return Ok();
  auto work = std::make_unique<internal::SweepCitizensWork>(core, internal::SystemCaller(home),
                                                            std::move(past));
  const Result<Status> done = co_await core.parts.committer.Submit(std::move(work), home);
  co_return done.ok() ? *done : Status(done.error());
}

// Whom the agency's own identifier names; nothing: nobody, or several.
Task<Result<std::optional<PersonId>>> WhomNames(Core& core, std::string agency_id) {
  const records::Schema& schema = core.parts.people.schema();
  const auto field =
      std::ranges::find(schema.fields(), records::kAgencyIndex, &records::FieldSpec::index);
  if (field == schema.fields().end()) co_return std::optional<PersonId>();
  Result<crypto::SecretBytes> canonical = schema.Canonical(*field, agency_id, false);
  if (!canonical.ok()) co_return std::optional<PersonId>();
  const records::Criterion criterion{records::kAgencyIndex, std::move(*canonical)};
  const records::Matcher matcher(core.parts.people);
  Result<std::vector<PersonId>> found = co_await matcher.Exact(criterion, 2);
  if (!found.ok() && found.error().code() == Code::kExhausted) co_return std::optional<PersonId>();
  if (!found.ok()) co_return found.error();
  if (found->size() != 1) co_return std::optional<PersonId>();
  co_return std::optional<PersonId>(found->front());
}

}  // namespace

Task<Outcome<Citizens::Bound>> Citizens::Bind(Caller caller, std::string name,
                                              std::shared_ptr<const identity::Pivot> pivot,
                                              SecondProof proof, SeenKey key) {
  const bool one = proof.agency_id.empty() != proof.letter_code.empty();
  if (!one || pivot == nullptr || name.empty() || name.size() > kLabelBytesMax) {
    co_return Error{Code::kInvalid, "one second proof is needed"};
  }
  if (!internal::IsStrongEnough(caller.assurance, internal::DefaultDemand())) {
    co_return std::variant<Bound, Refusal>(
        Refusal{RefusalCode::kTooWeak, "sign-in", {}, {}, 0, {}, {}, {}});
  }
  BindWork::Request request{
      {caller.principal, OrganisationId(0), {}, kCitizenRole, name}, std::move(pivot), {}, {}, key};
  if (!proof.agency_id.empty()) {
    CLOISON_CO_TRY_ASSIGN(request.person, co_await WhomNames(core_, std::move(proof.agency_id)));
  } else {
    const Result<text::CodeDigits> code = text::ParseCode(proof.letter_code);
    if (code.ok()) request.code = *code;
  }
  const Caller by_system{Gate::SystemPrincipal(), caller.session, caller.client, caller.home,
                         identity::Assurance::Internal()};
  auto work = std::make_unique<BindWork>(core_, by_system, std::move(request));
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Outcome<Citizens::Lettered>> Citizens::IssueCode(Caller caller, std::string person,
                                                      Reason reason) {
  CLOISON_CO_TRY(internal::CheckReason(reason));
  CLOISON_CO_TRY_ASSIGN(std::optional<Refusal> refused,
                        co_await internal::RefusedAtOnce(core_, caller, reason, Right::kExplain));
  if (refused.has_value()) co_return std::variant<Lettered, Refusal>(std::move(*refused));
  CLOISON_CO_TRY_ASSIGN(
      const PrincipalInfo info,
      co_await core_.principals.Find(core_.parts.people.store(), caller.principal));
  std::optional<records::Sighting> sighting;
  const Result<PersonId> named = core_.parts.codes.Decode(info.organisation, person);
  if (named.ok()) {
    Result<records::Sighting> found = co_await core_.parts.people.Sight(*named);
    if (!found.ok() && found.error().code() != Code::kNotFound) co_return found.error();
    if (found.ok()) sighting.emplace(std::move(*found));
  }
  text::CodeDigits code{};
  for (std::uint8_t& digit : code) {
    digit = static_cast<std::uint8_t>(core_.parts.random.Below(32));
  }
  auto work = std::make_unique<internal::LetterWork>(core_, caller, std::move(reason),
                                                     std::move(person), std::move(sighting), code);
  co_return co_await core_.parts.committer.Submit(std::move(work), caller.home);
}

Task<Status> Citizens::Sweep(base::Executor& home) {
  const std::int64_t now_ms = core_.parts.committer.Now().budget_ms;
  for (const char kind : {'\1', '\2', '\4'}) {
    store::Range range{store::Family::kCredentials, std::string(1, kind),
                       std::string(1, static_cast<char>(kind + 1))};
    for (bool more = true; more;) {
      CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                            co_await core_.parts.people.store().Scan(range, kSweepRowsPerWork));
      std::vector<store::Key> past;
      for (const store::KeyedRow& keyed : page.rows) {
        if (keyed.key.size() != kCitizenRowKeyBytes) continue;  // keys of a principal
        store::Key key{store::Family::kCredentials, keyed.key};
        CLOISON_CO_TRY_ASSIGN(const bool is,
                              internal::IsPast(core_.parts.state, key, keyed.row.value, now_ms));
        if (is) past.push_back(std::move(key));
      }
      CLOISON_CO_TRY(co_await Drop(core_, std::move(past), home));
      more = page.next.has_value();
      if (more) range.begin = *page.next;
    }
  }
  co_return Ok();
}

}  // namespace cloison::access
