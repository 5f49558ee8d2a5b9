// Strata of a register: département of the address, decade of birth, initial. How many people are
// in each, counted inside: nothing of anybody comes out but that one more is there.
//
// Source   docs/design/0023-decoys.md "Where".
#ifndef CLOISON_RECORDS_STRATA_H_
#define CLOISON_RECORDS_STRATA_H_

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "records/people.h"

namespace cloison::records {

// Opens the record inside, as a Matcher does: whether it has a postcode, and that is of none of
// these départements ("69", "2A"); of the field that searches by name take for it. kCorrupt.
Result<bool> IsBeyond(const People& people, const Sighting& sighting,
                      const std::vector<std::string>& departements);

// The département of a French postcode: "69", "2A", "974". Empty: it is none.
std::string DepartementOf(std::string_view postcode);

struct Stratum {
  std::string departement;  // empty: without an address
  std::int32_t decade = 0;  // 1980; 0: without a birth date
  char initial = 0;         // of the last name; 0: it begins with no letter
  friend auto operator<=>(const Stratum&, const Stratum&) = default;
};
// By the fields that a search by name takes.
Stratum StratumOf(const Schema& schema, const Values& values);

struct SetApart {
  PersonId person;
  std::uint64_t seq;  // of its versions, without the jumps (kSeqJump)
};
struct StrataCount {
  std::map<Stratum, std::size_t> people;          // the set-apart ones are not among them
  std::map<std::uint64_t, std::size_t> versions;  // how many of those people have had so many
  std::map<Stratum, std::vector<SetApart>> set_apart;
  std::size_t total = 0;   // of people
  std::size_t unread = 0;  // rows that did not open: they are counted nowhere
};
// Goes through the whole register, once. `is_apart` says of whom the caller knows already;
// `goes_on` is asked now and then. Everybody's row and keys are read once and alike, in the order
// of their ids, so what the store has in memory afterwards tells nobody from anybody.
// Cost     10 us a person. Fails as the store does; kUnavailable: it does not go on.
Task<Result<StrataCount>> CountStrata(const People& people,
                                      std::function<bool(const Aud&)> is_apart,
                                      std::function<bool()> goes_on);

}  // namespace cloison::records

#endif  // CLOISON_RECORDS_STRATA_H_
