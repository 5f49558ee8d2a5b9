// What every Store does, as one suite. An adapter instantiates it:
//
//   INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance,
//                            ::testing::Values(StoreCase{"memory", MakeMemory}), StoreCaseName);
#ifndef CLOISON_STORE_TESTING_CONFORMANCE_H_
#define CLOISON_STORE_TESTING_CONFORMANCE_H_

#include <gtest/gtest.h>

#include <functional>

#include "store/store.h"

namespace cloison::store::testing {

// A store with kMainFamilies, empty at first, and what only its maker can do with it.
class Harness {
 public:
  virtual ~Harness() = default;
  virtual Store& store() = 0;
  virtual void Reopen() = 0;            // as after a restart of the process
  virtual std::string FreshPath() = 0;  // where nothing is yet
  virtual std::unique_ptr<Store> OpenCheckpoint(const std::string& path) = 0;
};

struct StoreCase {
  std::string name;
  std::function<std::unique_ptr<Harness>()> make;
};
std::string StoreCaseName(const ::testing::TestParamInfo<StoreCase>& info);

class StoreConformance : public ::testing::TestWithParam<StoreCase> {
 protected:
  StoreConformance();

  Store& store() { return harness_->store(); }
  Result<Version> Commit(WriteSet writes);
  Version MustCommit(WriteSet writes);
  // Fails the test when the store refuses the read.
  Row Get(const Key& key);
  ScanPage Scan(const Range& range, std::size_t limit);
  std::vector<std::string> KeysOf(const Range& range);

  std::unique_ptr<Harness> harness_;
};

// For tables and tests: a WriteSet in one line.
WriteSet Puts(std::vector<Put> puts);
WriteSet Expecting(std::vector<Expect> expects, std::vector<Put> puts);
Bytes BytesOf(std::string_view text);

}  // namespace cloison::store::testing

#endif  // CLOISON_STORE_TESTING_CONFORMANCE_H_
