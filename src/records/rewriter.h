// Seals a record again, as it is, in the form of the schema in force: the same values under the
// same key and the same number, since nothing of the record changed (docs/design/
// 0030-schema-versions.md). It has no path to bytes.
//
// Threads  any. Cost: about 10 us per compartment.
#ifndef CLOISON_RECORDS_REWRITER_H_
#define CLOISON_RECORDS_REWRITER_H_

#include "records/people.h"

namespace cloison::records {

class Rewriter {
 public:
  explicit Rewriter(const People& people) : people_(people) {}
  // The same record in the form of the schema; nothing: it is in that form.
  // Fails    kCorrupt: the row opens in no form; kExhausted as SealRow.
  Result<std::optional<Change>> Rewrite(Sighting sighting) const;

 private:
  const People& people_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_REWRITER_H_
