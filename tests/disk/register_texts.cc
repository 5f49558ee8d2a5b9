#include "tests/disk/register_texts.h"

#include <algorithm>

#include "base/testing/seeded_random.h"
#include "ingest/generator.h"

namespace cloison::disk {

namespace {

constexpr std::uint64_t kWorldSeed = 1;  // of the demo
constexpr int kDrawsMax = 100;

char Upper(char c) {
  return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}
char Lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The same sorts of characters in the same places.
std::string SameShape(const std::string& text, base::Random& random) {
  std::string out = text;
  for (char& c : out) {
    if (c >= '0' && c <= '9') c = static_cast<char>('0' + random.Below(10));
    if (c >= 'a' && c <= 'z') c = static_cast<char>('a' + random.Below(26));
    if (c >= 'A' && c <= 'Z') c = static_cast<char>('A' + random.Below(26));
  }
  return out;
}

}  // namespace

RegisterTexts::RegisterTexts(const records::Schema& schema, std::size_t people) : schema_(schema) {
  const ingest::Generator generator(kWorldSeed);
  for (std::size_t i = 0; i < people; ++i) {
    const ingest::GeneratedPerson person = generator.At(i);
    for (const auto& [name, text] : person.fields) {
      const records::FieldSpec* field = schema.Find(name);
      CLOISON_CHECK(field != nullptr);
      AddValue(*field, text);
    }
  }
}

void RegisterTexts::AddValue(const records::FieldSpec& field, const std::string& text) {
  // A word of the schema, not of a person.
  if (!field.choices.empty()) return;
  std::vector<std::string> forms{text};
  const Result<crypto::SecretBytes> canonical = schema_.Canonical(field, text, false);
  CLOISON_CHECK(canonical.ok());
  forms.emplace_back(AsText(canonical->Reveal()));
  if (field.index != 0) {
    forms.emplace_back(AsText(schema_.IndexForm(field, canonical->Reveal()).Reveal()));
  }
  std::sort(forms.begin(), forms.end());
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
  for (const std::string& form : forms) AddCases(form);
  AddPieces(AsText(canonical->Reveal()));
}

void RegisterTexts::AddText(const std::string& text) {
  AddCases(text);
  AddPieces(text);
}

void RegisterTexts::AddPieces(std::string_view text) {
  for (std::size_t at = 0; at + kLongTextBytes <= text.size(); ++at) {
    pieces_.Add(text.substr(at, kLongTextBytes));
  }
}

void RegisterTexts::AddCases(const std::string& text) {
  if (text.size() < kTextBytesMin) return;
  std::string upper = text, lower = text;
  std::transform(text.begin(), text.end(), upper.begin(), Upper);
  std::transform(text.begin(), text.end(), lower.begin(), Lower);
  AddForm(text);
  if (upper != text) AddForm(upper);
  if (lower != text) AddForm(lower);
}

void RegisterTexts::AddForm(std::string_view form) {
  if (form.size() >= kLongTextBytes) {
    whole_.Add(form);
  } else {
    short_forms_.emplace_back(form);
  }
}

void RegisterTexts::Build() {
  std::sort(short_forms_.begin(), short_forms_.end());
  short_forms_.erase(std::unique(short_forms_.begin(), short_forms_.end()), short_forms_.end());
  base::testing::SeededRandom random(1);
  for (const std::string& text : short_forms_) {
    shorts_.Add(text);
    std::string other;
    for (int i = 0; i < kDrawsMax; ++i) {
      other = SameShape(text, random);
      if (!std::binary_search(short_forms_.begin(), short_forms_.end(), other)) break;
    }
    others_.Add(other);
  }
  for (TextSearch* search : {&whole_, &pieces_, &shorts_, &others_}) search->Build();
}

}  // namespace cloison::disk
