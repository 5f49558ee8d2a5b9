// What runs of jobs and exports share: a connection that waits for a server that is away, and a
// file that grows by whole frames. What the file holds is what was sealed, so it is also how far
// the run is: after any crash the same command goes on.
#ifndef CLOISON_CLI_SEALED_RUN_H_
#define CLOISON_CLI_SEALED_RUN_H_

#include <optional>
#include <string>

#include "base/files.h"
#include "cli/job.h"
#include "codec/json_reader.h"
#include "records/job_file.h"

namespace cloison::cli {

// The file of a run as it lies on the disk.
struct HeldFile {
  records::JobFileHeader header;
  std::uint32_t frames = 0;  // of records, whole
  std::uint64_t bytes = 0;   // header and whole frames: what is behind them was cut off
  bool ended = false;
};
// kNotFound: there is none.
Result<HeldFile> ReadHeldFile(base::Files& files, const std::string& path);

class SealedRun {
 public:
  // `out`: the file. All outlive it.
  SealedRun(const std::string& out, std::uint64_t retry_s, const Common& common,
            const Terminal& terminal)
      : out_(out), retry_s_(retry_s), common_(common), terminal_(terminal) {}

 protected:
  // False: it was said why.
  bool Connect();
  // A file that is not whole is to go on with; none: nothing is there. kConflict: it is whole.
  Result<std::optional<HeldFile>> Held();
  // Again for as long as the server is away: asking for the last frame again costs nothing.
  Result<net::Response> Ask(const std::string& path, const std::string& body,
                            const HeaderList& headers = {});
  // The server said no: kept, and told once everything is closed.
  ExitCode Failed(const Status& why);
  // Begins the file: "header" of an answer.
  Status KeepHeader(const codec::JsonValue& root);
  // Appends "frame" of an answer, which has this number; synced when it returns.
  Status KeepFrame(const codec::JsonValue& root, std::uint32_t number);
  Status CutOff(const HeldFile& held) { return files_.Truncate(out_, held.bytes); }
  static Result<codec::JsonDocument> ParseAnswer(const net::Response& answer);

  const std::string& out_;
  std::uint64_t retry_s_;
  const Common& common_;
  const Terminal& terminal_;

 private:
  base::SystemClock clock_;
  base::SystemFiles files_;
  std::optional<Connection> connection_;
  std::optional<net::Response> refused_;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_SEALED_RUN_H_
