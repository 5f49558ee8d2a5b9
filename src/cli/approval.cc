// cloison approval list|show|approve|deny: what takes two people.
#include "cli/approval.h"

#include "base/bytes.h"
#include "cli/facts.h"
#include "cli/list_pages.h"
#include "codec/json_writer.h"
#include "crypto/mac.h"
#include "net/url.h"

namespace cloison::cli {

namespace {

constexpr std::string_view kPath = "/v1/approvals";

std::string ETagOf(std::uint64_t version) {
  return "\"" + std::to_string(version) + "\"";
}

// The same request after an answer that was lost is the same, so long as it waits or holds; one
// that is over, of the last day, is asked for anew.
constexpr int kAsksMax = 20;

std::string KeyOf(const AskedRequest& request, int asks) {
  std::string text = request.body;
  if (asks > 0) text += "again " + std::to_string(asks);
  if (request.version.has_value()) text += ETagOf(*request.version);
  return "ask-" + base::ToHex(crypto::Truncate<16>(crypto::Sha256(AsBytes(text))));
}

bool IsApproval(const codec::JsonValue& value) {
  return TextMember(value, "approval").has_value();
}

bool IsOver(const codec::JsonValue& approval) {
  const std::string state = TextMember(approval, "state").value_or("");
  return state != "pending" && state != "approved";
}

}  // namespace

std::string ApprovalInWords(const codec::JsonValue& approval, bool plain) {
  const std::string id = TextMember(approval, "approval").value_or("");
  const std::string kind = TextMember(approval, "kind").value_or("");
  const std::string state = TextMember(approval, "state").value_or("");
  const std::string asker = TextMember(approval, "asked_by").value_or("");
  const std::string expires = TextMember(approval, "expires").value_or("");
  const auto what = approval.Find("what");
  std::string about, sealed_to;
  if (what.has_value()) {
    for (const char* key : {"principal", "label", "from", "person"}) {
      if (about.empty()) about = TextMember(*what, key).value_or("");
    }
    sealed_to = TextMember(*what, "recipient_fingerprint").value_or("");
  }
  if (plain) {
    return id + "\t" + kind + "\t" + state + "\t" + asker + "\t" + about + "\t" + expires;
  }
  std::string words = id + ": " + kind;
  if (!about.empty()) words += " of " + about;
  words += ", asked by " + asker + ", is " + state;
  if (state == "pending") words += " until " + expires;
  const std::string due = TextMember(approval, "due").value_or("");
  if (!due.empty()) words += ", happens after " + due + " and can be stopped until it does";
  if (!sealed_to.empty()) words += "; sealed to " + sealed_to;
  words += ".";
  const auto spoken = what.has_value() ? TextMember(*what, "spoken") : std::nullopt;
  if (!spoken.has_value()) return words;
  // To be compared by telephone.
  words += " The key " + *spoken + ", from " + TextMember(*what, "network").value_or("?");
  return words + "; the one before is of " + TextMember(*what, "key_before").value_or("?") + ".";
}

ExitCode SendForApproval(const AskedRequest& request, bool dry_run, const Common& common,
                         const Terminal& terminal) {
  if (dry_run) {
    terminal.Line("POST " + common.connection.server + request.path);
    if (request.version.has_value()) terminal.Line("if-match: " + ETagOf(*request.version));
    terminal.Line(request.body);
    return ExitCode::kDone;
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  for (int asks = 0;; ++asks) {
    HeaderList headers;
    if (request.once) headers.emplace_back("idempotency-key", KeyOf(request, asks));
    if (request.version.has_value()) headers.emplace_back("if-match", ETagOf(*request.version));
    const Result<net::Response> answer = connection->Post(request.path, request.body, headers);
    if (!answer.ok()) return Explain(answer.error(), terminal);
    if (answer->status != 200 && answer->status != 202) return Explain(*answer, terminal);
    const Result<codec::JsonDocument> done = codec::JsonDocument::Parse(AsBytes(answer->body));
    if (!done.ok() || !IsApproval(done->root())) {
      terminal.Complain("the server's answer is not the one of an approval");
      return ExitCode::kFailure;
    }
    if (request.once && IsOver(done->root()) && asks < kAsksMax) continue;
    terminal.Line(common.json ? answer->body : ApprovalInWords(done->root(), common.plain));
    if (!request.once || !IsOver(done->root())) return ExitCodeOf(answer->status, "");
    terminal.Complain("this was asked for " + std::to_string(asks) + " times today, and is over");
    return ExitCode::kConflict;
  }
}

ExitCode Approval(const ApprovalOptions& options, const Common& common, const Terminal& terminal) {
  using Verb = ApprovalOptions::Verb;
  if (options.verb == Verb::kApprove || options.verb == Verb::kDeny) {
    AskedRequest request{std::string(kPath), {}, false};
    request.path += options.verb == Verb::kApprove ? ":approve" : ":deny";
    codec::JsonWriter json(request.body);
    json.BeginObject().Key("approval").String(options.id).EndObject();
    return SendForApproval(request, options.dry_run, common, terminal);
  }
  base::SystemClock clock;
  std::optional<Connection> connection = Connect(common.connection, clock, terminal);
  if (!connection.has_value()) return ExitCode::kUsage;
  if (options.verb == Verb::kList)
    return ListPages(
        *connection, {.path = std::string(kPath)}, "approvals",
        [&common](const codec::JsonValue& one) { return ApprovalInWords(one, common.plain); },
        common, terminal);
  const Result<net::Response> answer = connection->Get(std::string(kPath) + "/" + options.id);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (answer->status != 200) return Explain(*answer, terminal);
  const Result<codec::JsonDocument> shown = codec::JsonDocument::Parse(AsBytes(answer->body));
  if (!shown.ok() || !IsApproval(shown->root())) {
    terminal.Complain("the server's answer is not the one of an approval");
    return ExitCode::kFailure;
  }
  terminal.Line(common.json ? answer->body : ApprovalInWords(shown->root(), common.plain));
  if (common.json) return ExitCode::kDone;
  // Whoever agrees is to see all of it: the role, the human behind the account, the caps.
  const auto what = shown->root().Find("what");
  if (what.has_value()) {
    for (const std::string& fact : FactsOf(*what, common.plain)) terminal.Line(fact);
  }
  return ExitCode::kDone;
}

}  // namespace cloison::cli
