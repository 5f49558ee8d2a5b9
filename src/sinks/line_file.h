// Alarms as lines of a file, each an event of OCSF: synced one by one, and none twice, whenever the
// process was killed: the file itself says which was its last.
//
// The file is opened for each line, so whoever renames it away gets a new one. After a rotation
// between a line and the end of the process that wrote it, that line may come again in the new
// file, with the same metadata.uid.
//
// Source  docs/operate/alarms.md.
#ifndef CLOISON_SINKS_LINE_FILE_H_
#define CLOISON_SINKS_LINE_FILE_H_

#include "base/files.h"
#include "sinks/output.h"

namespace cloison::sinks {

inline constexpr std::size_t kLineBytesMax = 4u << 10;

class LineFile final : public Output {
 public:
  // The directory is there; the file keeps the permissions that it has, or is made with 0600.
  LineFile(base::Files& files, std::string path, std::string origin)
      : files_(files), path_(std::move(path)), origin_(std::move(origin)) {}

  std::string_view name() const override { return "ocsf_file"; }
  std::optional<Position> Reached() override;
  Status Give(const access::Alarm& alarm) override;

 private:
  Result<std::string> Tail();  // kNotFound: there is no file
  Status CutBrokenLine(std::size_t& size);

  base::Files& files_;
  const std::string path_;
  const std::string origin_;
};

}  // namespace cloison::sinks

#endif  // CLOISON_SINKS_LINE_FILE_H_
