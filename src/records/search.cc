#include "records/search.h"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

#include "text/person_name.h"
#include "text/utf8.h"

namespace cloison::records {
namespace {

using Name = SearchForms::Name;

constexpr char kJoint = '\x1f';
constexpr double kLastWeight = 0.45, kFirstWeight = 0.30, kBirthWeight = 0.25,
                 kPostcodeWeight = 0.10;
constexpr double kPartOfName = 0.95, kSameSound = 0.92;
// Below it a name that is more than one slip away is another one.
constexpr double kNameAlike = 0.93;
constexpr int kYearsOffMax = 10;     // further off, the day of the year is a coincidence
constexpr double kScoreStep = 1e-9;  // what sums of weights may differ by

void Wipe(Name& name) {
  text::WipeText(name.joined);
  text::WipeText(name.sound);
  for (std::string& variant : name.variants) text::WipeText(variant);
}

Result<Name> NameOf(std::string_view stored, std::size_t variants) {
  CLOISON_TRY_ASSIGN(std::string plain, text::PlainName(stored));
  Name name{text::JoinedName(plain), {}, text::NameVariants(plain, variants)};
  name.sound = text::SoundOf(name.joined);
  text::WipeText(plain);
  return name;
}

std::string Digits(int number, std::size_t width) {
  std::string digits = std::to_string(number);
  return std::string(width - std::min(width, digits.size()), '0') + digits;
}

class Keys {
 public:
  void Add(std::uint16_t index, std::string first, const std::string& second,
           const std::string& third = {}) {
    if (first.empty() || second.empty()) return;
    std::string joined = std::move(first) + kJoint + second;
    if (!third.empty()) joined += kJoint + third;
    // A slot's number is of values of kValueTextBytesMax at most; no name is that long.
    joined.resize(std::min(joined.size(), kValueTextBytesMax));
    if (known_.emplace(index, joined).second) {
      keys_.push_back({index, crypto::SecretBytes::CopyOf(AsBytes(joined))});
    }
    text::WipeText(joined);
  }
  std::vector<Criterion> Take() {
    while (!known_.empty()) {
      auto one = known_.extract(known_.begin());
      text::WipeText(one.value().second);
    }
    return std::move(keys_);
  }

 private:
  std::set<std::pair<std::uint16_t, std::string>> known_;
  std::vector<Criterion> keys_;
};

struct Likely {
  double score;
  bool right;  // equal, or a part of it, or the same sound
  bool exact;
  bool alike;  // right, or nearly
};

// One letter left out, put in, changed, or swapped with the next.
bool IsOneSlip(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > 1) return false;
  std::size_t at = 0;
  while (at < a.size() && a[at] == b[at]) ++at;
  if (a.size() < b.size()) return a.substr(at) == b.substr(at + 1);
  const bool swapped = at + 1 < a.size() && a[at] == b[at + 1] && a[at + 1] == b[at];
  const std::size_t taken = std::min(a.size(), at + (swapped ? 2 : 1));
  return a.substr(taken) == b.substr(taken);
}

Likely CompareNames(const Name& query, const Name& person) {
  if (query.joined == person.joined) return {1, true, true, true};
  const auto has = [](const Name& name, const std::string& variant) {
    return std::find(name.variants.begin(), name.variants.end(), variant) != name.variants.end();
  };
  double score = text::Likeness(query.joined, person.joined);
  bool right = false;
  if (has(person, query.joined) || has(query, person.joined)) {
    score = std::max(score, kPartOfName);
    right = true;
  }
  if (query.sound == person.sound) {
    score = std::max(score, kSameSound);
    right = true;
  }
  const bool alike = right || score >= kNameAlike || IsOneSlip(query.joined, person.joined);
  return {score, right, false, alike};
}

Likely CompareBirths(const text::Date& a, const std::optional<text::Date>& b) {
  if (!b.has_value()) return {0, false, false, false};
  if (a == *b) return {1, true, true, true};
  if (a.year == b->year && a.month == b->day && a.day == b->month) return {0.9, false, false, true};
  const std::string left = text::FormatDate(a), right = text::FormatDate(*b);
  std::size_t differ = left.size() == right.size() ? 0 : left.size();
  for (std::size_t i = 0; i < left.size() && left.size() == right.size(); ++i) {
    differ += left[i] != right[i] ? 1 : 0;
  }
  if (differ == 1) return {0.8, false, false, true};
  if (a.month == b->month && a.day == b->day) {
    return {0.6, false, false, std::abs(a.year - b->year) <= kYearsOffMax};
  }
  return {a.year == b->year ? 0.4 : 0.0, false, false, false};
}

Likely ComparePostcodes(const std::string& a, const std::string& b) {
  if (a == b) return {1, true, true, true};
  return {a.substr(0, 2) == b.substr(0, 2) ? 0.5 : 0.0, false, false, true};
}

}  // namespace

SearchForms::~SearchForms() {
  for (Name& name : last) Wipe(name);
  Wipe(first);
  text::WipeText(postcode);
  birth.reset();
}

Result<SearchForms> SearchForms::Of(const SearchTexts& texts) {
  SearchForms forms;
  std::size_t room = text::kNameVariantsMax;  // over all of a person's names
  for (const std::string_view stored : texts.last_names) {
    CLOISON_TRY_ASSIGN(Name name, NameOf(stored, std::max<std::size_t>(1, room)));
    if (name.joined.empty()) continue;
    room -= std::min(room, name.variants.size());
    forms.last.push_back(std::move(name));
  }
  CLOISON_TRY_ASSIGN(forms.first, NameOf(texts.first_name, text::kNameVariantsMax));
  if (!texts.birth_date.empty()) {
    CLOISON_TRY_ASSIGN(forms.birth, text::ParseDate(texts.birth_date));
  }
  forms.postcode = texts.postcode;
  return forms;
}

