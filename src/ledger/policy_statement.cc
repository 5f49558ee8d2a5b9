#include "ledger/policy_statement.h"

#include <charconv>

namespace cloison::ledger {

namespace {

constexpr std::string_view kFirstLine = "cloison policy statement v1";
constexpr std::string_view kFirstLineOfFounders = "cloison policy statement v2";
constexpr Error kBad{Code::kInvalid, "not a policy statement"};

// What stands behind `word` on the next line; what is read is compared with what it prints as.
std::string_view TakeAfter(std::string_view& rest, std::string_view word) {
  const std::size_t end = std::min(rest.find('\n'), rest.size());
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  if (!line.starts_with(word) || line.size() <= word.size()) return {};
  return line.substr(word.size() + 1);
}

bool TakeNumber(std::string_view text, std::uint32_t& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

bool TakeDigest(std::string_view text, crypto::Digest& out) {
  const Result<Bytes> bytes = base::FromHex(text);
  if (!bytes.ok() || bytes->size() != out.size()) return false;
  std::ranges::copy(*bytes, out.begin());
  return true;
}

}  // namespace

std::string Print(const PolicyStatement& statement) {
  std::string out(statement.founders.empty() ? kFirstLine : kFirstLineOfFounders);
  out += "\nregister " + std::to_string(statement.register_id.value());
  out += "\nversion " + std::to_string(statement.version);
  out += "\nfollows " + base::ToHex(statement.follows);
  out += "\ndocument " + base::ToHex(statement.document) + "\n";
  return out + PrintFounders(statement.founders);
}

Result<PolicyStatement> ParsePolicyStatement(std::string_view text) {
  std::string_view rest = text;
  (void)TakeAfter(rest, "cloison");
  std::uint32_t number = 0;
  PolicyStatement statement{RegisterId(0), 0, {}, {}};
  const bool numbered = TakeNumber(TakeAfter(rest, "register"), number) &&
                        TakeNumber(TakeAfter(rest, "version"), statement.version);
  const bool named = numbered && TakeDigest(TakeAfter(rest, "follows"), statement.follows) &&
                     TakeDigest(TakeAfter(rest, "document"), statement.document);
  if (!named) return kBad;
  statement.register_id = RegisterId(number);
  if (!rest.empty()) {
    std::vector<std::string> problems;
    Result<std::vector<Founder>> founders = ParseFounders(rest, problems);
    if (!founders.ok()) return kBad;
    statement.founders = std::move(*founders);
  }
  if (Print(statement) != text) return kBad;
  return statement;
}

Result<PolicyStatement> PolicyStatementOf(std::string_view note) {
  CLOISON_TRY_ASSIGN(const tlog::Note parsed, tlog::ParseNote(note));
  return ParsePolicyStatement(parsed.text);
}

Status CheckSigned(std::string_view note, const PolicyStatement& statement,
                   const std::vector<tlog::VerifierKey>& officers) {
  CLOISON_TRY_ASSIGN(const tlog::Note parsed, tlog::ParseNote(note));
  CLOISON_TRY_ASSIGN(const PolicyStatement of, ParsePolicyStatement(parsed.text));
  if (!(of == statement)) return Error{Code::kConflict, "a statement of another policy"};
  CLOISON_TRY_ASSIGN(const std::vector<tlog::VerifiedSignature> good,
                     tlog::Verify(parsed, officers));
  if (good.size() < kOfficersMin) {
    return Error{Code::kDenied, "two different officers must sign the policy"};
  }
  return Ok();
}

}  // namespace cloison::ledger
