#include "cli/officer_file.h"

#include "base/files.h"
#include "cli/connection.h"

namespace cloison::cli {

namespace {

constexpr unsigned kKeyMode = 0600;
constexpr unsigned kNoteMode = 0644;

}  // namespace

Result<ledger::OfficerKey> ReadOfficerKey(const std::string& path) {
  base::SystemFiles files;
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  if (info.is_link || info.mode != kKeyMode) {
    return Error{Code::kDenied, "an officer's key is a file that only its owner can read (0600)"};
  }
  CLOISON_TRY_ASSIGN(Bytes bytes, files.Read(path));
  Result<ledger::OfficerKey> key = ledger::ParseOfficerKey(bytes);
  crypto::Wipe(bytes);
  return key;
}

Result<tlog::Note> ReadNoteOrText(const std::string& path) {
  base::SystemFiles files;
  CLOISON_TRY_ASSIGN(const Bytes bytes, files.Read(path));
  Result<tlog::Note> note = tlog::ParseNote(AsText(bytes));
  if (note.ok()) return note;
  return tlog::Note{std::string(AsText(bytes)), {}};
}

ExitCode SignInPlace(tlog::Note& note, const ledger::OfficerKey& officer, const std::string& path,
                     const Terminal& terminal) {
  for (const tlog::NoteSignature& signature : note.signatures) {
    if (signature.name != officer.key.name()) continue;
    terminal.Complain("this officer has signed already");
    return ExitCode::kConflict;
  }
  const Status made = tlog::Sign(note, officer.key, officer.signer);
  if (!made.ok()) return Explain(made.error(), terminal);
  base::SystemFiles files;
  const std::string text = tlog::PrintNote(note);
  const Status written = base::WriteWhole(files, path, AsBytes(text), kNoteMode);
  if (!written.ok()) return Explain(written.error(), terminal);
  terminal.Out(text);
  return ExitCode::kDone;
}

}  // namespace cloison::cli
