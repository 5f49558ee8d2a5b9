#include "assess/log_line.h"

#include <algorithm>

#include "base/utf8.h"

namespace cloison::assess {

namespace {

constexpr std::string_view kFaultNames[] = {"none",   "columns", "quote",  "time",     "agent",
                                            "person", "place",   "action", "caseload", "too_long"};

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Names are shown in reports: text, without what moves a cursor.
bool IsName(std::string_view text) {
  if (text.size() > kLogNameBytesMax) return false;
  bool ascii = true;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) return false;
    ascii = ascii && byte < 0x80;
  }
  return ascii || !base::FirstInvalidUtf8(text).has_value();
}

// Reads a quoted field that begins at `at`; false: it does not end, or text stands behind it.
// `unquoted` is never moved: it has room for the whole line.
bool TakeQuoted(std::string_view line, char delimiter, std::size_t& at, std::string& unquoted,
                std::string_view& field) {
  const std::size_t begin = unquoted.size();
  for (std::size_t i = at + 1; i < line.size(); ++i) {
    if (line[i] != '"') {
      unquoted.push_back(line[i]);
      continue;
    }
    if (i + 1 < line.size() && line[i + 1] == '"') {
      unquoted.push_back('"');
      ++i;
      continue;
    }
    at = i + 1;
    field = std::string_view(unquoted).substr(begin);
    return at == line.size() || line[at] == delimiter;
  }
  return false;
}

}  // namespace

std::string_view Name(LineFault fault) {
  return kFaultNames[static_cast<std::size_t>(fault)];
}

bool SplitLine(std::string_view line, char delimiter, std::vector<std::string_view>& fields,
               std::string& unquoted) {
  fields.clear();
  unquoted.clear();
  unquoted.reserve(line.size());
  std::size_t at = 0;
  for (;;) {
    std::string_view field;
    if (at < line.size() && line[at] == '"') {
      if (!TakeQuoted(line, delimiter, at, unquoted, field)) return false;
    } else {
      const std::size_t begin = at;
      while (at < line.size() && line[at] != delimiter && line[at] != '"') ++at;
      if (at < line.size() && line[at] == '"') return false;
      field = line.substr(begin, at - begin);
    }
    fields.push_back(field);
    if (at >= line.size()) return true;
    ++at;  // the delimiter
  }
}

std::string_view LineReader::FieldOf(LogColumn column) const {
  const std::size_t at = layout_.at[static_cast<std::size_t>(column)];
  return at == LogLayout::kAbsent ? std::string_view() : Trimmed(fields_[at]);
}

LineFault LineReader::ReadMeaning(LogAccess& access) const {
  access.action = Action::kOpen;
  if (layout_.has(LogColumn::kAction)) {
    const auto named = map_.actions.find(FieldOf(LogColumn::kAction));
    if (named == map_.actions.end() && !map_.unlisted.has_value()) return LineFault::kAction;
    access.action = named == map_.actions.end() ? *map_.unlisted : named->second;
  }
  access.follows = Follows::kUnknown;
  if (access.action == Action::kIgnore || !layout_.has(LogColumn::kCaseload)) {
    return LineFault::kNone;
  }
  const std::string_view follows = FieldOf(LogColumn::kCaseload);
  if (std::ranges::find(map_.own, follows) != map_.own.end()) {
    access.follows = Follows::kYes;
  } else if (std::ranges::find(map_.others, follows) != map_.others.end()) {
    access.follows = Follows::kNo;
  } else {
    return LineFault::kCaseload;
  }
  return LineFault::kNone;
}

LineFault LineReader::ReadNames(LogAccess& access) const {
  access.agent = FieldOf(LogColumn::kAgent);
  if (access.agent.empty() || !IsName(access.agent)) return LineFault::kAgent;
  access.person = FieldOf(LogColumn::kPerson);
  if (access.person.empty() || access.person.size() > kLogNameBytesMax) return LineFault::kPerson;
  access.office = FieldOf(LogColumn::kOffice);
  access.organisation = FieldOf(LogColumn::kOrganisation);
  access.role = FieldOf(LogColumn::kRole);
  access.client = FieldOf(LogColumn::kClient);
  const bool names = IsName(access.office) && IsName(access.organisation) && IsName(access.role) &&
                     IsName(access.client);
  return names ? LineFault::kNone : LineFault::kPlace;
}

LineFault LineReader::Read(std::string_view line, LogAccess& access) {
  if (line.size() > kLogLineBytesMax) return LineFault::kTooLong;
  if (!SplitLine(line, layout_.delimiter, fields_, unquoted_)) return LineFault::kQuote;
  if (fields_.size() != layout_.columns) return LineFault::kColumns;
  const std::optional<std::int64_t> time_ms = time_.Read(FieldOf(LogColumn::kTime));
  if (!time_ms.has_value()) return LineFault::kTime;
  access.time_ms = *time_ms;
  const LineFault meaning = ReadMeaning(access);
  if (meaning != LineFault::kNone || access.action == Action::kIgnore) return meaning;
  return ReadNames(access);
}

}  // namespace cloison::assess
