// A tree of source files in memory, and the little of C++ and CMake that the rules need to read.
//
// Reads by lines and brackets, not by grammar: it relies on the tree being formatted by
// clang-format, which the rules on columns and layout keep true enough.
#ifndef CLOISON_TESTS_TIDY_SOURCE_H_
#define CLOISON_TESTS_TIDY_SOURCE_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cloison::tidy {

struct File {
  std::string path;  // from the root of the project, with '/'
  std::string text;
};
using Tree = std::vector<File>;

// What breaks a rule, and where; line 0 is the file as a whole.
struct Finding {
  std::string rule;
  std::string path;
  std::size_t line;
  std::string what;
};
using Findings = std::vector<Finding>;

// Every text file of the project that is ours: no build folder, vectors, corpora, vendored files.
Tree LoadTree(const std::string& root);

std::vector<std::string> LinesOf(std::string_view text);
// The text with comments and the insides of literals blanked; line breaks stay where they are.
std::string CodeOf(std::string_view text);

std::string NameOf(std::string_view path);  // the last part of a path
std::vector<std::string> PartsOf(std::string_view path);
bool IsHeader(std::string_view path);
bool IsSource(std::string_view path);  // a .cc
bool IsTest(std::string_view path);    // a unit test, a test helper, or below tests/
bool Under(std::string_view path, std::string_view folder);

// The words of a call of cloison_module.
struct Module {
  int layer = -1;
  std::set<std::string> deps;
  std::set<std::string> test_deps;  // without their ending _testing
};
std::map<std::string, Module> ModulesOf(const Tree& tree);

}  // namespace cloison::tidy

#endif  // CLOISON_TESTS_TIDY_SOURCE_H_
