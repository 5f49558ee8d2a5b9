// Builds the next generation of the index pages beside the one in force, while everything else goes
// on; then drops the pages of the old one (docs/design/0032-index-generations.md).
//
//   begin    the schema gives other page bits than the generation in force has: the next one gets
//            a number, and nobody is in it yet
//   walk     some people at a time, in the order of their ids; the row of generations names the
//            last of them in the same commit
//   switch   with the last people: the next one is in force
//   drop     the pages of the old one, some at a time
//
// Each is one commit; where a process stopped is in the row. A schema that changes again meanwhile
// waits for all four. A record that does not open is passed over, and counted. A next generation
// whose pages have no room (a capacity far below the number of people) is given up and dropped, and
// that capacity is not tried again until another one was.
//
// Threads  one caller at a time; resumes on `home`. Cost: a step of the walk 0.2 ms a person, on
// the
//          committer; of the drop 10 us a page.
#ifndef CLOISON_RECORDS_INDEX_BUILD_H_
#define CLOISON_RECORDS_INDEX_BUILD_H_

#include <string>

#include "records/people.h"

namespace cloison::records {

inline constexpr std::size_t kPeoplePerStep = 64;
// Of postings at least one person's, however many. A work puts a row twice for each at most.
inline constexpr std::size_t kPostingsPerStep = 1'000;
inline constexpr std::size_t kPagesPerStep = 1'000;

struct BuildStep {
  enum class What : std::uint8_t {
    kNothing,   // the indexes are as the schema wants them, or as they can be
    kBegun,     // `generation`, for `capacity`
    kWalked,    // `people` are in it now, `damaged` were passed over
    kSwitched,  // and it is in force
    kGivenUp,   // and it is to be dropped
    kDropped,   // `pages` of `generation` are gone
    kGone,      // all of its pages are
  };
  What what = What::kNothing;
  std::uint32_t generation = 0;
  std::uint64_t capacity = 0;
  std::size_t people = 0, damaged = 0, pages = 0;
};

class IndexBuild {
 public:
  // Both outlive it; the committer is the one that people joined. `people_per_step`: at least 1.
  IndexBuild(const People& people, commit::Committer& committer,
             std::size_t people_per_step = kPeoplePerStep)
      : people_(people), committer_(committer), people_per_step_(people_per_step) {}

  // Writes the row of a register that has none: laid out for the schema as it is now.
  Task<Status> EnsureRow(base::Executor& home);
  // Reads whether there are pages of generations that the row does not know, or none of the one in
  // force where the next one has some: kCorrupt then, for the row is not the last one.
  Task<Status> CheckRow() const;
  // Whether Next has a step to do.
  bool HasWork() const;
  // Does it. kNothing: there was none.
  Task<Result<BuildStep>> Next(base::Executor& home);

 private:
  Task<Result<BuildStep>> Drop(std::uint32_t generation, base::Executor& home);

  const People& people_;
  commit::Committer& committer_;
  const std::size_t people_per_step_;
  // Of the drop under way: where this process is. Nobody adds pages behind it.
  std::uint32_t dropping_ = 0;
  std::size_t dropping_index_ = 0;  // in kIndexes
  std::string dropping_from_;
};

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_INDEX_BUILD_H_