Result<SearchForms> SearchForms::Of(const Schema& schema, const Values& values) {
  SearchTexts texts;
  for (const Value& value : values) {
    const std::string_view stored = AsText(value.text.Reveal());
    switch (schema.Find(value.field)->search) {
      case SearchPart::kNone: break;
      case SearchPart::kLastName: texts.last_names.push_back(stored); break;
      case SearchPart::kFirstName: texts.first_name = stored; break;
      case SearchPart::kBirthDate: texts.birth_date = stored; break;
      case SearchPart::kPostcode: texts.postcode = stored; break;
    }
  }
  return Of(texts);
}

bool SearchForms::IsSearchable() const {
  const bool has_last = !last.empty(), has_first = !first.joined.empty();
  const bool names = has_last && has_first;
  return (birth.has_value() && (has_last || has_first)) || (names && !postcode.empty());
}

crypto::SecretBytes SearchForms::Digestible() const {
  std::string all = "search";
  for (const Name& name : last) all += kJoint + name.joined;
  all += kJoint + first.joined + kJoint + (birth.has_value() ? text::FormatDate(*birth) : "");
  all += kJoint + postcode;
  crypto::SecretBytes out = crypto::SecretBytes::CopyOf(AsBytes(all));
  text::WipeText(all);
  return out;
}

std::vector<Criterion> SearchKeys(const SearchForms& forms) {
  Keys keys;
  const std::string birth = forms.birth.has_value() ? text::FormatDate(*forms.birth) : "";
  const std::string year = forms.birth.has_value() ? Digits(forms.birth->year, 4) : "";
  const std::string day =
      forms.birth.has_value() ? Digits(forms.birth->month, 2) + Digits(forms.birth->day, 2) : "";
  const std::string& first = forms.first.sound;
  keys.Add(kBirthFirstIndex, birth, first);
  for (const Name& name : forms.last) {
    for (const std::string& variant : name.variants) {
      std::string last = variant == name.joined ? name.sound : text::SoundOf(variant);
      keys.Add(kBirthLastIndex, birth, last);
      if (!first.empty()) {
        keys.Add(kYearNamesIndex, year, last, first);
        keys.Add(kDayNamesIndex, day, last, first);
        keys.Add(kPostcodeNamesIndex, forms.postcode, last, first);
      }
      text::WipeText(last);
    }
  }
  return keys.Take();
}

std::vector<PersonId> PickCandidates(std::span<const SlotPeople> lists) {
  std::map<PersonId, std::size_t> times;
  for (const SlotPeople& list : lists) {
    if (!list.has_value()) continue;
    for (const PersonId& person : *list) ++times[person];
  }
  std::vector<std::pair<std::size_t, PersonId>> order;
  for (const auto& [person, count] : times) order.emplace_back(count, person);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  std::vector<PersonId> candidates;
  for (const auto& [count, person] : order) {
    if (candidates.size() == kSearchCandidatesMax) break;
    candidates.push_back(person);
  }
  return candidates;
}

Verdict Compare(const SearchForms& query, const SearchForms& person) {
  double sum = 0, weights = 0;
  std::size_t wrong = 0;
  Verdict verdict{true, 0, true};
  const auto count = [&](const Likely& likely, double weight) {
    sum += weight * likely.score;
    weights += weight;
    verdict.exact = verdict.exact && likely.exact;
    if (!likely.right) ++wrong;
    verdict.alike = verdict.alike && likely.alike;
  };
  if (!query.last.empty()) {
    Likely best{0, false, false, false};
    for (const Name& name : person.last) {
      const Likely one = CompareNames(query.last.front(), name);
      if (one.score > best.score) best = one;
    }
    count(best, kLastWeight);
  }
  if (!query.first.joined.empty()) count(CompareNames(query.first, person.first), kFirstWeight);
  if (query.birth.has_value()) {
    const Likely likely = CompareBirths(*query.birth, person.birth);
    verdict.birth_wrong = !likely.right;
    count(likely, kBirthWeight);
  }
  if (!query.postcode.empty()) {
    count(ComparePostcodes(query.postcode, person.postcode), kPostcodeWeight);
  }
  verdict.score = weights > 0 ? sum / weights : 0;
  verdict.alike = verdict.alike && wrong <= 1 && verdict.score >= kScoreMin;
  return verdict;
}

Ranked Rank(std::span<const Verdict> verdicts) {
  Ranked ranked;
  double best = 0;
  bool exact = false;
  for (const Verdict& verdict : verdicts) {
    exact = exact || verdict.exact;
    if (verdict.alike) best = std::max(best, verdict.score);
  }
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    const Verdict& verdict = verdicts[i];
    const bool first = exact ? verdict.exact : verdict.alike && verdict.score > best - kScoreStep;
    if (first) ranked.best.push_back(i);
  }
  const bool namesakes = std::ranges::any_of(
      ranked.best, [verdicts](std::size_t i) { return verdicts[i].birth_wrong; });
  ranked.narrow = ranked.best.size() > (namesakes ? 1 : kSearchRowsMax);
  if (ranked.narrow) ranked.best.clear();
  return ranked;
}

}  // namespace cloison::records
