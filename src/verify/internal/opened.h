// Opened entries as files hold them: read strictly, held against leaf and proof. The formats are in
// docs/format/ledger.md, "A trail with proofs" and "An account's activity".
//
// Faults name a JSON pointer and an offset, never what stands there: it is personal.
#ifndef CLOISON_VERIFY_INTERNAL_OPENED_H_
#define CLOISON_VERIFY_INTERNAL_OPENED_H_

#include <optional>
#include <string>
#include <vector>

#include "codec/json_reader.h"
#include "ledger/entry.h"
#include "verify/log.h"

namespace cloison::verify::internal {

inline constexpr std::size_t kOpenedFileBytesMax = 32u << 20;

// Reads members of objects; the first that is missing or wrong is the fault of the file.
class FileReader {
 public:
  explicit FileReader(std::string name) : name_(std::move(name)) {}

  const std::optional<Fault>& fault() const { return fault_; }
  std::string PathOf(const codec::JsonValue& value) const { return name_ + value.pointer(); }
  std::nullopt_t Refuse(const codec::JsonValue& at, FaultKind kind, Literal text);

  std::optional<codec::JsonValue> Object(const codec::JsonValue& in, std::string_view key);
  std::optional<codec::JsonValue> Array(const codec::JsonValue& in, std::string_view key);
  std::optional<std::string_view> Text(const codec::JsonValue& in, std::string_view key);
  std::optional<std::uint64_t> Number(const codec::JsonValue& in, std::string_view key);
  // Of exactly `size` bytes; 0: at least one.
  std::optional<Bytes> Base64(const codec::JsonValue& in, std::string_view key, std::size_t size);
  std::optional<bool> Bool(const codec::JsonValue& in, std::string_view key);
  // As Base64, of 32 bytes: an opening, or a key.
  std::optional<crypto::Secret<32>> Secret(const codec::JsonValue& in, std::string_view key);

 private:
  std::string name_;
  std::optional<Fault> fault_;
};

// The document of a file; nothing, and `fault`, when it is none.
std::optional<codec::JsonDocument> ParseFile(ByteView bytes, const std::string& name,
                                             std::optional<Fault>& fault);

// What the rows of a file have in common.
struct FileContext {
  const tlog::VerifierKey& key;
  LogId log_id;
  std::vector<KnownHead> heads = {};  // of the proofs' checkpoints, each once
  std::string checkpoint = {};        // the one verified last, as text
  tlog::Head head{};                  // of it
  std::uint64_t largest = 0;          // size of a head since the caller last set this to 0
};

// One entry. `tag` and openings are of the side that the file is about.
struct Opened {
  std::string path;
  std::uint64_t index = 0;
  ledger::Leaf leaf{};
  bool proven = false;                         // by a checkpoint that the log signed
  std::optional<ledger::SubjectPart> subject;  // nothing: the record expired, or the file has none
  std::optional<ledger::ActorPart> actor;
};

// `proof` has the leaf and its tlog-proof (or says that it is pending, or that the log is closed).
std::optional<Opened> ReadLeaf(FileReader& file, const codec::JsonValue& proof, std::uint64_t index,
                               FileContext& context);
// As ReadLeaf of an entry of another log, whose key is not here: the leaf alone.
std::optional<Opened> ReadLeafAlone(FileReader& file, const codec::JsonValue& proof,
                                    std::uint64_t index);
// The openings: the parts are what the leaf commits to, and name this log.
bool OpenSubject(FileReader& file, const codec::JsonValue& proof, const FileContext& context,
                 Opened& entry);
bool OpenActor(FileReader& file, const codec::JsonValue& proof, const FileContext& context,
               Opened& entry);

ledger::Tag SubjectTagOf(const ledger::Leaf& leaf);
ledger::Tag ActorTagOf(const ledger::Leaf& leaf);
// Of running number n, by the key that makes a trail's or an account's tags.
ledger::Tag TagOf(const crypto::HmacKey& key, std::uint64_t n);

std::string Rfc3339(std::int64_t unix_ms);  // 2026-01-31T23:59:59.123Z
std::string_view Name(ledger::Kind kind);
std::string_view Name(ledger::Form form);
std::string_view Name(ledger::Decision decision);

}  // namespace cloison::verify::internal

#endif  // CLOISON_VERIFY_INTERNAL_OPENED_H_
