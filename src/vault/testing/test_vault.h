// A whole vault on one seeded executor and stores in memory, with a small demo world, and the
// questions that tests ask its gate:
//
//   TestVault vault;   ASSERT_TRUE(vault.Start().ok());
//   auto seen = vault.DiscloseAs("adviser.ft", vault.world().of_adviser_ft.person,
//                                {"contact.phone"}, "support");
#ifndef CLOISON_VAULT_TESTING_TEST_VAULT_H_
#define CLOISON_VAULT_TESTING_TEST_VAULT_H_

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "access/approvals.h"
#include "access/decoys.h"
#include "base/testing/manual_clock.h"
#include "base/testing/seeded_executor.h"
#include "base/testing/seeded_random.h"
#include "keys/testing/memory_key_objects.h"
#include "store/memory/memory_store.h"
#include "store/testing/temp_directory.h"
#include "vault/audit.h"
#include "vault/demo_world.h"

namespace cloison::vault::testing {

// 2,000 people; advisers: three with 150 people, two with 40.
DemoSize SmallWorld();

// Keeps the names of all events.
class KeptEvents final : public base::EventSink {
 public:
  void Emit(base::Severity how, Literal name, std::initializer_list<base::EventField>) override {
    names_.emplace_back(name.view());
    severities_.push_back(how);
  }
  std::size_t Count(std::string_view name) const {
    return static_cast<std::size_t>(std::count(names_.begin(), names_.end(), name));
  }
  std::size_t Count(std::string_view name, base::Severity how) const {
    std::size_t count = 0;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      count += names_[i] == name && severities_[i] == how ? 1 : 0;
    }
    return count;
  }

 private:
  std::vector<std::string> names_;
  std::vector<base::Severity> severities_;
};

class TestVault {
 public:
  explicit TestVault(DemoSize size = SmallWorld(), std::uint64_t seed = 1);
  ~TestVault();

  Status Start();   // creates, opens, builds the world
  Status Create();  // only creates
  // Another register than the demo's: before Create, and never Start.
  void SetRegister(std::shared_ptr<const records::Schema> schema,
                   std::shared_ptr<const access::Policy> rules) {
    schema_ = std::move(schema);
    policy = std::move(rules);
  }
  // Of the stopped vault: what the schema's file has from the next start on.
  void SetSchema(std::shared_ptr<const records::Schema> schema) { schema_ = std::move(schema); }
  const records::Schema& schema() const { return *schema_; }
  Status Open();
  Status Stop();
  Status Reopen();
  // Of the stopped vault.
  Result<StoreReport> Audit(std::optional<tlog::Head> published = {});

  template <class T>
  T Wait(Task<T> task) {
    std::optional<T> out = executor.Wait(std::move(task));
    CLOISON_CHECK(out.has_value());
    return std::move(*out);
  }

  access::Caller As(std::string_view principal);
  // The code by which the principal's organisation knows the person; of a citizen: by which
  // organisation 1 does.
  std::string CodeFor(std::string_view principal, const PersonId& person);
  std::vector<FieldId> Fields(const std::vector<std::string>& names);
  const DemoPrincipal& Principal(std::string_view name) const;
  // The people on a caseload, in its order.
  std::vector<PersonId> CaseloadOf(std::string_view principal) const;

