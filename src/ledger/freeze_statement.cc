#include "ledger/freeze_statement.h"

#include <charconv>

namespace cloison::ledger {

namespace {

constexpr std::string_view kFirstLine = "cloison freeze statement v1\n";
constexpr Error kBad{Code::kInvalid, "not a freeze statement"};

// What stands behind `word` on the next line; what is read is compared with what it prints as.
std::string TakeAfter(std::string_view& rest, std::string_view word) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return std::string(line.starts_with(word) ? line.substr(word.size()) : std::string_view());
}

}  // namespace

std::string Print(const FreezeStatement& statement) {
  return std::string(kFirstLine) + "ledger " + statement.ledger + "\nissuer " + statement.issuer +
         "\nsubject " + statement.subject + "\ntime " + std::to_string(statement.time_s) + "\n";
}

Result<FreezeStatement> ParseFreezeStatement(std::string_view text) {
  if (!text.starts_with(kFirstLine)) return kBad;
  std::string_view rest = text.substr(kFirstLine.size());
  FreezeStatement statement;
  statement.ledger = TakeAfter(rest, "ledger ");
  statement.issuer = TakeAfter(rest, "issuer ");
  statement.subject = TakeAfter(rest, "subject ");
  const std::string time = TakeAfter(rest, "time ");
  const auto [end, error] =
      std::from_chars(time.data(), time.data() + time.size(), statement.time_s);
  const bool whole = error == std::errc() && end == time.data() + time.size();
  const bool named =
      !statement.ledger.empty() && !statement.issuer.empty() && !statement.subject.empty();
  if (!whole || !named || statement.time_s < 0 || Print(statement) != text) return kBad;
  return statement;
}

Result<FreezeStatement> CheckFreeze(std::string_view note, std::string_view origin,
                                    const std::vector<tlog::VerifierKey>& officers) {
  if (note.size() > kFreezeNoteBytesMax) {
    return Error{Code::kExhausted, "a freeze statement is at most 4 KiB"};
  }
  CLOISON_TRY_ASSIGN(const tlog::Note parsed, tlog::ParseNote(note));
  CLOISON_TRY_ASSIGN(FreezeStatement statement, ParseFreezeStatement(parsed.text));
  if (statement.ledger != origin) {
    return Error{Code::kConflict, "a freeze statement of another ledger"};
  }
  CLOISON_TRY(tlog::Verify(parsed, officers));
  return statement;
}

Status CheckFresh(const FreezeStatement& statement, std::int64_t now_s) {
  const std::int64_t age_s = now_s - statement.time_s;
  if (age_s <= kFreezeFreshS && age_s >= -kFreezeFreshS) return Ok();
  return Error{Code::kDenied, "the freeze statement was not signed within the hour"};
}

}  // namespace cloison::ledger
