#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <functional>

#include "base/bytes.h"
#include "bench/peers/questions.h"

namespace cloison::bench {
namespace {

constexpr char kNumber[] = "269054958815780";  // specimen: nobody's
constexpr int kRounds = 10;
constexpr double kNightSeconds = 3, kNightHours = 10;

std::size_t Count(const Postgres& postgres, const std::string& from) {
  return std::stoul(postgres.Sql(kPeersDatabase, "SELECT count(*) FROM " + from));
}

std::size_t Lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

std::string AuditGone(const Postgres& postgres, const Script& audited) {
  const std::size_t before = Count(postgres, "audit"), lines = Lines(postgres.ServerLog());
  postgres.Sql(kPeersDatabase, "DELETE FROM audit");
  const std::size_t left = Count(postgres, "audit");
  const Transactions reads = postgres.Run(kPeersDatabase, audited, {1, 0, 10});
  return std::to_string(before) + " rows deleted by one statement, " + std::to_string(left) +
         " left; " + std::to_string(reads.done) + " of 10 reads after it answered; server log: " +
         std::to_string(Lines(postgres.ServerLog()) - lines) + " new lines";
}

std::string Duplicates(const Postgres& postgres, const SealedKeys& keys) {
  std::size_t checked = 0, unique = 0;
  for (int round = 0; round < kRounds; ++round) {
    postgres.Sql(kPeersDatabase, "TRUNCATE registered, registered_once");
    std::vector<std::string> variables = VariablesOf(keys, 1);
    variables.push_back(std::string("nir=") + kNumber);
    postgres.Run(kPeersDatabase, {"bench/peers/create_checked.sql", variables}, {16, 0, 1});
    postgres.Run(kPeersDatabase, {"bench/peers/create_unique.sql", variables}, {16, 0, 1});
    checked = std::max(checked, Count(postgres, "registered"));
    unique = std::max(unique, Count(postgres, "registered_once"));
  }
  return "up to " + std::to_string(checked) + " records with a check before the insert; " +
         std::to_string(unique) + " with a unique index on an HMAC of the number";
}

std::string AfterErasure(const Postgres& postgres, const SealedKeys& keys) {
  const std::string person = "9000000001", quoted_key = "'" + keys.pgp + "'";
  postgres.Sql(kPeersDatabase, "INSERT INTO sealed(id, nir) VALUES (" + person +
                                   ", pgp_sym_encrypt('" + kNumber + "', " + quoted_key + "))");
  const std::string sealed =
      postgres.Sql(kPeersDatabase, "SELECT encode(nir, 'hex') FROM sealed WHERE id = " + person);
  const Result<Bytes> bytes = base::FromHex(sealed);
  if (!bytes.ok()) GiveUp("a sealed value cannot be read back");
  const std::string needle(AsText(*bytes));
  // A copy of the files, as a backup is.
  postgres.Sql("postgres", std::string("CREATE DATABASE backup TEMPLATE ") + kPeersDatabase);
  postgres.Sql(kPeersDatabase, "DELETE FROM sealed WHERE id = " + person);
  postgres.Sql(kPeersDatabase, "CHECKPOINT");
  const std::string database =
      postgres.Sql("postgres", std::string("SELECT oid FROM pg_database WHERE datname = '") +
                                   kPeersDatabase + "'");
  const std::size_t in_table = FilesWith(postgres.data() + "/base/" + database, needle);
  const std::size_t in_log = FilesWith(postgres.data() + "/pg_wal", needle);
  const std::size_t clear = FilesWith(postgres.data(), kNumber);
  const bool opens = postgres.Sql("backup", "SELECT pgp_sym_decrypt(nir, " + quoted_key +
                                                ") FROM sealed WHERE id = " + person) == kNumber;
  postgres.Sql("postgres", "DROP DATABASE backup");
  return "sealed value in " + std::to_string(in_table) + " file of the table and " +
         std::to_string(in_log) + " of WAL after the delete, in clear in " + std::to_string(clear) +
         "; the backup's row " + (opens ? "opens with the one key of the column" : "does not open");
}

std::string AllNight(const Postgres& postgres, const SealedKeys& keys, std::size_t people) {
  const std::size_t lines = Lines(postgres.ServerLog());
  const Transactions reads =
      postgres.Run(kPeersDatabase, {"bench/peers/read_night.sql", VariablesOf(keys, people)},
                   {1, kNightSeconds, 0});
  return std::to_string(reads.done) + " people read one after the other in " +
         std::to_string(static_cast<int>(kNightSeconds)) + " s, none refused: nothing stops it (" +
         InANight(reads.per_s) + " in a night of 10 h); server log: " +
         std::to_string(Lines(postgres.ServerLog()) - lines) + " new lines";
}

}  // namespace

std::vector<std::string> VariablesOf(const SealedKeys& keys, std::size_t people) {
  return {"people=" + std::to_string(people), "pgp_key=" + keys.pgp, "aes_key=" + keys.aes,
          "hash_key=" + keys.hash};
}

std::string InANight(double per_s) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f million", per_s * kNightHours * 3'600 / 1e6);
  return text;
}

std::size_t FilesWith(const std::string& folder, const std::string& needle,
                      const std::string& but) {
  const std::boyer_moore_horspool_searcher searcher(needle.begin(), needle.end());
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().string() == but) continue;
    const std::string whole = ReadWholeFile(entry.path().string());
    if (std::search(whole.begin(), whole.end(), searcher) != whole.end()) ++files;
  }
  return files;
}

Answers AskPgcrypto(const Postgres& postgres, const SealedKeys& keys, std::size_t people) {
  Answers answers;
  answers.audit_gone =
      AuditGone(postgres, {"bench/peers/read_pgp_audited.sql", VariablesOf(keys, people)});
  answers.duplicates = Duplicates(postgres, keys);
  answers.after_erasure = AfterErasure(postgres, keys);
  answers.all_night = AllNight(postgres, keys, people);
  return answers;
}

}  // namespace cloison::bench
