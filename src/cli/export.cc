// cloison export ask|list|status|stop|run. Its key and its opening are those of jobs.
#include "cli/export.h"

#include "cli/approval.h"
#include "cli/list_pages.h"
#include "cli/sealed_run.h"
#include "codec/json_writer.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kPath = "/v1/exports";

std::string Named(const std::string& id) {
  std::string body;
  codec::JsonWriter json(body);
  json.BeginObject().Key("export").String(id).EndObject();
  return body;
}

std::string Counted(const codec::JsonValue& root, const char* key) {
  const auto value = root.Find(key);
  const auto number = value.has_value() ? value->AsInt() : Result<std::int64_t>(0);
  return std::to_string(number.ok() ? *number : 0);
}

std::string InWords(const codec::JsonValue& one, bool plain) {
  std::string line;
  for (const char* key : {"export", "state", "label", "application", "starts", "expires"}) {
    line += (line.empty() ? "" : plain ? "\t" : "  ") + TextMember(one, key).value_or("?");
  }
  return line;
}

// By GET without a body.
ExitCode SendAndTell(const AskedRequest& request, bool dry_run, const Common& common,
                     const Terminal& terminal) {
  const bool get = request.body.empty();
  if (dry_run) {
    terminal.Line((get ? "GET " : "POST ") + common.connection.server + request.path);
    if (!get) terminal.Line(request.body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const Result<net::Response> answer =
      get ? connection->Get(request.path) : connection->Post(request.path, request.body);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> shown = codec::JsonDocument::Parse(AsBytes(answer->body));
  if (!shown.ok()) {
    terminal.Complain("the server's answer is no JSON");
    return ExitCode::kFailure;
  }
  if (common.json) {
    terminal.Line(answer->body);
    return ExitCode::kDone;
  }
  const codec::JsonValue root = shown->root();
  const std::string state = TextMember(root, "state").value_or("?");
  const std::string done = Counted(root, "done");
  if (common.plain) {
    terminal.Line(TextMember(root, "export").value_or("?") + "\t" + state + "\t" + done);
  } else {
    const std::string until =
        state == "waiting" ? " until " + TextMember(root, "starts").value_or("?") : "";
    terminal.Line(TextMember(root, "export").value_or("?") + " is " + state + until + ": " + done +
                  " people so far.");
  }
  return ExitCode::kDone;
}

class Run : private SealedRun {
 public:
  Run(const JobOptions& options, const Common& common, const Terminal& terminal)
      : SealedRun(options.out, options.retry_s, common, terminal), options_(options) {}

  ExitCode All() {
    if (!Connect()) return ExitCode::kUsage;
    const Result<std::optional<HeldFile>> held = Held();
    if (!held.ok() && held.error().code() == Code::kConflict) {
      terminal_.Complain(options_.out + " is whole already");
      return ExitCode::kConflict;
    }
    if (!held.ok()) return Explain(held.error(), terminal_);
    const Status begun = held->has_value() ? GoOn(**held) : Begin();
    if (!begun.ok()) return Failed(begun);
    const Status sealed = SealAll();
    terminal_.EndProgress();
    if (!sealed.ok()) return Failed(sealed);
    return End();
  }

 private:
  Status Begin() {
    CLOISON_TRY_ASSIGN(const net::Response answer, Ask("/v1/exports:begin", Named(options_.id)));
    CLOISON_TRY_ASSIGN(const codec::JsonDocument shown, ParseAnswer(answer));
    const auto parts = shown.root().Find("parts");
    const Result<std::int64_t> there = parts.has_value() ? parts->AsInt() : Result<std::int64_t>(0);
    // The register gives the last part again, none before.
    if (!there.ok() || *there > 1) {
      return Error{Code::kConflict, "it was begun with another file: go on with that one"};
    }
    return KeepHeader(shown.root());
  }

  Status GoOn(const HeldFile& held) {
    if ("exp_" + std::to_string(held.header.job) != options_.id) {
      return Error{Code::kConflict, "the file is one of another export"};
    }
    frames_ = held.frames;
    terminal_.Note("  going on after part " + std::to_string(frames_));
    return CutOff(held);
  }

  // Without a frame the register had nobody to give: at its end, or among what is left out.
  Status SealAll() {
    for (bool whole = false; !whole;) {
      std::string body;
      codec::JsonWriter json(body);
      json.BeginObject().Key("export").String(options_.id).Key("part").Uint(frames_ + 1);
      json.EndObject();
      CLOISON_TRY_ASSIGN(const net::Response answer, Ask("/v1/exports:seal", body));
      CLOISON_TRY_ASSIGN(const codec::JsonDocument shown, ParseAnswer(answer));
      const codec::JsonValue root = shown.root();
      if (root.Find("frame").has_value()) {
        CLOISON_TRY(KeepFrame(root, frames_ + 1));
        ++frames_;
      }
      const auto value = root.Find("whole");
      CLOISON_TRY_ASSIGN(whole, value.has_value() ? value->AsBool() : Result<bool>(false));
      terminal_.Progress(Counted(root, "done") + " people");
    }
    return Ok();
  }

  ExitCode End() {
    while (true) {
      const Result<net::Response> answer = Ask("/v1/exports:end", Named(options_.id));
      if (!answer.ok()) return Failed(answer.error());
      const Result<codec::JsonDocument> shown = ParseAnswer(*answer);
      if (!shown.ok()) return Failed(shown.error());
      if (!shown->root().Find("frame").has_value()) continue;  // it goes on counting
      const Status kept = KeepFrame(shown->root(), frames_ + 1);
      if (!kept.ok()) return Failed(kept);
      return Tell(shown->root());
    }
  }

  ExitCode Tell(const codec::JsonValue& root) {
    const std::string people = Counted(root, "done"), late = Counted(root, "late");
    const std::string gone = Counted(root, "not_available");
    if (common_.json) {
      std::string out;
      codec::JsonWriter json(out);
      json.BeginObject().Key("export").String(options_.id).Key("file").String(options_.out);
      for (const char* key : {"done", "not_available", "late"}) {
        json.Key(key).Int(std::stoll(Counted(root, key)));
      }
      json.EndObject();
      terminal_.Line(out);
    } else if (common_.plain) {
      terminal_.Line(options_.id + "\t" + people + "\t" + gone + "\t" + late);
    } else {
      terminal_.Line(options_.id + ": " + people + " people, " + gone +
                     " of them gone by the time their part was had again; " + options_.out +
                     " is for its recipient.");
      if (late != "0") {
        terminal_.Note("  " + late +
                       " people were registered or changed while it ran: the file has them as they "
                       "were, or not at all.");
      }
    }
    return ExitCode::kDone;
  }

  const JobOptions& options_;
  std::uint32_t frames_ = 0;  // in the file
};

}  // namespace

ExitCode ExportAsk(const JobOptions& options, const Common& common, const Terminal& terminal) {
  AskedRequest request{"/v1/approvals", {}};
  codec::JsonWriter json(request.body);
  json.BeginObject().Key("kind").String("export").Key("reason").String(options.reason);
  json.Key("what").BeginObject().Key("label").String(options.label);
  json.Key("application").String(options.application).Key("purpose").String(options.purpose);
  if (!options.fields.empty()) {
    json.Key("fields").BeginArray();
    for (const std::string& field : options.fields) json.String(field);
    json.EndArray();
  }
  json.Key("recipient").String(options.recipient).Key("people_max").Uint(options.people);
  json.Key("expires").String(options.expires).EndObject().EndObject();
  return SendForApproval(request, options.dry_run, common, terminal);
}

ExitCode ExportsList(const JobOptions& options, const Common& common, const Terminal& terminal) {
  if (options.dry_run) {
    terminal.Line("GET " + common.connection.server + std::string(kPath));
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  const auto in_words = [&common](const codec::JsonValue& one) {
    return InWords(one, common.plain);
  };
  return ListPages(*connection, {.path = std::string(kPath)}, "exports", in_words, common,
                   terminal);
}

ExitCode ExportStatus(const JobOptions& options, const Common& common, const Terminal& terminal) {
  return SendAndTell({std::string(kPath) + "/" + options.id, {}, false}, options.dry_run, common,
                     terminal);
}

ExitCode ExportStop(const JobOptions& options, const Common& common, const Terminal& terminal) {
  return SendAndTell({std::string(kPath) + ":stop", Named(options.id), false}, options.dry_run,
                     common, terminal);
}

ExitCode ExportRun(const JobOptions& options, const Common& common, const Terminal& terminal) {
  return Run(options, common, terminal).All();
}

}  // namespace cloison::cli
