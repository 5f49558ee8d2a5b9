// The worked example of docs/format/ledger.md: each command of its block is run, and prints what
// stands below it.
#include <gtest/gtest.h>

#include "tests/e2e/e2e.h"

namespace cloison::e2e {
namespace {

TEST(ExampleTest, PrintsWhatTheDocumentSays) {
  const std::string page = ReadFile("docs/format/ledger.md");
  const std::size_t begin = page.find("```sh\n$ cloison ledger sample");
  ASSERT_NE(begin, std::string::npos);
  const std::size_t first = page.find('$', begin);
  const std::string block = page.substr(first, page.find("```\n", first) - first);
  const Folder folder;
  std::string printed;
  std::size_t commands = 0;
  for (const std::string& line : LinesOf(block)) {
    if (!line.starts_with("$ ")) continue;
    ++commands;
    const Ended ended = Shell("cloison() { \"$cloison\" \"$@\"; }; cd '" + folder.path() + "' && " +
                              line.substr(2));
    EXPECT_EQ(ended.exit, 0) << line << "\n" << ended.err;
    EXPECT_EQ(ended.err, "") << line;
    printed += line + "\n" + ended.out;
  }
  EXPECT_EQ(printed, block);
  EXPECT_EQ(commands, 9u);
}

}  // namespace
}  // namespace cloison::e2e
