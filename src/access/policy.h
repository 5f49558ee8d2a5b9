// The policy of a register: who may be shown what, for which purpose, in which form. One TOML
// document; unknown keys are errors; what no grant gives is refused (docs/format/policy.md).
//
// Immutable once read; shared by all threads.
#ifndef CLOISON_ACCESS_POLICY_H_
#define CLOISON_ACCESS_POLICY_H_

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "access/ceiling_spec.h"
#include "access/detector_spec.h"
#include "access/windows.h"
#include "identity/assurance.h"
#include "ledger/entry.h"
#include "records/schema.h"

namespace cloison::access {

inline constexpr std::size_t kPolicyBytesMax = 160u << 10;
inline constexpr std::size_t kPolicyTablesMax = 4'096;  // of one name: grants, offices ...

// How reader and person stand to each other. Stronger first: self, caseload and explained are
// reasons; any needs none.
enum class Relation : std::uint8_t { kSelf, kCaseload, kExplained, kAny };
inline constexpr std::size_t kRelations = 4;
std::string_view Name(Relation relation);  // "self", "caseload", "explained", "any"

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
  kEnrol,    // asks for and agrees to who is enrolled and what they may do
  kPolicy,   // asks for and agrees to another policy or schema; reads and previews policies
  kExplain,  // writes explanations for others
  kReview,   // looks at what was opened in an emergency
  kDecide,   // gate mode: asks for decisions about another system's records
  kJob,      // asks for bulk work
  kRekey,    // asks for and agrees to another key of a person
  kExport,   // asks for and agrees to an export of everybody; of an application: runs it
};
inline constexpr std::size_t kRights = 16;
// "register", "update", "erase", "assign", "freeze", "own_trail", "hold", "unseal", "enrol",
// "policy", "explain", "review", "decide", "job", "rekey", "export"
std::string_view Name(Right right);
std::optional<Right> RightNamed(std::string_view name);

// What stands behind a role. An application or the system is never shown a person.
enum class RoleKind : std::uint8_t { kAgent, kApplication, kOfficer, kCitizen, kSystem };
std::string_view Name(RoleKind kind);  // "agent", "application", "officer", "citizen", "system"

struct Role {
  std::string name, budget_class;
  RoleKind kind = RoleKind::kAgent;
  std::vector<std::string> levels;  // of sign-in, any of them; of no use to applications
  identity::Methods methods;        // one of them must have been used
  std::vector<Right> rights;
  bool sealed = false;         // may have sealed grants
  bool archive = false;        // may reach people of the archive
  std::int64_t step_up_s = 0;  // how old a proof may be where a fresh one is asked for
};

struct Office {
  OfficeId id;
  std::string name;
  std::vector<std::string> departements;  // its catchment: "69", "2A", "974"
};
struct Organisation {
  OrganisationId id;
  std::string name;
  std::string second_contact;  // who is told of enrolments beside who asked; "": nobody
  std::vector<Office> offices;
};

// A reason that the vault finds in its own data. A kind that the policy does not list explains
// nobody.
struct ExplanationSpec {
  std::string kind;           // one of kExplanationKinds
  std::uint32_t per_day_max;  // that one agent may have
  std::int64_t lasts_ms;
  bool self_declared;  // by the reader: emergencies alone
  bool needs_review;   // by another person, afterwards
};
inline constexpr std::string_view kExplanationKinds[] = {"ticket",   "appointment",   "contact",
                                                         "roster",   "transfer",      "cover",
                                                         "presence", "second_person", "emergency"};

inline constexpr std::string_view kApprovalKinds[] = {
    "enrol", "change", "raise",   "freeze", "unfreeze", "key",      "citizen_key",
    "erase", "unseal", "release", "policy", "job",      "transfer", "access",
    "case",  "decoys", "rekey",   "export", "schema"};

// Who may ask for one kind of approval, and who answers, instead of the rights that the kind goes
// by.
struct ApprovalSpec {
  std::string kind;
  std::vector<std::string> asks, approves;  // roles
};

