// A change names the fields that differ; the row it made is nobody's to read.
#include "records/people.h"

std::size_t Changed(const cloison::records::Change& change) {
#ifdef MUST_NOT_COMPILE
  return change.row_->size();  // BAD
#endif
  return change.fields().size();
}
