#include "assess/log_map.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/nearest.h"
#include "codec/toml_reader.h"

namespace cloison::assess {

namespace {

using codec::Need;
using codec::TomlTable;

constexpr std::string_view kColumnNames[] = {"time", "agent",  "person", "office",  "organisation",
                                             "role", "action", "client", "caseload"};
constexpr std::string_view kActionNames[] = {"ignore", "glimpse", "open", "sensitive"};
constexpr std::string_view kUnlisted = "unlisted";

class MapReader {
 public:
  explicit MapReader(codec::Diagnostics& found) : found_(found) {}

  LogMap Read(const TomlTable& file) {
    static constexpr std::string_view kKeys[] = {"delimiter", "header",   "columns", "time",
                                                 "actions",   "caseload", "classes"};
    codec::CheckKeys(file, kKeys, found_);
    ReadDelimiter(file);
    map_.header = codec::ReadStrings(file, "header", Need::kOptional, found_)
                      .value_or(std::vector<std::string>{});
    if (const TomlTable* columns = Table(file, "columns")) ReadColumns(*columns);
    if (const TomlTable* time = Table(file, "time")) ReadTime(*time);
    if (const TomlTable* actions = Table(file, "actions")) ReadActions(*actions);
    if (const TomlTable* caseload = Table(file, "caseload")) ReadCaseload(*caseload);
    if (const TomlTable* classes = Table(file, "classes")) ReadClasses(*classes);
    return map_;
  }

 private:
  const TomlTable* Table(const TomlTable& file, std::string_view key) {
    return codec::ReadTable(file, key, Need::kOptional, found_);
  }

  void ReadDelimiter(const TomlTable& file) {
    const auto text = codec::ReadString(file, "delimiter", Need::kOptional, found_);
    if (!text.has_value()) return;
    if (*text != "," && *text != ";" && *text != "\t") {
      found_.Add(file.Find("delimiter")->line(), "a delimiter is , or ; or a tab");
      return;
    }
    map_.delimiter = text->front();
  }

  void ReadColumns(const TomlTable& table) {
    codec::CheckKeys(table, kColumnNames, found_);
    for (std::size_t i = 0; i < kLogColumns; ++i) {
      const auto name = codec::ReadString(table, kColumnNames[i], Need::kOptional, found_);
      if (!name.has_value()) continue;
      map_.columns[i] = *name;
      map_.named[i] = true;
    }
  }

  void ReadTime(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"form", "zone"};
    codec::CheckKeys(table, kKeys, found_);
    if (const auto form = codec::ReadString(table, "form", Need::kOptional, found_)) {
      map_.time_form = TimeFormNamed(*form);
      if (!map_.time_form.has_value()) {
        found_.Add(table.Find("form")->line(),
                   "a form of times is year-month-day, day-month-year, month-day-year, "
                   "unix-seconds or unix-ms");
      }
    }
    const auto zone = codec::ReadString(table, "zone", Need::kOptional, found_);
    if (!zone.has_value()) return;
    const Result<Zone> read = Zone::Parse(*zone);
    if (read.ok()) {
      map_.zone = *read;
    } else {
      found_.Add(table.Find("zone")->line(), "a zone is UTC, Europe/Paris or like +01:00");
    }
  }

  void ReadActions(const TomlTable& table) {
    map_.actions.clear();
    map_.unlisted.reset();
    for (const TomlTable::Member& member : table.members()) {
      const std::string* word = member.value.AsString();
      const auto* const name =
          word == nullptr ? std::end(kActionNames) : std::ranges::find(kActionNames, *word);
      if (name == std::end(kActionNames)) {
        found_.Add(member.line, "an action is ignore, glimpse, open or sensitive");
        continue;
      }
      const auto action = static_cast<Action>(name - std::begin(kActionNames));
      if (member.key == kUnlisted) {
        map_.unlisted = action;
      } else {
        map_.actions.emplace(member.key, action);
      }
    }
  }

