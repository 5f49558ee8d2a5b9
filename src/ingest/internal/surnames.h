// Surnames of the invented people, with the density of homonyms of France.
//
// The law. The most frequent name, Martin, has 43 of 10,000 of the French surnames; the name of
// rank r from 2 on has a share in proportion to 1 / (r + 14.5)^0.8 (Zipf-Mandelbrot), down to rank
// 160,000; foreign surnames the same with 20 for 14.5, to rank 40,000. With one foreign surname in
// six that gives, of everybody: Martin 0.36 %, the twelve most frequent names 2 % together,
// Bernard 0.19 %, rank 100 some 0.04 %, rank 160,000 fifty people of 43 million.
// Fitted by hand to what is published: Martin borne by some 250,000 people, 0.36 % (Geneanet after
// INSEE, fichier des noms); a million people, 2 % of 1975, bear the twelve most frequent names
// (M. Tesniere, Journal de la societe statistique de Paris 116, 1975, pages 24-33). Real France has
// more names still (1.3 million, most of them of a few people): the tail is cut where a name has
// fifty people.
//
// The names. The first hundreds are listed, in the order that INSEE's counts are usually published
// in, as far as we know it. The rest is composed: head, vowel, middle, ending of fixed lists, in an
// order that a fixed permutation gives. Heads and middles are of consonants alone and endings begin
// with a vowel, so two compositions are never one name; some are also listed names, which are then
// a little more frequent.
#ifndef CLOISON_INGEST_INTERNAL_SURNAMES_H_
#define CLOISON_INGEST_INTERNAL_SURNAMES_H_

#include <cstdint>
#include <string>

namespace cloison::ingest::internal {

enum class Origin : std::uint8_t { kFrench, kForeign };

inline constexpr std::uint32_t kFrenchSurnames = 160'000;
inline constexpr std::uint32_t kForeignSurnames = 40'000;

// rank from 0, below the number of that origin's names.
std::string SurnameOfRank(Origin origin, std::uint32_t rank);
// The rank that 32 even bits draw: exact, without floating point.
std::uint32_t SurnameRank(Origin origin, std::uint32_t draw);
// A name of the same make that nobody has.
std::string SurnameOfNobody(std::uint64_t draw);

}  // namespace cloison::ingest::internal

#endif  // CLOISON_INGEST_INTERNAL_SURNAMES_H_
