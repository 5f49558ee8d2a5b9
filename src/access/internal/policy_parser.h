// Reads a policy document table by table, and then looks at it as a whole.
//
// Everything that is wrong is said, each with its line; nothing is guessed.
#ifndef CLOISON_ACCESS_INTERNAL_POLICY_PARSER_H_
#define CLOISON_ACCESS_INTERNAL_POLICY_PARSER_H_

#include <map>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "access/policy.h"
#include "codec/toml_reader.h"

namespace cloison::access {

class PolicyParser {
 public:
  PolicyParser(const records::Schema& schema, codec::Diagnostics& problems)
      : schema_(schema), problems_(problems) {}
  // Null: `problems` says why.
  std::shared_ptr<const Policy> Parse(std::string_view toml);

 private:
  using Table = codec::TomlTable;
  // policy_parser.cc
  void ReadClass(const Table& table);
  void ReadCaps(const Table& table, std::string_view key,
                std::array<std::uint32_t, kWindows>& caps);
  void ReadPurpose(const Table& table);
  void ReadGrant(const Table& table);
  void CheckSealed(const Table& table, const Role& role, const Purpose& purpose, Relation relation);
  void ReadFields(const Table& table, const Purpose& purpose, Grant& grant);
  void UnknownField(int line, const std::string& name);
  // policy_roles.cc
  void ReadRole(const Table& table);
  void ReadSignIn(const Table& table, Role& role);
  void ReadRights(const Table& table, Role& role);
  void ReadApproval(const Table& table);
  std::vector<std::string> ReadRoleNames(const Table& table, std::string_view key);
  // policy_bounds.cc
  void ReadOrganisation(const Table& table);
  void ReadOffice(const Table& table);
  void ReadCeiling(const Table& table);
  void ReadFamily(const Table& table, CeilingSpec& ceiling);
  bool ReadCeilingPlace(const Table& table, CeilingSpec& ceiling);
  void ReadExplanation(const Table& table);
  void ReadArchive(const Table& table);
  // policy_detectors.cc
  void ReadDetectors(const Table& table);
  void ReadThresholds(const Table& table);
  void ReadHours(const Table& table);
  void ReadScore(const Table& table);
  void ReadPool(const Table& table);
  std::vector<TailBound> ReadBounds(const Table& table);

  // policy_checks.cc
  void CheckWhole();
  void CheckOverlaps();
  void CheckJobGrant(const Grant& grant, int line);
  void CheckReader(const Grant& grant, int line);
  void CheckRights(const Role& role);
  void CheckCeilings();
  bool CheckPair(std::size_t inner, std::size_t outer, bool first_of_equals);

  // Strings of a table: "" when absent or not a string, which is said.
  std::string Text(const Table& table, std::string_view key);
  bool Flag(const Table& table, std::string_view key);
  // Where the value of `key` is; of an absent one where the table begins.
  static int LineOf(const Table& table, std::string_view key);
  // "no role 'advisor'; the nearest is 'adviser'"
  void Unknown(int line, std::string_view what, std::string_view name,
               std::span<const std::string_view> known);
  void UnknownRole(int line, std::string_view name);
  void CheckName(int line, std::string_view what, std::string_view name, std::size_t bytes_max);
  // Says so, with both lines, when `name` was there before.
  bool IsNew(const Table& table, std::string_view what, const std::string& name);

  const records::Schema& schema_;
  codec::Diagnostics& problems_;
  std::map<std::string, int, std::less<>> lines_;  // of what has a name: "role adviser"
  std::vector<int> grant_lines_, ceiling_lines_;   // beside the policy's own lists
  Policy policy_;
};

}  // namespace cloison::access

#endif  // CLOISON_ACCESS_INTERNAL_POLICY_PARSER_H_
