#include "ledger/statement.h"

#include <algorithm>
#include <charconv>

#include "crypto/base64.h"

namespace cloison::ledger {

namespace {

constexpr std::string_view kFirstLine = "cloison recovery statement v1";
constexpr std::string_view kUnknown = "unknown";
constexpr Error kBad{Code::kInvalid, "not a recovery statement"};
constexpr Error kBadOfficers{Code::kInvalid, "not a list of officers' keys"};
constexpr Error kBadOfficerKey{Code::kInvalid, "not an officer's key"};

std::string HeadText(const tlog::Head& head) {
  return std::to_string(head.size) + " " + crypto::ToBase64(head.root);
}

template <class Int>
bool TakeNumber(std::string_view text, Int& out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  return error == std::errc() && end == text.data() + text.size();
}

// Lines of "word rest", one after the other. What is read is compared with what it prints as, so
// nothing here need be strict.
class Lines {
 public:
  explicit Lines(std::string_view text) : rest_(text) {}
  std::string_view Take() {
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    const std::string_view line = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    return line;
  }
  // What stands behind `word`; empty: another word does.
  std::string_view TakeAfter(std::string_view word) {
    const std::string_view line = Take();
    if (!line.starts_with(word) || line.size() <= word.size()) return {};
    return line.substr(word.size() + 1);
  }
  bool NextIs(std::string_view word) const { return rest_.starts_with(word); }
  bool empty() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

std::pair<std::string_view, std::string_view> Halves(std::string_view text) {
  const std::size_t space = std::min(text.find(' '), text.size());
  return {text.substr(0, space), text.substr(std::min(space + 1, text.size()))};
}

std::optional<tlog::Head> HeadOf(std::string_view text) {
  const auto [size, root] = Halves(text);
  tlog::Head head{};
  const Result<Bytes> bytes = crypto::FromBase64(root);
  if (!TakeNumber(size, head.size) || !bytes.ok() || bytes->size() != head.root.size()) {
    return std::nullopt;
  }
  std::ranges::copy(*bytes, head.root.begin());
  return head;
}

std::optional<Statement::Closed> TakeClosed(Lines& lines) {
  const auto [origin, vkey] = Halves(lines.TakeAfter("closed"));
  const std::optional<tlog::Head> left = HeadOf(lines.TakeAfter("left"));
  const std::string_view signed_text = lines.TakeAfter("signed");
  lines.Take();  // missing: it follows from the two
  if (!left.has_value()) return std::nullopt;
  Statement::Closed closed{std::string(origin), std::nullopt, *left, HeadOf(signed_text)};
  if (vkey == kUnknown) return closed;
  Result<tlog::VerifierKey> key = tlog::VerifierKey::Parse(vkey);
  if (!key.ok()) return std::nullopt;
  closed.key = std::move(*key);
  return closed;
}

void PrintClosed(std::string& out, const Statement::Closed& closed) {
  const std::optional<std::uint64_t> missing = MissingOf(closed.left, closed.signed_head);
  out += "closed " + closed.origin + " ";
  out += closed.key.has_value() ? closed.key->Text() : std::string(kUnknown);
  out += "\nleft " + HeadText(closed.left) + "\nsigned ";
  out += closed.signed_head.has_value() ? HeadText(*closed.signed_head) : std::string(kUnknown);
  out += "\nmissing ";
  out += missing.has_value() ? std::to_string(*missing) : std::string(kUnknown);
  out += "\n";
}

bool IsNew(const std::vector<tlog::VerifierKey>& keys, const tlog::VerifierKey& key) {
  return std::ranges::none_of(keys, [&key](const tlog::VerifierKey& other) {
    return other.name() == key.name() || other.public_key() == key.public_key();
  });
}

}  // namespace

std::optional<std::uint64_t> MissingOf(const tlog::Head& left,
                                       const std::optional<tlog::Head>& signed_head) {
  if (!signed_head.has_value()) return std::nullopt;
  if (*signed_head == left) return 0;
  if (signed_head->size <= left.size) return std::nullopt;
  return signed_head->size - left.size;
}

std::string Print(const Statement& statement) {
  std::string out(kFirstLine);
  out += "\nregister " + std::to_string(statement.register_id.value());
  out += "\nceremony " + base::ToHex(statement.ceremony) + "\n";
  for (const Statement::Closed& closed : statement.closed) PrintClosed(out, closed);
  out += "successor " + statement.successor.name() + " " + statement.successor.Text() + "\n";
  return out;
}

Result<Statement> ParseStatement(std::string_view text) {
  Lines lines(text);
  lines.Take();
  std::uint32_t register_number = 0;
  const bool numbered = TakeNumber(lines.TakeAfter("register"), register_number);
  const Result<Bytes> ceremony = base::FromHex(lines.TakeAfter("ceremony"));
  if (!numbered || !ceremony.ok() || ceremony->size() != 16) return kBad;
  std::vector<Statement::Closed> all;
  while (lines.NextIs("closed ") && all.size() < kLogsMax) {
    std::optional<Statement::Closed> closed = TakeClosed(lines);
    if (!closed.has_value()) return kBad;
    all.push_back(std::move(*closed));
  }
  const Result<tlog::VerifierKey> successor =
      tlog::VerifierKey::Parse(Halves(lines.TakeAfter("successor")).second);
  if (all.empty() || !successor.ok()) return kBad;
  Statement statement{RegisterId(register_number), base::Reader(*ceremony).Array<16>(),
                      std::move(all), *successor};
  if (Print(statement) != text) return kBad;
  return statement;
}

Result<std::vector<tlog::VerifierKey>> ParseOfficers(std::string_view text) {
  std::vector<tlog::VerifierKey> officers;
  if (text.empty() || text.back() != '\n') return kBadOfficers;
  for (Lines lines(text); !lines.empty();) {
    Result<tlog::VerifierKey> key = tlog::VerifierKey::Parse(lines.Take());
    if (!key.ok() || key->type() != tlog::KeyType::kSignature) return kBadOfficers;
    if (!IsNew(officers, *key)) return Error{Code::kInvalid, "an officer is listed twice"};
    officers.push_back(std::move(*key));
    if (officers.size() > kOfficersMax) return Error{Code::kInvalid, "too many officers"};
  }
  if (officers.size() < kOfficersMin) return Error{Code::kInvalid, "two officers must be listed"};
  return officers;
}

Status CheckSigned(std::string_view note, const Statement& statement,
                   const std::vector<tlog::VerifierKey>& officers) {
  CLOISON_TRY_ASSIGN(const tlog::Note parsed, tlog::ParseNote(note));
  CLOISON_TRY_ASSIGN(Statement of, ParseStatement(parsed.text));
  of.ceremony = statement.ceremony;
  if (!(of == statement)) {
    return Error{Code::kConflict, "a statement of another state of the register"};
  }
  CLOISON_TRY_ASSIGN(const std::vector<tlog::VerifiedSignature> good,
                     tlog::Verify(parsed, officers));
  if (good.size() < kOfficersMin) {
    return Error{Code::kDenied, "two different officers must sign the statement"};
  }
  return Ok();
}

crypto::SecretBytes SerialiseOfficerKey(const tlog::VerifierKey& key,
                                        const crypto::Secret<32>& seed) {
  crypto::SecretBytes out;
  out.Append(AsBytes(key.Text() + "\n"));
  out.Append(seed.Reveal());
  return out;
}

Result<OfficerKey> ParseOfficerKey(ByteView bytes) {
  const std::string_view text = AsText(bytes);
  const std::size_t line = text.find('\n');
  if (line == std::string_view::npos) return kBadOfficerKey;
  const Result<tlog::VerifierKey> key = tlog::VerifierKey::Parse(text.substr(0, line));
  const Result<crypto::Secret<32>> seed = crypto::Secret<32>::FromBytes(bytes.subspan(line + 1));
  if (!key.ok() || !seed.ok() || key->type() != tlog::KeyType::kSignature) return kBadOfficerKey;
  OfficerKey officer{*key, crypto::Ed25519Signer(*seed)};
  if (officer.signer.public_key() != key->public_key()) return kBadOfficerKey;
  return officer;
}

}  // namespace cloison::ledger
