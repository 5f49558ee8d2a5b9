// How far one officer freezes alone (docs/design/0016-two-people.md "Freezing"): a freeze is of one
// account, at once, by one person. An account that was stolen freezes no more than so many, and
// never those without whom nobody would be left to undo it: there a second person agrees, an
// approval of kind "freeze".
#ifndef CLOISON_ACCESS_FREEZES_H_
#define CLOISON_ACCESS_FREEZES_H_

#include <cstddef>
#include <cstdint>

namespace cloison::access {

inline constexpr std::uint32_t kFreezesAloneMax = 50;  // by one officer, in a day
// Besides who freezes and who is frozen there stand, in the organisation of the latter, two humans
// of whom one asks for an unfreezing and the other agrees, when it is one who may either; and one
// who agrees to a freezing, when it is one who may.
inline constexpr std::size_t kStandingReadMax = 32;  // who is looked at for that

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_FREEZES_H_
