// cloison policy check, diff and sign: what they say and how they end.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/files.h"
#include "cli/command_line.h"
#include "cli/exit_code.h"
#include "cli/terminal.h"
#include "ledger/policy_statement.h"
#include "store/testing/temp_directory.h"

namespace cloison::cli {
namespace {

class PolicyCommand : public ::testing::Test {
 protected:
  PolicyCommand() {
    Write("old.toml", demo_);
    Write("same.toml", Replaced(demo_, "version = 1", "version = 2"));
    Write("new.toml", Replaced(Replaced(demo_, "version = 1", "version = 2"),
                               "\"identity\", \"contact\", \"address\", \"agency\"",
                               "\"identity\", \"contact\", \"agency\""));
    Write("late.toml", Replaced(demo_, "version = 1", "version = 3"));
    Write("faulty.toml", Replaced(demo_, "role = \"adviser\"", "role = \"advisor\""));
  }
  static std::string TextOf(const std::string& path) {
    base::SystemFiles files;
    const Result<Bytes> bytes = files.Read(path);
    CLOISON_CHECK(bytes.ok());
    return std::string(AsText(*bytes));
  }
  static std::string Replaced(std::string text, std::string_view from, std::string_view to) {
    const std::size_t at = text.find(from);
    CLOISON_CHECK(at != std::string::npos);
    return text.replace(at, from.size(), to);
  }
  std::string Path(const std::string& name) { return directory_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(Path(name)) << text;
  }
  // Words that end in .toml, .key or .txt are files of the test's directory.
  ExitCode Run(std::vector<std::string> words) {
    words.insert(words.begin(), "cloison");
    std::vector<const char*> given;
    for (std::string& word : words) {
      const bool file = word.ends_with(".toml") || word.ends_with(".key") || word.ends_with(".txt");
      if (file && word.find('/') == std::string::npos) word = Path(word);
      given.push_back(word.c_str());
    }
    ::testing::internal::CaptureStdout();
    ::testing::internal::CaptureStderr();
    const ExitCode code = RunCommandLine(static_cast<int>(given.size()), given.data(), Terminal());
    out_ = ::testing::internal::GetCapturedStdout();
    said_ = ::testing::internal::GetCapturedStderr();
    return code;
  }

  store::testing::TempDirectory directory_;
  const std::string demo_ = TextOf("examples/demo/policy.toml");
  std::string out_, said_;
};

TEST_F(PolicyCommand, Check) {
  EXPECT_EQ(Run({"policy", "check", "old.toml"}), ExitCode::kDone);
  EXPECT_EQ(out_, "version 1: 9 roles, 8 purposes, 12 grants\n");
  EXPECT_EQ(Run({"policy", "check", "faulty.toml"}), ExitCode::kFailure);
  EXPECT_NE(said_.find("faulty.toml: line "), std::string::npos) << said_;
  EXPECT_NE(said_.find("the nearest is 'adviser'"), std::string::npos) << said_;
  EXPECT_EQ(Run({"policy", "check", "faulty.toml", "--json"}), ExitCode::kFailure);
  EXPECT_EQ(out_.find("{\"ok\":false,\"problems\":[\"line "), 0u) << out_;
  EXPECT_EQ(Run({"policy", "check", "none.toml"}), ExitCode::kUsage);
  EXPECT_EQ(Run({"policy", "check", "old.toml", "--schema", "none.toml"}), ExitCode::kUsage);
}

TEST_F(PolicyCommand, Diff) {
  EXPECT_EQ(Run({"policy", "diff", "old.toml", "same.toml"}), ExitCode::kDone);
  EXPECT_EQ(out_, "The two decide the same.\n");
  EXPECT_EQ(Run({"policy", "diff", "old.toml", "new.toml"}), ExitCode::kDone);
  EXPECT_NE(out_.find("adviser, support, caseload loses address"), std::string::npos) << out_;
  EXPECT_EQ(Run({"policy", "diff", "old.toml", "new.toml", "--json"}), ExitCode::kDone);
  EXPECT_NE(out_.find("\"kind\":\"loses\",\"about\":\"grant\""), std::string::npos) << out_;
  EXPECT_EQ(Run({"policy", "diff", "old.toml", "faulty.toml"}), ExitCode::kFailure);
}

TEST_F(PolicyCommand, Sign) {
  std::vector<tlog::VerifierKey> officers;
  for (const std::string name : {"anna", "bruno"}) {
    ASSERT_EQ(Run({"ledger", "officer-key", "--name", name, "--out", name + ".key"}),
              ExitCode::kDone);
    officers.push_back(*tlog::VerifierKey::Parse(out_.substr(0, out_.size() - 1)));
  }
  const auto sign = [this](const char* key, const char* file) {
    return Run({"policy", "sign", "--key", key, "--in-force", "old.toml", file, "--statement",
                "policy.txt"});
  };
  EXPECT_EQ(sign("anna.key", "late.toml"), ExitCode::kConflict) << "a version left out";
  EXPECT_FALSE(std::filesystem::exists(Path("policy.txt")));
  ASSERT_EQ(sign("anna.key", "new.toml"), ExitCode::kDone);
  EXPECT_NE(out_.find("loses address"), std::string::npos) << "who signs sees what changes";
  EXPECT_EQ(sign("anna.key", "new.toml"), ExitCode::kConflict) << "twice";
  EXPECT_EQ(sign("bruno.key", "same.toml"), ExitCode::kConflict) << "another policy's";
  ASSERT_EQ(sign("bruno.key", "new.toml"), ExitCode::kDone);
  const std::string note = TextOf(Path("policy.txt"));
  const auto statement = ledger::PolicyStatementOf(note);
  ASSERT_TRUE(statement.ok());
  EXPECT_EQ(statement->version, 2u);
  EXPECT_EQ(statement->follows, crypto::Sha256(AsBytes(demo_)));
  EXPECT_EQ(statement->document, crypto::Sha256(AsBytes(TextOf(Path("new.toml")))));
  EXPECT_TRUE(CheckSigned(note, *statement, officers).ok());
  std::filesystem::permissions(Path("anna.key"), std::filesystem::perms::all);
  EXPECT_EQ(sign("anna.key", "new.toml"), ExitCode::kFailure) << "a key that others can read";
}

}  // namespace
}  // namespace cloison::cli
