// The rules of the house that a machine can check. Each gives what breaks it.
//
// Source: CONTRIBUTING.md "How code looks here".
#ifndef CLOISON_TESTS_TIDY_RULES_H_
#define CLOISON_TESTS_TIDY_RULES_H_

#include "tests/tidy/source.h"

namespace cloison::tidy {

inline constexpr std::size_t kColumnsMax = 100;
inline constexpr std::size_t kFunctionLinesMax = 60;
inline constexpr std::size_t kHeaderLinesMax = 250;
inline constexpr std::size_t kSourceLinesMax = 600;

Findings Columns(const Tree& tree);          // of C++: code points, not bytes
Findings FileLengths(const Tree& tree);      // of headers and sources
Findings FunctionLengths(const Tree& tree);  // rows of a test's table don't count
Findings Layers(const Tree& tree);           // includes below src/ against DEPS and lines
Findings ThirdParty(const Tree& tree);       // in .cc files, of the modules that may name them
Findings BannedCalls(const Tree& tree);      // time, rand, memcmp, throw, std::cout
Findings AwaitedBraces(const Tree& tree);    // a braced list as an argument of what is awaited
Findings Unused(const Tree& tree);           // sources that no CMakeLists.txt names, unread headers
Findings Unfinished(const Tree& tree);       // the words that mark unfinished work
Findings Undescribed(const Tree& tree);      // modules that docs/architecture.md does not describe

}  // namespace cloison::tidy

#endif  // CLOISON_TESTS_TIDY_RULES_H_
