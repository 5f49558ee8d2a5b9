// The kind of approval by which another schema may take the place of the one in force, at the next
// start. Approved, it is a row, and every organisation is told: it is everybody's people.
#include "access/internal/alerts.h"
#include "access/internal/schema_works.h"

namespace cloison::access {

namespace {

constexpr std::uint8_t kVersion = 1;
constexpr Error kBad{Code::kInvalid, "what is asked for does not parse"};

}  // namespace

Bytes Encode(const SchemaWanted& wanted) {
  Bytes out{kVersion};
  base::AppendBytes(out, wanted.follows);
  base::AppendU16(out, static_cast<std::uint16_t>(wanted.differences.size()));
  for (const std::string& one : wanted.differences) {
    base::AppendU16(out, static_cast<std::uint16_t>(one.size()));
    base::AppendBytes(out, AsBytes(one));
  }
  base::AppendBytes(out, AsBytes(wanted.document));
  return out;
}

Result<SchemaWanted> ParseSchemaWanted(ByteView what) {
  base::Reader reader(what);
  const std::uint8_t version = reader.U8();
  SchemaWanted wanted;
  wanted.follows = reader.Array<32>();
  const std::size_t count = reader.U16();
  for (std::size_t i = 0; i < count && !reader.failed(); ++i) {
    const std::size_t size = reader.U16();
    wanted.differences.emplace_back(AsText(reader.Take(size)));
  }
  if (version != kVersion || reader.failed() || reader.rest().empty() ||
      reader.rest().size() > records::kSchemaBytesMax) {
    return kBad;
  }
  wanted.document = AsText(reader.rest());
  return wanted;
}

namespace internal {

namespace {

class SchemaKind final : public ApprovalKind {
 public:
  explicit SchemaKind(Core& core) : core_(core) {}
  std::string_view name() const override { return kSchemaKind; }
  std::optional<Right> asks() const override { return Right::kPolicy; }
  Right approves() const override { return Right::kPolicy; }

  Task<Status> Load(commit::Staging& staging, const Approval&) override {
    co_return co_await staging.Load(records::SchemaStateKeys());
  }

  Result<std::optional<Refusal>> Check(commit::Staging& staging,
                                       const Approval& approval) override {
    CLOISON_TRY_ASSIGN(const SchemaWanted wanted, ParseSchemaWanted(approval.what));
    CLOISON_TRY_ASSIGN(const records::SchemaState now,
                       records::ReadSchemaState(staging, core_.parts.state));
    const records::Schema& schema = core_.parts.people.schema();
    if (now.walk.has_value()) return Changed("schema/rewriting");
    const bool next = now.in_force.has_value() && now.in_force->document == schema.document() &&
                      wanted.follows == records::DigestOfSchema(schema.document());
    if (!next) return Changed("schema/not-next");
    CLOISON_TRY_ASSIGN(const std::shared_ptr<const records::Schema> after,
                       SchemaOf(wanted.document));
    const records::SchemaChange change = Compare(schema, *after, now.in_force->retired);
    if (!change.allowed()) return Error{Code::kInvalid, "the change is not allowed"};
    const auto retired = RetiredBy(schema, *after, now.in_force->retired);
    if (retired.size() > records::kRetiredNamesMax) {
      return Error{Code::kExhausted, "too many names of fields were left"};
    }
    // Whoever agrees read these words.
    if (change.differences != wanted.differences) return kBad;
    std::vector<std::string> problems;
    const auto fits = Policy::Parse(core_.parts.policy.Now().document(), *after, &problems);
    if (!fits.ok()) {
      return Error{Code::kInvalid, "the policy in force does not fit the schema"};
    }
    return std::optional<Refusal>{};
  }

  // Whom a schema gives something cannot be said of single principals.
  approvals::Gaining Gains(const Approval&) const override { return {}; }

  Status Enact(commit::Staging& staging, const Approval& approval, EntryMaker& entries) override {
    CLOISON_TRY_ASSIGN(SchemaWanted wanted, ParseSchemaWanted(approval.what));
    CLOISON_TRY_ASSIGN(const std::shared_ptr<const records::Schema> after,
                       SchemaOf(wanted.document));
    (void)entries.StageEntry(entries.Draft(ledger::Kind::kKeyOrPolicy, ledger::Decision::kAllow,
                                           SchemaRule("agreed/", *after)));
    SchemaRows(core_.parts.state)
        .Put(staging, records::SchemaAgreed{approval.number, std::move(wanted.document)});
    for (const Organisation& told : core_.parts.policy.Now().organisations()) {
      PutAlert(core_, staging,
               {Alert::What::kSchemaAgreed, Alert::Whom::kSecondContact, approval.asker, told.id,
                std::nullopt, approval.number});
    }
    return Ok();
  }
  std::optional<Literal> event() const override { return Literal("schema_agreed"); }

 private:
  static Result<std::optional<Refusal>> Changed(std::string rule) {
    return std::optional<Refusal>(
        Refusal{RefusalCode::kChanged, std::move(rule), {}, {}, 0, {}, {}, {}});
  }
  static Result<std::shared_ptr<const records::Schema>> SchemaOf(const std::string& document) {
    std::vector<std::string> problems;
    return records::Schema::Parse(document, &problems);
  }

  Core& core_;
};

}  // namespace

void AddSchemaKind(Core& core) {
  core.approval_kinds.push_back(std::make_unique<SchemaKind>(core));
}

}  // namespace internal

}  // namespace cloison::access
