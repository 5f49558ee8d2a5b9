// The works of schemas: what a start settles, a look, a slice of rows, the end of them.
#ifndef CLOISON_ACCESS_INTERNAL_SCHEMA_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_SCHEMA_WORKS_H_

#include "access/internal/gate_work.h"
#include "access/schemas.h"
#include "records/rewriter.h"

namespace cloison::access::internal {

// The rule of the entry that says which schema is in force: "schema/2/<SHA-256 in hex>".
std::string SchemaRule(std::string_view step, const records::Schema& schema);
// In Stage, in the commit that enrols the system principal: the first of a register.
void StageFirstSchema(Core& core, commit::Staging& staging);

// Rows of the three keys of family schemas. In Stage.
class SchemaRows {
 public:
  explicit SchemaRows(const commit::SealedState& state) : state_(state) {}
  void Put(commit::Staging& staging, const records::SchemaInForce& row) const;
  void Put(commit::Staging& staging, const records::SchemaAgreed& row) const;
  void Put(commit::Staging& staging, const records::SchemaWalk& row) const;

 private:
  void PutAs(commit::Staging& staging, store::Key key, ByteView plain) const;
  const commit::SealedState& state_;
};

// By the system principal, at a start: what Schemas::Settle says.
class SettleSchemaWork final : public GateWork {
 public:
  using Promise = Status;
  SettleSchemaWork(Core& core, const Caller& caller)
      : GateWork(core, caller, Reason{"set-up", ""}) {}
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
};

class LookAtSchemaWork final : public GateWork {
 public:
  struct Looked {
    records::SchemaState state;
    std::optional<ledger::Recorded> recorded;
  };
  using Promise = std::variant<Looked, Refusal>;
  LookAtSchemaWork(Core& core, const Caller& caller)
      : GateWork(core, caller, Reason{"schema", ""}) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  Looked looked_;
  std::optional<ledger::Pending> pending_;
};

// Some rows in the form in force, and how far the walk is, in one commit. No entry: nothing of a
// record changes.
class RewriteWork final : public commit::Work {
 public:
  using Promise = bool;
  RewriteWork(Core& core, std::vector<records::Change> changes, records::SchemaWalk from,
              records::SchemaWalk to)
      : core_(core), changes_(std::move(changes)), from_(std::move(from)), to_(std::move(to)) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  Promise Take(const commit::Durable&) { return true; }

 private:
  Core& core_;
  std::vector<records::Change> changes_;
  records::SchemaWalk from_, to_;
};

// By the system principal: nothing is left in the form before.
class EndRewritingWork final : public GateWork {
 public:
  using Promise = Status;
  EndRewritingWork(Core& core, const Caller& caller)
      : GateWork(core, caller, Reason{"set-up", ""}) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Promise Take(const commit::Durable&) {
    return refused() ? Status(Error{Code::kDenied, "the system principal is not enrolled"}) : Ok();
  }

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;
};

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_SCHEMA_WORKS_H_
