// A vault that a simulation opens, breaks and opens again, over whatever stores it is given: a
// policy with caps of the test's choosing, a few agents, people registered through the gate.
#ifndef CLOISON_TESTS_SIM_SIM_VAULT_H_
#define CLOISON_TESTS_SIM_SIM_VAULT_H_

#include <memory>
#include <string>

#include "base/testing/seeded_executor.h"
#include "vault/recovery.h"

namespace cloison::sim {

inline constexpr std::size_t kAgents = 3;
inline constexpr OrganisationId kAgency(1);

PrincipalId AgentId(std::size_t number);  // below kAgents
OfficeId OfficeOf(std::size_t number);    // of that agent: there are two
PrincipalId ApplicationId();              // registers and updates
PrincipalId OfficerId();                  // erases, freezes, asks for other keys of people
PrincipalId SecondOfficerId();            // agrees
PrincipalId CitizenId();                  // a person of the register, once enrolled as one

// Purposes, all for relation `any`: "support" opens identity and contact, "benefit" the national
// number (sensitive), "list" shows the identity masked.
// And `ceilings`, as a policy has them.
std::string PolicyToml(const access::Caps& agents,
                       const std::vector<access::CeilingSpec>& ceilings = {});
// Far above what a simulation can use.
access::Caps WideCaps();
// One budget class of a policy.
void AppendClass(std::string& out, const char* name, const access::Caps& caps);

class SimVault {
 public:
  // What outlives the vault's process: files and clocks. With `seeded`, every executor is that one;
  // else threads of its own.
  struct Ground {
    base::Files& files;
    base::Random& random;
    base::Clock& clock;
    std::string directory;  // for key objects, the erase journal and the signed size
    base::testing::SeededExecutor* seeded;
  };
  SimVault(const Ground& ground, const access::Caps& caps,
           const std::vector<access::CeilingSpec>& ceilings = {});
  // Another register than the usual one.
  struct Setup {
    std::shared_ptr<const records::Schema> schema;
    std::shared_ptr<const access::Policy> policy;
    std::size_t fold_entries;
  };
  SimVault(const Ground& ground, Setup with);
  ~SimVault();

  // The first start. Fails as the vault does.
  Status Create(store::Store& main, store::Store& keys);
  Status Open(store::Store& main, store::Store& keys);
  // The recovery ceremony's two steps, while it is not open.
  Result<std::string> StateRecovery(store::Store& main, store::Store& keys);
  Status Recover(store::Store& main, store::Store& keys, std::string note,
                 std::vector<tlog::VerifierKey> officers);
  Status Stop();
  // As when the process ends here: what waits in queues has run, nothing else is finished.
  void Drop();
  bool open() const { return vault_ != nullptr; }
  bool fatal() const { return fatal_->load(); }

  // Agents, application, officers, the organisation's codes. Once, after Create and Open.
  Status Enrol();

  vault::Vault& vault() { return *vault_; }
  // In a session of the principal's own: SessionId(id.array()).
  access::Caller CallerOf(const PrincipalId& id, ClientId client = ClientId(1));
  // Registers the person that the generator makes under `index`. Gives their code.
  Result<std::string> Register(std::uint64_t index);
  FieldId Field(const char* name) const { return schema_->Find(name)->id; }
  const records::Schema& schema() const { return *schema_; }
  base::Executor& home();

  template <class T>
  T Wait(Task<T> task) {
    if (ground_.seeded == nullptr) return base::SyncWait(std::move(task));
    std::optional<T> out = ground_.seeded->Wait(std::move(task));
    CLOISON_CHECK(out.has_value());
    return std::move(*out);
  }

 private:
  struct Threads;
  vault::Environment EnvironmentOver(store::Store& main, store::Store& keys);
  vault::Settings HowSet();
  Status OpenObjects();

  Ground ground_;
  std::shared_ptr<const records::Schema> schema_;
  std::shared_ptr<const access::Policy> policy_;
  std::size_t fold_entries_ = 64;  // folds now and then even in a short life
  base::NullEventSink events_;
  std::shared_ptr<std::atomic<bool>> fatal_ = std::make_shared<std::atomic<bool>>(false);
  std::unique_ptr<Threads> threads_;
  std::unique_ptr<keys::FileKeyObjects> objects_;
  std::unique_ptr<vault::Vault> vault_;
};

// The values of a generated person that the schema takes: identity, national number, e-mail.
records::Values ValuesOf(const records::Schema& schema, std::uint64_t index);
std::string NirOf(std::uint64_t index);    // every simulated person has one
std::string EmailOf(std::uint64_t index);  // and one of these

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_SIM_VAULT_H_
