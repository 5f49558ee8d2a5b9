// Names of people in a form that accents, hyphens and small words do not change, as they sound in
// French, and how alike two of them are. What a search by name stands on: a change of anything here
// is a change of the index's generation (docs/format/index.md).
//
// Results hold personal values: the caller wipes them (WipeText).
//
// Threads  any. Cost: 0.3 us for a name in ASCII, 1 us with accents.
// Source   after G. Bouchard, P. Brard, Y. Lavoie, "FONEM : un code de transcription phonétique
// pour
//          la reconstitution automatique des familles saguenayennes", Population 36-6, 1981, with
//          silent ends dropped and fewer exceptions; W. E. Winkler, "String comparator metrics",
//          1990.
#ifndef CLOISON_TEXT_PERSON_NAME_H_
#define CLOISON_TEXT_PERSON_NAME_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace cloison::text {

inline constexpr std::size_t kNameVariantsMax = 6;
inline constexpr std::size_t kLikenessLettersMax = 160;  // what follows is not compared

// "Ste-Élodie d'Œuvre" -> "SAINTE ELODIE DOEUVRE": A to Z and single spaces. Letters of other
// scripts are left out, so it may be empty. Fails as Nfc.
Result<std::string> PlainName(std::string_view name);

// "DE LA TOUR" -> "DELATOUR".
std::string JoinedName(std::string_view plain);

// Under which a name is looked for, JoinedName first: all of it, all without the particles before
// it, each word of three letters or more that is no particle. Different ones, at most `limit`.
std::vector<std::string> NameVariants(std::string_view plain, std::size_t limit = kNameVariantsMax);

// How letters (A to Z, no spaces) sound. Never empty for one letter or more.
std::string SoundOf(std::string_view letters);

// 0 nothing in common, 1 the same: Jaro-Winkler.
double Likeness(std::string_view a, std::string_view b);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_PERSON_NAME_H_
