#include "records/schema_state.h"

namespace cloison::records {
namespace {

constexpr std::uint8_t kRowVersion = 1;
constexpr Error kBadRow{Code::kCorrupt, "a row of the schema does not parse"};

void AppendText(Bytes& out, std::string_view text) {
  base::AppendU32(out, static_cast<std::uint32_t>(text.size()));
  base::AppendBytes(out, AsBytes(text));
}

std::string TakeText(base::Reader& reader) {
  const std::uint32_t size = reader.U32();
  return std::string(AsText(reader.Take(size)));
}

store::Key KeyOf(std::string_view row) {
  return {store::Family::kSchemas, std::string(row)};
}

template <class Row>
Result<std::optional<Row>> OpenAs(Result<Row> (*parse)(ByteView), const store::Key& key,
                                  const store::Row& row, const commit::SealedState& state) {
  if (!row.present()) return std::optional<Row>();
  CLOISON_TRY_ASSIGN(const crypto::SecretBytes plain, state.Open(key, row.value));
  CLOISON_TRY_ASSIGN(Row parsed, parse(plain.Reveal()));
  return std::optional<Row>(std::move(parsed));
}

// In the order of SchemaStateKeys.
Result<SchemaState> OpenAll(const store::Row& in_force, const store::Row& agreed,
                            const store::Row& walk, const commit::SealedState& state) {
  SchemaState out;
  CLOISON_TRY_ASSIGN(out.in_force, OpenAs(ParseSchemaInForce, SchemaInForceKey(), in_force, state));
  CLOISON_TRY_ASSIGN(out.agreed, OpenAs(ParseSchemaAgreed, SchemaAgreedKey(), agreed, state));
  CLOISON_TRY_ASSIGN(out.walk, OpenAs(ParseSchemaWalk, SchemaWalkKey(), walk, state));
  const bool rewrites = out.in_force.has_value() && !out.in_force->before.empty();
  const bool agreed_alone = out.agreed.has_value() && (!out.in_force.has_value() || rewrites);
  const bool of_another =
      rewrites && out.walk.has_value() && out.walk->version != out.in_force->version;
  if (rewrites != out.walk.has_value() || of_another || agreed_alone) {
    return Error{Code::kCorrupt, "the rows of the schema are not of one moment"};
  }
  return out;
}

// A text that was a schema when it was kept.
Result<std::shared_ptr<const Schema>> ParseKept(std::string_view document) {
  std::vector<std::string> problems;
  Result<std::shared_ptr<const Schema>> schema = Schema::Parse(document, &problems);
  if (!schema.ok()) return Error{Code::kCorrupt, "a schema that is kept does not parse"};
  return schema;
}

}  // namespace

crypto::Digest DigestOfSchema(std::string_view document) {
  return crypto::Sha256(AsBytes(document));
}

store::Key SchemaInForceKey() {
  return KeyOf("in_force");
}
store::Key SchemaAgreedKey() {
  return KeyOf("next");
}
store::Key SchemaWalkKey() {
  return KeyOf("rewriting");
}

Bytes Encode(const SchemaInForce& row) {
  Bytes out{kRowVersion};
  base::AppendU32(out, row.version);
  AppendText(out, row.document);
  AppendText(out, row.before);
  base::AppendU16(out, static_cast<std::uint16_t>(row.retired.size()));
  for (const RetiredName& one : row.retired) {
    base::AppendU16(out, one.field.value());
    AppendText(out, one.name);
  }
  return out;
}

Result<SchemaInForce> ParseSchemaInForce(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t format = reader.U8();
  SchemaInForce row;
  row.version = reader.U32();
  row.document = TakeText(reader);
  row.before = TakeText(reader);
  const std::size_t count = reader.U16();
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    const FieldId field(reader.U16());
    row.retired.push_back({field, TakeText(reader)});
  }
  const bool sized = row.document.size() <= kSchemaBytesMax &&
                     row.before.size() <= kSchemaBytesMax && count <= kRetiredNamesMax;
  if (reader.failed() || !reader.empty() || format != kRowVersion || row.version == 0 ||
      row.document.empty() || !sized) {
    return kBadRow;
  }
  return row;
}

