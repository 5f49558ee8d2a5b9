// Reads TOML 1.0 into a small tree that knows its lines: for the operator's own files (schemas,
// policies, configuration), so that a mistake is answered by "line 12: unknown key 'retenton';
// the nearest is 'retention'". Such files hold no personal data, which is why a Diagnostic, unlike
// an Error, may quote them.
//
//   Diagnostics problems;
//   std::optional<TomlTable> file = ParseToml(text, problems);
//   if (!file) return ...;                         one diagnostic: TOML stops at its first fault
//   CheckKeys(*file, kAllowed, problems);          these go on, and gather all there is to say
//   std::optional<std::string> name = ReadString(*file, "name", Need::kRequired, problems);
//
// Threads  values; any. Cost: cold path.
// Source   TOML 1.0.0.
#ifndef CLOISON_CODEC_TOML_READER_H_
#define CLOISON_CODEC_TOML_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace cloison::codec {

inline constexpr std::size_t kTomlBytesMax = 4u << 20;
inline constexpr std::size_t kTomlLineBytesMax = 8192;  // bounds the depth of a dotted key too
inline constexpr int kTomlDepthMax = 16;
inline constexpr std::size_t kDiagnosticsMax = 100;  // later ones are dropped

struct Diagnostic {
  int line;  // from 1; 0: the file as a whole
  std::string message;
};

class Diagnostics {
 public:
  void Add(int line, std::string message);
  bool empty() const { return entries_.empty(); }
  const std::vector<Diagnostic>& entries() const { return entries_; }
  // "name:12: message" per line, in the order of lines.
  std::string Text(std::string_view file_name) const;

 private:
  std::vector<Diagnostic> entries_;
};

enum class TomlType { kString, kInt, kNumber, kBool, kTime, kArray, kTable };
std::string_view TomlTypeName(TomlType type);  // "a string", "a whole number" ...

class TomlValue;

class TomlTable {
 public:
  struct Member;

  int line() const { return line_; }
  const TomlValue* Find(std::string_view key) const;               // nullptr: absent
  const std::vector<Member>& members() const { return members_; }  // in the order of the file

 private:
  friend class TomlBuilder;
  int line_ = 0;
  std::vector<Member> members_;
};

// Exactly one of the As... gives something (a kTime gives its text as written in TOML).
class TomlValue {
 public:
  TomlType type() const { return type_; }
  int line() const { return line_; }
  const std::string* AsString() const;
  std::optional<std::int64_t> AsInt() const;
  std::optional<double> AsNumber() const;  // kNumber or kInt
  std::optional<bool> AsBool() const;
  const std::string* AsTime() const;
  const std::vector<TomlValue>* AsArray() const;
  const TomlTable* AsTable() const;

 private:
  friend class TomlBuilder;
  TomlType type_ = TomlType::kBool;
  int line_ = 0;
  std::variant<bool, std::int64_t, double, std::string, std::vector<TomlValue>, TomlTable> value_;
};

struct TomlTable::Member {
  std::string key;
  int line;
  TomlValue value;
};

// Nothing, and one diagnostic, when the text is not TOML or exceeds a limit.
std::optional<TomlTable> ParseToml(std::string_view text, Diagnostics& problems);

// One diagnostic per key that is not in `allowed`, with the nearest allowed one. True: none.
bool CheckKeys(const TomlTable& table, std::span<const std::string_view> allowed,
               Diagnostics& problems);

// A member of one type. Absent and optional: nothing. Absent and required, or of another type:
// nothing and a diagnostic.
enum class Need { kOptional, kRequired };
std::optional<std::string> ReadString(const TomlTable& table, std::string_view key, Need need,
                                      Diagnostics& problems);
std::optional<bool> ReadBool(const TomlTable& table, std::string_view key, Need need,
                             Diagnostics& problems);
struct TomlRange {
  std::int64_t min;
  std::int64_t max;
};
std::optional<std::int64_t> ReadInt(const TomlTable& table, std::string_view key, Need need,
                                    TomlRange range, Diagnostics& problems);
std::optional<std::vector<std::string>> ReadStrings(const TomlTable& table, std::string_view key,
                                                    Need need, Diagnostics& problems);
const TomlTable* ReadTable(const TomlTable& table, std::string_view key, Need need,
                           Diagnostics& problems);
// The tables of an array of tables ([[key]]); empty when absent.
std::vector<const TomlTable*> ReadTables(const TomlTable& table, std::string_view key,
                                         Diagnostics& problems);

}  // namespace cloison::codec

#endif  // CLOISON_CODEC_TOML_READER_H_
