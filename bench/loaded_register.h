// A register of generated people, filled by a direct import: what benches of a whole register begin
// with.
#ifndef CLOISON_BENCH_LOADED_REGISTER_H_
#define CLOISON_BENCH_LOADED_REGISTER_H_

#include <string>

namespace cloison::bench {

struct Loading {
  std::size_t people;
  std::string folder;  // of the bench alone; FOLDER/log has what the programs say
  std::string bin;     // where cloison and cloisond are
};

// All end the bench, saying why, when a program fails.
void Generate(const Loading& loading, const std::string& csv);
// The job seekers' schema with another capacity, 10,000 at least.
void WriteSchema(const std::string& path, std::size_t capacity);
// An empty register in `home`, HOME/cloison.toml, whose capacity is the number of people, so that
// its pages are as full as a country's.
void MakeRegister(const Loading& loading, const std::string& home);
// Everybody of the file, or the bench ends.
void LoadRegister(const Loading& loading, const std::string& home, const std::string& csv);

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_LOADED_REGISTER_H_
