#include "access/internal/schema_works.h"

namespace cloison::access::internal {

using records::SchemaInForce;
using records::SchemaState;
using records::SchemaStep;

std::string SchemaRule(std::string_view step, const records::Schema& schema) {
  std::string rule = "schema/";
  rule += step;
  return rule + std::to_string(schema.version()) + "/" +
         base::ToHex(records::DigestOfSchema(schema.document()));
}

void SchemaRows::PutAs(commit::Staging& staging, store::Key key, ByteView plain) const {
  Bytes sealed = state_.Seal(key, plain);
  staging.Put(std::move(key), std::move(sealed));
}

void SchemaRows::Put(commit::Staging& staging, const records::SchemaInForce& row) const {
  PutAs(staging, records::SchemaInForceKey(), Encode(row));
}
void SchemaRows::Put(commit::Staging& staging, const records::SchemaAgreed& row) const {
  PutAs(staging, records::SchemaAgreedKey(), Encode(row));
}
void SchemaRows::Put(commit::Staging& staging, const records::SchemaWalk& row) const {
  PutAs(staging, records::SchemaWalkKey(), Encode(row));
}

void StageFirstSchema(Core& core, commit::Staging& staging) {
  const records::Schema& schema = core.parts.people.schema();
  const SchemaRows rows(core.parts.state);
  rows.Put(staging, SchemaInForce{schema.version(), schema.document(), "", {}});
  core.principals.KnowSchema(schema.version());
}

// ---- at start

Task<Status> SettleSchemaWork::LoadMore(commit::Staging& staging) {
  co_return co_await staging.Load(records::SchemaStateKeys());
}

Result<commit::Staged> SettleSchemaWork::Decide(commit::Staging& staging) {
  const records::Schema& schema = core_.parts.people.schema();
  CLOISON_TRY_ASSIGN(SchemaState now, records::ReadSchemaState(staging, core_.parts.state));
  const bool adopts = core_.parts.schema.step == SchemaStep::kAdopt;
  const bool fits = adopts ? !now.in_force.has_value()
                           : now.in_force.has_value() && now.agreed.has_value() &&
                                 now.agreed->document == schema.document();
  if (!fits) return Error{Code::kConflict, "the schema in force is another by now"};
  (void)StageEntry(
      Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow, SchemaRule("", schema)));
  Charge(staging, {});
  if (adopts) {
    StageFirstSchema(core_, staging);
    return commit::Staged::kDone;
  }
  const SchemaRows rows(core_.parts.state);
  CLOISON_TRY_ASSIGN(const std::shared_ptr<const records::Schema> before, SchemaOf(*now.in_force));
  if (!Compare(*before, schema, now.in_force->retired).allowed()) {
    return Error{Code::kConflict, "the schema in force is another by now"};
  }
  const bool rewrites = schema.previous() != nullptr;
  SchemaInForce next{schema.version(), schema.document(), "",
                     RetiredBy(*before, schema, std::move(now.in_force->retired))};
  if (rewrites) next.before = std::move(now.in_force->document);
  if (rewrites) {
    records::SchemaWalk walk;
    walk.version = schema.version();
    rows.Put(staging, walk);
  }
  rows.Put(staging, next);
  staging.Delete(records::SchemaAgreedKey());
  core_.principals.KnowSchema(schema.version());
  return commit::Staged::kDone;
}

// ---- a look

Task<Status> LookAtSchemaWork::LoadMore(commit::Staging& staging) {
  co_return co_await staging.Load(records::SchemaStateKeys());
}

Result<commit::Staged> LookAtSchemaWork::Decide(commit::Staging& staging) {
  pending_.reset();
  const Policy& policy = core_.parts.policy.Now();
  const std::string& role = principal().info().role;
  const bool may = policy.Has(role, Right::kPolicy) ||
                   policy.MayAskFor(kSchemaKind, role, Right::kPolicy) ||
                   policy.MayApprove(kSchemaKind, role, Right::kPolicy);
  if (!may) {
    return Refuse(staging, Refusal{RefusalCode::kNoRight, "right/policy", {}, {}, 0, {}, {}, {}},
                  ledger::Decision::kRefuse, {});
  }
  CLOISON_TRY_ASSIGN(looked_.state, records::ReadSchemaState(staging, core_.parts.state));
  pending_ = StageEntry(Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow, "schema/read"));
  Charge(staging, {});
  return commit::Staged::kDone;
}

LookAtSchemaWork::Promise LookAtSchemaWork::Take(const commit::Durable& durable) {
  if (refused()) return TakeRefusal(durable);
  looked_.recorded = core_.parts.ledger.Redeem(std::move(*pending_), durable);
  return std::move(looked_);
}

// ---- rows

Task<Status> RewriteWork::Load(commit::Staging& staging) {
  for (records::Change& change : changes_) {
    CLOISON_CO_TRY(co_await change.Load(staging));
  }
  co_return co_await staging.Load(records::SchemaStateKeys());
}

Result<commit::Staged> RewriteWork::Stage(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(const SchemaState now, records::ReadSchemaState(staging, core_.parts.state));
  const bool goes_on = now.walk.has_value() && Encode(*now.walk) == Encode(from_);
  if (!goes_on) return Error{Code::kConflict, "the rows are followed by somebody else"};
  for (records::Change& change : changes_) {
    CLOISON_TRY_ASSIGN(const commit::Staged staged, change.Stage(staging));
    if (staged == commit::Staged::kAgain) return staged;
  }
  SchemaRows(core_.parts.state).Put(staging, to_);
  return commit::Staged::kDone;
}

// ---- the end

Task<Status> EndRewritingWork::LoadMore(commit::Staging& staging) {
  co_return co_await staging.Load(records::SchemaStateKeys());
}

Result<commit::Staged> EndRewritingWork::Decide(commit::Staging& staging) {
  CLOISON_TRY_ASSIGN(SchemaState now, records::ReadSchemaState(staging, core_.parts.state));
  if (!now.walk.has_value()) return commit::Staged::kDone;
  if (!now.walk->whole) return Error{Code::kConflict, "there may be rows in the form before"};
  (void)StageEntry(Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow,
                         SchemaRule("rewritten/", core_.parts.people.schema())));
  Charge(staging, {});
  now.in_force->before.clear();
  SchemaRows(core_.parts.state).Put(staging, *now.in_force);
  staging.Delete(records::SchemaWalkKey());
  return commit::Staged::kDone;
}

}  // namespace cloison::access::internal
