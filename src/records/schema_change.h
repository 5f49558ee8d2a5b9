// What another schema of the same register would change: whether a register that has records may
// follow it, in words what differs, and whether its rows must be written again. Pure; threads: any.
//
// The words are for whoever agrees to it and for the operator: names of fields and numbers, nothing
// of anybody.
//
// Source   docs/format/schema.md "Changing a schema", docs/design/0030-schema-versions.md.
#ifndef CLOISON_RECORDS_SCHEMA_CHANGE_H_
#define CLOISON_RECORDS_SCHEMA_CHANGE_H_

#include <span>
#include <string>
#include <vector>

#include "records/schema.h"

namespace cloison::records {

// A full name that a field had in an earlier version; it is never another field's.
struct RetiredName {
  FieldId field;
  std::string name;
  friend bool operator==(const RetiredName&, const RetiredName&) = default;
};

struct SchemaChange {
  // Why not, each naming what it is about: "field `contact.phone`: its type may not change". None:
  // it may be asked for.
  std::vector<std::string> refused;
  // "field `contact.fax` is new", "field `agency.notes` moves from compartment `agency` to
  // `disability`, as `disability.notes`".
  std::vector<std::string> differences;
  // Whether a row of the one is no row of the other.
  bool rewrites = false;
  bool allowed() const { return refused.empty(); }
};

// Cost: the square of the number of fields at most.
SchemaChange Compare(const Schema& before, const Schema& after,
                     std::span<const RetiredName> retired);
// What is retired once `after` has followed `before`: what was, and the names that are left.
std::vector<RetiredName> RetiredBy(const Schema& before, const Schema& after,
                                   std::vector<RetiredName> retired);

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_SCHEMA_CHANGE_H_
