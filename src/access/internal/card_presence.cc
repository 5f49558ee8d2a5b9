// A presence of whom a card names: what is refused before anything is told, in an order in which
// nobody learns of a person what they do not pay for.
#include "access/internal/archive.h"
#include "access/internal/explanation_works.h"
#include "access/questions.h"

namespace cloison::access::internal {

namespace {

// Numbers and dates that were tried are charged under numbers of their own.
constexpr std::uint16_t kCardQuery = 0xfff9, kDatedCardQuery = 0xfffa;

}  // namespace

// What is not theirs costs, tried again, nothing more. A date is a value that is tried, of whoever
// the number means.
Principals::Debit ExplainWork::DebitOfCard(const Card& card) const {
  const ByteView number = card.number.canonical.Reveal();
  crypto::SecretBytes meant(2 + number.size());
  const ByteArray<2> index = base::BigU16(card.number.index);
  std::ranges::copy(number, std::ranges::copy(index, meant.Reveal().begin()).out);
  const SeenId whom = core_.principals.SeenOfQuery(caller_.principal, kCardQuery, meant.Reveal());
  if (!card.birth.has_value()) return {{whom, Glimpse(true)}, whom, false, Marks::Absent()};
  const ByteView date = card.birth->date.Reveal();
  crypto::SecretBytes tried(whom.size() + date.size());
  std::ranges::copy(date, std::ranges::copy(whom, tried.Reveal().begin()).out);
  const SeenId what =
      core_.principals.SeenOfQuery(caller_.principal, kDatedCardQuery, tried.Reveal());
  return {{what, Glimpse(true)}, whom, true, Marks::Absent()};
}

// Read again since the search; and nobody learns who is in the archive.
Result<bool> ExplainWork::IsOfCard(const commit::Staging& staging, const ExplainItem& item) const {
  const records::Matcher matcher(core_.parts.people);
  CLOISON_TRY_ASSIGN(const bool numbered, matcher.Equals(*item.person, item.card->number));
  if (!numbered) return false;
  const std::optional<Card::Birth>& birth = item.card->birth;
  if (birth.has_value()) {
    CLOISON_TRY_ASSIGN(const bool born, matcher.Is(*item.person, birth->field, birth->date));
    if (!born) return false;
  }
  const ArchiveQuestion nobody{false, true, false, staging.time().wall_ms};
  CLOISON_TRY_ASSIGN(const bool kept_away,
                     IsKeptAway(core_, core_.parts.policy.Now(), nobody, *item.person));
  return !kept_away;
}

Result<commit::Staged> ExplainWork::DecideCard(commit::Staging& staging) {
  const ExplainItem& item = items_.front();
  if (!item.searched) {
    done_ = Done{0, {}, Left(staging.time().budget_ms), {}};
    return commit::Staged::kDone;
  }
  if (PersonChanged(staging, item)) return commit::Staged::kAgain;
  const std::int64_t now_ms = staging.time().budget_ms;
  const Principals::Debit miss = DebitOfCard(*item.card);
  const auto tries = Principals::WrongTriesOf(principal(), miss.name, miss.showing.who, now_ms);
  if (tries.others >= kWrongTriesMax) {
    return RefuseTries(staging, "presence/wrong", tries.first_ms);
  }
  if (!IsOthersAgent(core_, staging, principal().info(), item)) {
    // Of the number alone: nothing was said of the date, and a try of before is not forgotten.
    return RefuseMisses(staging, {{{miss.name, Glimpse(true)}, miss.name, false, Marks::Absent()}});
  }
  // The same for whomever the card names, or for nobody: of a spent budget too, which lets through
  // those who were shown before.
  PairEdit counted(core_, staging, counts_);
  CLOISON_TRY_ASSIGN(const std::optional<Passed> passed, Count(counted, item, now_ms));
  if (passed.has_value()) {
    return Refuse(staging, CeilingRefusal(*passed), ledger::Decision::kRefuse, {});
  }
  if (auto refused = RefuseShowing(staging, {&miss.showing, 1})) return std::move(*refused);
  if (item.failed.has_value()) return *item.failed;
  if (!item.person.has_value()) return RefuseMisses(staging, {miss});
  CLOISON_TRY_ASSIGN(const bool theirs, IsOfCard(staging, item));
  if (!theirs) return RefuseMisses(staging, {miss});
  return Explain(staging);
}

}  // namespace cloison::access::internal
