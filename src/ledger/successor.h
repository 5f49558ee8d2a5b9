// The storage side of the recovery ceremony: what a ledger that may not go on is found to be, and
// the one commit that closes its log and opens a successor.
//
// A log may not go on when it is shorter than, or another than, what was signed in its name; when
// nobody can tell, because the last signed size is gone; and when a later log than the store's has
// been begun. Rows that do not fit together are another matter: nothing here mends those.
//
// Threads  one caller.
// Source   docs/design/0014-successor-log.md.
#ifndef CLOISON_LEDGER_SUCCESSOR_H_
#define CLOISON_LEDGER_SUCCESSOR_H_

#include <memory>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/statement.h"

namespace cloison::ledger {

enum class Fault {
  kNone,            // the register opens, or fails for another reason
  kShorter,         // than what was signed
  kAnother,         // of the signed size or more, with another root at that size
  kSignedSizeGone,  // or it cannot be read
  kLaterLog,        // a successor was begun that the store does not know
};

class Succession {
 public:
  // The public keys of the register's logs as its key ring has them, by generation from 1, and
  // whether it still holds the private key of each.
  struct Known {
    std::optional<crypto::Ed25519PublicKey> key;
    bool signs = false;
  };
  // `parts.signer` is not asked to sign. `witnessed`: a checkpoint of one of the logs that somebody
  // else kept, or empty. One that is not longer than the store's log is held against its frames.
  // Fails  kCorrupt: the rows of the store are not one whole log; kNotFound: it holds no entry;
  //        kDenied: none of the logs signed `witnessed`.
  static Task<Result<std::unique_ptr<Succession>>> Open(Ledger::Options options,
                                                        Ledger::Parts parts,
                                                        std::vector<Known> known,
                                                        std::string witnessed);
  ~Succession();

  Fault fault() const { return fault_; }
  std::uint32_t successor() const { return successor_; }  // its generation
  Statement StatementFor(const crypto::Ed25519PublicKey& key, const ByteArray<16>& ceremony) const;

  // Folds what is not folded, keeps the signed size aside (<signed_path>.<generation>), and makes
  // the successor, in one commit of `committer`, which is the store's own, with the rows of `with`
  // (puts and deletes, none of the ledger's). `note` is the signed statement: whoever calls has
  // checked it. May be repeated after any failure, on a new Succession.
  Task<Status> Close(commit::Committer& committer, base::Executor& home,
                     const crypto::Ed25519PublicKey& key, std::string note, store::WriteSet with);

 private:
  struct Evidence {  // that a log had signed this
    std::uint32_t generation;
    tlog::Head head;
  };
  Succession(std::unique_ptr<Ledger::State> state, std::vector<Known> known);
  std::optional<Evidence> Read(std::string_view note) const;
  std::uint32_t ClaimOf(std::string_view note) const;
  Status Judge(const Result<Bytes>& signed_note, std::string_view witnessed);
  Task<Result<tlog::Hash>> RootAt(std::uint64_t size) const;
  Task<Status> FindFork();
  Task<Status> Compare();
  std::vector<Log> ClosedLogs() const;
  Status KeepAside();

  std::unique_ptr<Ledger::State> state_;
  std::vector<Known> known_;
  std::vector<Evidence> proven_;      // all there is
  std::optional<Evidence> evidence_;  // the latest, or what shows a fork
  bool unreadable_ = false;           // the signed size
  std::uint32_t claimed_ = 0;         // the generation of a log whose key nobody has any more
  bool forked_ = false;
  Fault fault_ = Fault::kNone;
  std::uint32_t successor_ = 0;
};

}  // namespace cloison::ledger

#endif  // CLOISON_LEDGER_SUCCESSOR_H_
