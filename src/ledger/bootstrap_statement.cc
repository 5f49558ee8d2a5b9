#include "ledger/bootstrap_statement.h"

#include <algorithm>

#include "base/clock.h"
#include "codec/toml_reader.h"
#include "crypto/base64.h"
#include "ledger/founders.h"
#include "text/date.h"
#include "text/unseen.h"

namespace cloison::ledger {

namespace {

using codec::Diagnostics;
using codec::Need;
using codec::TomlTable;

constexpr std::string_view kFirstLine = "# cloison bootstrap statement v1\n";
constexpr Error kBad{Code::kInvalid, "not a bootstrap statement"};
constexpr codec::TomlRange kIdRange{0, UINT32_MAX};
// Members of a founder in the order in which they are printed; a plan has no issuer.
constexpr std::string_view kFounderKeys[] = {"account", "issuer", "organisation", "office",
                                             "role",    "human",  "expires"};
constexpr std::string_view kPlanFounderKeys[] = {"account", "organisation", "office",
                                                 "role",    "human",        "expires"};
constexpr std::string_view kFoundersKeys[] = {"principal"};
constexpr std::string_view kPlanKeys[] = {"officers", "principal"};
constexpr std::string_view kStatementKeys[] = {"register", "ceremony", "log",      "schema",
                                               "policy",   "officers", "principal"};

// A basic string of TOML. What it cannot hold is refused when it is read.
std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + "\"";
}

class Reader {
 public:
  Reader(bool of_plan, Diagnostics& problems) : of_plan_(of_plan), problems_(problems) {}

  BootstrapPlan Plan(const TomlTable& file) {
    BootstrapPlan plan;
    const auto officers = codec::ReadStrings(file, "officers", Need::kRequired, problems_);
    if (officers.has_value()) plan.officers = Officers(file, *officers);
    plan.founders = Founders(file);
    return plan;
  }
  std::vector<Founder> Founders(const TomlTable& file) {
    std::vector<Founder> founders;
    for (const TomlTable* table : codec::ReadTables(file, "principal", problems_)) {
      founders.push_back(OneFounder(*table));
    }
    const std::size_t count = founders.size();
    if (count < kFoundersMin || count > kFoundersMax) {
      problems_.Add(0, "a register or an organisation begins with 2 to 16 principals");
    }
    return founders;
  }
  std::string Text(const TomlTable& table, std::string_view key) {
    std::string text =
        codec::ReadString(table, key, Need::kRequired, problems_).value_or(std::string());
    // Officers read it before they sign: what shows is what there is.
    if (text.empty() || text.size() > kFounderTextBytesMax || text::HasUnseen(text)) {
      problems_.Add(table.line(), std::string(key) +
                                      " is a text of 1 to 320 bytes, on one line, "
                                      "without characters that do not show");
    }
    return text;
  }
  std::uint32_t Number(const TomlTable& table, std::string_view key) {
    const auto number = codec::ReadInt(table, key, Need::kRequired, kIdRange, problems_);
    return static_cast<std::uint32_t>(number.value_or(0));
  }

 private:
  std::vector<tlog::VerifierKey> Officers(const TomlTable& file,
                                          const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) text += line + "\n";
    Result<std::vector<tlog::VerifierKey>> officers = ParseOfficers(text);
    if (officers.ok()) return std::move(*officers);
    problems_.Add(file.Find("officers")->line(),
                  "officers: " + std::string(officers.error().text()));
    return {};
  }

  Founder OneFounder(const TomlTable& table) {
    if (of_plan_) codec::CheckKeys(table, kPlanFounderKeys, problems_);
    if (!of_plan_) codec::CheckKeys(table, kFounderKeys, problems_);
    Founder founder;
    founder.account = Text(table, "account");
    if (!of_plan_) founder.issuer = Text(table, "issuer");
    founder.organisation = OrganisationId(Number(table, "organisation"));
    if (table.Find("office") != nullptr) founder.office = OfficeId(Number(table, "office"));
    founder.role = Text(table, "role");
    founder.human = Text(table, "human");
    founder.expires = Text(table, "expires");
    if (!text::ParseDate(founder.expires).ok()) {
      problems_.Add(table.line(), "expires is a day, as \"2027-06-30\"");
    }
    return founder;
  }

  bool of_plan_;
  Diagnostics& problems_;
};

template <std::size_t n>
bool ReadHex(const TomlTable& file, std::string_view key, ByteArray<n>& out,
             Diagnostics& problems) {
  const auto text = codec::ReadString(file, key, Need::kRequired, problems);
  const Result<Bytes> bytes = base::FromHex(text.value_or(""));
  if (!bytes.ok() || bytes->size() != n) return false;
  std::ranges::copy(*bytes, out.begin());
  return true;
}

void PrintFounder(std::string& out, const Founder& founder) {
  out += "\n[[principal]]\naccount = " + Quoted(founder.account);
  out += "\nissuer = " + Quoted(founder.issuer);
  out += "\norganisation = " + std::to_string(founder.organisation.value());
  if (founder.office.has_value()) {
    out += "\noffice = " + std::to_string(founder.office->value());
  }
  out += "\nrole = " + Quoted(founder.role) + "\nhuman = " + Quoted(founder.human);
  out += "\nexpires = " + Quoted(founder.expires) + "\n";
}

