// The four questions of the bench `peers`: each is asked by doing it, and answered with what came
// of it, in words and counts.
#ifndef CLOISON_BENCH_PEERS_QUESTIONS_H_
#define CLOISON_BENCH_PEERS_QUESTIONS_H_

#include <string>
#include <vector>

#include "bench/our_server.h"
#include "bench/peers/databunker.h"
#include "bench/peers/postgres.h"

namespace cloison::bench {

struct Answers {
  std::string audit_gone;     // somebody with the database's rights deletes the audit: who notices?
  std::string duplicates;     // 16 callers register one number at once: how many records?
  std::string after_erasure;  // what is left of an erased person in files, log and backup?
  std::string all_night;      // one account reads person after person: what stops it?
};

// The keys that PostgreSQL is given with every statement.
struct SealedKeys {
  std::string pgp, aes, hash;
};
inline constexpr const char* kPeersDatabase = "peers";
// The variables of the scripts in bench/peers.
std::vector<std::string> VariablesOf(const SealedKeys& keys, std::size_t people);

// On the tables that the bench has filled.
Answers AskPgcrypto(const Postgres& postgres, const SealedKeys& keys, std::size_t people);

struct BunkerWorld {
  const Databunker& bunker;
  const Postgres& postgres;
  std::vector<BunkerPerson> new_people;  // whom it does not have yet
  std::string bin, log;
};
Answers AskDatabunker(const BunkerWorld& world);

// On a small world of its own, made anew: it does not survive the first question, asked last. Ends
// the bench when a guarantee does not hold.
Answers AskOurs(const WorldSettings& settings);

// How many people a caller of this rate takes in a night of 10 hours: "32.9 million".
std::string InANight(double per_s);

// The files below `folder` that hold `needle`, except `but`.
std::size_t FilesWith(const std::string& folder, const std::string& needle,
                      const std::string& but = "");

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_PEERS_QUESTIONS_H_
