#include "verify/internal/person_pages.h"

#include <algorithm>
#include <charconv>

#include "ledger/logs.h"
#include "tlog/checkpoint.h"

namespace cloison::verify::internal {
namespace {

using codec::JsonValue;

constexpr std::size_t kAudBytes = 16;
// So many numbers may be missing before the log is asked where their entries are.
constexpr std::uint64_t kMissingMax = 1'024;

// The member is what the part says: both absent, or the same text or number.
template <class T>
bool Same(const std::optional<JsonValue>& said, const std::optional<T>& part) {
  if (said.has_value() != part.has_value()) return false;
  if (!said.has_value()) return true;
  const Result<std::int64_t> number = said->AsInt();
  return number.ok() && *number == static_cast<std::int64_t>(part->value());
}

bool SameText(const std::optional<JsonValue>& said, std::string_view part) {
  if (!said.has_value()) return part.empty();
  const Result<std::string_view> text = said->AsString();
  return text.ok() && *text == part && !part.empty();
}

// The log's generation as its name ends: "/2" and on, or nothing for the first.
std::uint32_t GenerationNamedBy(const tlog::VerifierKey& key) {
  const std::string_view name = key.name();
  const std::size_t slash = name.rfind('/');
  std::uint32_t generation = 0;
  if (slash == std::string_view::npos) return 1;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + slash + 1, end, generation);
  if (read.ec != std::errc() || read.ptr != end) return 1;
  const std::string base(name.substr(0, slash));
  const bool later = generation > 1 && generation <= ledger::kLogsMax;
  return later && ledger::OriginOf(base, generation) == name ? generation : 1;
}

}  // namespace

PersonPages::PersonPages(const LogOptions& options, const PersonFile& file)
    : pages_(file), context_{options.key, tlog::LogIdOf(options.key)} {}

std::optional<Fault> PersonPages::Read() {
  std::size_t number = 0;
  for (const Bytes& bytes : pages_.pages) {
    ++number;
    const std::string name =
        pages_.pages.size() == 1 ? "person" : "person#" + std::to_string(number);
    std::optional<Fault> fault;
    const std::optional<codec::JsonDocument> document = ParseFile(bytes, name, fault);
    if (!document) return fault;
    FileReader file(name);
    if (!ReadPage(file, document->root())) return file.fault();
  }
  return CheckCovers();
}

// A page is about one log; those of others, closed ones or a successor, are for their keys.
bool PersonPages::ReadPage(FileReader& file, const JsonValue& page) {
  const auto proofs = file.Object(page, "proofs");
  const auto items = file.Array(page, "items");
  if (!proofs || !items) return false;
  const auto expired = file.Array(*proofs, "expired");
  const auto logs = file.Array(*proofs, "logs");
  if (!expired || !logs) return false;
  const std::optional<JsonValue> log = logs->First();
  if (!log.has_value() || logs->size() != 1) {
    file.Refuse(*logs, FaultKind::kForm, "a page is about one log");
    return false;
  }
  if (!SameText(log->Find("key"), context_.key.Text())) {
    facts_.elsewhere += items->size() + expired->size();
    return true;
  }
  context_.largest = 0;
  numbers_of_names_.clear();
  names_of_numbers_.clear();
  if (!ReadLog(file, *log) || !ReadProofs(file, *proofs)) return false;
  for (auto row = items->First(); row.has_value(); row = row->Next()) {
    if (!ReadRow(file, *row, false)) return false;
  }
  for (auto row = expired->First(); row.has_value(); row = row->Next()) {
    if (!ReadRow(file, *row, true)) return false;
  }
  covers_.back().log_size = context_.largest;
  return ReadReceipt(file, page);
}

// The reading is an entry as well: the log had it when the page was made. That of a closed log's
// page is in the newest log.
bool PersonPages::ReadReceipt(FileReader& file, const JsonValue& page) {
  if (!page.Find("receipt").has_value()) return true;
  const auto receipt = file.Object(page, "receipt");
  if (!receipt) return false;
  const auto log = file.Text(*receipt, "log");
  const auto index = file.Number(*receipt, "index");
  if (!log || !index) return false;
  std::uint64_t& size = covers_.back().log_size;
  if (*log == context_.key.name()) size = std::max(size, *index + 1);
  return true;
}

bool PersonPages::ReadProofs(FileReader& file, const JsonValue& proofs) {
  const auto aud = file.Base64(proofs, "aud", kAudBytes);
  const auto number = file.Number(proofs, "register");
  if (!aud || !number || !ReadCovers(file, proofs)) return false;
  if (aud_.value_or(*aud) != *aud || register_.value_or(*number) != *number) {
    file.Refuse(proofs, FaultKind::kForm, "a page of another person");
    return false;
  }
  aud_ = *aud;
  register_ = *number;
  return true;
}

