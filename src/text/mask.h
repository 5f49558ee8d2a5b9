// Masked forms of values: enough to recognise a person one knows, too little to learn one.
//
// The number of signs is fixed: a masked form never tells the length of its value. A value that is
// empty or not of its kind gives kMaskGeneric: presence and mistakes are hidden too.
//
//   name    Jean-Pierre -> J***            date   1984-12-03 -> 1984
//   phone   +33639981234 -> ••••••34       e-mail jean@mail.example.org -> j***@***.org
//   NIR     1841276451089 -> 1 84 ••••••••••
//
// Takes    canonical values (text/phone.h, email.h, nir.h, date.h). Threads: any.
#ifndef CLOISON_TEXT_MASK_H_
#define CLOISON_TEXT_MASK_H_

#include <string>
#include <string_view>

namespace cloison::text {

inline constexpr std::string_view kMaskGeneric = "••••••";

enum class MaskKind { kGeneric, kName, kDate, kPhone, kEmail, kNir };

std::string Mask(MaskKind kind, std::string_view value);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_MASK_H_
