// Invented people for demos, tests, drills and benchmarks: they look like a register's, and nobody
// of them exists.
//
// Everything about a person follows from (seed, index), so person i can be made alone, in any order
// and on any machine. NIRs are right in every digit (sex, birth date, place, key) and agree with
// the rest of the record; they, the agency identifiers and the e-mail addresses are each given
// once, for certain: they come from permutations of the index. Names follow a Zipf-like law, so
// there are homonyms. Telephones are of the blocks that Arcep reserves for fiction, e-mail domains
// those of RFC 2606, the bank does not exist.
//
// Not every person has every field: some have an account alone (names and e-mail), some are former
// job seekers, some have a recognised disability.
//
// Threads  const use from any. Cost: 2 us a person.
// Source   INSEE (communes, shape of the age pyramid); Arcep, decision 2018-0881, annex; NF
// Z10-011.
#ifndef CLOISON_INGEST_GENERATOR_H_
#define CLOISON_INGEST_GENERATOR_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloison::ingest {

// Room for unique numbers: at most this many people of one seed.
inline constexpr std::uint64_t kGeneratedPeopleMax = 10'000'000;

struct GeneratedPerson {
  // Field name and text, in the order of GeneratedFields(); empty ones are left out.
  std::vector<std::pair<std::string_view, std::string>> fields;
  // Empty when the person has no such value.
  std::string_view Text(std::string_view field) const;
};

class Generator {
 public:
  explicit Generator(std::uint64_t seed);
  // index below kGeneratedPeopleMax.
  GeneratedPerson At(std::uint64_t index) const;

 private:
  struct Birth;
  struct Draws;
  Birth BirthOf(std::uint64_t slot) const;
  void AddIdentity(GeneratedPerson& person, const Birth& birth, Draws& draws) const;
  void AddContact(GeneratedPerson& person, Draws& draws, std::uint64_t index) const;
  std::string AgencyId(std::uint64_t index, Draws& draws) const;

  std::uint64_t seed_;
  std::vector<std::uint64_t> births_before_;  // by year and place: slots of those before it
};

// The fields that generated people may have, by the names of schemas/job-seekers.toml: the columns
// of the CSV form.
std::span<const std::string_view> GeneratedFields();

// Append one line each. CSV as RFC 4180, empty cells for missing values; JSON: one object of field
// names and texts.
void AppendCsvHeader(std::string& out);
void AppendCsvPerson(std::string& out, const GeneratedPerson& person);
void AppendJsonLine(std::string& out, const GeneratedPerson& person);

}  // namespace cloison::ingest

#endif  // CLOISON_INGEST_GENERATOR_H_