bool PersonPages::ReadCovers(FileReader& file, const JsonValue& proofs) {
  const auto covers = file.Object(proofs, "covers");
  if (!covers) return false;
  const auto first = file.Number(*covers, "first");
  const auto end = file.Number(*covers, "end");
  if (!first || !end) return false;
  if (*first > *end || *end > tlog::kTreeSizeMax) {
    file.Refuse(*covers, FaultKind::kForm, "no range of numbers");
    return false;
  }
  covers_.push_back({*first, *end, 0});
  return true;
}

bool PersonPages::ReadLog(FileReader& file, const JsonValue& log) {
  const auto id = file.Text(log, "log_id");
  const auto trail_key = file.Base64(log, "trail_key", 32);
  if (!id || !trail_key) return false;
  if (*id != base::ToHex(context_.log_id.bytes())) {
    file.Refuse(*log.Find("log_id"), FaultKind::kForm, "not the log_id of this key");
    return false;
  }
  if (trail_key_.has_value() && *trail_key_ != *trail_key) {
    file.Refuse(*log.Find("trail_key"), FaultKind::kForm, "a page of another person");
    return false;
  }
  trail_key_ = *trail_key;
  trail_.emplace(*crypto::Secret<32>::FromBytes(*trail_key));
  return true;
}

bool PersonPages::ReadRow(FileReader& file, const JsonValue& row, bool expired) {
  const auto n = file.Number(row, "n");
  const auto index = file.Number(row, "index");
  const auto proof = file.Object(row, "proof");
  if (!n || !index || !proof) return false;
  const auto log_id = file.Text(*proof, "log_id");
  if (!log_id) return false;
  if (*log_id != base::ToHex(context_.log_id.bytes())) {
    file.Refuse(*proof, FaultKind::kForm, "a row of another log than its page is about");
    return false;
  }
  std::optional<Opened> entry = ReadLeaf(file, *proof, *index, context_);
  if (!entry) return false;
  if (SubjectTagOf(entry->leaf) != TagOf(*trail_, *n)) {
    file.Refuse(row, FaultKind::kTag, "the leaf does not carry the tag of this number");
    return false;
  }
  if (!numbers_.emplace(*n, *index).second) {
    file.Refuse(row, FaultKind::kTag, "two rows of one number");
    return false;
  }
  if (*n < covers_.back().first || *n >= covers_.back().end) {
    file.Refuse(row, FaultKind::kForm, "a number that the page does not answer for");
    return false;
  }
  if (!Claim(file, row, *entry)) return false;
  ++(expired ? facts_.expired : facts_.rows);
  if (expired) return true;
  if (!OpenSubject(file, *proof, context_, *entry) || !OpenActor(file, *proof, context_, *entry) ||
      !CheckOpened(file, row, *entry)) {
    return false;
  }
  return ReadUnsealed(file, row, *entry);
}

// A log that is not this one: its key checks the proof of the access, and that it stands there.
std::optional<FileContext> PersonPages::OtherLog(FileReader& file, const JsonValue& proof) {
  const auto log_id = file.Text(proof, "log_id");
  if (!log_id) return std::nullopt;
  const Result<Bytes> bytes = base::FromHex(*log_id);
  if (!bytes.ok() || base::ToHex(*bytes) != *log_id) {
    return file.Refuse(*proof.Find("log_id"), FaultKind::kForm, "not a log_id");
  }
  const Result<LogId> other = LogId::FromBytes(*bytes);
  if (!other.ok()) return file.Refuse(*proof.Find("log_id"), FaultKind::kForm, "not a log_id");
  return FileContext{context_.key, *other};
}

// Of an unseal there is one, or the row says that its record has expired; of other rows neither.
bool PersonPages::ReadUnsealed(FileReader& file, const JsonValue& row, const Opened& unseal) {
  const std::optional<JsonValue> found = row.Find("unsealed");
  const std::optional<JsonValue> gone = row.Find("unsealed_expired");
  if (gone.has_value()) {
    const bool says = gone->AsBool().ok() && *gone->AsBool() && !found.has_value() &&
                      unseal.subject->kind == ledger::Kind::kUnseal;
    facts_.unsealed_expired += says ? 1 : 0;
    if (!says) file.Refuse(*gone, FaultKind::kForm, "no unseal of an access that has expired");
    return says;
  }
  if (!found.has_value()) {
    if (unseal.subject->kind != ledger::Kind::kUnseal) return true;
    file.Refuse(row, FaultKind::kForm, "an unseal that does not tell of its access");
    return false;
  }
  const auto sealed = file.Object(row, "unsealed");
  if (!sealed) return false;
  const auto index = file.Number(*sealed, "index");
  const auto proof = file.Object(*sealed, "proof");
  if (!index || !proof) return false;
  const std::optional<FileContext> of = OtherLog(file, *proof);
  if (!of) return false;
  const bool here = of->log_id == context_.log_id;
  // Which log the leaf of the unseal commits to, and which one the file says.
  const bool of_this = ledger::GenerationOf(unseal.subject->seq) == GenerationNamedBy(context_.key);
  if (unseal.subject->kind != ledger::Kind::kUnseal || of_this != here) {
    file.Refuse(*sealed, FaultKind::kOpening, "not the access that this entry brings to light");
    return false;
  }
  std::optional<Opened> entry =
      here ? ReadLeaf(file, *proof, *index, context_) : ReadLeafAlone(file, *proof, *index);
  if (!entry || !OpenSubject(file, *proof, *of, *entry) || !OpenActor(file, *proof, *of, *entry) ||
      !CheckOpened(file, *sealed, *entry)) {
    return false;
  }
  const bool fits = entry->subject->kind != ledger::Kind::kUnseal &&
                    ledger::NumberOf(unseal.subject->seq) == *index &&
                    unseal.subject->fields == entry->subject->fields &&
                    unseal.subject->form == entry->subject->form;
  if (!fits) {
    file.Refuse(*sealed, FaultKind::kOpening, "not the access that this entry brings to light");
    return false;
  }
  if (!here) {
    ++facts_.elsewhere;  // of a closed log, brought to light in this one
    return true;
  }
  ++facts_.unsealed;
  return Claim(file, *sealed, *entry);
}