Bytes Encode(const SchemaAgreed& row) {
  Bytes out{kRowVersion};
  base::AppendU64(out, row.approval);
  AppendText(out, row.document);
  return out;
}

Result<SchemaAgreed> ParseSchemaAgreed(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t format = reader.U8();
  SchemaAgreed row;
  row.approval = reader.U64();
  row.document = TakeText(reader);
  if (reader.failed() || !reader.empty() || format != kRowVersion || row.document.empty() ||
      row.document.size() > kSchemaBytesMax) {
    return kBadRow;
  }
  return row;
}

Bytes Encode(const SchemaWalk& row) {
  Bytes out{kRowVersion};
  base::AppendU64(out, row.written);
  base::AppendU64(out, row.damaged);
  base::AppendU8(out, row.whole ? 1 : 0);
  base::AppendU32(out, row.version);
  AppendText(out, row.from);
  return out;
}

Result<SchemaWalk> ParseSchemaWalk(ByteView plain) {
  base::Reader reader(plain);
  const std::uint8_t format = reader.U8();
  SchemaWalk row;
  row.written = reader.U64();
  row.damaged = reader.U64();
  const std::uint8_t whole = reader.U8();
  row.whole = whole == 1;
  row.version = reader.U32();
  row.from = TakeText(reader);
  if (reader.failed() || !reader.empty() || format != kRowVersion || whole > 1) return kBadRow;
  return row;
}

std::vector<store::Key> SchemaStateKeys() {
  return {SchemaInForceKey(), SchemaAgreedKey(), SchemaWalkKey()};
}

Task<Result<SchemaState>> LoadSchemaState(store::Store& store, const commit::SealedState& state) {
  std::vector<store::Key> keys = SchemaStateKeys();
  CLOISON_CO_TRY_ASSIGN(const std::vector<store::Row> rows,
                        co_await store.MultiGet(std::move(keys), store::ReadMode::kAny));
  co_return OpenAll(rows[0], rows[1], rows[2], state);
}

Result<SchemaState> ReadSchemaState(const commit::Staging& staging,
                                    const commit::SealedState& state) {
  return OpenAll(staging.Get(SchemaInForceKey()), staging.Get(SchemaAgreedKey()),
                 staging.Get(SchemaWalkKey()), state);
}

Result<std::shared_ptr<const Schema>> SchemaOf(const SchemaInForce& in_force) {
  CLOISON_TRY_ASSIGN(std::shared_ptr<const Schema> schema, ParseKept(in_force.document));
  if (in_force.before.empty()) return schema;
  CLOISON_TRY_ASSIGN(std::shared_ptr<const Schema> before, ParseKept(in_force.before));
  return Schema::WithPrevious(*schema, std::move(before));
}

Result<OpenedSchema> OpenSchema(SchemaState state, std::shared_ptr<const Schema> given) {
  const std::string& document = given->document();
  if (document.size() > kSchemaBytesMax) {
    return Error{Code::kExhausted, "a schema is at most 128 KiB"};
  }
  OpenedSchema opened;
  if (!state.in_force.has_value()) {
    opened = {std::move(given), SchemaStep::kAdopt, {}};
  } else if (state.in_force->document == document) {
    CLOISON_TRY_ASSIGN(opened.schema, SchemaOf(*state.in_force));
  } else if (state.agreed.has_value() && state.agreed->document == document) {
    CLOISON_TRY_ASSIGN(std::shared_ptr<const Schema> before, ParseKept(state.in_force->document));
    // An approval that was put back, of a change before, takes nothing.
    const SchemaChange change = Compare(*before, *given, state.in_force->retired);
    if (!change.allowed()) return kAnotherSchema;
    opened.step = SchemaStep::kTake;
    opened.schema =
        change.rewrites ? Schema::WithPrevious(*given, std::move(before)) : std::move(given);
  } else {
    return kAnotherSchema;
  }
  opened.state = std::move(state);
  return opened;
}

}  // namespace cloison::records
