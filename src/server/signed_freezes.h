// Freezes that officers signed while there is no ledger and nobody can sign in, in a small synced
// file beside the databases. At the next start with a ledger each becomes an entry, before anybody
// is served, and leaves the file. One that no longer verifies (its officer left the configuration
// meanwhile) stays: it was promised to hold, and only people may say that it need not.
//
//   "cloison signed freezes 1\n", then per line the note, base64
//
// Threads  any.
// Source   docs/operate/failure.md "Freezing without a ledger".
#ifndef CLOISON_SERVER_SIGNED_FREEZES_H_
#define CLOISON_SERVER_SIGNED_FREEZES_H_

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"
#include "base/ids.h"
#include "ledger/freeze_statement.h"

namespace cloison::server {

inline constexpr std::size_t kSignedFreezesMax = 1'000;

class SignedFreezes {
 public:
  struct Parts {  // all outlive it
    base::Files& files;
    const base::Clock& clock;
    std::string origin;  // of the ledger, as configured
    std::vector<tlog::VerifierKey> officers;
  };
  // kCorrupt: the file does not parse; as base::Files fails.
  static Result<std::unique_ptr<SignedFreezes>> Open(std::string path, Parts parts);

  // Durable when it returns; the same note again is no fault.
  // Fails as ledger::CheckFreeze and CheckFresh; kExhausted: kSignedFreezesMax.
  Status Add(std::string note);
  struct Given {
    PrincipalId who;
    std::string note;
  };
  // Those whose signature still verifies: whoever writes the file freezes nobody.
  std::vector<Given> waiting() const;
  // How many are in the file; with those that do not verify.
  std::size_t size() const;
  // They have become entries, and leave the file.
  Status Remove(const std::vector<Given>& done);

 private:
  SignedFreezes(std::string path, Parts parts) : path_(std::move(path)), parts_(std::move(parts)) {}
  Status Parse(std::string_view text);
  Status WriteLocked() const;

  std::string path_;
  Parts parts_;
  mutable std::mutex mutex_;  // guards notes_
  std::vector<std::string> notes_;
};

}  // namespace cloison::server

#endif  // CLOISON_SERVER_SIGNED_FREEZES_H_
