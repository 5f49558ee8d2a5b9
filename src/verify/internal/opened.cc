#include "verify/internal/opened.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

#include "base/utf8.h"
#include "crypto/base64.h"
#include "tlog/checkpoint.h"
#include "tlog/inclusion_text.h"
#include "verify/internal/checkpoint.h"

namespace cloison::verify::internal {
namespace {

using codec::JsonValue;

constexpr codec::JsonLimits kLimits{.bytes_max = kOpenedFileBytesMax,
                                    .depth_max = 16,
                                    .string_bytes_max = 128u << 10,
                                    .members_max = 64,
                                    .values_max = 1u << 20};
constexpr std::int64_t kTimeMsMax = 253'402'300'799'999;  // of the year 9999
constexpr std::size_t kSubjectAt = 2, kActorAt = 34, kSubjectTagAt = 66, kActorTagAt = 82;

bool CommitsTo(const ledger::Leaf& leaf, std::size_t at, const crypto::Digest& commitment) {
  return base::Equal(ByteView(leaf).subspan(at, commitment.size()), commitment);
}

ledger::Tag TagAt(const ledger::Leaf& leaf, std::size_t at) {
  ledger::Tag tag;
  std::copy_n(leaf.begin() + static_cast<std::ptrdiff_t>(at), tag.size(), tag.begin());
  return tag;
}

// Verifies the checkpoint of a proof, and remembers its head.
bool TakeHead(FileReader& file, const JsonValue& at, bool published, const std::string& text,
              FileContext& context) {
  if (text == context.checkpoint) return true;
  const OpenedNote note = OpenNote(text, file.PathOf(at), context.key);
  if (note.fault) {
    file.Refuse(at, FaultKind::kProof, "its checkpoint is not signed by the log");
    return false;
  }
  context.checkpoint = text;
  context.head = note.head;
  const bool known = std::any_of(context.heads.begin(), context.heads.end(),
                                 [&](const KnownHead& other) { return other.head == note.head; });
  if (!known) context.heads.push_back({note.head, file.PathOf(at), !published});
  return true;
}

bool IsTrue(const std::optional<JsonValue>& said) {
  return said.has_value() && said->AsBool().ok() && *said->AsBool();
}

// A row without a proof is held against the log that is read, as all are, and nothing else.
bool CheckProof(FileReader& file, const JsonValue& proof, Opened& entry, FileContext& context) {
  for (const char* word : {"proof_pending", "closed"}) {
    const std::optional<JsonValue> said = proof.Find(word);
    if (!said.has_value()) continue;
    const bool alone =
        !proof.Find("tlog_proof").has_value() && !proof.Find("published").has_value();
    if (IsTrue(said) && alone) return true;
    file.Refuse(*said, FaultKind::kForm, "without a proof, and yet with one");
    return false;
  }
  const auto text = file.Text(proof, "tlog_proof");
  if (!text) return false;
  const JsonValue at = *proof.Find("tlog_proof");
  const Result<tlog::InclusionText> parsed = tlog::ParseInclusionText(*text);
  if (!parsed.ok() || parsed->extra.has_value()) {
    file.Refuse(at, FaultKind::kProof, "not a proof of inclusion, or one with extra data");
    return false;
  }
  const std::optional<bool> published = file.Bool(proof, "published");
  if (!published || !TakeHead(file, at, *published, parsed->checkpoint, context)) return false;
  context.largest = std::max(context.largest, context.head.size);
  const Status included =
      tlog::VerifyInclusion({entry.index, tlog::LeafHash(entry.leaf)}, context.head, parsed->proof);
  if (parsed->index != entry.index || !included.ok()) {
    file.Refuse(at, FaultKind::kProof, "the proof does not lead to its checkpoint");
    return false;
  }
  entry.proven = true;
  return true;
}

}  // namespace

std::nullopt_t FileReader::Refuse(const JsonValue& at, FaultKind kind, Literal text) {
  if (!fault_) {
    fault_ = Fault{kind, PathOf(at), {}, static_cast<std::uint64_t>(at.offset()), text.view()};
  }
  return std::nullopt;
}

std::optional<JsonValue> FileReader::Object(const JsonValue& in, std::string_view key) {
  const std::optional<JsonValue> value = in.Find(key);
  if (!value.has_value()) return Refuse(in, FaultKind::kForm, "a member is missing");
  if (!value->is_object()) return Refuse(*value, FaultKind::kForm, "not an object");
  return value;
}

std::optional<JsonValue> FileReader::Array(const JsonValue& in, std::string_view key) {
  const std::optional<JsonValue> value = in.Find(key);
  if (!value.has_value()) return Refuse(in, FaultKind::kForm, "a member is missing");
  if (!value->is_array()) return Refuse(*value, FaultKind::kForm, "not an array");
  return value;
}

std::optional<std::string_view> FileReader::Text(const JsonValue& in, std::string_view key) {
  const std::optional<JsonValue> value = in.Find(key);
  if (!value.has_value()) return Refuse(in, FaultKind::kForm, "a member is missing");
  const Result<std::string_view> text = value->AsString();
  if (!text.ok()) return Refuse(*value, FaultKind::kForm, "not a text");
  return *text;
}

std::optional<std::uint64_t> FileReader::Number(const JsonValue& in, std::string_view key) {
  const std::optional<JsonValue> value = in.Find(key);
  if (!value.has_value()) return Refuse(in, FaultKind::kForm, "a member is missing");
  const Result<std::int64_t> number = value->AsInt();
  if (!number.ok() || *number < 0) {
    return Refuse(*value, FaultKind::kForm, "not a whole number from 0");
  }
  return static_cast<std::uint64_t>(*number);
}

std::optional<bool> FileReader::Bool(const JsonValue& in, std::string_view key) {
  const std::optional<JsonValue> value = in.Find(key);
  if (!value.has_value()) return Refuse(in, FaultKind::kForm, "a member is missing");
  const Result<bool> is = value->AsBool();
  if (!is.ok()) return Refuse(*value, FaultKind::kForm, "neither true nor false");
  return *is;
}

std::optional<Bytes> FileReader::Base64(const JsonValue& in, std::string_view key,
                                        std::size_t size) {
  const auto text = Text(in, key);
  if (!text) return std::nullopt;
  const Result<Bytes> bytes = crypto::FromBase64(*text);
  if (!bytes.ok() || bytes->empty() || (size != 0 && bytes->size() != size)) {
    return Refuse(*in.Find(key), FaultKind::kForm, "not base64 of its length");
  }
  return *bytes;
}

std::optional<crypto::Secret<32>> FileReader::Secret(const JsonValue& in, std::string_view key) {
  std::optional<Bytes> bytes = Base64(in, key, 32);
  if (!bytes) return std::nullopt;
  Result<crypto::Secret<32>> secret = crypto::Secret<32>::FromBytes(*bytes);
  crypto::Wipe(*bytes);
  return std::move(*secret);
}

std::optional<codec::JsonDocument> ParseFile(ByteView bytes, const std::string& name,
                                             std::optional<Fault>& fault) {
  codec::JsonFault place{Error{Code::kInvalid, "not JSON"}, "", 0};
  Result<codec::JsonDocument> document = codec::JsonDocument::Parse(bytes, kLimits, &place);
  if (document.ok()) return std::move(*document);
  fault = Fault{FaultKind::kForm,
                name + place.pointer,
                {},
                static_cast<std::uint64_t>(place.offset),
                place.error.text()};
  return std::nullopt;
}

std::optional<Opened> ReadLeafAlone(FileReader& file, const JsonValue& proof, std::uint64_t index) {
  Opened entry;
  entry.path = file.PathOf(proof);
  entry.index = index;
  const std::optional<Bytes> leaf = file.Base64(proof, "leaf", ledger::kLeafBytes);
  if (!leaf) return std::nullopt;
  std::ranges::copy(*leaf, entry.leaf.begin());
  if (entry.leaf[0] != 1 || entry.leaf[1] != 0) {
    return file.Refuse(*proof.Find("leaf"), FaultKind::kForm, "not a leaf of version 1");
  }
  return entry;
}

std::optional<Opened> ReadLeaf(FileReader& file, const JsonValue& proof, std::uint64_t index,
                               FileContext& context) {
  std::optional<Opened> entry = ReadLeafAlone(file, proof, index);
  if (!entry || !CheckProof(file, proof, *entry, context)) return std::nullopt;
  return entry;
}

bool OpenSubject(FileReader& file, const JsonValue& proof, const FileContext& context,
                 Opened& entry) {
  const auto part = file.Base64(proof, "subject_part", 0);
  const auto randomness = file.Secret(proof, "subject_randomness");
  if (!part || !randomness) return false;
  const JsonValue at = *proof.Find("subject_part");
  if (!CommitsTo(entry.leaf, kSubjectAt, ledger::Commit(*randomness, "subj", *part))) {
    file.Refuse(at, FaultKind::kOpening, "not the part that the leaf commits to");
    return false;
  }
  const Result<ledger::SubjectPart> parsed = ledger::ParseSubjectPart(*part);
  if (!parsed.ok() || parsed->log_id != context.log_id) {
    file.Refuse(at, FaultKind::kOpening, "not a part of this log");
    return false;
  }
  entry.subject = *parsed;
  return true;
}

bool OpenActor(FileReader& file, const JsonValue& proof, const FileContext& context,
               Opened& entry) {
  const auto part = file.Base64(proof, "actor_part", 0);
  const auto randomness = file.Secret(proof, "actor_randomness");
  if (!part || !randomness) return false;
  const JsonValue at = *proof.Find("actor_part");
  if (!CommitsTo(entry.leaf, kActorAt, ledger::Commit(*randomness, "actor", *part))) {
    file.Refuse(at, FaultKind::kOpening, "not the part that the leaf commits to");
    return false;
  }
  const Result<ledger::ActorPart> parsed = ledger::ParseActorPart(*part);
  if (!parsed.ok() || parsed->log_id != context.log_id) {
    file.Refuse(at, FaultKind::kOpening, "not a part of this log");
    return false;
  }
  if (base::FirstInvalidUtf8(parsed->role) || base::FirstInvalidUtf8(parsed->purpose)) {
    file.Refuse(at, FaultKind::kOpening, "a part whose text is none");
    return false;
  }
  entry.actor = *parsed;
  return true;
}

ledger::Tag SubjectTagOf(const ledger::Leaf& leaf) {
  return TagAt(leaf, kSubjectTagAt);
}

ledger::Tag ActorTagOf(const ledger::Leaf& leaf) {
  return TagAt(leaf, kActorTagAt);
}

ledger::Tag TagOf(const crypto::HmacKey& key, std::uint64_t n) {
  return crypto::Truncate<16>(key.Mac({base::BigU64(n)}));
}

std::string Rfc3339(std::int64_t unix_ms) {
  using std::chrono::milliseconds;
  if (unix_ms < 0 || unix_ms > kTimeMsMax) return "";
  const std::chrono::sys_time<milliseconds> time{milliseconds(unix_ms)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<milliseconds> clock(time - day);
  char text[48];
  std::snprintf(text, sizeof(text), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", int(date.year()),
                unsigned(date.month()), unsigned(date.day()), int(clock.hours().count()),
                int(clock.minutes().count()), int(clock.seconds().count()),
                int(clock.subseconds().count()));
  return text;
}

std::string_view Name(ledger::Kind kind) {
  static constexpr std::array<std::string_view, 13> kNames = {
      "disclosure", "glimpse",       "refusal",  "change", "erasure", "rights",   "approval",
      "freeze",     "key_or_policy", "incident", "unseal", "load",    "aggregate"};
  return kNames.at(static_cast<std::size_t>(kind) - 1);
}

std::string_view Name(ledger::Form form) {
  static constexpr std::array<std::string_view, 4> kNames = {"plain", "masked", "exists",
                                                             "matches"};
  return kNames.at(static_cast<std::size_t>(form) - 1);
}

std::string_view Name(ledger::Decision decision) {
  static constexpr std::array<std::string_view, 3> kNames = {"allow", "refuse", "miss"};
  return kNames.at(static_cast<std::size_t>(decision) - 1);
}

}  // namespace cloison::verify::internal
