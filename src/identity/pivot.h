// What a citizens' provider says of who signed in: the pivot identity of FranceConnect. Personal:
// wiped when it is destroyed, never shown, never logged; compared inside the gate alone
// (access/citizens.h).
//
// Source   FranceConnect, "identité pivot" (OpenID Connect standard claims, and birthplace and
//          birthcountry as INSEE codes).
#ifndef CLOISON_IDENTITY_PIVOT_H_
#define CLOISON_IDENTITY_PIVOT_H_

#include <string>

#include "net/http.h"

namespace cloison::identity {

inline constexpr std::size_t kPivotTextBytesMax = 256;

struct Pivot {
  Pivot() = default;
  Pivot(Pivot&&) = default;
  Pivot& operator=(Pivot&&) = default;
  Pivot(const Pivot&) = delete;
  Pivot& operator=(const Pivot&) = delete;
  ~Pivot() {
    for (std::string* text :
         {&birth_name, &given_names, &gender, &birth_date, &birth_place, &birth_country}) {
      net::WipeText(*text);
    }
  }

  std::string birth_name;     // family_name
  std::string given_names;    // given_name: all of them, by spaces
  std::string gender;         // "female", "male"
  std::string birth_date;     // YYYY-MM-DD
  std::string birth_place;    // INSEE code of the commune; "" for people born abroad
  std::string birth_country;  // INSEE code of the country: "99100" is France
};

}  // namespace cloison::identity

#endif  // CLOISON_IDENTITY_PIVOT_H_
