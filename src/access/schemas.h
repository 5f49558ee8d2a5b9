// The schemas of a register: which is in force, which was agreed to, and how rows follow.
//
// Another schema is asked for with its whole text and approved as any other request
// (access/approvals.h, kind "schema", right `policy`); every organisation is told. It takes effect
// at the next start that is given exactly this text. Where rows must be written again, they are
// while the register serves, a slice at a time; until the last one, both forms open.
//
// Threads  any, but Settle, Rewrite and EndRewriting: one caller at a time.
// Fails    as the calls of Gate do: refusals are answers with their entry.
// Source   docs/design/0030-schema-versions.md, docs/operate/schema.md.
#ifndef CLOISON_ACCESS_SCHEMAS_H_
#define CLOISON_ACCESS_SCHEMAS_H_

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "access/approvals.h"
#include "records/schema_state.h"

namespace cloison::access {

inline constexpr std::string_view kSchemaKind = "schema";
inline constexpr std::size_t kSchemaRowsPerSlice = 200;

// What an approval of kind schema asks for: the text, which schema it is to follow, and in words
// what differs, as whoever agrees reads it.
struct SchemaWanted {
  crypto::Digest follows{};
  std::vector<std::string> differences;
  std::string document;
};
Bytes Encode(const SchemaWanted& wanted);
Result<SchemaWanted> ParseSchemaWanted(ByteView what);  // kInvalid

class Schemas {
 public:
  explicit Schemas(internal::Core& core);

  struct Request {
    std::string document;
    std::string reason;  // 1 to approvals::kReasonBytesMax bytes
  };
  // Asks for it. kInvalid: no schema, a change that is not allowed (Faults says which), or one that
  // the policy in force does not fit; kExhausted: over records::kSchemaBytesMax. Refusal kChanged:
  // rows still follow the change before.
  Task<Outcome<Approvals::Shown>> Propose(Caller caller, Request request, Gate::Once once);
  // Why it may not be asked for, in words for the operator; none: it may.
  Task<Result<std::vector<std::string>>> Faults(std::string document) const;

  struct Rewriting {
    double share = 0;           // of everybody, 0 to 1, as far as it has gone
    std::uint64_t written = 0;  // rows
    std::uint64_t damaged = 0;  // rows that open in neither form, and are left
  };
  struct Next {
    std::uint32_t version = 0;
    crypto::Digest digest{};
    std::uint64_t approval = 0;
    std::vector<std::string> differences;
    bool rewrites = false;
  };
  struct Shown {
    std::uint32_t version = 0;
    crypto::Digest digest{};
    std::optional<Rewriting> rewriting;
    std::optional<Next> next;
    ledger::Recorded recorded;
  };
  // For whoever has the right `policy`, of any organisation. Reading it is an entry.
  Task<Outcome<Shown>> Read(Caller caller);

  // At start, before anybody is served: keeps the first schema of a register of before any was
  // kept, or puts what was agreed to in the place of the one in force, with its entry.
  Task<Status> Settle(base::Executor& home);

  // Nothing: rows are in the form in force alone.
  std::optional<Rewriting> rewriting() const;
  // One slice. Gives whether everybody has been met.
  // Fails  kConflict: a record changed meanwhile; nothing was written, and it is taken again by the
  //        next call. What else the store fails with: the same.
  // Cost   kSchemaRowsPerSlice rows read, those of the old form sealed outside the committer, one
  //        commit.
  Task<Result<bool>> Rewrite(base::Executor& home);
  // Once everybody has been met: from its commit on the form before is kCorrupt. Whoever still
  // holds a row of that form, read before, is to be given time first (vault/schema_life.h).
  Task<Status> EndRewriting(base::Executor& home);

 private:
  void Keep(std::optional<records::SchemaWalk> walk);

  internal::Core& core_;
  mutable std::mutex mutex_;
  std::optional<records::SchemaWalk> walk_;  // under mutex_
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_SCHEMAS_H_