// Whoever's `field` lies more than `after_days` back is in the archive: not available to roles
// without `archive`.
struct ArchiveSpec {
  FieldId field;  // of type date
  std::uint32_t after_days;
};

// A form that shows a field, whole or masked; the others answer yes or no.
constexpr bool IsShowing(ledger::Form form) {
  return form == ledger::Form::kPlain || form == ledger::Form::kMasked;
}

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
  // On failure `problems` gets lines for the operator: "line 12: ...". kInvalid then. What is
  // refused: docs/format/policy.md.
  static Result<std::shared_ptr<const Policy>> Parse(std::string_view toml,
                                                     const records::Schema& schema,
                                                     std::vector<std::string>* problems);

  const Purpose* FindPurpose(std::string_view name) const;
  const std::vector<Purpose>& purposes() const { return purposes_; }
  const Role* FindRole(std::string_view name) const;
  const std::vector<Role>& roles() const { return roles_; }
  // The grants for this organisation, role and purpose.
  std::vector<const Grant*> GrantsOf(OrganisationId organisation, std::string_view role,
                                     std::string_view purpose) const;
  // All that apply to an organisation's role.
  std::vector<Grant> GrantsOf(OrganisationId organisation, std::string_view role) const;
  const std::vector<Grant>& grants() const { return grants_; }
  // The best form, plain before masked, in which any of these grants shows this field to who stands
  // in `relation` to the person; nothing: it is not shown.
  static std::optional<ledger::Form> FormOf(const std::vector<const Grant*>& grants,
                                            Relation relation, FieldId field);
  // Whether one of them lets who stands in `relation` ask if the field is there (kExists) or has
  // this value (kMatches). Being shown the field does not: what no grant gives is refused.
  static bool Answers(const std::vector<const Grant*>& grants, Relation relation, FieldId field,
                      ledger::Form form);
  bool Has(std::string_view role, Right right) const;
  // Whether what this purpose shows is a sealed access; whether any purpose does so.
  bool IsSealed(std::string_view purpose) const;
  bool HasSealed() const;
  std::vector<Right> RightsOf(std::string_view role) const;
  // kNotFound: the role has no class.
  Result<const BudgetClass*> ClassOf(std::string_view role) const;
  const std::vector<BudgetClass>& classes() const { return classes_; }

  const std::vector<Organisation>& organisations() const { return organisations_; }
  const Organisation* FindOrganisation(OrganisationId id) const;
  const Office* FindOffice(OrganisationId organisation, OfficeId office) const;
  const std::vector<CeilingSpec>& ceilings() const { return ceilings_; }
  const std::vector<ExplanationSpec>& explanations() const { return explanations_; }
  const ExplanationSpec* FindExplanation(std::string_view kind) const;
  // Null: the kind goes by its rights.
  const ApprovalSpec* FindApproval(std::string_view kind) const;
  const std::vector<ApprovalSpec>& approvals() const { return approvals_; }
  // Whether this role asks for, or answers, approvals of a kind that goes by `right` otherwise.
  bool MayAskFor(std::string_view kind, std::string_view role, Right right) const;
  bool MayApprove(std::string_view kind, std::string_view role, Right right) const;
  const std::optional<ArchiveSpec>& archive() const { return archive_; }
  const DetectorsSpec& detectors() const { return detectors_; }

  std::uint32_t version() const { return version_; }
  const std::string& document() const { return document_; }  // the text it was read from

 private:
  friend class PolicyParser;
  Policy() = default;

  std::uint32_t version_ = 0;
  std::string document_;
  std::vector<Purpose> purposes_;
  std::vector<Grant> grants_;
  std::vector<Role> roles_;
  std::vector<BudgetClass> classes_;
  std::vector<Organisation> organisations_;
  std::vector<CeilingSpec> ceilings_;
  std::vector<ExplanationSpec> explanations_;
  std::vector<ApprovalSpec> approvals_;
  std::optional<ArchiveSpec> archive_;
  DetectorsSpec detectors_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_POLICY_H_
