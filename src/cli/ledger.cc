// cloison ledger: the recovery ceremony. What touches the register is done by cloisond recover; an
// officer's key never comes near it.
#include <cstdio>

#include "base/files.h"
#include "cli/commands.h"
#include "cli/officer_file.h"
#include "cli/process.h"
#include "ledger/statement.h"

namespace cloison::cli {

namespace {

constexpr unsigned kKeyMode = 0600;

ExitCode Fail(const Terminal& terminal, std::string_view what, ExitCode code) {
  terminal.Complain(what);
  return code;
}

ExitCode RunDaemon(std::string mode, const std::vector<std::string>& arguments,
                   const Terminal& terminal) {
  Result<std::string> daemon = DaemonPath();
  if (!daemon.ok()) return Explain(daemon.error(), terminal);
  ChildOptions options;
  options.arguments = {std::move(*daemon), std::move(mode)};
  options.arguments.insert(options.arguments.end(), arguments.begin(), arguments.end());
  Result<std::unique_ptr<Child>> child = Child::Start(std::move(options));
  if (!child.ok()) return Explain(child.error(), terminal);
  return static_cast<ExitCode>((*child)->Wait());
}

}  // namespace

ExitCode OfficerKey(const OfficerKeyOptions& options, const Terminal& terminal) {
  base::SystemFiles files;
  base::SystemRandom random;
  if (files.Stat(options.out).ok()) {
    return Fail(terminal, options.out + " is there already", ExitCode::kConflict);
  }
  const crypto::Secret<32> seed(random);
  const crypto::Ed25519Signer signer(seed);
  const Result<tlog::VerifierKey> key =
      tlog::VerifierKey::Make(options.name, tlog::KeyType::kSignature, signer.public_key());
  if (!key.ok()) {
    return Fail(terminal, "a name is UTF-8 without spaces and '+'", ExitCode::kUsage);
  }
  const crypto::SecretBytes bytes = ledger::SerialiseOfficerKey(*key, seed);
  const Status written = base::WriteWhole(files, options.out, bytes.Reveal(), kKeyMode);
  if (!written.ok()) return Explain(written.error(), terminal);
  terminal.Line(key->Text());
  return ExitCode::kDone;
}

ExitCode SignStatement(const SignStatementOptions& options, const Terminal& terminal) {
  const Result<ledger::OfficerKey> officer = ReadOfficerKey(options.key);
  if (!officer.ok()) return Fail(terminal, officer.error().text(), ExitCode::kFailure);
  Result<tlog::Note> note = ReadNoteOrText(options.statement);
  if (!note.ok()) return Explain(note.error(), terminal);
  const auto statement = ledger::ParseStatement(note->text);
  if (!statement.ok()) return Explain(statement.error(), terminal);
  return SignInPlace(*note, *officer, options.statement, terminal);
}

ExitCode Recover(const std::vector<std::string>& arguments, const Terminal& terminal) {
  return RunDaemon("recover", arguments, terminal);
}

ExitCode ExportLog(const std::vector<std::string>& arguments, const Terminal& terminal) {
  return RunDaemon("export", arguments, terminal);
}

}  // namespace cloison::cli