void Tell(const Diagnostics& found, std::vector<std::string>& problems) {
  for (const codec::Diagnostic& one : found.entries()) {
    problems.push_back(one.line == 0 ? one.message
                                     : "line " + std::to_string(one.line) + ": " + one.message);
  }
}

}  // namespace

std::int64_t ExpiresMs(const Founder& founder) {
  const Result<text::Date> day = text::ParseDate(founder.expires);
  CLOISON_CHECK(day.ok());
  return text::DaysOf(*day) * base::kDayMs;
}

Result<BootstrapPlan> ParseBootstrapPlan(std::string_view toml,
                                         std::vector<std::string>& problems) {
  Diagnostics found;
  BootstrapPlan plan;
  if (toml.size() > kBootstrapNoteBytesMax) found.Add(0, "a plan is at most 32 KiB");
  const std::optional<TomlTable> file =
      found.empty() ? codec::ParseToml(toml, found) : std::nullopt;
  if (file.has_value()) {
    codec::CheckKeys(*file, kPlanKeys, found);
    plan = Reader(true, found).Plan(*file);
  }
  if (found.empty()) return plan;
  Tell(found, problems);
  return Error{Code::kInvalid, "not a plan of who begins a register"};
}

std::string PrintFounders(const std::vector<Founder>& founders) {
  std::string out;
  for (const Founder& founder : founders) PrintFounder(out, founder);
  return out;
}

Result<std::vector<Founder>> ParseFounders(std::string_view toml,
                                           std::vector<std::string>& problems) {
  Diagnostics found;
  std::vector<Founder> founders;
  if (toml.size() > kBootstrapNoteBytesMax) found.Add(0, "founders are at most 32 KiB");
  const std::optional<TomlTable> file =
      found.empty() ? codec::ParseToml(toml, found) : std::nullopt;
  if (file.has_value()) {
    codec::CheckKeys(*file, kFoundersKeys, found);
    founders = Reader(false, found).Founders(*file);
  }
  if (found.empty()) return founders;
  Tell(found, problems);
  return Error{Code::kInvalid, "not founders of an organisation"};
}

std::string Print(const BootstrapStatement& statement) {
  std::string out(kFirstLine);
  out += "register = " + std::to_string(statement.register_id.value());
  out += "\nceremony = " + Quoted(base::ToHex(statement.ceremony));
  out += "\nlog = " + Quoted(statement.log.Text());
  out += "\nschema = " + Quoted(base::ToHex(statement.schema));
  out += "\npolicy = " + Quoted(base::ToHex(statement.policy)) + "\nofficers = [";
  for (std::size_t i = 0; i < statement.plan.officers.size(); ++i) {
    out += (i == 0 ? "" : ", ") + Quoted(statement.plan.officers[i].Text());
  }
  return out + "]\n" + PrintFounders(statement.plan.founders);
}

Result<BootstrapStatement> ParseBootstrapStatement(std::string_view text) {
  if (text.size() > kBootstrapNoteBytesMax || !text.starts_with(kFirstLine)) return kBad;
  Diagnostics problems;
  const std::optional<TomlTable> file = codec::ParseToml(text, problems);
  if (!file.has_value()) return kBad;
  codec::CheckKeys(*file, kStatementKeys, problems);
  Reader reader(false, problems);
  const RegisterId register_id(reader.Number(*file, "register"));
  const Result<tlog::VerifierKey> log = tlog::VerifierKey::Parse(reader.Text(*file, "log"));
  if (!log.ok() || log->type() != tlog::KeyType::kSignature) return kBad;
  BootstrapStatement statement{register_id, {}, *log, {}, {}, reader.Plan(*file)};
  const bool named = ReadHex(*file, "ceremony", statement.ceremony, problems) &&
                     ReadHex(*file, "schema", statement.schema, problems) &&
                     ReadHex(*file, "policy", statement.policy, problems);
  if (!named || !problems.empty() || Print(statement) != text) return kBad;
  return statement;
}

Result<SignedBootstrap> SignedBootstrap::Check(std::string note) {
  if (note.size() > kBootstrapNoteBytesMax) {
    return Error{Code::kExhausted, "a bootstrap statement is at most 32 KiB"};
  }
  CLOISON_TRY_ASSIGN(const tlog::Note parsed, tlog::ParseNote(note));
  CLOISON_TRY_ASSIGN(BootstrapStatement statement, ParseBootstrapStatement(parsed.text));
  CLOISON_TRY_ASSIGN(const std::vector<tlog::VerifiedSignature> good,
                     tlog::Verify(parsed, statement.plan.officers));
  if (good.size() < kOfficersMin) {
    return Error{Code::kDenied, "two different officers must sign the statement"};
  }
  return SignedBootstrap(std::move(statement), std::move(note));
}

std::string FingerprintOf(const tlog::VerifierKey& key) {
  return "SHA256:" + crypto::ToBase64(crypto::Sha256(key.public_key()));
}

}  // namespace cloison::ledger
