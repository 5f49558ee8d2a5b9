#include "ledger/unfreeze_statement.h"

#include <algorithm>
#include <charconv>

namespace cloison::ledger {

namespace {

constexpr std::string_view kFirstLine = "cloison unfreeze statement v1\n";
constexpr Error kBad{Code::kInvalid, "not an unfreeze statement"};

// What stands behind `word` on the next line; what is read is compared with what it prints as.
std::string TakeAfter(std::string_view& rest, std::string_view word) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return std::string(line.starts_with(word) ? line.substr(word.size()) : std::string_view());
}

bool IsWhole(const UnfreezeStatement& statement) {
  const std::vector<UnfreezeStatement::Account>& all = statement.accounts;
  if (statement.ledger.empty() || statement.time_s < 0) return false;
  if (all.empty() || all.size() > kLiftedMax) return false;
  for (auto one = all.begin(); one != all.end(); ++one) {
    if (one->issuer.empty() || one->subject.empty()) return false;
    if (std::find(std::next(one), all.end(), *one) != all.end()) return false;
  }
  return true;
}

}  // namespace

std::string Print(const UnfreezeStatement& statement) {
  std::string out(kFirstLine);
  out += "ledger " + statement.ledger + "\ntime " + std::to_string(statement.time_s) + "\n";
  for (const UnfreezeStatement::Account& account : statement.accounts) {
    out += "issuer " + account.issuer + "\nsubject " + account.subject + "\n";
  }
  return out;
}

bool IsUnfreezeStatement(std::string_view text) {
  return text.starts_with(kFirstLine);
}

Result<UnfreezeStatement> ParseUnfreezeStatement(std::string_view text) {
  if (!IsUnfreezeStatement(text) || text.size() > kUnfreezeNoteBytesMax) return kBad;
  std::string_view rest = text.substr(kFirstLine.size());
  UnfreezeStatement statement;
  statement.ledger = TakeAfter(rest, "ledger ");
  const std::string time = TakeAfter(rest, "time ");
  const auto [end, error] =
      std::from_chars(time.data(), time.data() + time.size(), statement.time_s);
  if (error != std::errc() || end != time.data() + time.size()) return kBad;
  while (!rest.empty() && statement.accounts.size() <= kLiftedMax) {
    std::string issuer = TakeAfter(rest, "issuer ");
    std::string subject = TakeAfter(rest, "subject ");
    statement.accounts.push_back({std::move(issuer), std::move(subject)});
  }
  if (!IsWhole(statement) || Print(statement) != text) return kBad;
  return statement;
}

Result<UnfreezeStatement> CheckUnfreeze(std::string_view note, std::string_view origin,
                                        const std::vector<tlog::VerifierKey>& officers,
                                        std::int64_t now_s) {
  if (note.size() > kUnfreezeNoteBytesMax) {
    return Error{Code::kExhausted, "an unfreeze statement is at most 32 KiB"};
  }
  CLOISON_TRY_ASSIGN(const tlog::Note parsed, tlog::ParseNote(note));
  CLOISON_TRY_ASSIGN(UnfreezeStatement statement, ParseUnfreezeStatement(parsed.text));
  if (statement.ledger != origin) {
    return Error{Code::kConflict, "an unfreeze statement of another ledger"};
  }
  CLOISON_TRY_ASSIGN(const std::vector<tlog::VerifiedSignature> good,
                     tlog::Verify(parsed, officers));
  if (good.size() < kOfficersMin) {
    return Error{Code::kDenied, "two different officers must sign the unfreeze statement"};
  }
  const std::int64_t age_s = now_s - statement.time_s;
  if (age_s > kFreezeFreshS || age_s < -kFreezeFreshS) {
    return Error{Code::kDenied, "the unfreeze statement was not made within the hour"};
  }
  return statement;
}

}  // namespace cloison::ledger
