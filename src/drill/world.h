// The register that a drill attacks: the demo world on simulated time, with the policy of the
// attack.
#ifndef CLOISON_DRILL_WORLD_H_
#define CLOISON_DRILL_WORLD_H_

#include <memory>
#include <optional>
#include <vector>

#include "drill/stage.h"
#include "ingest/generator.h"
#include "vault/demo_world.h"

namespace cloison::drill {

// One stolen account: an adviser of France Travail.
struct Account {
  PrincipalId id;
  SessionId session;  // its only one, from its first day to the last of the theft
  OrganisationId organisation;
  std::string role;
  std::vector<std::uint32_t> caseload;  // indices of World::people()
};

// Threads: one.
class World {
 public:
  // `ground` outlives it. Fails as Run does.
  static Result<std::unique_ptr<World>> Open(const Options& options, const Ground& ground);

  Stage& stage() { return *stage_; }
  vault::Vault& vault() { return stage_->vault(); }
  SimulatedClock& clock() { return stage_->clock(); }
  QueueExecutor& executor() { return stage_->executor(); }
  const std::vector<PersonId>& people() const { return demo_->people; }
  const std::vector<Account>& accounts() const { return accounts_; }
  // From now on they are records that nobody has a reason to open. The register is opened anew.
  Status PlaceDecoys(std::vector<std::uint32_t> people);
  // The caps of an account's role.
  const access::Caps& CapsOf(const Account& account) const;
  // Fails kCorrupt: somebody whose registration was answered is not there.
  Status CheckNewcomers();
  // The code by which the account's organisation knows somebody.
  std::string CodeOf(const Account& account, const PersonId& person) const;
  // Who a received code names.
  std::optional<PersonId> PersonOf(const Account& account, const records::PersonCode& code) const;

 private:
  World(const Options& options, std::unique_ptr<Stage> stage)
      : options_(options), stage_(std::move(stage)), generator_(options.seed) {}
  Status Build();
  Status ChooseAccounts();
  Task<Status> RegisterSomebody();  // as an application does all day

  const Options options_;
  std::unique_ptr<Stage> stage_;
  std::optional<vault::DemoWorld> demo_;
  std::vector<Account> accounts_;
  const ingest::Generator generator_;
  std::uint64_t asked_ = 0;  // for newcomers
  std::vector<PersonId> newcomers_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_WORLD_H_