  void ReadCaseload(const TomlTable& table) {
    static constexpr std::string_view kKeys[] = {"yes", "no"};
    codec::CheckKeys(table, kKeys, found_);
    const auto read = [&](std::string_view key, std::vector<std::string>& into) {
      if (auto list = codec::ReadStrings(table, key, Need::kRequired, found_)) into = *list;
    };
    read("yes", map_.own);
    read("no", map_.others);
    for (const std::string& text : map_.own) {
      if (std::ranges::find(map_.others, text) == map_.others.end()) continue;
      found_.Add(table.line(), "a text of the caseload is yes or no, not both");
    }
  }

  void ReadClasses(const TomlTable& table) {
    for (const TomlTable::Member& member : table.members()) {
      const std::string* name = member.value.AsString();
      if (name == nullptr) {
        found_.Add(member.line, "the name of a budget class is needed");
      } else {
        map_.classes.emplace(member.key, *name);
      }
    }
  }

  codec::Diagnostics& found_;
  LogMap map_;
};

void AddMissing(LogColumn column, const LogMap& map, const std::vector<std::string>& names,
                std::vector<std::string>* problems) {
  const std::string& wanted = map.columns[static_cast<std::size_t>(column)];
  std::string text =
      "no column '" + wanted + "' for " + std::string(Name(column)) + " in the header";
  const std::vector<std::string_view> known(names.begin(), names.end());
  const std::string_view nearest = base::NearestName(wanted, known);
  if (!nearest.empty()) text += "; the nearest is '" + std::string(nearest) + "'";
  problems->push_back(text);
}

}  // namespace

std::string_view Name(LogColumn column) {
  return kColumnNames[static_cast<std::size_t>(column)];
}

std::string_view Name(Action action) {
  return kActionNames[static_cast<std::size_t>(action)];
}

LogMap::LogMap()
    : unlisted(Action::kOpen),
      own({"yes", "true", "1", "own", "caseload"}),
      others({"no", "false", "0", "off", "off-caseload"}) {
  for (std::size_t i = 0; i < kLogColumns; ++i) columns[i] = kColumnNames[i];
  for (std::size_t i = 0; i < std::size(kActionNames); ++i) {
    actions.emplace(kActionNames[i], static_cast<Action>(i));
  }
}

Result<LogMap> LogMap::Parse(std::string_view toml, std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  codec::Diagnostics found;
  LogMap map;
  if (const std::optional<TomlTable> file = codec::ParseToml(toml, found)) {
    map = MapReader(found).Read(*file);
  }
  if (found.empty()) return map;
  for (const codec::Diagnostic& problem : found.entries()) {
    problems->push_back("line " + std::to_string(problem.line) + ": " + problem.message);
  }
  return Error{Code::kInvalid, "the map of the log has faults"};
}

char DelimiterOf(const LogMap& map, std::string_view first_line) {
  if (map.delimiter != 0) return map.delimiter;
  constexpr std::string_view kDelimiters = ",;\t";
  return *std::ranges::max_element(kDelimiters, {},
                                   [&](char one) { return std::ranges::count(first_line, one); });
}

Result<LogLayout> LayoutOf(const LogMap& map, char delimiter, const std::vector<std::string>& names,
                           std::vector<std::string>* problems) {
  CLOISON_CHECK(problems != nullptr);
  LogLayout layout{delimiter, names.size(), {}};
  layout.at.fill(LogLayout::kAbsent);
  if (names.size() > kLogColumnsMax) problems->push_back("more than 256 columns");
  if (std::set<std::string>(names.begin(), names.end()).size() != names.size()) {
    problems->push_back("a column comes twice in the header");
  }
  for (std::size_t i = 0; i < kLogColumns; ++i) {
    const auto at = std::ranges::find(names, map.columns[i]);
    const auto column = static_cast<LogColumn>(i);
    const bool needed = map.named[i] || column == LogColumn::kTime || column == LogColumn::kAgent ||
                        column == LogColumn::kPerson;
    if (at != names.end()) {
      layout.at[i] = static_cast<std::size_t>(at - names.begin());
    } else if (needed) {
      AddMissing(column, map, names, problems);
    }
  }
  if (problems->empty()) return layout;
  return Error{Code::kInvalid, "the log's header does not fit"};
}

}  // namespace cloison::assess
