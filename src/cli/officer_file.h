// Officers' keys as files, and notes that they sign in place.
#ifndef CLOISON_CLI_OFFICER_FILE_H_
#define CLOISON_CLI_OFFICER_FILE_H_

#include <string>

#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "ledger/statement.h"
#include "tlog/note.h"

namespace cloison::cli {

// kDenied: others than its owner can read the file.
Result<ledger::OfficerKey> ReadOfficerKey(const std::string& path);

// What was signed so far: the text alone, or a note. As base::Files::Read fails.
Result<tlog::Note> ReadNoteOrText(const std::string& path);

// Adds the officer's signature and writes the note to `path`, whole. kConflict: the officer has
// signed already.
ExitCode SignInPlace(tlog::Note& note, const ledger::OfficerKey& officer, const std::string& path,
                     const Terminal& terminal);

}  // namespace cloison::cli

#endif  // CLOISON_CLI_OFFICER_FILE_H_
