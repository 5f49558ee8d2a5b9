// The file of the alarms, whatever was left of it, and the place of a syslog. 'f' and a file: an
// alarm is written behind it whole, or nothing is; what it says of its last line is then that one.
// 's' and a text.
#include "base/testing/memory_files.h"
#include "sinks/line_file.h"
#include "sinks/syslog.h"

namespace {

using namespace cloison;

constexpr char kPath[] = "alarms";
constexpr char kOrigin[] = "cloison.example/job-seekers";

void CheckFile(ByteView left) {
  base::testing::MemoryFiles files;
  files.contents[kPath] = Bytes(left.begin(), left.end());
  sinks::LineFile file(files, kPath, kOrigin);
  (void)file.Reached();
  access::Alarm alarm;
  alarm.number = 7;
  alarm.wall_ms = 9;
  const Status given = file.Give(alarm);
  if (!given.ok()) {
    CLOISON_CHECK(base::Equal(files.contents[kPath], left));
    return;
  }
  const std::string text(AsText(files.contents[kPath]));
  CLOISON_CHECK(text.ends_with('\n') && text.size() > 1);
  const std::size_t before = text.rfind('\n', text.size() - 2);
  const std::size_t kept = before == std::string::npos ? 0 : before + 1;
  // What stood there in whole lines still does.
  CLOISON_CHECK(kept <= left.size() && text.substr(0, kept) == AsText(left.first(kept)));
  CLOISON_CHECK(file.Reached() == (sinks::Position{7, 9}));
}

void CheckPlace(std::string_view text) {
  const Result<sinks::SyslogPlace> place = sinks::ParseSyslogPlace(text);
  if (!place.ok()) return;
  const bool local = place->how == sinks::SyslogPlace::How::kLocal;
  CLOISON_CHECK(local ? place->path.starts_with('/') : !place->host.empty() && place->port != 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const ByteView rest(data + 1, size - 1);
  if (data[0] == 'f') CheckFile(rest);
  if (data[0] == 's') CheckPlace(AsText(rest));
  return 0;
}
