// A register's schema: its fields, the compartments that hold them, what is indexed, how each is
// masked. Read from TOML (docs/format/schema.md); an unknown key is an error that names the line
// and the nearest known key.
//
// Immutable once read; shared by all threads. While rows may still be in the form of the schema
// before, it carries that one as well (docs/design/0030-schema-versions.md).
#ifndef CLOISON_RECORDS_SCHEMA_H_
#define CLOISON_RECORDS_SCHEMA_H_

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "crypto/secret.h"

namespace cloison::records {

enum class FieldType : std::uint8_t {
  kName,
  kText,
  kSex,
  kDate,
  kPlace,
  kNir,
  kPhone,
  kEmail,
  kAddressLine,
  kPostcode,
  kAgencyId,
  kChoice,
  kIban,
  kNote,
  kReference,
  kHistory,  // what other fields were (records/history.h): the register's own
};
// What a field is in a search by name (records/search.h).
enum class SearchPart : std::uint8_t { kNone, kLastName, kFirstName, kBirthDate, kPostcode };
enum class MaskForm : std::uint8_t { kHidden, kInitial, kYear, kLastTwo, kEmail, kNir, kPlain };

// Numbers of the exact indexes (docs/format/index.md).
inline constexpr std::uint16_t kNirIndex = 1, kPhoneIndex = 2, kEmailIndex = 3, kAgencyIndex = 4,
                               kReferenceIndex = 5;
// And of those of a search by name: of what they are made.
inline constexpr std::uint16_t kBirthLastIndex = 6, kBirthFirstIndex = 7, kYearNamesIndex = 8,
                               kDayNamesIndex = 9, kPostcodeNamesIndex = 10;
inline constexpr std::uint16_t kIndexes[] = {
    kNirIndex,       kPhoneIndex,      kEmailIndex,     kAgencyIndex,   kReferenceIndex,
    kBirthLastIndex, kBirthFirstIndex, kYearNamesIndex, kDayNamesIndex, kPostcodeNamesIndex};
inline constexpr bool IsSearchIndex(std::uint16_t index) {
  return index >= kBirthLastIndex;
}
inline constexpr std::uint64_t kPostingsPerPageExpected = 53;
inline constexpr std::uint8_t kPageBitsMin = 4, kPageBitsMax = 28;

inline constexpr std::size_t kCompartmentsMax = 32;
inline constexpr std::size_t kFieldsMax = 256;
inline constexpr std::size_t kValueTextBytesMax = 4'096;
inline constexpr std::size_t kCompartmentBytesMax = 65'504;  // a u16, and a multiple of 32
inline constexpr std::size_t kChoicesMax = 64;
inline constexpr std::size_t kSchemaNameBytesMax = 64;
inline constexpr std::uint16_t kHistoryDaysMax = 3'660;
inline constexpr std::uint64_t kCapacityMax = 1'000'000'000;

struct CompartmentSpec {
  CompartmentId id;
  std::string name;     // "identity", "civil_number", "contact" ...
  std::uint16_t least;  // smallest size of the padded plain text, a multiple of 32
  bool sensitive;       // then `least` is the only size: the size tells nothing
};

struct FieldSpec {
  FieldId id;
  std::string
      name;  // "identity.birth_name": compartment, dot, field; everywhere (API, policy, CSV)
  CompartmentId compartment;
  FieldType type;
  MaskForm mask;
  std::uint16_t index;  // 0: not indexed
  bool unique;          // no two living people share it (needs an index)
  bool required;
  bool sensitive;  // counts in the sensitive counter when shown in plain form
  std::uint16_t bytes_max;
  std::vector<std::string> choices;  // kChoice
  SearchPart search = SearchPart::kNone;
  bool history = false;         // what it was is kept, in the schema's history
  std::uint16_t keep_days = 0;  // kHistory: how long
};

class Schema {
 public:
  // Reads and checks a whole schema. On failure `problems` (never null) gets lines for the
  // operator: "line 12: unknown key 'lest'; the nearest is 'least'". Gives kInvalid then.
  static Result<std::shared_ptr<const Schema>> Parse(std::string_view toml,
                                                     std::vector<std::string>* problems);
  // The same schema, and rows in the form of `previous` open as well, until EndPrevious.
  static std::shared_ptr<const Schema> WithPrevious(const Schema& schema,
                                                    std::shared_ptr<const Schema> previous);

  const std::string& document() const { return document_; }  // the text that was read
  // Null: rows are in this form alone.
  const Schema* previous() const {
    return earlier_ == nullptr || earlier_->over ? nullptr : earlier_->schema.get();
  }
  // From now on rows of the form before are kCorrupt. Threads: any.
  void EndPrevious() const {
    if (earlier_ != nullptr) earlier_->over = true;
  }
  const std::string& name() const { return name_; }  // "job-seekers"
  RegisterId register_id() const { return register_id_; }
  std::uint32_t version() const { return version_; }
  std::uint64_t capacity() const { return capacity_; }  // people: decides page bits
  // Both ascending by id.
  const std::vector<CompartmentSpec>& compartments() const { return compartments_; }
  const std::vector<FieldSpec>& fields() const { return fields_; }
  const FieldSpec* Find(FieldId id) const;
  const FieldSpec* Find(std::string_view name) const;
  const CompartmentSpec* Find(CompartmentId id) const;
  // The field of kHistory; null: nothing of what was is kept.
  const FieldSpec* history() const { return history_.has_value() ? Find(*history_) : nullptr; }
  // Whether people are found by name: it has fields of SearchPart.
  bool has_search() const { return has_search_; }
  // Page bits k of an index: ceil(log2(capacity * postings per person / 53)), 4..28.
  std::uint8_t PageBits(std::uint16_t index) const;

  // Checks one value and gives the form it is stored in (a date as YYYY-MM-DD, a phone as E.164
  // ...). kInvalid (kExhausted: too long) with a literal reason that never holds the value.
  // `production` refuses known specimen numbers.
  Result<crypto::SecretBytes> Canonical(const FieldSpec& field, std::string_view text,
                                        bool production) const;
  // The canonical form under which a stored value is indexed (NIR: 13 characters). CHECKs
  // field.index != 0.
  crypto::SecretBytes IndexForm(const FieldSpec& field, ByteView stored) const;
  // The index that a criterion of a look-up asks: they are named nir, phone, email, agency_id,
  // reference.
  static std::uint16_t IndexOfCriterion(std::string_view name);  // 0: unknown

 private:
  friend class SchemaParser;
  struct Earlier {
    explicit Earlier(std::shared_ptr<const Schema> before) : schema(std::move(before)) {}
    std::shared_ptr<const Schema> schema;
    std::atomic<bool> over{false};
  };
  Schema() : register_id_(0) {}

  std::string name_;
  RegisterId register_id_;
  std::uint32_t version_ = 0;
  std::uint64_t capacity_ = 0;
  bool has_search_ = false;
  std::optional<FieldId> history_;
  std::vector<CompartmentSpec> compartments_;
  std::vector<FieldSpec> fields_;
  std::string document_;
  std::shared_ptr<Earlier> earlier_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_SCHEMA_H_
