#include "ingest/internal/misspelling.h"

#include <algorithm>
#include <vector>

#include "ingest/internal/person_maker.h"

namespace cloison::ingest::internal {
namespace {

constexpr std::size_t kTypedLettersMin = 4;
constexpr int kTries = 64;

bool IsLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// The letter to the right of each on an AZERTY keyboard, or to the left at the end of a row.
char KeyBeside(char c) {
  constexpr std::string_view kRows = "azertyuiopoqsdfghjklmlwxcvbnb";
  const std::size_t at = kRows.find(static_cast<char>(c | 0x20));
  return at == std::string_view::npos ? c : kRows[at + 1];
}

struct Sound {
  std::string_view written, heard;
};
constexpr Sound kSounds[] = {{"eau", "o"}, {"ph", "f"},  {"qu", "k"}, {"au", "o"},  {"th", "t"},
                             {"y", "i"},   {"ll", "l"},  {"nn", "n"}, {"tt", "t"},  {"rr", "r"},
                             {"mm", "m"},  {"ff", "f"},  {"ck", "k"}, {"ca", "ka"}, {"co", "ko"},
                             {"gn", "ni"}, {"ain", "in"}};
constexpr std::string_view kSilentEnds = "xtds";

}  // namespace

std::optional<std::string> Mistyped(std::string_view name, Draws& draws) {
  const auto letters = std::count_if(name.begin(), name.end(), IsLetter);
  if (letters < static_cast<std::ptrdiff_t>(kTypedLettersMin)) return std::nullopt;
  for (int tries = 0; tries < kTries; ++tries) {
    const std::size_t at = 1 + draws.Below(name.size() - 1);
    if (!IsLetter(name[at])) continue;
    std::string typed(name);
    switch (draws.Below(4)) {
      case 0: typed.erase(at, 1); break;
      case 1: typed.insert(at, 1, typed[at]); break;
      case 2:
        if (at + 1 < name.size() && IsLetter(name[at + 1])) std::swap(typed[at], typed[at + 1]);
        break;
      default: typed[at] = KeyBeside(typed[at]); break;
    }
    if (typed != name) return typed;
  }
  return std::nullopt;
}

std::optional<std::string> AsItSounds(std::string_view name, Draws& draws) {
  std::vector<std::string> heard;
  for (const Sound& sound : kSounds) {
    const std::size_t at = name.find(sound.written, 1);
    if (at == std::string_view::npos) continue;
    heard.emplace_back(name).replace(at, sound.written.size(), sound.heard);
  }
  const bool silent =
      name.size() > kTypedLettersMin && kSilentEnds.find(name.back()) != std::string_view::npos;
  if (silent) heard.emplace_back(name.substr(0, name.size() - 1));
  if (heard.empty()) return std::nullopt;
  return heard[draws.Below(heard.size())];
}

std::optional<std::string> PartOfName(std::string_view name, Draws& draws) {
  const std::size_t at = name.find_last_of(" -'");
  if (at == std::string_view::npos || at + 1 >= name.size()) return std::nullopt;
  // Of a name with a particle the last part alone says who; of a compound either does.
  const bool compound = name[at] == '-';
  const std::string_view part =
      compound && draws.Percent(50) ? name.substr(0, at) : name.substr(at + 1);
  return std::string(part);
}

std::optional<std::string> InPlainLetters(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), IsLetter);
  if (plain) return std::nullopt;
  std::string letters = PlainName(name);
  for (char& c : letters) {
    if (c != ' ') c = static_cast<char>(c - 'a' + 'A');
  }
  return letters;
}

std::optional<text::Date> DayMonthSwapped(const text::Date& date) {
  if (date.day > 12 || date.day == date.month) return std::nullopt;
  return text::Date{date.year, date.day, date.month};
}

text::Date WrongYear(const text::Date& date, Draws& draws) {
  const int off = 1 + static_cast<int>(draws.Below(9));
  text::Date wrong = date;
  wrong.year += draws.Percent(50) ? off : -off;
  if (!text::IsCalendarDate(wrong)) wrong.day = 28;  // of a 29 February
  return wrong;
}

std::optional<text::Date> WrongDigit(const text::Date& date, Draws& draws) {
  constexpr std::size_t kPlaces[] = {2, 3, 5, 6, 8, 9};  // of YYYY-MM-DD
  const std::string right = text::FormatDate(date);
  for (int tries = 0; tries < kTries; ++tries) {
    std::string wrong = right;
    wrong[kPlaces[draws.Below(std::size(kPlaces))]] = static_cast<char>('0' + draws.Below(10));
    const Result<text::Date> day = text::ParseDate(wrong);
    if (day.ok() && wrong != right) return *day;
  }
  return std::nullopt;
}

}  // namespace cloison::ingest::internal
