// cloison init sign: an officer puts their name under the beginning of a register, once they were
// shown who begins it and what its first policy lets whom do.
#include <algorithm>

#include "access/policies.h"
#include "access/policy_diff.h"
#include "base/files.h"
#include "cli/commands.h"
#include "cli/officer_file.h"
#include "ledger/bootstrap_statement.h"

namespace cloison::cli {

namespace {

Result<std::string> TextOf(const std::string& path, const Terminal& terminal) {
  base::SystemFiles files;
  const Result<Bytes> bytes = files.Read(path);
  if (!bytes.ok()) {
    terminal.Complain("cannot read " + path);
    return bytes.error();
  }
  return std::string(AsText(*bytes));
}

// What is compared by voice before anybody relies on it, and who is to begin.
void TellWho(const ledger::BootstrapStatement& statement, const Terminal& terminal) {
  for (const tlog::VerifierKey& key : statement.plan.officers) {
    terminal.Note("officer " + key.name() + " " + ledger::FingerprintOf(key));
  }
  terminal.Note("ledger " + statement.log.name() + " " + ledger::FingerprintOf(statement.log));
  for (const ledger::Founder& one : statement.plan.founders) {
    terminal.Note("begins " + one.account + " (" + one.issuer + "), " + one.role +
                  " of organisation " + std::to_string(one.organisation.value()) + ", the human " +
                  one.human + ", until " + one.expires);
  }
}

// The documents that the statement names by their digests, read by the officer from files of their
// own: the whole policy, in words.
ExitCode TellWhat(const InitSignOptions& options, const ledger::BootstrapStatement& statement,
                  const Terminal& terminal) {
  const Result<std::string> schema_text = TextOf(options.schema, terminal);
  const Result<std::string> policy_text = TextOf(options.policy, terminal);
  if (!schema_text.ok() || !policy_text.ok()) return ExitCode::kUsage;
  if (crypto::Sha256(AsBytes(*schema_text)) != statement.schema) {
    terminal.Complain("the statement is of another schema than " + options.schema);
    return ExitCode::kConflict;
  }
  if (access::DigestOfPolicy(*policy_text) != statement.policy) {
    terminal.Complain("the statement is of another policy than " + options.policy);
    return ExitCode::kConflict;
  }
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(*schema_text, &problems);
  const auto policy = schema.ok() ? access::Policy::Parse(*policy_text, **schema, &problems)
                                  : Result<std::shared_ptr<const access::Policy>>(schema.error());
  for (const std::string& problem : problems) terminal.Note(problem);
  if (!policy.ok()) return ExitCode::kFailure;
  for (const access::PolicyDifference& one : access::Whole(**policy, **schema)) {
    terminal.Note(Print(one));
  }
  return ExitCode::kDone;
}

}  // namespace

ExitCode InitSign(const InitSignOptions& options, const Terminal& terminal) {
  const Result<ledger::OfficerKey> officer = ReadOfficerKey(options.key);
  if (!officer.ok()) {
    terminal.Complain(officer.error().text());
    return ExitCode::kFailure;
  }
  Result<tlog::Note> note = ReadNoteOrText(options.statement);
  if (!note.ok()) return Explain(note.error(), terminal);
  const Result<ledger::BootstrapStatement> statement = ledger::ParseBootstrapStatement(note->text);
  if (!statement.ok()) return Explain(statement.error(), terminal);
  if (std::ranges::find(statement->plan.officers, officer->key) == statement->plan.officers.end()) {
    terminal.Complain("the statement does not name this officer");
    return ExitCode::kRefused;
  }
  const ExitCode told = TellWhat(options, *statement, terminal);
  if (told != ExitCode::kDone) return told;
  TellWho(*statement, terminal);
  if (!options.yes) {
    terminal.Complain("nothing was signed: say --yes when all of this is to begin");
    return ExitCode::kUsage;
  }
  return SignInPlace(*note, *officer, options.statement, terminal);
}

}  // namespace cloison::cli
