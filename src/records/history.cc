#include "records/history.h"

#include <algorithm>
#include <map>

#include "base/clock.h"
#include "text/date.h"

namespace cloison::records {
namespace {

using crypto::SecretBytes;

constexpr std::size_t kTimeBytes = 24;
constexpr Error kBad{Code::kCorrupt, "a history does not parse"};

// Takes the first line off `left`; the time is compared as text, which is in order of time.
Result<std::string_view> TakeLine(std::string_view& left) {
  const std::size_t end = std::min(left.find('\n'), left.size());
  const std::string_view line = left.substr(0, end);
  left.remove_prefix(end);
  if (!left.empty()) {
    left.remove_prefix(1);
    if (left.empty()) return kBad;
  }
  if (line.size() <= kTimeBytes || line[kTimeBytes] != ' ') return kBad;
  if (!text::ParseUtcMs(line.substr(0, kTimeBytes)).ok()) return kBad;
  const std::size_t gap = line.find(' ', kTimeBytes + 1);
  if (gap == std::string_view::npos || gap == kTimeBytes + 1 || gap + 1 == line.size()) return kBad;
  return line;
}

struct Line {
  std::string_view time, field, value;
  std::size_t size() const { return time.size() + 1 + field.size() + 1 + value.size(); }
};
using Lines = std::vector<Line>;  // newest first

Status Read(std::string_view history, const std::string& since, Lines& lines) {
  while (!history.empty()) {
    CLOISON_TRY_ASSIGN(const std::string_view line, TakeLine(history));
    const std::size_t gap = line.find(' ', kTimeBytes + 1);
    if (line.substr(0, kTimeBytes) < since) continue;
    lines.push_back({line.substr(0, kTimeBytes), line.substr(kTimeBytes + 1, gap - kTimeBytes - 1),
                     line.substr(gap + 1)});
  }
  return Ok();
}

std::size_t SizeOf(const Lines& lines) {
  std::size_t size = lines.empty() ? 0 : lines.size() - 1;
  for (const Line& line : lines) size += line.size();
  return size;
}

// So nobody empties the history of a field by changing another one.
void MakeRoom(Lines& lines, std::size_t bytes_max) {
  while (SizeOf(lines) > bytes_max) {
    std::map<std::string_view, std::size_t> of;
    for (const Line& line : lines) of[line.field] += line.size();
    const auto most = std::ranges::max_element(of, {}, [](const auto& one) { return one.second; });
    const auto oldest = std::find_if(lines.rbegin(), lines.rend(), [&most](const Line& line) {
      return line.field == most->first;
    });
    lines.erase(std::next(oldest).base());
  }
}

SecretBytes Write(const Lines& lines) {
  SecretBytes out(SizeOf(lines));
  std::span<std::uint8_t> left = out.Reveal();
  const auto put = [&left](std::string_view part) {
    std::ranges::copy(AsBytes(part), left.begin());
    left = left.subspan(part.size());
  };
  for (const Line& line : lines) {
    if (&line != &lines.front()) put("\n");
    put(line.time);
    put(" ");
    put(line.field);
    put(" ");
    put(line.value);
  }
  return out;
}

}  // namespace

Result<SecretBytes> AddToHistory(ByteView history, std::int64_t now_ms,
                                 const std::vector<Replaced>& replaced,
                                 const HistoryBounds& bounds) {
  const std::string now = text::FormatUtcMs(now_ms), since = text::FormatUtcMs(bounds.since_ms);
  Lines lines;
  for (const Replaced& one : replaced) {
    const std::string_view value = AsText(one.value);
    CLOISON_CHECK(!one.field.empty() && one.field.find(' ') == std::string_view::npos);
    if (value.empty() || value.find('\n') != std::string_view::npos) {
      return Error{Code::kInvalid, "a value of several lines has no history"};
    }
    lines.push_back({now, one.field, value});
  }
  CLOISON_TRY(Read(AsText(history), since, lines));
  MakeRoom(lines, bounds.bytes_max);
  return Write(lines);
}

Result<SecretBytes> HistorySince(ByteView history, std::int64_t since_ms) {
  Lines lines;
  CLOISON_TRY(Read(AsText(history), text::FormatUtcMs(since_ms), lines));
  return Write(lines);
}

namespace internal {

std::int64_t KeptSince(const FieldSpec& history, std::int64_t calm_ms) {
  return calm_ms - history.keep_days * base::kDayMs;
}

Status KeepHistory(const Schema& schema, const commit::BatchTime& now, const Values& replaced,
                   Values& values) {
  const FieldSpec* const history = schema.history();
  if (history == nullptr) return Ok();
  std::vector<Replaced> lines;
  for (const Value& one : replaced) {
    lines.push_back({schema.Find(one.field)->name, one.text.Reveal()});
  }
  auto place = std::ranges::lower_bound(values, history->id, {}, &Value::field);
  const bool there = place != values.end() && place->field == history->id;
  const HistoryBounds bounds{KeptSince(*history, now.CalmMs()), history->bytes_max};
  CLOISON_TRY_ASSIGN(SecretBytes text, AddToHistory(there ? place->text.Reveal() : ByteView(),
                                                    now.wall_ms, lines, bounds));
  if (there) place = values.erase(place);
  if (!text.empty()) values.insert(place, Value{history->id, std::move(text)});
  return Ok();
}

Status CheckNoHistory(const Schema& schema, const Values& values) {
  const FieldSpec* const history = schema.history();
  if (history == nullptr || std::ranges::find(values, history->id, &Value::field) == values.end()) {
    return Ok();
  }
  return Error{Code::kInvalid, "a history is the register's own"};
}

}  // namespace internal

}  // namespace cloison::records
