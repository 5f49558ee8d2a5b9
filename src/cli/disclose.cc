// cloison disclose: opens fields of people, each on the record.
#include "cli/request.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

std::string BodyOf(const DiscloseOptions& options) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject();
  if (options.people.size() == 1 && options.people.front() == "self") {
    json.Key("self").Bool(true);
  } else if (options.people.size() == 1) {
    json.Key("person").String(options.people.front());
  } else {
    json.Key("persons").BeginArray();
    for (const std::string& person : options.people) json.String(person);
    json.EndArray();
  }
  json.Key("fields").BeginArray();
  for (const std::string& field : options.fields) json.String(field);
  json.EndArray();
  if (options.exists) json.Key("form").String("exists");
  json.Key("purpose").String(options.purpose);
  if (!options.case_ref.empty()) json.Key("case_ref").String(options.case_ref);
  json.EndObject();
  return body;
}

void PrintDisclosure(const codec::JsonValue& disclosure, const Common& common,
                     const Terminal& terminal) {
  const std::string code = TextMember(disclosure, "person").value_or("");
  const std::string id = TextMember(disclosure, "id").value_or("");
  if (!common.plain) {
    // The version is what `cloison person` goes by.
    const std::string version = std::to_string(NumberMember(disclosure, "version"));
    terminal.Line(terminal.Styled(Style::kBold, code) + "  " +
                  terminal.Styled(Style::kDim, "version " + version + ", on the record as " + id));
  }
  std::optional<codec::JsonValue> fields = disclosure.Find("fields");
  if (!fields.has_value()) fields = disclosure.Find("exists");
  if (!fields.has_value() || !fields->is_object()) return;
  for (auto at = fields->First(); at.has_value(); at = at->Next()) {
    const std::string name(at->key());
    const Result<bool> there = at->AsBool();  // of form exists
    std::string value = there.ok() ? std::string(*there ? "yes" : "no") : std::string(at->string());
    if (common.plain) {
      terminal.Line(code + "\t" + name + "\t" + value);
    } else {
      terminal.Line("  " + name + std::string(name.size() < 26 ? 26 - name.size() : 1, ' ') +
                    (at->is_null() ? "-" : value));
    }
    net::WipeText(value);
  }
}

}  // namespace

ExitCode Disclose(const DiscloseOptions& options, const Common& common, const Terminal& terminal) {
  if (options.dry_run) {
    terminal.Line("POST " + common.connection.server + "/v1/disclosures");
    terminal.Line(BodyOf(options));
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  Result<net::Response> answer = connection->Post("/v1/disclosures", BodyOf(options));
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 201) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(answer->body));
  const auto disclosures = body.ok() ? body->root().Find("disclosures") : std::nullopt;
  if (!disclosures.has_value() || !disclosures->is_array()) {
    terminal.Complain("the server's answer is not the one of a disclosure");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(answer->body);
  } else {
    for (auto at = disclosures->First(); at.has_value(); at = at->Next()) {
      PrintDisclosure(*at, common, terminal);
    }
  }
  net::WipeText(answer->body);
  return ExitCode::kDone;
}

}  // namespace cloison::cli
