// Everything about the people of a demo world that must not be found in a file, as texts to search
// for.
#ifndef CLOISON_TESTS_DISK_REGISTER_TEXTS_H_
#define CLOISON_TESTS_DISK_REGISTER_TEXTS_H_

#include <memory>

#include "records/schema.h"
#include "tests/disk/text_search.h"

namespace cloison::disk {

inline constexpr std::size_t kLongTextBytes = 8;

class RegisterTexts {
 public:
  // The first `people` of the world's generator.
  RegisterTexts(const records::Schema& schema, std::size_t people);

  // A value as it was given: it, its canonical and its indexed form, all in upper and in lower
  // case.
  void AddValue(const records::FieldSpec& field, const std::string& text);
  // Anything else that is personal: codes, case references.
  void AddText(const std::string& text);
  void Build();

  const TextSearch& whole() const { return whole_; }  // values of 8 bytes and more
  // Every 8 bytes of each of them, as it is stored.
  const TextSearch& pieces() const { return pieces_; }
  const TextSearch& shorts() const { return shorts_; }  // values of 4 to 7 bytes
  // Values of the same shapes that nobody has, as many as `shorts`.
  const TextSearch& others() const { return others_; }

 private:
  void AddCases(const std::string& text);
  void AddPieces(std::string_view text);
  void AddForm(std::string_view form);

  const records::Schema& schema_;
  std::vector<std::string> short_forms_;
  TextSearch whole_, pieces_, shorts_, others_;
};

}  // namespace cloison::disk

#endif  // CLOISON_TESTS_DISK_REGISTER_TEXTS_H_
