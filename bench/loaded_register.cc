#include "bench/loaded_register.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "bench/child.h"

namespace cloison::bench {
namespace {

namespace fs = std::filesystem;

std::string TextOf(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

}  // namespace

void Generate(const Loading& loading, const std::string& csv) {
  Child(std::vector<std::string>{loading.bin + "/cloison", "generate", "--people",
                                 std::to_string(loading.people), "--out", csv},
        loading.folder + "/log")
      .Wait();
}

void WriteSchema(const std::string& path, std::size_t capacity) {
  const std::regex line("\ncapacity = [0-9_]+\n");
  const std::size_t room = std::max<std::size_t>(10'000, capacity);
  std::ofstream(path) << std::regex_replace(TextOf("schemas/job-seekers.toml"), line,
                                            "\ncapacity = " + std::to_string(room) + "\n");
}

void MakeRegister(const Loading& loading, const std::string& home) {
  const std::string log = loading.folder + "/log";
  const std::string schema = loading.folder + "/schema.toml";
  WriteSchema(schema, loading.people);
  (void)LastLineOf({loading.bin + "/cloison", "init", "--development", "--schema", schema, home},
                   log);
}

void LoadRegister(const Loading& loading, const std::string& home, const std::string& csv) {
  const std::string said = LastLineOf(
      {loading.bin + "/cloisond", "import", "--config", home + "/cloison.toml", "--file", csv},
      loading.folder + "/log");
  if (said.find("\"registered\":" + std::to_string(loading.people)) != std::string::npos) return;
  std::fprintf(stderr, "not everybody was loaded: %s\n", said.c_str());
  std::exit(1);
}

}  // namespace cloison::bench
