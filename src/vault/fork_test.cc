// A register that was put back and has grown past what was signed is another log under an old name:
// only who remembers a checkpoint of the first one can tell, and the ceremony believes it.
#include <gtest/gtest.h>

#include "vault/testing/recovery_world.h"

namespace cloison::vault {
namespace {

using store::Family;

class Fork : public testing::RecoveryWorld {
 protected:
  // A look that is forgotten, and `grown` looks after it in another history, which is stopped then.
  void Split(int grown, bool fold) {
    ASSERT_EQ(Look(Citizen()), "shown");
    ASSERT_TRUE(vault_.Reopen().ok());
    before_ = vault_.vault().ledger().checkpoint();
    const testing::Image image = TakeMain();
    const Bytes size = *vault_.files.Read(Path("signed-size"));
    ASSERT_EQ(Look(Citizen()), "shown");
    forgotten_ = vault_.vault().ledger().checkpoint();
    ASSERT_TRUE(vault_.Stop().ok());
    PutBack(vault_.main_store, image);
    ASSERT_TRUE(base::WriteWhole(vault_.files, Path("signed-size"), size).ok());
    ASSERT_TRUE(vault_.Open().ok()) << "nobody here can tell";
    for (int i = 0; i < grown; ++i) ASSERT_EQ(Look(Followed(0)), "shown");
    const Status folded = fold ? vault_.Wait(vault_.vault().ledger().Fold()) : Ok();
    ASSERT_TRUE(folded.ok());
    newest_ = vault_.vault().ledger().checkpoint();
    ASSERT_TRUE(vault_.Stop().ok());
  }
  static tlog::Head HeadOf(const std::string& checkpoint) {
    return tlog::ParseCheckpoint(tlog::ParseNote(checkpoint)->text)->head;
  }

  std::string before_, forgotten_, newest_;
};

TEST_F(Fork, AWitnessedCheckpointIsHeldAgainstWhatIsLeftAtItsSize) {
  const struct {
    const char* why;
    int grown;
    bool fold;
  } kRows[] = {
      {"as long as what was witnessed", 1, false},
      {"longer", 3, false},
      {"longer, and folded", 3, true},
  };
  for (const auto& row : kRows) {
    SCOPED_TRACE(row.why);
    Split(row.grown, row.fold);
    if (HasFatalFailure()) return;
    EXPECT_EQ(State().error().code(), Code::kConflict) << "our own file knows of nothing";
    EXPECT_EQ(State(before_).error().code(), Code::kConflict) << "what both have in common";
    EXPECT_EQ(State(newest_).error().code(), Code::kConflict) << "our own";
    const Result<std::string> text = State(forgotten_);
    ASSERT_TRUE(text.ok()) << text.error().text();
    const ledger::Statement::Closed closed = ledger::ParseStatement(*text)->closed.back();
    EXPECT_EQ(closed.left, HeadOf(newest_));
    EXPECT_EQ(closed.signed_head, HeadOf(forgotten_));
    EXPECT_NE(text->find("\nmissing unknown\n"), std::string::npos) << *text;
    const std::string note = SignedByBoth(*text);
    EXPECT_EQ(Recover(note).error().code(), Code::kConflict) << "not without the evidence";
    ASSERT_TRUE(Recover(note, forgotten_).ok());
    ASSERT_TRUE(vault_.Open().ok());
  }
  EXPECT_EQ(vault_.vault().ledger().generation(), 4u);
}

// Below what is folded a start does not look; the ceremony does.
TEST_F(Fork, OurOwnSignedSizeIsHeldAgainstFoldedEntriesToo) {
  Split(3, true);
  ASSERT_TRUE(base::WriteWhole(vault_.files, Path("signed-size"), AsBytes(forgotten_)).ok());
  const Result<std::string> text = State();
  ASSERT_TRUE(text.ok()) << text.error().text();
  EXPECT_EQ(ledger::ParseStatement(*text)->closed.back().signed_head, HeadOf(forgotten_));
}

TEST_F(Fork, AFrameThatIsMissingIsNoFork) {
  Split(3, true);
  const std::vector<store::KeyedRow> frames = vault_.Rows(Family::kFrames);
  vault_.Delete(Family::kFrames, frames.front().key);
  const Result<std::string> text = State(forgotten_);
  ASSERT_FALSE(text.ok());
  EXPECT_EQ(text.error().code(), Code::kCorrupt);
}

// Found once, it is kept: until the log is closed no start signs.
TEST_F(Fork, ADisownedLogStaysRefusedUntilACeremony) {
  const std::string directory = vault_.MakeSettings().directory;
  Split(3, false);
  ASSERT_TRUE(vault_.Open().ok());
  ASSERT_TRUE(Disown(vault_.vault(), directory).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  const Bytes kept = *vault_.files.Read(Path("signed-size"));
  ExpectRefused("it is disowned");
  ExpectRefused("and stays so");
  EXPECT_EQ(State().error().code(), Code::kConflict) << "which is no evidence";
  EXPECT_EQ(*vault_.files.Read(Path("signed-size")), kept);

  const Bytes disowned = *vault_.files.Read(DisownedPath(directory));
  const Result<std::string> text = State(forgotten_);
  ASSERT_TRUE(text.ok()) << text.error().text();
  ASSERT_TRUE(Recover(SignedByBoth(*text), forgotten_).ok());
  EXPECT_EQ(vault_.files.Stat(DisownedPath(directory)).error().code(), Code::kNotFound);
  ASSERT_TRUE(vault_.Open().ok());
  ASSERT_TRUE(vault_.Stop().ok());

  // A ceremony that was cut short leaves it: it names a log that is closed.
  ASSERT_TRUE(base::WriteWhole(vault_.files, DisownedPath(directory), disowned).ok());
  ASSERT_TRUE(vault_.Open().ok());
  ASSERT_TRUE(Disown(vault_.vault(), directory).ok());
  ASSERT_TRUE(vault_.Stop().ok());
  ExpectRefused("this one names the newest");
  ASSERT_TRUE(base::WriteWhole(vault_.files, DisownedPath(directory), Bytes{}).ok());
  ExpectRefused("one that names nothing is believed");
}

}  // namespace
}  // namespace cloison::vault
