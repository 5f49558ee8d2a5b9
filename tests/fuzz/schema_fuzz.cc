// A schema that is accepted keeps every rule that others rely on; a refusal says why.
#include <set>
#include <string>
#include <vector>

#include "records/schema.h"

namespace {

using namespace cloison;
using records::FieldSpec;

void CheckCompartments(const records::Schema& schema) {
  CLOISON_CHECK(!schema.compartments().empty());
  CLOISON_CHECK(schema.compartments().size() <= records::kCompartmentsMax);
  const records::CompartmentSpec* before = nullptr;
  for (const records::CompartmentSpec& spec : schema.compartments()) {
    CLOISON_CHECK(before == nullptr || before->id < spec.id);
    CLOISON_CHECK(spec.least >= 32 && spec.least % 32 == 0);
    CLOISON_CHECK(spec.least <= records::kCompartmentBytesMax);
    CLOISON_CHECK(schema.Find(spec.id) == &spec);
    before = &spec;
  }
}

void CheckField(const records::Schema& schema, const FieldSpec& field) {
  const records::CompartmentSpec* const home = schema.Find(field.compartment);
  CLOISON_CHECK(home != nullptr && field.name.starts_with(home->name + "."));
  CLOISON_CHECK(schema.Find(field.id) == &field && schema.Find(field.name) == &field);
  CLOISON_CHECK(field.id.value() < 0x8000 && field.bytes_max > 0);
  CLOISON_CHECK(field.bytes_max <= records::kValueTextBytesMax);
  CLOISON_CHECK(!field.unique || field.index != 0);
  CLOISON_CHECK(!home->sensitive || field.sensitive);
  CLOISON_CHECK(!field.sensitive || field.mask != records::MaskForm::kPlain);
  CLOISON_CHECK((field.type == records::FieldType::kChoice) == !field.choices.empty());
  for (const std::string& choice : field.choices) {
    CLOISON_CHECK(!choice.empty() && choice.size() <= field.bytes_max);
    CLOISON_CHECK(schema.Canonical(field, choice, true).ok());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> problems;
  const auto schema = records::Schema::Parse(AsText({data, size}), &problems);
  CLOISON_CHECK(schema.ok() == problems.empty());
  if (!schema.ok()) {
    CLOISON_CHECK(schema.error().code() == Code::kInvalid);
    return 0;
  }
  CheckCompartments(**schema);
  CLOISON_CHECK(!(*schema)->fields().empty());
  CLOISON_CHECK((*schema)->fields().size() <= records::kFieldsMax);
  std::set<std::string> names;
  for (const FieldSpec& field : (*schema)->fields()) {
    CheckField(**schema, field);
    CLOISON_CHECK(names.insert(field.name).second);
  }
  for (const std::uint16_t index : records::kIndexes) {
    const std::uint8_t bits = (*schema)->PageBits(index);
    CLOISON_CHECK(bits >= records::kPageBitsMin && bits <= records::kPageBitsMax);
  }
  return 0;
}
