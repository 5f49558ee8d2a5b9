#include "tests/tidy/rules.h"

#include <algorithm>
#include <cctype>
#include <regex>

namespace cloison::tidy {
namespace {

bool IsCpp(const File& file) {
  return IsHeader(file.path) || IsSource(file.path);
}

std::size_t CodePoints(std::string_view line) {
  return static_cast<std::size_t>(std::count_if(line.begin(), line.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::size_t IndentOf(std::string_view line) {
  return std::min(line.find_first_not_of(' '), line.size());
}

// Whether what stands before an opening brace is the head of a function.
bool IsFunctionHead(const std::string& head) {
  static const std::regex kOther(
      "^\\s*\\{|^\\s*(namespace|class|struct|enum|union|extern|if|for|while|switch|do|else|try|"
      "case|return|"
      "co_return)\\b");
  static const std::regex kHead(R"(\)[^=;]*\{\s*$)");
  return !std::regex_search(head, kOther) && std::regex_search(head, kHead) &&
         head.find(" = ") >= head.find('(');  // the one of a default argument comes later
}

// Whether a statement ends on this line, so that the next line begins another.
bool EndsStatement(const std::string& line) {
  const std::size_t last = line.find_last_not_of(' ');
  if (last == std::string::npos || line[line.find_first_not_of(' ')] == '#') return true;
  const bool label = line[last] == ':' && line.find('(') == std::string::npos;
  return line[last] == ';' || line[last] == '{' || line[last] == '}' || label;
}

bool IsTableRow(const std::string& line) {
  return line.size() > IndentOf(line) && line[IndentOf(line)] == '{';
}

struct Function {
  std::size_t first;  // indices of lines
  std::size_t last;
};

// The function whose opening brace ends line `open`, if one does.
std::vector<Function> FunctionAt(const std::vector<std::string>& lines, std::size_t open) {
  const std::size_t brace = lines[open].find_last_not_of(' ');
  if (brace == std::string::npos || lines[open][brace] != '{') return {};
  std::size_t first = open;
  while (first > 0 && !EndsStatement(lines[first - 1])) --first;
  std::string head;
  for (std::size_t i = first; i <= open; ++i) head += lines[i] + " ";
  if (!IsFunctionHead(head)) return {};
  const std::string close = std::string(IndentOf(lines[first]), ' ') + "}";
  std::size_t last = open + 1;
  while (last < lines.size() && !lines[last].starts_with(close)) ++last;
  return {{first, last}};
}

bool IsWord(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

// Where `word` stands in `line` as a word of its own, and no member of something.
bool HasCall(const std::string& line, const std::string& word) {
  for (std::size_t at = line.find(word); at != std::string::npos; at = line.find(word, at + 1)) {
    const char before = at == 0 ? ' ' : line[at - 1];
    if (!IsWord(before) && before != '.' && before != '>') return true;
  }
  return false;
}

struct Ban {
  std::string_view call;
  std::string_view instead;
  bool in_tests;
  std::vector<std::string_view> allowed;  // folders
};

const std::vector<Ban>& Bans() {
  static const std::vector<Ban> bans = {
      // A getter may be called time(); the C library's function takes an argument.
      {"time(nullptr", "base::Clock", true, {}},
      {"time(NULL", "base::Clock", true, {}},
      {"time(0", "base::Clock", true, {}},
      {"time(&", "base::Clock", true, {}},
      {"rand(", "base::Random", true, {}},
      {"srand(", "base::Random", true, {}},
      {"memcmp(", "base::Equal or crypto::EqualConstantTime", false, {}},
      {"throw ", "a Result", false, {}},
      {"throw;", "a Result", false, {}},
      {"std::cout",
       "a log, or the command line's output",
       true,
       {"src/cli", "src/server", "src/drill", "src/verify"}},
  };
  return bans;
}

bool Applies(const Ban& ban, const std::string& path) {
  if (!Under(path, "src") || (!ban.in_tests && IsTest(path))) return false;
  return std::none_of(ban.allowed.begin(), ban.allowed.end(),
                      [&](std::string_view folder) { return Under(path, folder); });
}

// Whether a CMakeLists.txt of this folder or one above names the source.
bool IsNamed(const Tree& tree, const std::string& path) {
  return std::any_of(tree.begin(), tree.end(), [&](const File& list) {
    if (NameOf(list.path) != "CMakeLists.txt") return false;
    const std::size_t slash = list.path.rfind('/');
    const std::string folder = slash == std::string::npos ? "" : list.path.substr(0, slash);
    if (!folder.empty() && !Under(path, folder)) return false;
    const std::string name = path.substr(folder.empty() ? 0 : folder.size() + 1);
    const std::string stem = name.substr(0, name.rfind('.'));
    const std::regex word("(^|[\\s(\"]|_DIR\\}/)" + stem + "(\\.cc)?($|[\\s)\"])");
    return std::regex_search(list.text, word);
  });
}

// Where the braces that open at `open` end.
std::size_t EndOfBraces(std::string_view code, std::size_t open) {
  int depth = 0;
  for (std::size_t at = open; at < code.size(); ++at) {
    if (code[at] == '{') ++depth;
    if (code[at] == '}' && --depth == 0) return at;
  }
  return code.size();
}

// Of an expression that begins at `at`: its braced lists that are arguments and have elements. The
// body of a lambda, what a type is named before and the rest of the statement are none.
std::vector<std::size_t> BracedArguments(std::string_view code, std::size_t at) {
  constexpr std::string_view kSpace = " \n";
  std::vector<std::size_t> out;
  for (int depth = 0; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '(') ++depth;
    if (c == ')' && --depth < 0) return out;
    if (c == ';' && depth == 0) return out;
    if (c != '{') continue;
    const std::size_t before = code.find_last_not_of(kSpace, at - 1);
    const std::size_t after = code.find_first_not_of(kSpace, at + 1);
    const bool argument = code[before] == '(' || code[before] == ',';
    if (argument && after < code.size() && code[after] != '}') out.push_back(at);
    at = EndOfBraces(code, at);
  }
  return out;
}

bool IsIncluded(const Tree& tree, const std::string& path) {
  const std::string from_src = Under(path, "src") ? path.substr(4) : path;
  return std::any_of(tree.begin(), tree.end(), [&](const File& file) {
    return file.path != path && file.text.find("\"" + from_src + "\"") != std::string::npos;
  });
}

}  // namespace

Findings Columns(const Tree& tree) {
  Findings out;
  for (const File& file : tree) {
    if (!IsCpp(file)) continue;
    const std::vector<std::string> lines = LinesOf(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (CodePoints(lines[i]) > kColumnsMax) {
        out.push_back({"columns", file.path, i + 1, "more than 100 columns"});
      }
    }
  }
  return out;
}

Findings FileLengths(const Tree& tree) {
  Findings out;
  for (const File& file : tree) {
    const std::size_t lines = LinesOf(file.text).size();
    if (IsHeader(file.path) && lines > kHeaderLinesMax) {
      out.push_back({"file length", file.path, lines, "a header of more than 250 lines"});
    }
    if (IsSource(file.path) && lines > kSourceLinesMax) {
      out.push_back({"file length", file.path, lines, "a source of more than 600 lines"});
    }
  }
  return out;
}

Findings FunctionLengths(const Tree& tree) {
  Findings out;
  for (const File& file : tree) {
    if (!IsCpp(file)) continue;
    const std::vector<std::string> lines = LinesOf(CodeOf(file.text));
    for (std::size_t open = 0; open < lines.size(); ++open) {
      for (const Function& function : FunctionAt(lines, open)) {
        std::size_t length = function.last - function.first + 1;
        if (IsTest(file.path)) {
          length -= static_cast<std::size_t>(std::count_if(
              lines.begin() + static_cast<std::ptrdiff_t>(function.first),
              lines.begin() + static_cast<std::ptrdiff_t>(std::min(function.last, lines.size())),
              IsTableRow));
        }
        if (length > kFunctionLinesMax) {
          out.push_back({"function length", file.path, function.first + 1,
                         std::to_string(length) + " lines"});
        }
      }
    }
  }
  return out;
}

Findings BannedCalls(const Tree& tree) {
  Findings out;
  for (const File& file : tree) {
    if (!IsCpp(file)) continue;
    const std::vector<std::string> lines = LinesOf(CodeOf(file.text));
    for (const Ban& ban : Bans()) {
      if (!Applies(ban, file.path)) continue;
      for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!HasCall(lines[i], std::string(ban.call))) continue;
        out.push_back({"banned call", file.path, i + 1,
                       std::string(ban.call) + ": use " + std::string(ban.instead)});
      }
    }
  }
  return out;
}

// GCC 12 destroys twice what such a list makes: name a variable, and move it in.
Findings AwaitedBraces(const Tree& tree) {
  constexpr std::string_view kAwait = "co_await ";
  Findings out;
  for (const File& file : tree) {
    if (!IsCpp(file)) continue;
    const std::string code = CodeOf(file.text);
    for (std::size_t at = code.find(kAwait); at != std::string::npos;
         at = code.find(kAwait, at + 1)) {
      for (const std::size_t braces : BracedArguments(code, at)) {
        const auto line = std::count(code.begin(), code.begin() + static_cast<long>(braces), '\n');
        out.push_back({"awaited braces", file.path, static_cast<std::size_t>(line) + 1,
                       "name a variable and move it in"});
      }
    }
  }
  return out;
}

Findings Unused(const Tree& tree) {
  Findings out;
  for (const File& file : tree) {
    if (IsSource(file.path) && !IsNamed(tree, file.path)) {
      out.push_back({"unused", file.path, 0, "no CMakeLists.txt names it"});
    }
    if (IsHeader(file.path) && !IsIncluded(tree, file.path)) {
      out.push_back({"unused", file.path, 0, "nothing includes it"});
    }
  }
  return out;
}

Findings Unfinished(const Tree& tree) {
  // Written in two parts, so that this file passes too.
  static const std::regex words(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X)\\b");
  Findings out;
  for (const File& file : tree) {
    const std::vector<std::string> lines = LinesOf(file.text);
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (std::regex_search(lines[i], words)) {
        out.push_back({"unfinished", file.path, i + 1, "finish it, or open an issue"});
      }
    }
  }
  return out;
}

Findings Undescribed(const Tree& tree) {
  const auto architecture = std::find_if(tree.begin(), tree.end(), [](const File& file) {
    return file.path == "docs/architecture.md";
  });
  if (architecture == tree.end()) return {{"undescribed", "docs/architecture.md", 0, "is missing"}};
  Findings out;
  for (const auto& [name, module] : ModulesOf(tree)) {
    const std::regex described("(`|\\*\\*|src/)" + name + "(`|\\*\\*|/|\\b)");
    if (!std::regex_search(architecture->text, described)) {
      out.push_back({"undescribed", "src/" + name, 0, "docs/architecture.md does not describe it"});
    }
  }
  return out;
}

}  // namespace cloison::tidy
