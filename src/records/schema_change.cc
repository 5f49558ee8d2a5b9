#include "records/schema_change.h"

#include <algorithm>

#include "records/internal/field_types.h"

namespace cloison::records {
namespace {

constexpr std::size_t kFieldHeadBytes = 4;  // u16 field, u16 length; then one mark ends them all

std::string Quoted(std::string_view text) {
  return "`" + std::string(text) + "`";
}

// "contact.phone": what follows the dot.
std::string_view OwnName(const FieldSpec& field) {
  return std::string_view(field.name).substr(field.name.find('.') + 1);
}

std::string_view NameOf(MaskForm form) {
  for (const internal::MaskRow& row : internal::kMasks) {
    if (row.form == form) return row.name;
  }
  return "";
}

// "index `phone`".
std::string NameOf(std::uint16_t index) {
  for (const internal::IndexRow& row : internal::kIndexNames) {
    if (row.index == index) return "index " + Quoted(row.name);
  }
  return "index of the search by name";
}

std::string_view YesOrNo(bool yes) {
  return yes ? "sensitive" : "not sensitive";
}

// 50000000 as 50_000_000, as the file has it.
std::string Grouped(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3; at -= 3) text.insert(at - 3, "_");
  return text;
}

class Comparison {
 public:
  Comparison(const Schema& before, const Schema& after, std::span<const RetiredName> retired)
      : before_(before), after_(after), retired_(retired) {}

  SchemaChange Run() {
    Register();
    for (const CompartmentSpec& old : before_.compartments()) Compartment(old);
    for (const CompartmentSpec& made : after_.compartments()) {
      if (before_.Find(made.id) == nullptr) NewCompartment(made);
    }
    for (const FieldSpec& old : before_.fields()) Field(old);
    for (const FieldSpec& made : after_.fields()) {
      if (before_.Find(made.id) == nullptr) NewField(made);
    }
    for (const CompartmentSpec& made : after_.compartments()) Room(made);
    for (const std::uint16_t index : kIndexes) Layout(index);
    return std::move(change_);
  }

 private:
  void Refuse(std::string what, std::string_view why) {
    change_.refused.push_back(std::move(what) + ": " + std::string(why));
  }
  void RefuseField(const FieldSpec& field, std::string_view why) {
    Refuse("field " + Quoted(field.name), why);
  }
  void Say(std::string what) { change_.differences.push_back(std::move(what)); }
  void Say(const FieldSpec& field, const std::string& what) {
    Say("field " + Quoted(field.name) + " " + what);
  }
  void Register();
  void Compartment(const CompartmentSpec& old);
  void NewCompartment(const CompartmentSpec& made);
  void Field(const FieldSpec& old);
  void Kept(const FieldSpec& old, const FieldSpec& made);
  void Differs(const FieldSpec& old, const FieldSpec& made);
  void Choices(const FieldSpec& old, const FieldSpec& made);
  void NewField(const FieldSpec& made);
  void Room(const CompartmentSpec& made);
  void Layout(std::uint16_t index);
  bool IsRetired(const FieldSpec& made) const;

