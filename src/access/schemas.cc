#include "access/schemas.h"

#include <algorithm>

#include "access/internal/gate_calls.h"
#include "access/internal/schema_works.h"

namespace cloison::access {

using internal::Core;
using internal::SystemCaller;
using records::SchemaStep;
using records::SchemaWalk;

namespace {

// People's numbers are drawn evenly from all there are: where the walk is says how far it is.
double ShareOf(const SchemaWalk& walk) {
  if (walk.whole) return 1;
  ByteArray<8> place{};
  std::copy_n(walk.from.begin(), std::min(walk.from.size(), place.size()), place.begin());
  base::Reader reader(place);
  return static_cast<double>(reader.U64()) * 0x1p-64;
}

Schemas::Rewriting ReportOn(const SchemaWalk& walk) {
  return {ShareOf(walk), walk.written, walk.damaged};
}

// Of a slice: rows that are to be written, and how many cannot be read.
struct Slice {
  std::vector<records::Change> changes;
  std::uint64_t damaged = 0;
};

Result<Slice> SealAgain(const records::People& people,
                        std::vector<Result<records::Sighting>> sightings) {
  const records::Rewriter rewriter(people);
  Slice slice;
  for (Result<records::Sighting>& sighting : sightings) {
    Result<std::optional<records::Change>> made =
        sighting.ok() ? rewriter.Rewrite(std::move(*sighting)) : sighting.error();
    if (made.ok()) {
      if (made->has_value()) slice.changes.push_back(std::move(**made));
      continue;
    }
    // Who is being erased has a row and no key for a moment.
    if (made.error().code() == Code::kNotFound) continue;
    if (made.error().code() != Code::kCorrupt) return made.error();
    ++slice.damaged;
  }
  return slice;
}

}  // namespace

Schemas::Schemas(Core& core) : core_(core), walk_(core.parts.schema.state.walk) {}

void Schemas::Keep(std::optional<SchemaWalk> walk) {
  const std::lock_guard lock(mutex_);
  walk_ = std::move(walk);
}

Task<Result<std::vector<std::string>>> Schemas::Faults(std::string document) const {
  std::vector<std::string> problems;
  const auto after = records::Schema::Parse(document, &problems);
  if (!after.ok()) co_return problems;
  CLOISON_CO_TRY_ASSIGN(
      const records::SchemaState state,
      co_await records::LoadSchemaState(core_.parts.people.store(), core_.parts.state));
  std::vector<records::RetiredName> retired;
  if (state.in_force.has_value()) retired = state.in_force->retired;
  problems = Compare(core_.parts.people.schema(), **after, retired).refused;
  if (!problems.empty()) co_return problems;
  const std::shared_ptr<const Policy> policy = core_.parts.policy.Current();
  (void)Policy::Parse(policy->document(), **after, &problems);
  for (std::string& problem : problems) problem = "the policy in force, " + problem;
  co_return problems;
}

Task<Outcome<Approvals::Shown>> Schemas::Propose(Caller caller, Request request, Gate::Once once) {
  if (request.document.size() > records::kSchemaBytesMax) {
    co_return Error{Code::kExhausted, "a schema is at most 128 KiB"};
  }
  const records::Schema& schema = core_.parts.people.schema();
  SchemaWanted wanted{records::DigestOfSchema(schema.document()), {}, std::move(request.document)};
  std::vector<std::string> problems;
  const auto after = records::Schema::Parse(wanted.document, &problems);
  if (after.ok()) wanted.differences = Compare(schema, **after, {}).differences;
  Bytes what = Encode(wanted);
  if (what.size() > approvals::kWhatBytesMax) {
    co_return Error{Code::kExhausted, "a schema that changes too much at once"};
  }
  Approvals::Request asked{std::string(kSchemaKind), std::move(what), std::move(request.reason)};
  Approvals approvals(core_);
  co_return co_await approvals.Ask(caller, std::move(asked), std::move(once));
}

Task<Outcome<Schemas::Shown>> Schemas::Read(Caller caller) {
  auto work = std::make_unique<internal::LookAtSchemaWork>(core_, caller);
  Result<internal::LookAtSchemaWork::Promise> promise =
      co_await core_.parts.committer.Submit(std::move(work), caller.home);
  if (!promise.ok()) co_return promise.error();
  if (Refusal* const refusal = std::get_if<Refusal>(&*promise); refusal != nullptr) {
    co_return std::variant<Shown, Refusal>(std::move(*refusal));
  }
  auto& looked = std::get<internal::LookAtSchemaWork::Looked>(*promise);
  const records::SchemaState& state = looked.state;
  const records::Schema& schema = core_.parts.people.schema();
  Shown shown{schema.version(),
              records::DigestOfSchema(schema.document()),
              {},
              {},
              std::move(*looked.recorded)};
  if (state.walk.has_value()) shown.rewriting = ReportOn(*state.walk);
  if (state.agreed.has_value()) {
    std::vector<std::string> problems;
    CLOISON_CO_TRY_ASSIGN(const std::shared_ptr<const records::Schema> next,
                          records::Schema::Parse(state.agreed->document, &problems));
    records::SchemaChange change = Compare(schema, *next, {});
    shown.next = Next{next->version(), records::DigestOfSchema(state.agreed->document),
                      state.agreed->approval, std::move(change.differences), change.rewrites};
  }
  co_return std::variant<Shown, Refusal>(std::move(shown));
}

Task<Status> Schemas::Settle(base::Executor& home) {
  const SchemaStep step = core_.parts.schema.step;
  // A register that has not begun keeps its schema in the commit that begins it.
  const bool begins = step == SchemaStep::kAdopt && core_.parts.ledger.end() == 0;
  if (step == SchemaStep::kNone || begins) co_return Ok();
  auto work = std::make_unique<internal::SettleSchemaWork>(core_, SystemCaller(home));
  const Result<Status> done = co_await core_.parts.committer.Submit(std::move(work), home);
  if (!done.ok()) co_return done.error();
  CLOISON_CO_TRY(*done);
  const records::Schema& schema = core_.parts.people.schema();
  const bool rewrites = schema.previous() != nullptr;
  if (rewrites) {
    SchemaWalk walk;
    walk.version = schema.version();
    Keep(std::move(walk));
  }
  const Literal event =
      step == SchemaStep::kAdopt ? Literal("schema_adopted") : Literal("schema_in_force");
  core_.parts.events.Emit(
      base::Severity::kWarning, event,
      {{"version", static_cast<std::int64_t>(schema.version())}, {"rewrites", rewrites ? 1 : 0}});
  co_return Ok();
}

std::optional<Schemas::Rewriting> Schemas::rewriting() const {
  const std::lock_guard lock(mutex_);
  if (!walk_.has_value()) return std::nullopt;
  return ReportOn(*walk_);
}

Task<Result<bool>> Schemas::Rewrite(base::Executor& home) {
  SchemaWalk from;
  {
    const std::lock_guard lock(mutex_);
    if (!walk_.has_value() || walk_->whole) co_return true;
    from = *walk_;
  }
  const records::People& people = core_.parts.people;
  store::Range range{store::Family::kPeople, from.from, ""};
  CLOISON_CO_TRY_ASSIGN(const store::ScanPage page,
                        co_await people.store().Scan(range, kSchemaRowsPerSlice));
  SchemaWalk to = from;
  std::vector<PersonId> persons;
  for (const store::KeyedRow& row : page.rows) {
    const Result<PersonId> person = PersonId::FromBytes(AsBytes(row.key));
    if (person.ok()) persons.push_back(*person);
    to.damaged += person.ok() ? 0 : 1;
  }
  CLOISON_CO_TRY_ASSIGN(std::vector<Result<records::Sighting>> sightings,
                        co_await people.SightMany(std::move(persons)));
  CLOISON_CO_TRY_ASSIGN(Slice slice, SealAgain(people, std::move(sightings)));
  to.damaged += slice.damaged;
  to.written += slice.changes.size();
  to.whole = !page.next.has_value();
  to.from = page.next.value_or("");
  auto work = std::make_unique<internal::RewriteWork>(core_, std::move(slice.changes), from, to);
  const Result<bool> done = co_await core_.parts.committer.Submit(std::move(work), home);
  if (!done.ok()) co_return done.error();
  for (std::uint64_t i = from.damaged; i < to.damaged; ++i) {
    internal::NoteCorrupt(core_, Error{Code::kCorrupt, "a row opens in no form"},
                          "schema_row_damaged");
  }
  const bool whole = to.whole;
  Keep(std::move(to));
  co_return whole;
}

Task<Status> Schemas::EndRewriting(base::Executor& home) {
  const std::optional<Rewriting> report = rewriting();
  if (!report.has_value()) co_return Ok();
  auto work = std::make_unique<internal::EndRewritingWork>(core_, SystemCaller(home));
  const Result<Status> done = co_await core_.parts.committer.Submit(std::move(work), home);
  if (!done.ok()) co_return done.error();
  CLOISON_CO_TRY(*done);
  core_.parts.people.schema().EndPrevious();
  Keep(std::nullopt);
  core_.parts.events.Emit(
      report->damaged == 0 ? base::Severity::kInfo : base::Severity::kError, "schema_rewritten",
      {{"version", static_cast<std::int64_t>(core_.parts.people.schema().version())},
       {"rows", static_cast<std::int64_t>(report->written)},
       {"damaged", static_cast<std::int64_t>(report->damaged)}});
  co_return Ok();
}

}  // namespace cloison::access
