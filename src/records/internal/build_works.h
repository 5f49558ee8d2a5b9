// The works of IndexBuild. Each looks at the row of generations as its batch has it, and does
// nothing where that is not what it was made for.
#ifndef CLOISON_RECORDS_INTERNAL_BUILD_WORKS_H_
#define CLOISON_RECORDS_INTERNAL_BUILD_WORKS_H_

#include <optional>
#include <vector>

#include "records/index_build.h"

namespace cloison::records::internal {

// Puts the row: where there is none, or of a next generation that begins.
class BeginWork final : public commit::Work {
 public:
  using Promise = BuildStep;
  // `begins` false: only the row, if there is none.
  BeginWork(const People& people, bool begins) : people_(people), begins_(begins) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  BuildStep Take(const commit::Durable&) { return step_; }

 private:
  const People& people_;
  bool begins_;
  BuildStep step_;
};

// Puts the next people into the next generation, and with the last of them into force.
class WalkWork final : public commit::Work {
 public:
  using Promise = BuildStep;
  WalkWork(const People& people, std::size_t per_step) : people_(people), per_step_(per_step) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  BuildStep Take(const commit::Durable&) { return step_; }

 private:
  struct One {
    PersonId person;
    std::vector<Slot> slots;
  };
  Task<Status> LoadPeople(const Layout& layout, store::Store& store);
  Task<Status> TakePeople(const Layout& layout, std::vector<PersonId> persons, bool more);
  Result<commit::Staged> StageAll(commit::Staging& staging);

  const People& people_;
  const std::size_t per_step_;
  std::optional<IndexState> state_;  // that the people were read for
  std::vector<One> taken_;
  std::optional<PersonId> to_;  // the last that was looked at
  bool ends_ = false;           // and there is nobody behind
  BuildStep step_;
};

// Deletes pages of a generation that is being dropped; with `last` it is told of no more.
class DropWork final : public commit::Work {
 public:
  using Promise = BuildStep;
  DropWork(const People& people, std::uint32_t generation, std::vector<store::Key> pages, bool last)
      : people_(people), generation_(generation), pages_(std::move(pages)), last_(last) {}
  commit::Lane lane() const override { return commit::Lane::kBulk; }
  Task<Status> Load(commit::Staging& staging) override;
  Result<commit::Staged> Stage(commit::Staging& staging) override;
  BuildStep Take(const commit::Durable&) { return step_; }

 private:
  const People& people_;
  std::uint32_t generation_;
  std::vector<store::Key> pages_;
  bool last_;
  BuildStep step_;
};

}  // namespace cloison::records::internal

#endif  // CLOISON_RECORDS_INTERNAL_BUILD_WORKS_H_
