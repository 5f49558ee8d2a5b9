// Who is in a simulated world and what its policy gives them, said twice: once as the policy that
// the register reads, once as plain tables that the model decides with.
#ifndef CLOISON_TESTS_SIM_WORLD_RULES_H_
#define CLOISON_TESTS_SIM_WORLD_RULES_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/policy.h"
#include "base/random.h"
#include "records/row.h"

namespace cloison::sim {

// A person of the world, by the order of their registration. From kFirstNobody on: codes of nobody.
using Number = std::size_t;
inline constexpr Number kFirstNobody = 1'000'000;

enum class Part : std::uint8_t { kAgent, kApplication, kOfficer, kCitizen, kNobody, kSystem };

struct Actor {
  PrincipalId id;
  Part part;
  OrganisationId organisation;
  std::optional<Number> person = {};  // of a citizen
  bool enrolled = true;
};
std::string RoleOf(Part part);

// What a purpose shows of the fields that are asked for, to whoever stands in one relation.
struct Given {
  std::vector<FieldId> plain, masked;
  access::CounterSet counters;
};
struct Ask {
  std::string purpose;
  std::vector<FieldId> fields;
  bool never = false;                           // the purpose never gives this field
  std::array<std::optional<Given>, access::kRelations> given{};  // by access::Relation
};

// What a record says, by number: its names, its national number, its e-mail address.
struct Content {
  std::uint64_t name = 0, nir = 0, email = 0;
};

class Rules {
 public:
  // Draws caps; their sizes differ a lot between worlds.
  explicit Rules(base::Random& random);

  const std::shared_ptr<const records::Schema>& schema() const { return schema_; }
  const std::shared_ptr<const access::Policy>& policy() const { return policy_; }
  const access::Caps& CapsOf(Part part) const;
  const std::vector<Ask>& asks() const { return asks_; }
  const Ask& own() const { return own_; }  // what citizens ask
  // A look-up for one of these purposes shows the identity, masked, to this relation.
  static bool ShowsRow(const std::string& purpose, access::Relation relation);
  const std::vector<FieldId>& row_fields() const { return row_fields_; }

  FieldId Field(const char* name) const { return schema_->Find(name)->id; }
  // A value as it is stored.
  std::string Stored(FieldId field, const Content& content) const;
  records::Values ValuesOf(const Content& content) const;
  const std::vector<FieldId>& all_fields() const { return all_fields_; }  // of a record, ascending

 private:
  void MakeAsks();

  std::shared_ptr<const records::Schema> schema_;
  std::shared_ptr<const access::Policy> policy_;
  access::Caps agents_, applications_, officers_, citizens_;
  std::vector<Ask> asks_;
  Ask own_;
  std::vector<FieldId> row_fields_, all_fields_;
};

// The canonical text of a criterion.
std::string NirText(std::uint64_t nir);
std::string EmailText(std::uint64_t email);

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WORLD_RULES_H_