  using Names = std::vector<std::string>;
  access::Outcome<access::Disclosed> DiscloseAs(std::string_view principal, const PersonId& person,
                                                const Names& fields, const std::string& purpose);
  access::Outcome<access::Disclosed> DiscloseCodesAs(std::string_view principal,
                                                     const std::vector<std::string>& codes,
                                                     const Names& fields,
                                                     const std::string& purpose);
  // One's own record.
  access::Outcome<access::Disclosed> DiscloseOwn(std::string_view principal, const Names& fields);
  // criterion: "nir", "phone", "email", "agency_id".
  access::Outcome<access::LookedUp> LookUpAs(std::string_view principal, std::string_view criterion,
                                             std::string_view text, const std::string& purpose);
  using Texts = std::vector<std::pair<std::string, std::string>>;
  records::Values ValuesOf(const Texts& texts);
  Task<access::Outcome<access::Registered>> RegisterTask(std::string_view principal,
                                                         const Texts& texts,
                                                         const std::string& key);
  access::Outcome<access::Registered> RegisterAs(std::string_view principal, const Texts& texts,
                                                 const std::string& key);
  // An empty text empties the field.
  access::Outcome<access::Registered> UpdateAs(std::string_view principal, const std::string& code,
                                               std::uint64_t version, const Texts& texts);
  // Asked by an officer, and agreed to by the second of the kind: "officer.privacy.b".
  access::Outcome<access::Gate::Erased> EraseAs(std::string_view principal, const std::string& code,
                                                std::uint64_t version);
  // Freezes at once; the other way two officers do it.
  access::Outcome<access::Gate::Froze> FreezeAs(std::string_view principal, std::string_view whom,
                                                bool frozen);
  // Two officers agree to so many decoys, and they are made, retired, moved. Gives the people who
  // are decoys: those of the store whom the world does not have.
  Result<access::Decoys::Tended> TendDecoys(std::uint32_t per_100000);
  std::vector<PersonId> Decoys();
  // Of approvals: asks, approves, denies.
  access::Outcome<access::Approvals::Shown> AskAs(std::string_view principal,
                                                  const std::string& kind, Bytes what);
  access::Outcome<access::Approvals::Shown> ApproveAs(std::string_view principal,
                                                      std::uint64_t number);
  access::Outcome<access::Approvals::Shown> DenyAs(std::string_view principal,
                                                   std::uint64_t number);
  access::Outcome<access::Trail> TrailOf(std::string_view principal, std::size_t count = 100,
                                         access::TrailDetail detail = access::TrailDetail::kLooks);
  // The same.
  access::Outcome<access::Gate::Unsealing> UnsealAs(std::string_view principal, std::uint64_t index,
                                                    const std::string& key);

  Vault& vault() { return *vault_; }
  access::Gate& gate() { return vault_->gate(); }
  DemoWorld& world() { return *world_; }

  // Rows of the main store, behind everybody's back: only while the vault is stopped.
  std::vector<store::KeyedRow> Rows(store::Family family);
  void Overwrite(store::Family family, const std::vector<store::KeyedRow>& rows);
  void Delete(store::Family family, const std::string& key);

  base::testing::SeededExecutor executor;
  base::testing::SeededRandom random;
  base::testing::ManualClock clock;
  keys::testing::MemoryKeyObjects objects{random};
  store::MemoryStore main_store{&executor};
  store::MemoryStore key_store{&executor};
  store::Store* over_main = &main_store;  // what is read through; may be set before Open
  store::Store* over_keys = &key_store;
  store::testing::TempDirectory directory;
  base::SystemFiles files;
  KeptEvents events;
  std::shared_ptr<const access::Policy> policy;     // may be set before Start
  bool two_people = true;                           // may be set before Start, Open
  std::vector<tlog::VerifierKey> officers;          // who sign policies; may be set before Open
  base::Parallel builders;                          // alone; may be set before Start
  std::vector<Aud> decoys;                          // may be set before Open
  std::shared_ptr<access::DecoyInventor> inventor;  // may be set before Open

  // What Open hands in.
  Environment MakeEnvironment();
  Settings MakeSettings() const;

 private:
  template <class T>
  access::Outcome<T> AgreeTo(std::string_view asker,
                             access::Outcome<access::Approvals::Shown> asked);

  std::uint64_t asked_ = 0;
  DemoSize size_;
  std::shared_ptr<const records::Schema> schema_;
  std::unique_ptr<Vault> vault_;
  std::optional<DemoWorld> world_;
};

// What came out, in one word: "shown", "not_available", "purpose_refused", "budget_spent",
// "frozen", "no_right", "not_enrolled", "exists", "changed", or "error".
std::string_view Word(access::RefusalCode code);
template <class T>
std::string_view Word(const access::Outcome<T>& outcome) {
  if (!outcome.ok()) return "error";
  const auto* refusal = std::get_if<access::Refusal>(&*outcome);
  return refusal == nullptr ? "shown" : Word(refusal->code);
}
template <class T>
const access::Refusal& RefusalOf(const access::Outcome<T>& outcome) {
  return std::get<access::Refusal>(*outcome);
}

}  // namespace cloison::vault::testing

#endif  // CLOISON_VAULT_TESTING_TEST_VAULT_H_
