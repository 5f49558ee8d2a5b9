// Who may be told of whom: people of whom the asker may not be told are, for a search, not there.
#ifndef CLOISON_RECORDS_AUDIENCE_H_
#define CLOISON_RECORDS_AUDIENCE_H_

#include <span>
#include <vector>

#include "base/result.h"
#include "base/task.h"

namespace cloison::records {

struct Sighting;

class Audience {
 public:
  virtual ~Audience() = default;
  // Of each, in their order. Threads: any.
  virtual Task<Result<std::vector<bool>>> MayBeToldOf(std::span<const Sighting> people) const = 0;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_AUDIENCE_H_
