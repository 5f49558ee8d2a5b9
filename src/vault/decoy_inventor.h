// People who do not exist, for decoys: of the generator, with numbers that nobody has or that lead
// to the organisation (access/decoys.h, docs/operate/decoys.md).
//
//   NIR         its order number is of a range that the issuer agreed never to give. Without
//   ranges:
//               that of the generator's people from kDecoyPeopleFrom on, whom no synthetic register
//               of the same seed has
//   telephone   begins as one of `phone_prefixes`: of those, one of the zone that the generator's
//               has, else a mobile one, else any; without them: of the generator, fiction
//   mail        at one of `email_domains`; the number in it is of the register's size
//
// Threads  one caller at a time. Cost: 2 us per person looked at; of who did not fit 16 bytes are
//          kept for whoever asks next, at most kInventedKeptMax.
#ifndef CLOISON_VAULT_DECOY_INVENTOR_H_
#define CLOISON_VAULT_DECOY_INVENTOR_H_

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "access/decoys.h"
#include "ingest/generator.h"

namespace cloison::vault {

inline constexpr std::uint64_t kDecoyPeopleFrom = 60'000'000;
inline constexpr std::size_t kInventTriesMax = 100'000;  // of one call
inline constexpr std::size_t kInventedKeptMax = 2'000'000;

struct DecoyNumbers {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> nir_orders;  // from, to: 1 to 999
  std::vector<std::string> phone_prefixes;                          // "+3363998", E.164
  std::vector<std::string> email_domains;
};

class GeneratedDecoys final : public access::DecoyInventor {
 public:
  // All outlive it. `seed`: of the generator; of a synthetic register the register's own.
  GeneratedDecoys(std::shared_ptr<const records::Schema> schema, std::uint64_t seed,
                  DecoyNumbers numbers, base::Random& random);
  std::optional<Invented> Invent(const records::Stratum& stratum, std::size_t people) override;
  std::optional<records::Value> Move(std::uint64_t origin, std::size_t people) override;

 private:
  std::uint64_t Draw();
  std::string RandomDigits(std::size_t count);
  records::Stratum StratumOf(const ingest::GeneratedPerson& person) const;
  std::optional<std::uint64_t> Find(const records::Stratum& stratum);
  std::string NirOf(std::string text);
  std::string PhoneOf(std::string text);
  std::string EmailOf(const std::string& text, std::size_t people);

  std::shared_ptr<const records::Schema> schema_;
  ingest::Generator generator_;
  std::uint64_t era_;  // the upper half of an origin: of which seed and register
  DecoyNumbers numbers_;
  base::Random& random_;
  std::string last_name_, birth_date_, postcode_;  // the schema's names of the fields
  std::map<records::Stratum, std::vector<std::uint64_t>> kept_;
  std::size_t kept_count_ = 0;
};

}  // namespace cloison::vault

#endif  // CLOISON_VAULT_DECOY_INVENTOR_H_
