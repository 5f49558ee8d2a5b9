// A match says whether, never what.
#include "records/people.h"

bool Matches(const cloison::records::Matcher& matcher, const cloison::records::Sighting& sighting,
             const cloison::records::Criterion& criterion) {
  const auto answer = matcher.Equals(sighting, criterion);
#ifdef MUST_NOT_COMPILE
  return answer.ok() && !answer->text.empty();  // BAD
#endif
  return answer.ok() && *answer;
}
