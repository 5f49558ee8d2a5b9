#include "tests/tidy/source.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace cloison::tidy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolders[] = {"src",  "tests", "bench", "cmake",   "tools",
                                         "docs", ".ci",   "web",   "schemas", "examples"};
constexpr std::string_view kNotOurs[] = {"tests/vectors", "tests/fuzz/corpus", "web/vendor"};

// Walks over C++ text and blanks what is not code, one construct at a time.
class Blanker {
 public:
  explicit Blanker(std::string_view text) : text_(text) {}

  std::string Run() {
    while (at_ < text_.size()) Step();
    return std::move(out_);
  }

 private:
  bool Sees(std::string_view what) const { return text_.substr(at_).starts_with(what); }
  void Keep(std::size_t count) {
    out_.append(text_.substr(at_, count));
    at_ += count;
  }
  void BlankUntil(std::size_t end) {
    for (; at_ < std::min(end, text_.size()); ++at_)
      out_.push_back(text_[at_] == '\n' ? '\n' : ' ');
  }
  // Blanks up to and with `end`; the rest when it is not there.
  void BlankThrough(std::string_view end, std::size_t from) {
    const std::size_t found = text_.find(end, from);
    BlankUntil(found == std::string_view::npos ? text_.size() : found + end.size());
  }
  void Literal(char quote) {
    Keep(1);
    std::size_t end = at_;
    while (end < text_.size() && text_[end] != quote && text_[end] != '\n') {
      end += text_[end] == '\\' ? 2u : 1u;
    }
    BlankUntil(end);
    if (at_ < text_.size()) Keep(1);
  }
  // A quote between digits separates them; it opens no literal.
  bool InNumber() const {
    return at_ > 0 && std::isxdigit(static_cast<unsigned char>(text_[at_ - 1]));
  }
  void Include() {
    const std::size_t end = text_.find('\n', at_);
    Keep((end == std::string_view::npos ? text_.size() : end) - at_);
  }
  void Step() {
    if (Sees("//")) return BlankUntil(std::min(text_.find('\n', at_), text_.size()));
    if (Sees("/*")) return BlankThrough("*/", at_ + 2);
    if (Sees("#include")) return Include();
    if (Sees("R\"")) {
      const std::size_t open = text_.find('(', at_);
      if (open == std::string_view::npos) return Keep(2);
      const std::string end = ")" + std::string(text_.substr(at_ + 2, open - at_ - 2)) + "\"";
      return BlankThrough(end, open);
    }
    if (Sees("\"") || (Sees("'") && !InNumber())) return Literal(text_[at_]);
    Keep(1);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string out_;
};

bool IsOurs(const std::string& path) {
  return std::none_of(std::begin(kNotOurs), std::end(kNotOurs),
                      [&](std::string_view other) { return Under(path, other); });
}

void LoadFile(const fs::path& from, const std::string& path, Tree& tree) {
  std::ifstream in(from, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (text.find('\0') == std::string::npos) tree.push_back({path, std::move(text)});
}

// Reads the words of one call into `module`; gives its name.
std::string ReadCall(std::string_view call, Module& module) {
  std::istringstream words{std::string(call)};
  std::string name;
  std::string word;
  std::string section;
  words >> name;
  while (words >> word) {
    const bool keyword = std::all_of(word.begin(), word.end(),
                                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
    if (keyword) {
      section = word;
    } else if (section == "LAYER") {
      module.layer = std::stoi(word);
    } else if (section == "DEPS") {
      module.deps.insert(word);
    } else if (section == "TEST_DEPS") {
      const std::size_t ending = word.rfind("_testing");
      module.test_deps.insert(word.substr(0, ending));
    }
  }
  return name;
}

}  // namespace

Tree LoadTree(const std::string& root) {
  Tree tree;
  for (const fs::directory_entry& entry : fs::directory_iterator(root)) {
    if (entry.is_regular_file()) LoadFile(entry.path(), entry.path().filename().string(), tree);
  }
  for (const std::string_view folder : kFolders) {
    const fs::path start = fs::path(root) / folder;
    if (!fs::exists(start)) continue;
    for (const fs::directory_entry& entry : fs::recursive_directory_iterator(start)) {
      const std::string path = fs::relative(entry.path(), root).generic_string();
      if (entry.is_regular_file() && IsOurs(path)) LoadFile(entry.path(), path, tree);
    }
  }
  std::sort(tree.begin(), tree.end(), [](const File& a, const File& b) { return a.path < b.path; });
  return tree;
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return lines;
}

std::string CodeOf(std::string_view text) {
  return Blanker(text).Run();
}

std::string NameOf(std::string_view path) {
  return std::string(path.substr(path.rfind('/') + 1));
}

std::vector<std::string> PartsOf(std::string_view path) {
  std::vector<std::string> parts;
  std::istringstream in{std::string(path)};
  for (std::string part; std::getline(in, part, '/');) parts.push_back(part);
  return parts;
}

bool IsHeader(std::string_view path) {
  return path.ends_with(".h");
}

bool IsSource(std::string_view path) {
  return path.ends_with(".cc");
}

bool IsTest(std::string_view path) {
  return path.ends_with("_test.cc") || path.find("/testing/") != std::string_view::npos ||
         Under(path, "tests");
}

bool Under(std::string_view path, std::string_view folder) {
  return path.size() > folder.size() && path.starts_with(folder) && path[folder.size()] == '/';
}

std::map<std::string, Module> ModulesOf(const Tree& tree) {
  constexpr std::string_view kCall = "cloison_module(";
  std::map<std::string, Module> modules;
  for (const File& file : tree) {
    if (!Under(file.path, "src") || NameOf(file.path) != "CMakeLists.txt") continue;
    for (std::size_t at = file.text.find(kCall); at != std::string::npos;
         at = file.text.find(kCall, at + 1)) {
      const std::size_t begin = at + kCall.size();
      Module module;
      const std::string name = ReadCall(
          std::string_view(file.text).substr(begin, file.text.find(')', begin) - begin), module);
      modules[name] = module;
    }
  }
  return modules;
}

}  // namespace cloison::tidy
