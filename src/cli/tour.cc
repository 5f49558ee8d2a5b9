#include "cli/tour.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <thread>

#include "base/files.h"
#include "cli/process.h"
#include "codec/json_writer.h"
#include "ingest/generator.h"

namespace cloison::cli {

namespace {

constexpr std::uint64_t kPeopleIn2024 = 36'800'000;
// The ledger signs its size every second.
constexpr int kCheckpointTries = 50;
constexpr int kSameAnswerTries = 3;

std::string LookupBody(const std::string& nir) {
  return "{\"criteria\":{\"nir\":\"" + nir + "\"},\"purpose\":\"support\",\"case_ref\":\"tour-1\"}";
}

std::string DisclosureBody(const std::string& code, std::string_view fields) {
  return "{\"person\":\"" + code + "\",\"fields\":[" + std::string(fields) +
         "],\"purpose\":\"support\",\"case_ref\":\"tour-1\"}";
}

std::optional<codec::JsonDocument> Json(const net::Response& response) {
  Result<codec::JsonDocument> body = codec::JsonDocument::Parse(AsBytes(response.body));
  if (!body.ok()) return std::nullopt;
  return std::move(*body);
}

std::optional<codec::JsonValue> MemberOf(const std::optional<codec::JsonValue>& parent,
                                         std::string_view key) {
  return parent.has_value() ? parent->Find(key) : std::nullopt;
}

std::uint64_t NumberOf(const std::optional<codec::JsonValue>& value) {
  if (!value.has_value()) return 0;
  const Result<std::int64_t> number = value->AsInt();
  return number.ok() && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

// The glimpses that the hour still has, by the budget in an answer.
std::uint64_t LeftIn(const net::Response& response) {
  const std::optional<codec::JsonDocument> body = Json(response);
  if (!body.has_value()) return 0;
  return NumberOf(MemberOf(MemberOf(body->root().Find("budget"), "glimpsed"), "hour"));
}

bool HasText(const std::optional<codec::JsonValue>& list, std::string_view text) {
  if (!list.has_value() || !list->is_array()) return false;
  for (auto at = list->First(); at.has_value(); at = at->Next()) {
    if (at->string() == text) return true;
  }
  return false;
}

// The receipt of an answer as a shape: the names of its members and how long each is. What stands
// in them (the entry's number, its time, random bytes) differs between any two answers.
std::string ShapeOfReceipt(const net::Response& response) {
  const std::optional<codec::JsonDocument> body = Json(response);
  const auto receipt = body.has_value() ? body->root().Find("receipt") : std::nullopt;
  std::string shape;
  if (!receipt.has_value() || !receipt->is_object()) return shape;
  for (auto at = receipt->First(); at.has_value(); at = at->Next()) {
    shape += std::string(at->key()) + ":" + std::to_string(at->string().size()) + "\n";
  }
  return shape;
}

// Takes the text from `begin` up to `end` out of `text`.
void CutOut(std::string& text, std::string_view begin, std::string_view end) {
  const std::size_t at = text.find(begin);
  if (at == std::string::npos) return;
  const std::size_t stop = text.find(end, at + begin.size());
  if (stop != std::string::npos) text.erase(at, stop + end.size() - at);
}

// An answer as a caller can tell it from another: status, headers, body; without what differs
// between any two requests: the request's number, the time of day, the receipt's content.
std::string Comparable(const net::Response& response) {
  std::string text = std::to_string(response.status) + "\n";
  std::vector<std::string> headers;
  for (std::size_t i = 0; i < response.headers.size(); ++i) {
    const std::string name(response.headers.name(i));
    if (name == "date" || name == "request-id") continue;
    headers.push_back(name + ": " + std::string(response.headers.value(i)) + "\n");
  }
  std::sort(headers.begin(), headers.end());
  for (const std::string& header : headers) text += header;
  std::string body = response.body;
  CutOut(body, "\"request_id\":\"", "\"");
  CutOut(body, "\"receipt\":{", "}");
  return text + ShapeOfReceipt(response) + body;
}

std::string Quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

}  // namespace

Status WriteCurlFiles(const std::string& directory) {
  base::SystemFiles files;
  std::error_code failed;
  const std::string credentials = std::filesystem::absolute(directory, failed).string();
  CLOISON_TRY_ASSIGN(const std::vector<std::string> names, files.List(credentials));
  for (const std::string& file : names) {
    if (!file.ends_with(".token")) continue;
    const std::string base = credentials + "/" + file.substr(0, file.size() - 6);
    CLOISON_TRY_ASSIGN(const Bytes token, files.Read(base + ".token"));
    std::string text = "# curl -K this-file: the credentials of one of the demo's principals.\n";
    text += "silent\nshow-error\n";
    text += "cacert = \"" + credentials + "/ca.pem\"\n";
    text += "cert = \"" + base + ".pem\"\nkey = \"" + base + ".key\"\n";
    text += "header = \"Authorization: Bearer " + std::string(AsText(token)) + "\"\n";
    text += "header = \"Content-Type: application/json\"\n";
    std::unique_ptr<base::WritableFile> out;
    CLOISON_TRY_ASSIGN(out, files.Create(base + ".curl", 0600));
    CLOISON_TRY(out->Append(AsBytes(text)));
  }
  return Ok();
}

Tour::Tour(TourOptions options, const Terminal& terminal, base::Clock& clock)
    : options_(std::move(options)),
      terminal_(terminal),
      clock_(clock),
      person_(vault::DemoValuesOf(options_.size, vault::DemoWho::kCitizenOne)),
      stranger_(vault::DemoValuesOf(options_.size, vault::DemoWho::kStranger)) {
  // Somebody of the same kind whom the register does not hold.
  const ingest::Generator generator(options_.size.seed);
  for (std::uint64_t i = options_.size.people; nobody_nir_.empty(); ++i) {
    nobody_nir_ = generator.At(i).Text("civil_number.nir");
  }
}

bool Tour::Run() {
  const std::optional<Checkpoint> before = ReadCheckpoint(false);
  if (!before.has_value()) return false;
  before_ = *before;
  return Find() && Open() && RefuseField() && RefuseStranger() && Trail() && RootMoved() &&
         Replay();
}

void Tour::Title(int number, std::string_view title) {
  step_ = number;
  terminal_.Line("");
  terminal_.Line(
      terminal_.Styled(Style::kBold, std::to_string(number) + "  " + std::string(title)));
}

void Tour::Answered(std::string_view what) const {
  terminal_.Line("   " + std::string(what));
}

bool Tour::Good(std::string_view what) const {
  terminal_.Line("   " + terminal_.Styled(Style::kGood, "✓") + " " + std::string(what));
  return true;
}

bool Tour::Bad(std::string_view what) const {
  terminal_.Line("   " + terminal_.Styled(Style::kBad, "✗") + " step " + std::to_string(step_) +
                 ": " + std::string(what));
  return false;
}

std::string Tour::CurlOf(const Ask& ask) const {
  std::string url = options_.server + ask.path;
  // Quoted for shells that take a question mark for a pattern.
  if (!ask.query.empty()) url = Quoted(url + "?" + ask.query);
  std::string out = "curl -K " + options_.credentials + "/" + ask.who + ".curl " + url;
  if (!ask.body.empty()) out += " -d " + Quoted(ask.body);
  return out;
}

std::optional<net::Response> Tour::Send(const Ask& ask, bool show) {
  if (show) terminal_.Line("   " + terminal_.Styled(Style::kDim, "$ " + CurlOf(ask)));
  ConnectionOptions options;
  options.server = options_.server;
  options.credentials = options_.credentials;
  options.as = ask.who;
  std::string problem;
  Result<Connection> connection = Connection::Open(options, clock_, &problem);
  if (!connection.ok()) {
    Bad(problem);
    return std::nullopt;
  }
  Result<net::Response> answer = ask.body.empty() ? connection->Get(ask.path, ask.query)
                                                  : connection->Post(ask.path, ask.body);
  if (!answer.ok()) {
    Bad("no answer: " + std::string(answer.error().text()));
    return std::nullopt;
  }
  return std::move(*answer);
}

bool Tour::Find() {
  Title(1, "An adviser finds a person of his caseload");
  const auto answer = Send({"adviser.ft", "/v1/lookups", "", LookupBody(person_.nir)});
  if (!answer.has_value()) return false;
  const std::optional<codec::JsonDocument> body = Json(*answer);
  if (answer->status != 200 || !body.has_value()) {
    return Bad("expected 200, got " + std::to_string(answer->status));
  }
  const auto rows = body->root().Find("rows");
  if (!rows.has_value() || rows->size() != 1) return Bad("expected exactly one row");
  const codec::JsonValue row = *rows->First();
  code_ = TextMember(row, "person").value_or("");
  if (code_.empty()) return Bad("the row has no code");
  std::string line = "200  " + code_ + ":";
  if (const auto fields = row.Find("fields"); fields.has_value()) {
    for (auto at = fields->First(); at.has_value(); at = at->Next()) {
      line += " " + std::string(at->key()) + "=" + std::string(at->string());
    }
  }
  Answered(line);
  if (answer->body.find(person_.nir) != std::string::npos) return Bad("the NIR came back");
  return Good("one masked row; the code is France Travail's own, and joins with nobody else's");
}

bool Tour::Open() {
  Title(2, "He opens two fields");
  const auto answer = Send({"adviser.ft", "/v1/disclosures", "",
                            DisclosureBody(code_, "\"contact.email\",\"contact.phone\"")});
  if (!answer.has_value()) return false;
  const std::optional<codec::JsonDocument> body = Json(*answer);
  if (answer->status != 201 || !body.has_value()) {
    return Bad("expected 201, got " + std::to_string(answer->status));
  }
  const auto list = body->root().Find("disclosures");
  if (!list.has_value() || list->size() != 1) return Bad("expected one disclosure");
  const std::optional<codec::JsonValue> fields = list->First()->Find("fields");
  const std::optional<codec::JsonValue> receipt = list->First()->Find("receipt");
  if (!fields.has_value() || !receipt.has_value()) return Bad("no fields or no receipt");
  const std::string email = TextMember(*fields, "contact.email").value_or("");
  Answered("201  contact.email=" + email +
           " contact.phone=" + TextMember(*fields, "contact.phone").value_or(""));
  if (email != person_.email) return Bad("another e-mail address than the person's");
  receipt_index_ = NumberOf(receipt->Find("index"));
  const std::optional<codec::JsonValue> opened = MemberOf(body->root().Find("budget"), "opened");
  return Good("recorded before it was opened: leaf " + Grouped(receipt_index_) +
              " of the ledger; " + Grouped(NumberOf(MemberOf(opened, "hour"))) +
              " more people may be opened in this hour");
}

bool Tour::RefuseField() {
  Title(3, "He is refused a field that the purpose does not need");
  const auto answer = Send(
      {"adviser.ft", "/v1/disclosures", "", DisclosureBody(code_, "\"disability.recognised\"")});
  if (!answer.has_value()) return false;
  const Problem problem = ProblemOf(*answer);
  Answered(std::to_string(answer->status) + "  " + problem.code);
  if (answer->status != 403 || problem.code != "purpose_refused") {
    return Bad("expected 403 purpose_refused");
  }
  return Good("following somebody does not open their health data");
}

std::optional<std::uint64_t> Tour::GlimpsesLeft(const std::string& who) {
  const auto answer = Send({who, "/v1/me/capabilities", "", ""}, false);
  if (!answer.has_value()) return std::nullopt;
  return LeftIn(*answer);
}

// Asks for both, twice. The second asking costs nothing, since whoever was asked for is known to
// have been: then the answers must be the same to the letter. In the first, both must cost the
// same.
bool Tour::RefuseStranger() {
  Title(4, "The partner's adviser asks for a stranger, and for nobody");
  const Ask stranger{"adviser.ce", "/v1/lookups", "", LookupBody(stranger_.nir)};
  const Ask nobody{"adviser.ce", "/v1/lookups", "", LookupBody(nobody_nir_)};
  const std::optional<std::uint64_t> before = GlimpsesLeft("adviser.ce");
  if (!before.has_value()) return false;
  for (int attempt = 1; attempt <= kSameAnswerTries; ++attempt) {
    const auto first = Send(stranger, attempt == 1);
    if (!first.has_value()) return false;
    const auto second = Send(nobody, attempt == 1);
    if (!second.has_value()) return false;
    if (first->body.find("\"person\"") != std::string::npos) return Bad("a stranger was shown");
    if (attempt == 1) {
      const std::string code = ProblemOf(*first).code;
      Answered(std::to_string(first->status) + "  " + (code.empty() ? "no row" : code));
      Answered(std::to_string(second->status) + "  the same");
      const std::uint64_t between = LeftIn(*first);
      if (*before - between != between - LeftIn(*second)) return Bad("one costs more");
      continue;
    }
    if (Comparable(*first) == Comparable(*second)) {
      return Good("same status, headers, body and price: he cannot tell who is registered");
    }
  }
  return Bad("the two answers differ");
}

bool Tour::Trail() {
  Title(5, "The person sees who looked");
  const auto answer = Send({"citizen.one", "/v1/me/disclosures", "page_size=5", ""});
  if (!answer.has_value()) return false;
  const std::optional<codec::JsonDocument> body = Json(*answer);
  const auto items = body.has_value() ? body->root().Find("items") : std::nullopt;
  if (answer->status != 200 || !items.has_value() || !items->is_array()) {
    return Bad("expected 200 and items, got " + std::to_string(answer->status));
  }
  for (auto at = items->First(); at.has_value(); at = at->Next()) {
    if (NumberOf(at->Find("index")) != receipt_index_) continue;
    if (!HasText(at->Find("fields"), "contact.email")) return Bad("the entry names other fields");
    Answered("200  " + TextMember(*at, "time").value_or("") + "  " +
             TextMember(*at, "role").value_or("somebody") + " of organisation " +
             Grouped(NumberOf(at->Find("organisation"))) + ", for " +
             TextMember(*at, "purpose").value_or("?") + ": contact.email, contact.phone");
    return Good("the look of step 2 stands there, with its place in the ledger");
  }
  return Bad("the look of step 2 is not in the trail");
}

std::optional<Tour::Checkpoint> Tour::ReadCheckpoint(bool show) {
  const auto answer = Send({"citizen.one", "/ledger/checkpoint", "", ""}, show);
  if (!answer.has_value()) return std::nullopt;
  const std::string& text = answer->body;
  const std::size_t first = text.find('\n');
  const std::size_t second = first == std::string::npos ? first : text.find('\n', first + 1);
  const std::size_t third = second == std::string::npos ? second : text.find('\n', second + 1);
  if (answer->status != 200 || third == std::string::npos) {
    Bad("the ledger's checkpoint cannot be read");
    return std::nullopt;
  }
  Checkpoint out;
  for (const char c : text.substr(first + 1, second - first - 1)) {
    if (c >= '0' && c <= '9') out.size = out.size * 10 + static_cast<std::uint64_t>(c - '0');
  }
  out.root = text.substr(second + 1, third - second - 1);
  return out;
}

bool Tour::RootMoved() {
  Title(6, "The ledger's root moved");
  for (int attempt = 0; attempt < kCheckpointTries; ++attempt) {
    const std::optional<Checkpoint> now = ReadCheckpoint(attempt == 0);
    if (!now.has_value()) return false;
    if (now->size > receipt_index_ && now->root != before_.root) {
      Answered("size " + Grouped(before_.size) + "  " + before_.root);
      Answered("size " + Grouped(now->size) + "  " + now->root);
      return Good("every entry is under a signed root; none can be taken out unseen");
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return Bad("the signed size does not hold the entry of step 2");
}

bool Tour::Replay() {
  Title(7, "The theft of 2024 again: 10 stolen accounts, 29 days, the rights they had");
  ChildOptions child;
  child.arguments = {options_.daemon, "drill", "--replay", "france-travail-2024",
                     "--accounts",    "10",    "--people", std::to_string(options_.drill_people),
                     "--json"};
  std::string json;
  child.on_line = [&json](std::string line) { json += line + "\n"; };
  terminal_.Line("   " + terminal_.Styled(
                             Style::kDim,
                             "$ cloison drill --replay france-travail-2024 --accounts 10 --json"));
  Result<std::unique_ptr<Child>> started = Child::Start(std::move(child));
  if (!started.ok()) return Bad(started.error().text());
  const int exit = (*started)->Wait();
  if (exit != 0) return Bad("the replay ended with exit code " + std::to_string(exit));
  return PrintReplay(json);
}

bool Tour::PrintReplay(const std::string& json) {
  const Result<codec::JsonDocument> report = codec::JsonDocument::Parse(AsBytes(json));
  const auto attacks = report.ok() ? report->root().Find("attacks") : std::nullopt;
  if (!attacks.has_value() || !attacks->is_array() || attacks->size() == 0) {
    return Bad("the replay's report cannot be read");
  }
  const codec::JsonValue attack = *attacks->First();
  const std::uint64_t opened = NumberOf(attack.Find("opened"));
  const std::uint64_t bound = NumberOf(attack.Find("bound"));
  Answered("people opened, all accounts together   " + Grouped(opened));
  Answered("the bound: arithmetic, not statistics  " + Grouped(bound));
  Answered("what the same thief took in 2024       " + Grouped(kPeopleIn2024));
  if (opened == 0 || bound == 0) return Bad("the replay opened nobody: it proves nothing");
  if (opened > bound) return Bad("more people were opened than the bound allows");
  return Good(Grouped(kPeopleIn2024 / opened) + " times fewer people");
}

void Tour::PrintInvitation() const {
  terminal_.Line("");
  terminal_.Line(terminal_.Styled(Style::kBold, "The server stays up. Ask it yourself:"));
  const Ask asks[] = {
      {"adviser.ft", "/v1/me/capabilities", "", ""},
      {"adviser.ft", "/v1/lookups", "", LookupBody(person_.nir)},
      {"adviser.ft", "/v1/disclosures", "", DisclosureBody(code_, "\"identity.birth_name\"")},
      {"citizen.one", "/v1/me/disclosures", "page_size=5", ""},
      {"citizen.one", "/ledger/checkpoint", "", ""},
  };
  for (const Ask& ask : asks) terminal_.Line("  " + CurlOf(ask));
  terminal_.Line("");
  terminal_.Line("or   cloison lookup --server " + options_.server + " --credentials " +
                 options_.credentials + " --as adviser.ft \\");
  terminal_.Line("       --nir " + person_.nir + " --purpose support --case tour-1");
  terminal_.Line("Ctrl-C ends it.");
}

}  // namespace cloison::cli
