// The policy of a register: who may be shown what, for which purpose, in which form. One TOML
// document; unknown keys are errors; what no grant gives is refused (docs/format/policy.md).
//
// Immutable once read; shared by all threads.
#ifndef CLOISON_ACCESS_POLICY_H_
#define CLOISON_ACCESS_POLICY_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/windows.h"
#include "ledger/entry.h"
#include "records/schema.h"

namespace cloison::access {

// How a grant relates reader and person. Stronger first: self and caseload are reasons; any needs
// none.
enum class Relation : std::uint8_t { kSelf, kCaseload, kAny };
std::string_view Name(Relation relation);  // "self", "caseload", "any"

// What a principal may do besides reading. Reading is by grants alone.
enum class Right : std::uint8_t {
  kRegister,
  kUpdate,
  kErase,
  kAssign,
  kFreeze,
  kOwnTrail,
  kHold,
  kUnseal,
  kEnrol,  // asks for and agrees to who is enrolled and what they may do
};
// "register", "update", "erase", "assign", "freeze", "own_trail", "hold", "unseal", "enrol"
std::string_view Name(Right right);

struct Purpose {
  std::string name;     // "support"
  bool decree = false;  // may use the national number in plain form
  // What is shown for it is a sealed access: all its grants say so, none to oneself, and all to
  // roles that are named for it.
  bool sealed = false;
  std::string text_fr, text_en;
};

struct Grant {
  std::optional<OrganisationId> organisation;  // nothing: every organisation
  std::string role;
  std::string purpose;
  Relation relation;
  ledger::Form form;
  std::vector<FieldId> fields;  // ascending
};

// A budget class: caps per counter and window ("case-worker", "application", "citizen", "officer").
struct BudgetClass {
  std::string name;
  Caps caps;
};

class Policy {
 public:
  // On failure `problems` gets lines for the operator. kInvalid then. Refuses a grant of a field of
  // type nir in plain form to a purpose without decree, unknown fields, roles without class, caps
  // that shrink with a longer window.
  static Result<std::shared_ptr<const Policy>> Parse(std::string_view toml,
                                                     const records::Schema& schema,
                                                     std::vector<std::string>* problems);

  const Purpose* FindPurpose(std::string_view name) const;
  const std::vector<Purpose>& purposes() const { return purposes_; }
  // The grants for this organisation, role and purpose.
  std::vector<const Grant*> GrantsOf(OrganisationId organisation, std::string_view role,
                                     std::string_view purpose) const;
  // All that apply to an organisation's role.
  std::vector<Grant> GrantsOf(OrganisationId organisation, std::string_view role) const;
  // The best form (plain before masked) any of these grants gives this field under `relation` or a
  // weaker need; nothing: not granted. A person of the caseload may also be read by an `any` grant.
  static std::optional<ledger::Form> FormOf(const std::vector<const Grant*>& grants,
                                            Relation relation, FieldId field);
  bool Has(std::string_view role, Right right) const;
  // Whether what this purpose shows is a sealed access; whether any purpose does so.
  bool IsSealed(std::string_view purpose) const;
  bool HasSealed() const;
  std::vector<Right> RightsOf(std::string_view role) const;
  // kNotFound: the role has no class.
  Result<const BudgetClass*> ClassOf(std::string_view role) const;
  std::uint32_t version() const { return version_; }

 private:
  friend class PolicyParser;
  Policy() = default;

  std::uint32_t version_ = 0;
  std::vector<Purpose> purposes_;
  std::vector<Grant> grants_;
  std::map<std::string, std::vector<Right>, std::less<>> rights_;
  std::vector<BudgetClass> classes_;
  std::map<std::string, std::string, std::less<>> class_of_role_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_POLICY_H_
