// Writes a log as files in the layout of C2SP tlog-tiles: for samples and tests. The register's own
// log is published by ledger/publisher.h.
#ifndef CLOISON_VERIFY_LOG_WRITER_H_
#define CLOISON_VERIFY_LOG_WRITER_H_

#include <memory>
#include <string>

#include "base/files.h"
#include "tlog/note.h"
#include "tlog/proof.h"

namespace cloison::verify {

class LogWriter {
 public:
  // Below `directory`, which is there and empty. `files` outlives it.
  LogWriter(base::Files& files, std::string directory);
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;
  LogWriter& operator=(const LogWriter&) = delete;

  // Fails as base::Files. Nothing is synced. Memory: a bundle and a tile per level.
  Status Append(ByteView entry);
  // Writes the partial tiles, and gives the head. Nothing may be appended afterwards.
  Result<tlog::Head> Finish();
  // Writes a file beside the tiles, mode 0644: "checkpoint".
  Status WriteFile(const std::string& name, ByteView bytes);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cloison::verify

#endif  // CLOISON_VERIFY_LOG_WRITER_H_
