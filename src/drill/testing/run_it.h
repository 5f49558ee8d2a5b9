// A drill in a directory of its own, which is gone afterwards.
#ifndef CLOISON_DRILL_TESTING_RUN_IT_H_
#define CLOISON_DRILL_TESTING_RUN_IT_H_

#include "base/random.h"
#include "drill/drill.h"
#include "store/testing/temp_directory.h"

namespace cloison::drill::testing {

inline Result<Report> RunIt(const Options& options) {
  store::testing::TempDirectory directory;
  base::SystemFiles files;
  base::SystemRandom random;
  return Run(options, {files, random, directory.path(), {}});
}

}  // namespace cloison::drill::testing

#endif  // CLOISON_DRILL_TESTING_RUN_IT_H_
