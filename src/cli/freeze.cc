// cloison freeze: an account is stopped by an officer's key while there is no ledger, and works
// again by the keys of two. Officers sign on their own machines; the operator hands it in on the
// server's loopback.
#include "cli/freeze.h"

#include "base/clock.h"
#include "base/files.h"
#include "cli/connection.h"
#include "cli/officer_file.h"
#include "identity/principal_name.h"
#include "ledger/unfreeze_statement.h"
#include "net/client.h"
#include "net/url.h"

namespace cloison::cli {

ExitCode FreezeSign(const FreezeOptions& options, const Terminal& terminal) {
  const Result<ledger::OfficerKey> officer = ReadOfficerKey(options.key);
  if (!officer.ok()) {
    terminal.Complain(officer.error().text());
    return ExitCode::kFailure;
  }
  const Result<identity::PrincipalName> name = identity::ParsePrincipalName(options.account);
  if (!name.ok()) {
    terminal.Complain("an account is alias:sub, as agents:alice");
    return ExitCode::kUsage;
  }
  base::SystemFiles files;
  if (files.Stat(options.out).ok()) {
    terminal.Complain(options.out + " is there already");
    return ExitCode::kConflict;
  }
  base::SystemClock clock;
  const ledger::FreezeStatement statement{options.ledger, options.issuer, name->sub,
                                          clock.wall_ms() / base::kSecondMs};
  const std::string text = Print(statement);
  if (!ledger::ParseFreezeStatement(text).ok()) {
    terminal.Complain("a ledger and an issuer have a name, on one line");
    return ExitCode::kUsage;
  }
  tlog::Note note{text, {}};
  return SignInPlace(note, *officer, options.out, terminal);
}

ExitCode FreezeLift(const FreezeOptions& options, const Terminal& terminal) {
  const Result<ledger::OfficerKey> officer = ReadOfficerKey(options.key);
  if (!officer.ok()) {
    terminal.Complain(officer.error().text());
    return ExitCode::kFailure;
  }
  base::SystemFiles files;
  if (files.Stat(options.out).ok()) {
    terminal.Complain(options.out + " is there already");
    return ExitCode::kConflict;
  }
  base::SystemClock clock;
  ledger::UnfreezeStatement statement{options.ledger, clock.wall_ms() / base::kSecondMs, {}};
  for (const std::string& account : options.accounts) {
    const Result<identity::PrincipalName> name = identity::ParsePrincipalName(account);
    if (!name.ok()) {
      terminal.Complain("an account is alias:sub, as agents:alice");
      return ExitCode::kUsage;
    }
    statement.accounts.push_back({options.issuer, name->sub});
  }
  const std::string text = Print(statement);
  if (!ledger::ParseUnfreezeStatement(text).ok()) {
    terminal.Complain("1 to 64 accounts, each once; a ledger and an issuer, on one line");
    return ExitCode::kUsage;
  }
  tlog::Note note{text, {}};
  return SignInPlace(note, *officer, options.out, terminal);
}

ExitCode FreezeCosign(const FreezeOptions& options, const Terminal& terminal) {
  const Result<ledger::OfficerKey> officer = ReadOfficerKey(options.key);
  if (!officer.ok()) {
    terminal.Complain(officer.error().text());
    return ExitCode::kFailure;
  }
  Result<tlog::Note> note = ReadNoteOrText(options.note);
  if (!note.ok()) return Explain(note.error(), terminal);
  const Result<ledger::UnfreezeStatement> statement = ledger::ParseUnfreezeStatement(note->text);
  if (!statement.ok()) return Explain(statement.error(), terminal);
  terminal.Note("ledger " + statement->ledger);
  for (const ledger::UnfreezeStatement::Account& account : statement->accounts) {
    terminal.Note("unfreeze " + account.subject + " of " + account.issuer);
  }
  if (!options.yes) {
    terminal.Complain("nothing was signed: say --yes when each of them is to work again");
    return ExitCode::kUsage;
  }
  return SignInPlace(*note, *officer, options.note, terminal);
}

ExitCode FreezeSend(const FreezeOptions& options, const Terminal& terminal) {
  base::SystemFiles files;
  const Result<Bytes> note = files.Read(options.note);
  if (!note.ok()) {
    terminal.Complain("cannot read " + options.note);
    return ExitCode::kUsage;
  }
  const Result<net::Url> url = net::ParseUrl(options.management);
  const bool loopback = url.ok() && (url->host == "127.0.0.1" || url->host == "::1");
  if (!loopback || url->https || url->path != "/") {
    terminal.Complain("--management is the server's own, as http://127.0.0.1:9443");
    return ExitCode::kUsage;
  }
  net::ClientOptions client;
  client.host = url->host;
  client.port = url->port;
  client.plain = true;
  base::SystemClock clock;
  net::HttpClient http(std::move(client), clock);
  const bool lifts = ledger::IsUnfreezeStatement(AsText(*note));
  net::Request request = net::MakeRequest(net::Method::kPost, lifts ? "/unfreezes" : "/freezes",
                                          std::string(AsText(*note)));
  request.headers.Add("content-type", "text/plain");
  const Result<net::Response> answer = http.Send(request);
  if (!answer.ok()) return Explain(answer.error(), terminal);
  if (lifts && answer->status == 200) {
    const bool again = answer->body.starts_with("unfrozen before");
    terminal.Line(again ? "This note unfroze them before; it does so once."
                        : "Unfrozen, and recorded.");
    return ExitCode::kDone;
  }
  if (answer->status != 202) {
    const Problem problem = ProblemOf(*answer);
    if (problem.code == "serving") {
      terminal.Complain("the register serves: cloison principal freeze");
      return ExitCode::kConflict;
    }
    return Explain(*answer, terminal);
  }
  terminal.Line("Frozen. It becomes an entry when there is a ledger again.");
  return ExitCode::kDone;
}

}  // namespace cloison::cli
