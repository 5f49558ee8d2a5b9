#include "vault/decoy_inventor.h"

#include <algorithm>
#include <charconv>

#include "crypto/mac.h"
#include "text/nir.h"
#include "vault/load_people.h"

namespace cloison::vault {

namespace {

std::string FieldOf(const records::Schema& schema, records::SearchPart part) {
  const auto found = std::ranges::find(schema.fields(), part, &records::FieldSpec::search);
  return found == schema.fields().end() ? "" : found->name;
}

ingest::GeneratedRegister RegisterOf(const records::Schema& schema) {
  return schema.name() == "insured-persons" ? ingest::GeneratedRegister::kInsuredPersons
                                            : ingest::GeneratedRegister::kJobSeekers;
}

constexpr int kOriginBits = 32;
static_assert(ingest::kGeneratedPeopleMax <= std::uint64_t{1} << kOriginBits);

// Another seed's person of the same number is somebody else.
std::uint64_t EraOf(const ingest::Generator& generator) {
  const ByteArray<8> seed = base::BigU64(generator.seed());
  const std::uint8_t kind = static_cast<std::uint8_t>(generator.kind());
  const crypto::Digest digest = crypto::Sha256({seed, ByteView(&kind, 1)});
  return base::LoadBig(ByteView(digest).first(4)) << kOriginBits;
}

// Of a French number, "06 39 98 12 34" or "+33639981234": 1 to 5 the zones, 6 a mobile one; 0:
// neither.
char ZoneOf(std::string_view phone) {
  constexpr std::string_view kFrance = "+33";
  const std::size_t at = phone.starts_with(kFrance) ? kFrance.size() : 1;
  if (at >= phone.size() || (at == 1 && phone[0] != '0')) return 0;
  return phone[at] == '7' ? '6' : phone[at];
}

}  // namespace

GeneratedDecoys::GeneratedDecoys(std::shared_ptr<const records::Schema> schema, std::uint64_t seed,
                                 DecoyNumbers numbers, base::Random& random)
    : schema_(std::move(schema)),
      generator_(seed, RegisterOf(*schema_)),
      era_(EraOf(generator_)),
      numbers_(std::move(numbers)),
      random_(random),
      last_name_(FieldOf(*schema_, records::SearchPart::kLastName)),
      birth_date_(FieldOf(*schema_, records::SearchPart::kBirthDate)),
      postcode_(FieldOf(*schema_, records::SearchPart::kPostcode)) {}

std::uint64_t GeneratedDecoys::Draw() {
  return kDecoyPeopleFrom + random_.Below(ingest::kGeneratedPeopleMax - kDecoyPeopleFrom);
}

// As records::StratumOf has it of the values that are made of these texts.
records::Stratum GeneratedDecoys::StratumOf(const ingest::GeneratedPerson& person) const {
  constexpr std::int32_t kDecade = 10;
  constexpr std::size_t kYearDigits = 4;
  records::Stratum stratum;
  stratum.departement = records::DepartementOf(person.Text(postcode_));
  const std::string_view birth = person.Text(birth_date_);
  std::int32_t year = 0;
  if (birth.size() > kYearDigits) {
    std::from_chars(birth.data(), birth.data() + kYearDigits, year);
  }
  stratum.decade = year / kDecade * kDecade;
  const std::string_view name = person.Text(last_name_);
  const char first = name.empty() ? '\0' : name.front();
  const bool upper = first >= 'A' && first <= 'Z', lower = first >= 'a' && first <= 'z';
  if (upper || lower) stratum.initial = static_cast<char>(upper ? first : first - 'a' + 'A');
  return stratum;
}

std::optional<std::uint64_t> GeneratedDecoys::Find(const records::Stratum& stratum) {
  if (const auto found = kept_.find(stratum); found != kept_.end() && !found->second.empty()) {
    const std::uint64_t index = found->second.back();
    found->second.pop_back();
    --kept_count_;
    return index;
  }
  std::optional<std::uint64_t> near;  // of another initial
  for (std::size_t i = 0; i < kInventTriesMax; ++i) {
    const std::uint64_t index = Draw();
    const records::Stratum its = StratumOf(generator_.At(index));
    if (its == stratum) return index;
    if (its.departement == stratum.departement && its.decade == stratum.decade) near = index;
    if (kept_count_ >= kInventedKeptMax) continue;
    kept_[its].push_back(index);
    ++kept_count_;
  }
  return near;
}

std::string GeneratedDecoys::NirOf(std::string text) {
  constexpr std::size_t kNumber = 13, kOrder = 3;
  if (numbers_.nir_orders.empty() || text.size() < kNumber) return text;
  const auto& [from, to] = numbers_.nir_orders[random_.Below(numbers_.nir_orders.size())];
  std::string order = std::to_string(from + random_.Below(to - from + 1));
  order.insert(0, kOrder - order.size(), '0');
  text = text.substr(0, kNumber - kOrder) + order;
  const Result<int> key = text::NirKey(text);
  if (!key.ok()) return "";
  return text + (*key < 10 ? "0" : "") + std::to_string(*key);
}

std::string GeneratedDecoys::PhoneOf(std::string text) {
  constexpr std::size_t kE164Digits = 12;  // with its sign: "+33639981234"
  if (numbers_.phone_prefixes.empty()) return text;
  std::vector<std::string_view> fitting;
  for (const char zone : {ZoneOf(text), '6'}) {
    for (const std::string& prefix : numbers_.phone_prefixes) {
      if (ZoneOf(prefix) == zone) fitting.push_back(prefix);
    }
    if (!fitting.empty()) break;
  }
  if (fitting.empty())
    fitting.assign(numbers_.phone_prefixes.begin(), numbers_.phone_prefixes.end());
  text = fitting[random_.Below(fitting.size())];
  return text + RandomDigits(kE164Digits - std::min(kE164Digits, text.size()));
}

std::string GeneratedDecoys::RandomDigits(std::size_t count) {
  std::string digits;
  while (digits.size() < count) digits += static_cast<char>('0' + random_.Below(10));
  return digits;
}

// "lea.martin.60123456@example.org": the number is the generator's own count of people.
std::string GeneratedDecoys::EmailOf(const std::string& text, std::size_t people) {
  const std::size_t at = text.find('@');
  if (at == std::string::npos) return text;
  const std::size_t dot = text.rfind('.', at);
  if (dot == std::string::npos) return text;
  std::string made = text.substr(0, dot + 1);
  made += std::to_string(random_.Below(std::max<std::size_t>(people, 1)));
  if (numbers_.email_domains.empty()) return made + text.substr(at);
  return made + "@" + numbers_.email_domains[random_.Below(numbers_.email_domains.size())];
}

std::optional<access::DecoyInventor::Invented> GeneratedDecoys::Invent(
    const records::Stratum& stratum, std::size_t people) {
  const std::optional<std::uint64_t> index = Find(stratum);
  if (!index.has_value()) return std::nullopt;
  ingest::GeneratedPerson person = generator_.At(*index);
  for (auto& [name, text] : person.fields) {
    const records::FieldSpec* const field = schema_->Find(name);
    if (field == nullptr) return std::nullopt;
    if (field->type == records::FieldType::kNir) text = NirOf(std::move(text));
    if (field->type == records::FieldType::kPhone) text = PhoneOf(std::move(text));
    if (field->type == records::FieldType::kEmail) text = EmailOf(text, people);
  }
  std::erase_if(person.fields, [](const auto& field) { return field.second.empty(); });
  Result<records::Values> values = CanonicalValues(*schema_, person.fields);
  if (!values.ok()) return std::nullopt;
  return Invented{std::move(*values), era_ | *index};
}

// The generator's person is made again: the name that the mail address begins with and the zone
// that the telephone is of are theirs, and no record has to be opened for them.
std::optional<records::Value> GeneratedDecoys::Move(std::uint64_t origin, std::size_t people) {
  constexpr std::size_t kLastPairs = 5;  // "12 34": the block before it is the zone's
  const std::uint64_t index = origin & ((std::uint64_t{1} << kOriginBits) - 1);
  if (origin != (era_ | index) || index >= ingest::kGeneratedPeopleMax) return std::nullopt;
  ingest::GeneratedPerson person = generator_.At(index);
  std::erase_if(person.fields, [this](const auto& field) {
    const records::FieldSpec* const spec = schema_->Find(field.first);
    return spec == nullptr ||
           (spec->type != records::FieldType::kPhone && spec->type != records::FieldType::kEmail);
  });
  if (person.fields.empty()) return std::nullopt;
  auto& [name, text] = person.fields[random_.Below(person.fields.size())];
  if (schema_->Find(name)->type == records::FieldType::kEmail) {
    text = EmailOf(text, people);
  } else {
    text.replace(text.size() - kLastPairs, kLastPairs, RandomDigits(2) + ' ' + RandomDigits(2));
    text = PhoneOf(std::move(text));
  }
  Result<records::Values> values = CanonicalValues(*schema_, {{name, text}});
  if (!values.ok() || values->size() != 1) return std::nullopt;
  return std::move(values->front());
}

}  // namespace cloison::vault
