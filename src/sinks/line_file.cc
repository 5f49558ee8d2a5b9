#include "sinks/line_file.h"

#include <algorithm>

#include "codec/json_reader.h"
#include "sinks/alarm_text.h"

namespace cloison::sinks {

namespace {

std::optional<std::int64_t> IntOf(const std::optional<codec::JsonValue>& value) {
  if (!value.has_value()) return std::nullopt;
  const Result<std::int64_t> number = value->AsInt();
  return number.ok() && *number >= 0 ? std::optional(*number) : std::nullopt;
}

}  // namespace

// The last two lines at most, the last of them maybe broken.
Result<std::string> LineFile::Tail() {
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files_.Stat(path_));
  const std::uint64_t size = std::min<std::uint64_t>(info.size, 2 * kLineBytesMax);
  CLOISON_TRY_ASSIGN(const Bytes bytes, files_.ReadAt(path_, info.size - size, size));
  return std::string(AsText(bytes));
}

std::optional<Position> LineFile::Reached() {
  Result<std::string> tail = Tail();
  if (!tail.ok()) return std::nullopt;
  const std::size_t end = tail->rfind('\n');
  if (end == std::string::npos) return std::nullopt;
  const std::size_t before = end == 0 ? std::string::npos : tail->rfind('\n', end - 1);
  const std::size_t begin = before == std::string::npos ? 0 : before + 1;
  const std::string line = tail->substr(begin, end - begin);
  const Result<codec::JsonDocument> event = codec::JsonDocument::Parse(AsBytes(line));
  if (!event.ok()) return std::nullopt;
  const auto metadata = event->root().Find("metadata");
  if (!metadata.has_value()) return std::nullopt;
  const auto number = IntOf(metadata->Find("sequence")), time = IntOf(event->root().Find("time"));
  const auto tenant = metadata->Find("tenant_uid");
  if (!number.has_value() || !time.has_value() || !tenant.has_value()) return std::nullopt;
  const auto of = tenant->AsString();
  if (!of.ok() || *of != origin_) return std::nullopt;  // of another register
  return Position{static_cast<std::uint64_t>(*number), *time};
}

// What a full disk or a power cut left of a line.
Status LineFile::CutBrokenLine(std::size_t& size) {
  size = 0;
  const Result<std::string> tail = Tail();
  if (!tail.ok()) return tail.error().code() == Code::kNotFound ? Ok() : Status(tail.error());
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files_.Stat(path_));
  size = info.size;
  if (tail->empty() || tail->back() == '\n') return Ok();
  const std::size_t end = tail->rfind('\n');
  const std::size_t broken = end == std::string::npos ? tail->size() : tail->size() - end - 1;
  if (broken > kLineBytesMax) return Error{Code::kCorrupt, "the file of the alarms has no lines"};
  size = info.size - broken;
  return files_.Truncate(path_, size);
}

Status LineFile::Give(const access::Alarm& alarm) {
  const std::string line = OcsfEvent(alarm, origin_) + "\n";
  CLOISON_CHECK(line.size() <= kLineBytesMax);
  std::size_t size = 0;
  CLOISON_TRY(CutBrokenLine(size));
  CLOISON_TRY_ASSIGN(std::unique_ptr<base::WritableFile> file, files_.OpenAppend(path_));
  CLOISON_TRY(file->Append(AsBytes(line)));
  CLOISON_TRY(file->Sync());
  return size == 0 ? files_.SyncDirectory(base::DirectoryOf(path_)) : Ok();
}

}  // namespace cloison::sinks
