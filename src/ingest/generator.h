// Invented people for demos, tests, drills and benchmarks: they look like a register's of France,
// and nobody of them exists.
//
// Everything about a person follows from (seed, index), so person i can be made alone, in any order
// and on any machine, and a register of any size takes no more memory than one of ten people.
//
//   households  every 24 people are families, a lone parent, couples and people alone; they share
//               an address, a fixed telephone, and names as families do
//   births      the pyramid of ages, the communes of 2026 by their population, countries of birth;
//               NIRs agree with sex, date and place, are right in every digit, and are given once,
//               for certain (internal/population.h); some have a pseudo-month or are temporary
//   names       homonyms as frequent as in France (internal/surnames.h, internal/names.h)
//   the rest    agency identifiers and e-mail addresses are given once; telephones are of the
//   blocks
//               that Arcep reserves for fiction: 60,000 numbers, so that at 43 million people some
//               700 share one; e-mail domains are those of RFC 2606; the bank does not exist
//
// Not every person has every field: some have an account alone (names and e-mail), some are former
// job seekers, some have a recognised disability. Left out: couples of one sex, people above 99,
// names that fit the country of birth, communes as they were before mergers.
//
// Threads  const use from any. Cost: 2 us a person; docs/format/generated.md has the CSV and JSON.
// Source   INSEE (communes, ages, households, names); Arcep, decision 2018-0881, annex; NF Z10-011.
#ifndef CLOISON_INGEST_GENERATOR_H_
#define CLOISON_INGEST_GENERATOR_H_

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cloison::ingest {

namespace internal {
class Population;
class PersonMaker;
}  // namespace internal

// Room for unique numbers: at most this many people of one seed.
inline constexpr std::uint64_t kGeneratedPeopleMax = 72'000'000;

struct GeneratedPerson {
  // Field name and text, in the order of GeneratedFields(); empty ones are left out.
  std::vector<std::pair<std::string_view, std::string>> fields;
  // Empty when the person has no such value.
  std::string_view Text(std::string_view field) const;
};

// schemas/job-seekers.toml, schemas/insured-persons.toml.
enum class GeneratedRegister : std::uint8_t { kJobSeekers, kInsuredPersons };

class Generator {
 public:
  explicit Generator(std::uint64_t seed, GeneratedRegister kind = GeneratedRegister::kJobSeekers);
  ~Generator();
  Generator(const Generator&) = delete;
  Generator& operator=(const Generator&) = delete;

  // index below kGeneratedPeopleMax.
  GeneratedPerson At(std::uint64_t index) const;
  GeneratedRegister kind() const { return kind_; }
  std::uint64_t seed() const { return seed_; }

 private:
  std::uint64_t seed_;
  GeneratedRegister kind_;
  std::unique_ptr<internal::Population> population_;
  std::unique_ptr<internal::PersonMaker> maker_;
};

// The fields that generated people may have, by the names of the schema: the columns of the CSV.
std::span<const std::string_view> GeneratedFields(
    GeneratedRegister kind = GeneratedRegister::kJobSeekers);

// Append one line each. CSV as RFC 4180, empty cells for missing values; JSON: one object of field
// names and texts.
void AppendCsvHeader(std::string& out, GeneratedRegister kind = GeneratedRegister::kJobSeekers);
void AppendCsvPerson(std::string& out, const GeneratedPerson& person,
                     GeneratedRegister kind = GeneratedRegister::kJobSeekers);
void AppendJsonLine(std::string& out, const GeneratedPerson& person);

}  // namespace cloison::ingest

#endif  // CLOISON_INGEST_GENERATOR_H_
