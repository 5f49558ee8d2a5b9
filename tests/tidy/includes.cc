// The rules on includes: the lines of the house, and where third-party headers may stand.
#include <algorithm>
#include <regex>

#include "tests/tidy/rules.h"

namespace cloison::tidy {
namespace {

struct Include {
  std::size_t line;
  bool quoted;
  std::string path;
};

std::vector<Include> IncludesOf(const File& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<Include> out;
  const std::vector<std::string> lines = LinesOf(CodeOf(file.text));
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, pattern)) continue;
    out.push_back({i + 1, match[1].str() == "\"", match[2].str()});
  }
  return out;
}

// The reason why `file` of module `from` may not include `path`; empty when it may.
std::string Refusal(const std::map<std::string, Module>& modules, const std::string& file,
                    const std::string& from, const std::string& path) {
  const std::string to = PartsOf(path).front();
  const bool test = IsTest(file);
  if (path.find("/testing/") != std::string::npos && !test) return "product code and a test helper";
  const std::size_t internal = path.find("/internal/");
  if (internal != std::string::npos && !Under(file, "src/" + path.substr(0, internal))) {
    return "internal to " + path.substr(0, internal);
  }
  if (to == from) return "";
  const auto module = modules.find(from);
  const auto other = modules.find(to);
  if (module == modules.end()) return "src/" + from + " has no cloison_module";
  if (other == modules.end()) return to + " is no module";
  if (other->second.layer >= module->second.layer) return to + " is not on a lower line";
  const bool listed =
      module->second.deps.contains(to) || (test && module->second.test_deps.contains(to));
  return listed ? "" : to + " is not in the DEPS of " + from;
}

// Who may name which third-party headers, in .cc files. A folder here is a module or a part of one;
// test code may name any of these.
struct Party {
  std::string_view prefix;
  std::vector<std::string_view> folders;
};

const std::vector<Party>& Parties() {
  static const std::vector<Party> parties = {
      {"openssl/", {"src/crypto", "src/net", "src/identity", "src/keys"}},
      {"p11-kit/", {"src/keys"}},
      {"sodium", {"src/crypto"}},
      {"rocksdb/", {"src/store"}},
      {"libpq", {"src/store", "src/cli"}},
      {"boost/", {"src/net", "src/server"}},
      {"simdjson", {"src/codec"}},
      {"nlohmann/", {"src/codec"}},
      {"toml++/", {"src/codec"}},
      {"unicode/", {"src/text"}},
      {"zlib.h", {"src/codec"}},
      {"CLI/", {"src/cli", "src/server", "src/verify", "src/drill"}},
      {"spdlog/", {"src/server", "src/cli"}},
      {"fmt/", {"src/server", "src/cli", "src/drill", "src/verify"}},
      {"prometheus/", {"src/server", "src/api"}},
      {"yaml-cpp/", {"src/api", "src/codec"}},
      {"gtest/", {}},
      {"benchmark/", {"bench"}},
  };
  return parties;
}

// Headers of the C++ library have no dot and no folder; those of the system are named here.
bool IsStandard(const std::string& path) {
  static const std::regex system(
      "^(arpa|linux|netinet|sanitizer|sys)/.*|"
      "^(dirent|dlfcn|errno|fcntl|netdb|poll|pthread|pwd|sched|signal|string|termios|time|unistd)"
      "\\.h$");
  return path.find_first_of("./") == std::string::npos || std::regex_match(path, system);
}

std::string PartyRefusal(const File& file, const std::string& path) {
  const auto party = std::find_if(Parties().begin(), Parties().end(), [&](const Party& known) {
    return path.starts_with(known.prefix);
  });
  if (party == Parties().end()) return "a library that the rules don't know";
  if (IsTest(file.path)) return "";
  if (IsHeader(file.path)) return "a third-party header in a header";
  const bool allowed =
      std::any_of(party->folders.begin(), party->folders.end(),
                  [&](std::string_view folder) { return Under(file.path, folder); });
  return allowed ? "" : "a library that this module does not adapt";
}

}  // namespace

Findings Layers(const Tree& tree) {
  const std::map<std::string, Module> modules = ModulesOf(tree);
  Findings out;
  for (const File& file : tree) {
    if (!Under(file.path, "src") || (!IsHeader(file.path) && !IsSource(file.path))) continue;
    const std::string from = PartsOf(file.path).at(1);
    for (const Include& include : IncludesOf(file)) {
      if (!include.quoted) continue;
      const std::string why = Refusal(modules, file.path, from, include.path);
      if (!why.empty()) {
        out.push_back({"layers", file.path, include.line, include.path + ": " + why});
      }
    }
  }
  return out;
}

Findings ThirdParty(const Tree& tree) {
  Findings out;
  for (const File& file : tree) {
    if (!IsHeader(file.path) && !IsSource(file.path)) continue;
    if (Under(file.path, "bench") && IsSource(file.path)) continue;  // programs outside the house
    for (const Include& include : IncludesOf(file)) {
      if (include.quoted || IsStandard(include.path)) continue;
      const std::string why = PartyRefusal(file, include.path);
      if (!why.empty()) {
        out.push_back({"third party", file.path, include.line, include.path + ": " + why});
      }
    }
  }
  return out;
}

}  // namespace cloison::tidy
