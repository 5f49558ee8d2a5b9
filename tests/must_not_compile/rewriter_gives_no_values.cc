// Rows follow a schema inside; what is in them is nobody's to read.
#include "records/rewriter.h"

cloison::Result<std::optional<cloison::records::Change>> Again(
    const cloison::records::Rewriter& rewriter, cloison::records::Sighting sighting) {
  auto change = rewriter.Rewrite(std::move(sighting));
#ifdef MUST_NOT_COMPILE
  if (change.ok() && change->has_value()) return Again(rewriter, (*change)->values());  // BAD
#endif
  return change;
}