  const Schema& before_;
  const Schema& after_;
  std::span<const RetiredName> retired_;
  SchemaChange change_;
};

void Comparison::Register() {
  if (after_.name() != before_.name()) Refuse("name", "it may not change");
  if (after_.register_id() != before_.register_id()) Refuse("register", "it may not change");
  if (after_.version() != std::uint64_t{before_.version()} + 1) {
    Refuse("version", "it must be " + std::to_string(std::uint64_t{before_.version()} + 1) +
                          ", one more than the one in force");
  }
  if (after_.capacity() != before_.capacity()) {
    Say("capacity " + Grouped(before_.capacity()) + " -> " + Grouped(after_.capacity()));
  }
}

void Comparison::Compartment(const CompartmentSpec& old) {
  const CompartmentSpec* const made = after_.Find(old.id);
  const std::string what = "compartment " + Quoted(old.name);
  if (made == nullptr) return Refuse(what, "it may not be removed");
  if (made->name != old.name) Refuse(what, "its name may not change");
  const FieldSpec* const lines = before_.history();
  if (old.sensitive && !made->sensitive && lines != nullptr && lines->compartment == old.id) {
    Refuse(what, "what sensitive fields were is in it: it stays sensitive");
  }
  if (made->least != old.least) {
    Say(what + ": its size is at least " + std::to_string(made->least) + " bytes (was " +
        std::to_string(old.least) + ")");
  }
  if (made->sensitive != old.sensitive) {
    Say(what + " is " + std::string(YesOrNo(made->sensitive)) + " (was " +
        std::string(YesOrNo(old.sensitive)) + ")");
  }
  const bool same = made->least == old.least && made->sensitive == old.sensitive;
  change_.rewrites = change_.rewrites || !same;
}

void Comparison::NewCompartment(const CompartmentSpec& made) {
  const bool taken =
      std::ranges::any_of(before_.compartments(),
                          [&made](const CompartmentSpec& old) { return old.name == made.name; });
  if (taken) Refuse("compartment " + Quoted(made.name), "another compartment has this name");
  Say("compartment " + Quoted(made.name) + " is new, " + std::string(YesOrNo(made.sensitive)));
  change_.rewrites = true;
}

void Comparison::Field(const FieldSpec& old) {
  const FieldSpec* const made = after_.Find(old.id);
  if (made == nullptr) return RefuseField(old, "it may not be removed");
  Kept(old, *made);
  if (made->compartment != old.compartment) {
    const CompartmentSpec* const from = before_.Find(old.compartment);
    const CompartmentSpec* const to = after_.Find(made->compartment);
    Say(old, "moves from compartment " + Quoted(from->name) + " to " + Quoted(to->name) + ", as " +
                 Quoted(made->name));
    change_.rewrites = true;
  }
  Differs(old, *made);
}

// What may not change, since records, pages and callers hang on it.
void Comparison::Kept(const FieldSpec& old, const FieldSpec& made) {
  if (made.type != old.type) RefuseField(old, "its type may not change");
  if (made.index != old.index) RefuseField(old, "its index may not change");
  if (made.search != old.search) RefuseField(old, "its part in a search may not change");
  if (made.unique != old.unique) RefuseField(old, "whether it is unique may not change");
  if (OwnName(made) != OwnName(old)) RefuseField(old, "its name may not change");
  if (IsRetired(made)) RefuseField(made, "its name was another field's");
  if (made.required && !old.required) RefuseField(old, "records may lack it: it is not required");
  if (made.bytes_max < old.bytes_max) RefuseField(old, "bytes_max may only be raised");
  const FieldSpec* const lines = after_.history();
  const bool hidden = lines != nullptr && after_.Find(lines->compartment)->sensitive;
  if (old.history && made.sensitive && !hidden) {
    RefuseField(old, "what it was is in a history that is not sensitive");
  }
}

void Comparison::Differs(const FieldSpec& old, const FieldSpec& made) {
  if (made.sensitive != old.sensitive) {
    Say(made, "is " + std::string(YesOrNo(made.sensitive)) + " (was " +
                  std::string(YesOrNo(old.sensitive)) + ")");
  }
  if (made.mask != old.mask) {
    Say(made,
        "is masked as " + Quoted(NameOf(made.mask)) + " (was " + Quoted(NameOf(old.mask)) + ")");
  }
  if (made.history != old.history) {
    Say(made, made.history ? "keeps what it was" : "keeps no more what it was");
  }
  if (made.keep_days != old.keep_days) {
    Say(made, "keeps what was for " + std::to_string(made.keep_days) + " days (did for " +
                  std::to_string(old.keep_days) + ")");
  }
  if (old.required && !made.required) Say(made, "is not required any more");
  if (made.bytes_max != old.bytes_max) {
    Say(made, "has " + std::to_string(made.bytes_max) + " bytes at most (had " +
                  std::to_string(old.bytes_max) + ")");
  }
  Choices(old, made);
}

void Comparison::Choices(const FieldSpec& old, const FieldSpec& made) {
  const auto has = [](const FieldSpec& field, const std::string& choice) {
    return std::ranges::find(field.choices, choice) != field.choices.end();
  };
  for (const std::string& choice : old.choices) {
    if (!has(made, choice)) RefuseField(old, "choice " + Quoted(choice) + " may not be removed");
  }
  for (const std::string& choice : made.choices) {
    if (!has(old, choice)) Say(made, "has a new choice, " + Quoted(choice));
  }
}

// By a field that is there under another number, or by one that was.
bool Comparison::IsRetired(const FieldSpec& made) const {
  const FieldSpec* const old = before_.Find(made.name);
  if (old != nullptr && old->id != made.id) return true;
  return std::ranges::any_of(retired_, [&made](const RetiredName& one) {
    return one.name == made.name && one.field != made.id;
  });
}

void Comparison::NewField(const FieldSpec& made) {
  if (IsRetired(made)) RefuseField(made, "its name was another field's");
  if (made.required) RefuseField(made, "records lack it: it is not required");
  const bool indexed = std::ranges::any_of(
      before_.fields(), [&made](const FieldSpec& old) { return old.index == made.index; });
  const bool searched = made.search == SearchPart::kNone || before_.has_search();
  // Its pages would be sixteen until all indexes are built anew.
  if (!indexed || !searched) RefuseField(made, "no field has its index, or is searched, yet");
  Say(made, "is new, " + std::string(YesOrNo(made.sensitive)));
}

// A compartment that fields come to holds them all at their longest: a record that has all of them
// must be written. A sensitive one does by its only size.
void Comparison::Room(const CompartmentSpec& made) {
  bool gains = false;
  std::size_t content = 1;
  for (const FieldSpec& field : after_.fields()) {
    if (field.compartment != made.id) continue;
    const FieldSpec* const old = before_.Find(field.id);
    gains = gains || (old != nullptr && old->compartment != field.compartment);
    content += kFieldHeadBytes + field.bytes_max;
  }
  if (gains && content > kCompartmentBytesMax) {
    Refuse("compartment " + Quoted(made.name), "with all fields at their longest it is too large");
  }
}

// Where an index has postings and gets another number of pages.
void Comparison::Layout(std::uint16_t index) {
  const bool posted = IsSearchIndex(index)
                          ? before_.has_search()
                          : std::ranges::any_of(before_.fields(), [index](const FieldSpec& field) {
                              return field.index == index;
                            });
  if (!posted || before_.PageBits(index) == after_.PageBits(index)) return;
  Say(NameOf(index) + " is built anew, with another number of pages");
}

}  // namespace

SchemaChange Compare(const Schema& before, const Schema& after,
                     std::span<const RetiredName> retired) {
  return Comparison(before, after, retired).Run();
}

std::vector<RetiredName> RetiredBy(const Schema& before, const Schema& after,
                                   std::vector<RetiredName> retired) {
  for (const FieldSpec& old : before.fields()) {
    const FieldSpec* const made = after.Find(old.id);
    RetiredName left{old.id, old.name};
    const bool known = std::ranges::find(retired, left) != retired.end();
    if (made != nullptr && made->name != old.name && !known) retired.push_back(std::move(left));
  }
  return retired;
}

}  // namespace cloison::records
