// How people get a name or a date wrong.
#ifndef CLOISON_INGEST_INTERNAL_MISSPELLING_H_
#define CLOISON_INGEST_INTERNAL_MISSPELLING_H_

#include <optional>
#include <string>
#include <string_view>

#include "ingest/internal/draws.h"
#include "text/date.h"

namespace cloison::ingest::internal {

// Each gives another text than it takes, or nothing when the text cannot be got wrong so.

// One slip of the fingers behind the first letter: a letter left out, doubled, swapped with the
// next, or of a key beside it on a French keyboard. Names of four letters or more.
std::optional<std::string> Mistyped(std::string_view name, Draws& draws);
// As it sounds in French: ph f, eau au o, qu k, th t, y i, one consonant for two, no silent end.
std::optional<std::string> AsItSounds(std::string_view name, Draws& draws);
// One part of a compound name; without the particle.
std::optional<std::string> PartOfName(std::string_view name, Draws& draws);
// Upper case without accents, spaces for hyphens; nothing when that is a matter of case alone.
std::optional<std::string> InPlainLetters(std::string_view name);

std::optional<text::Date> DayMonthSwapped(const text::Date& date);
text::Date WrongYear(const text::Date& date, Draws& draws);
// One digit of the day, the month or the year's last two is another; still a day.
std::optional<text::Date> WrongDigit(const text::Date& date, Draws& draws);

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_MISSPELLING_H_
