// What a register remembers of its schema: sealed rows of family schemas, by which a start tells
// whether the file it is given is the one that rows are sealed by.
//
//   in_force    the version that decides; the one before, while rows may still be in its form
//   next        what two officers agreed to, until a start is given exactly this text
//   rewriting   how far the rows are, while there is one before
//
// Threads  any.
// Source   docs/format/state.md "Schemas", docs/design/0030-schema-versions.md.
#ifndef CLOISON_RECORDS_SCHEMA_STATE_H_
#define CLOISON_RECORDS_SCHEMA_STATE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "commit/sealed_state.h"
#include "commit/staging.h"
#include "records/schema_change.h"

namespace cloison::records {

inline constexpr std::size_t kSchemaBytesMax = 128u << 10;
inline constexpr std::size_t kRetiredNamesMax = 4'096;

struct SchemaInForce {
  std::uint32_t version = 0;
  std::string document;
  std::string before;  // "": every row is in the form of `document`
  std::vector<RetiredName> retired;
};
struct SchemaAgreed {
  std::uint64_t approval = 0;
  std::string document;
};
struct SchemaWalk {
  std::uint64_t written = 0;  // rows
  std::uint64_t damaged = 0;  // that open in neither form: left as they are
  bool whole = false;         // the walk has met everybody
  std::string from;           // the store key at which it goes on
  std::uint32_t version = 0;  // of the schema in force, which rows follow
};
crypto::Digest DigestOfSchema(std::string_view document);  // SHA-256

store::Key SchemaInForceKey();
store::Key SchemaAgreedKey();
store::Key SchemaWalkKey();
Bytes Encode(const SchemaInForce& row);
Bytes Encode(const SchemaAgreed& row);
Bytes Encode(const SchemaWalk& row);
// kCorrupt: not what Encode writes.
Result<SchemaInForce> ParseSchemaInForce(ByteView plain);
Result<SchemaAgreed> ParseSchemaAgreed(ByteView plain);
Result<SchemaWalk> ParseSchemaWalk(ByteView plain);

// All three. `in_force` nothing: a register that has none yet.
struct SchemaState {
  std::optional<SchemaInForce> in_force;
  std::optional<SchemaAgreed> agreed;
  std::optional<SchemaWalk> walk;
};
// From the store; and in Stage, once the three keys are loaded. kCorrupt: a row does not open, or
// the three do not go together.
Task<Result<SchemaState>> LoadSchemaState(store::Store& store, const commit::SealedState& state);
std::vector<store::Key> SchemaStateKeys();
Result<SchemaState> ReadSchemaState(const commit::Staging& staging,
                                    const commit::SealedState& state);

// What a start does about the schema that it is given.
enum class SchemaStep : std::uint8_t {
  kNone,   // it is in force
  kAdopt,  // there is none yet: it becomes the first
  kTake,   // it was agreed to: it takes the place of the one in force
};
struct OpenedSchema {
  std::shared_ptr<const Schema> schema;  // that decides; with the one before, where rows may be so
  SchemaStep step = SchemaStep::kNone;
  SchemaState state;  // as it was found
};
// The one text by which callers know this failure.
inline constexpr Error kAnotherSchema{
    Code::kConflict,
    "the schema's file is not the one in force, nor one that two officers agreed to: put the file "
    "in force back, or have the change agreed to first (cloison schema ask)"};
// Of a start that would take a schema: what it does not fit.
inline constexpr Error kPolicyUnfit{Code::kConflict,
                                    "the policy in force does not fit the schema that was agreed "
                                    "to: start with the schema in force "
                                    "and change the policy first"};
// Whether a start failed with one of these two: nothing is wrong with the register.
inline bool IsSchemaConflict(const Error& error) {
  return error.text() == kAnotherSchema.text() || error.text() == kPolicyUnfit.text();
}
// Fails kAnotherSchema; kExhausted: over kSchemaBytesMax; kCorrupt: a kept text is no schema.
Result<OpenedSchema> OpenSchema(SchemaState state, std::shared_ptr<const Schema> given);
// By what is in force alone, whatever file there is: to read rows.
Result<std::shared_ptr<const Schema>> SchemaOf(const SchemaInForce& in_force);

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_SCHEMA_STATE_H_
