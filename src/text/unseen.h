// Text that shows other than it is.
#ifndef CLOISON_TEXT_UNSEEN_H_
#define CLOISON_TEXT_UNSEEN_H_

#include <string_view>

namespace cloison::text {

// True when something in it does not show, or makes other text show than there is: a control
// character, one of format (category Cf: bidirectional overrides, zero-width ones), a separator of
// lines or paragraphs; and when it is not UTF-8.
bool HasUnseen(std::string_view text);

}  // namespace cloison::text

#endif  // CLOISON_TEXT_UNSEEN_H_
