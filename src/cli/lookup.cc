// cloison lookup: who has this number, or this name? Masked rows, one per person.
#include <algorithm>

#include "cli/commands.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

using Criteria = std::vector<std::pair<std::string, std::string>>;

// The others are parts of a name search, and may stand together.
bool IsExact(const Criteria::value_type& criterion) {
  constexpr std::string_view kExact[] = {"nir", "phone", "email", "agency_id"};
  return std::ranges::find(kExact, criterion.first) != std::end(kExact);
}

std::string BodyOf(const LookupOptions& options, const Criteria& criteria) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("criteria").BeginObject();
  for (const auto& [name, value] : criteria) json.Key(name).String(value);
  json.EndObject();
  json.Key("purpose").String(options.purpose);
  if (!options.case_ref.empty()) json.Key("case_ref").String(options.case_ref);
  json.EndObject();
  return body;
}

std::string TextOf(const codec::JsonValue& value) {
  if (value.type() == codec::JsonType::kString) return std::string(value.string());
  if (value.is_null()) return "-";
  return "";
}

// One row: the person's code, then the masked fields.
void PrintRow(const codec::JsonValue& row, const Common& common, const Terminal& terminal) {
  const std::string code = TextMember(row, "person").value_or("");
  std::optional<codec::JsonValue> fields = row.Find("fields");
  if (!fields.has_value()) fields = row.Find("masked");
  if (!common.plain) terminal.Line(terminal.Styled(Style::kBold, code));
  if (!fields.has_value() || !fields->is_object()) {
    if (common.plain) terminal.Line(code);
    return;
  }
  for (auto at = fields->First(); at.has_value(); at = at->Next()) {
    const std::string name(at->key());
    std::string value = TextOf(*at);
    if (common.plain) {
      terminal.Line(code + "\t" + name + "\t" + value);
    } else {
      terminal.Line("  " + name + std::string(name.size() < 26 ? 26 - name.size() : 1, ' ') +
                    value);
    }
    net::WipeText(value);
  }
}

}  // namespace

ExitCode Lookup(const LookupOptions& options, const Common& common, const Terminal& terminal) {
  if (options.criteria.size() > 1 && std::ranges::any_of(options.criteria, IsExact)) {
    terminal.Complain("an exact identifier is looked up alone");
    return ExitCode::kUsage;
  }
  Criteria criteria = options.criteria;
  for (auto& [name, text] : criteria) {
    Result<std::string> value = ValueOrInput(text, name, common.no_input);
    if (!value.ok()) {
      terminal.Complain(value.error().text());
      return ExitCode::kUsage;
    }
    text = options.dry_run ? "..." : std::move(*value);
  }
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + "/v1/lookups");
    terminal.Line(BodyOf(options, criteria));
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  Result<net::Response> answer = connection->Post("/v1/lookups", BodyOf(options, criteria));
  for (auto& [name, text] : criteria) net::WipeText(text);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(answer->body));
  const auto rows = body.ok() ? body->root().Find("rows") : std::nullopt;
  if (!rows.has_value() || !rows->is_array()) {
    terminal.Complain("the server's answer is not the one of a look-up");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(answer->body);
  } else {
    for (auto at = rows->First(); at.has_value(); at = at->Next()) PrintRow(*at, common, terminal);
    const bool narrow = body->root().Find("narrow").has_value();
    if (narrow) terminal.Note("too many are alike: give another criterion");
    if (rows->size() == 0 && !narrow) terminal.Note("nobody, or nobody for you");
  }
  net::WipeText(answer->body);
  return rows->size() == 0 ? ExitCode::kNotFound : ExitCode::kDone;
}

}  // namespace cloison::cli