bool PersonPages::CheckOpened(FileReader& file, const JsonValue& row, const Opened& entry) {
  const bool same_kind = entry.subject->kind == entry.actor->kind;
  if (!same_kind || !base::Equal(entry.subject->aud.bytes(), *aud_)) {
    file.Refuse(row, FaultKind::kOpening, "the parts are not of one entry about this person");
    return false;
  }
  return CheckSaid(file, row, entry) && CheckFields(file, row, entry);
}

// What the row says in words is what its parts say.
bool PersonPages::CheckSaid(FileReader& file, const JsonValue& row, const Opened& entry) {
  const ledger::ActorPart& actor = *entry.actor;
  const struct {
    std::string_view key;
    bool same;
  } members[] = {
      {"time", SameText(row.Find("time"), Rfc3339(actor.time_ms))},
      {"kind", SameText(row.Find("kind"), Name(actor.kind))},
      {"decision", SameText(row.Find("decision"), Name(actor.decision))},
      {"form", SameText(row.Find("form"), Name(entry.subject->form))},
      {"organisation", Same(row.Find("organisation"), actor.organisation)},
      {"office", Same(row.Find("office"), actor.office)},
      {"role", SameText(row.Find("role"), actor.role)},
      {"purpose", SameText(row.Find("purpose"), actor.purpose)},
  };
  for (const auto& member : members) {
    if (member.same) continue;
    file.Refuse(row.Find(member.key).value_or(row), FaultKind::kOpening,
                "the row says something else than its part");
    return false;
  }
  return true;
}

bool PersonPages::CheckFields(FileReader& file, const JsonValue& row, const Opened& entry) {
  const auto fields = file.Array(row, "fields");
  if (!fields) return false;
  const std::vector<FieldId>& part = entry.subject->fields;
  bool same = fields->size() == part.size();
  std::size_t i = 0;
  for (auto name = fields->First(); same && name.has_value(); name = name->Next(), ++i) {
    const Result<std::string_view> text = name->AsString();
    same = text.ok() && (!pages_.field_of || pages_.field_of(*text) == part[i]) &&
           numbers_of_names_.emplace(*text, part[i]).first->second == part[i] &&
           names_of_numbers_.emplace(part[i], *text).first->second == *text;
  }
  if (!same) {
    file.Refuse(*fields, FaultKind::kOpening, "the row names other fields than its part");
  }
  return same;
}

bool PersonPages::Claim(FileReader& file, const JsonValue& row, const Opened& entry) {
  const auto [claim, is_new] = claims_.emplace(entry.index, Claimed{entry.leaf, entry.path});
  if (is_new || claim->second.leaf == entry.leaf) return true;
  file.Refuse(row, FaultKind::kForm, "two leaves at one index");
  return false;
}

std::optional<Fault> PersonPages::CheckCovers() {
  if (covers_.empty()) {
    return Fault{FaultKind::kForm, "person", {}, 0, "no page is about the log of this key"};
  }
  std::ranges::sort(covers_, {}, [](const Covers& one) { return std::pair(one.first, one.end); });
  facts_.first = facts_.end = covers_.front().first;
  for (const auto& [first, end, log_size] : covers_) {
    if (first < facts_.end) {
      return Fault{FaultKind::kForm,
                   "person n=" + std::to_string(first),
                   {},
                   0,
                   "two pages answer for this number"};
    }
    if (first > facts_.end) {
      return Fault{FaultKind::kGap,
                   "person n=" + std::to_string(facts_.end),
                   {},
                   0,
                   "a page is missing: nothing answers for this number"};
    }
    log_size_ = end > facts_.end ? log_size : std::max(log_size_, log_size);
    facts_.end = end;
  }
  const std::uint64_t known = numbers_.size();
  if (facts_.end - facts_.first > known + kMissingMax) {
    std::uint64_t n = facts_.first;
    while (Has(n)) ++n;
    return Fault{FaultKind::kGap,
                 "person n=" + std::to_string(n),
                 {},
                 0,
                 "the file leaves this number out, and many more"};
  }
  return {};
}

}  // namespace cloison::verify::internal
