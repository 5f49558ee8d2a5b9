// The recovery ceremony of a register whose ledger may not go on: the statement that two officers
// sign, and what is done once they have. Offline: nobody else has the stores open.
//
// A statement is of one state of the register; when that is another by now, it is worth nothing and
// nothing is changed. What the ceremony changes is one commit, with what ends the incarnation
// (backup::EndOfIncarnation); a crash before it leaves the register as it was, but for a key nobody
// uses, and after it the next opening does the rest.
//
// Threads  one caller.
// Source   docs/operate/recovery.md; docs/design/0014-successor-log.md.
#ifndef CLOISON_VAULT_RECOVERY_H_
#define CLOISON_VAULT_RECOVERY_H_

#include <string>
#include <vector>

#include "ledger/successor.h"
#include "vault/vault.h"

namespace cloison::vault {

// The file that says that a log was found to be another than the one that a witness knows. While it
// names the newest log, Vault::Open fails kCorrupt; a ceremony closes that log, and removes it.
std::string DisownedPath(const std::string& directory);
// Writes it (synced), for the vault's newest log. `directory`: of its settings. Threads: any.
Status Disown(Vault& vault, const std::string& directory);

// Makes the successor's key, unless it is there, and gives the text to be signed (ledger/
// statement.h). `witnessed`: a checkpoint that somebody else kept, or empty.
// Fails  kConflict: there is nothing to recover from; kDenied: none of the register's logs signed
//        `witnessed`; kNotFound, kCorrupt, kUnavailable: as Vault::Open.
Task<Result<std::string>> StateRecovery(Environment environment, Settings settings,
                                        std::string witnessed);

// Closes the log and opens the successor, whose first entry names `note`: the statement with its
// signatures. Done already, it finishes what is left. `witnessed` as for the statement.
// Fails  as StateRecovery, and as ledger::CheckSigned; nothing is changed then.
//        kUnknownOutcome, kUnavailable: it may be done or not; calling it again tells.
Task<Status> Recover(Environment environment, Settings settings, std::string witnessed,
                     std::string note, std::vector<tlog::VerifierKey> officers);

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_RECOVERY_H_
