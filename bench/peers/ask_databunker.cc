#include <algorithm>

#include "bench/peers/questions.h"

namespace cloison::bench {
namespace {

constexpr std::size_t kRounds = 10, kAtOnce = 16;
constexpr std::size_t kNightPeople = 2'000;
constexpr double kSecondsMax = 60;

std::string Sql(const BunkerWorld& world, const std::string& text) {
  return world.postgres.Sql(Databunker::kDatabase, text);
}

std::string AuditGone(const BunkerWorld& world, const std::string& token) {
  const std::string before = Sql(world, "SELECT count(*) FROM audit");
  Sql(world, "DELETE FROM audit");
  Sql(world, "ALTER TABLE audit RENAME TO audit_taken_away");
  const Databunker::Answer answer = world.bunker.Read(token);
  Sql(world, "ALTER TABLE audit_taken_away RENAME TO audit");
  const bool shown = answer.status == 200 && answer.body.find("email") != std::string::npos;
  return before +
         " rows deleted by one statement; with the whole table taken away a read answers " +
         std::to_string(answer.status) + (shown ? " with the person's data" : " without data");
}

std::string Duplicates(const BunkerWorld& world) {
  std::vector<BunkerPerson> creations;
  for (std::size_t i = 0; i < kRounds; ++i) {
    creations.insert(creations.end(), kAtOnce, world.new_people.at(i));
  }
  const std::string before = Sql(world, "SELECT count(*) FROM users");
  RunLoadTool(world.bin, world.bunker.Creations(creations),
              {world.bunker.port(), kAtOnce, kSecondsMax, true}, world.log);
  const std::string most = Sql(world,
                               "SELECT max(copies) FROM (SELECT count(*) copies FROM users WHERE "
                               "emailidx <> '' GROUP BY emailidx) c");
  const std::string twice = Sql(world,
                                "SELECT count(*) FROM (SELECT FROM users WHERE emailidx <> '' "
                                "GROUP BY emailidx HAVING count(*) > 1) c");
  const std::size_t made =
      std::stoul(Sql(world, "SELECT count(*) FROM users")) - std::stoul(before);
  return std::to_string(made) + " records of " + std::to_string(kRounds) + " people, up to " +
         most + " of one e-mail address (" + twice + " addresses more than once)";
}

std::string AfterErasure(const BunkerWorld& world, const std::string& token) {
  const std::string where = " FROM users WHERE token = '" + token + "'";
  const std::string key = Sql(world, "SELECT key" + where),
                    data = Sql(world, "SELECT data" + where);
  Sql(world, "CREATE TABLE backup AS SELECT *" + where);
  if (world.bunker.Delete(token).status != 200) GiveUp("databunker did not delete a person");
  Sql(world, "CHECKPOINT");
  const std::string images = Sql(world, "SELECT count(*) FROM audit WHERE \"after\" = '" + data +
                                            "' OR \"before\" = '" + data + "'");
  // Long values are compressed where they lie; the record's own key is short.
  const std::size_t in_files = FilesWith(world.postgres.data(), key);
  Sql(world, "DELETE" + where);
  Sql(world, "INSERT INTO users SELECT * FROM backup");
  const Databunker::Answer answer = world.bunker.Read(token);
  const bool opens = answer.status == 200 && answer.body.find("email") != std::string::npos;
  return "the record's key still in " + std::to_string(in_files) +
         " files (table, WAL), its sealed copy in " + images +
         " audit rows; the backup's row put back " + (opens ? "opens" : "does not open");
}

std::string AllNight(const BunkerWorld& world, std::vector<std::string> tokens) {
  tokens.resize(std::min(tokens.size(), kNightPeople));
  const Loaded read = RunLoadTool(world.bin, world.bunker.ReadingsByToken(tokens),
                                  {world.bunker.port(), 1, kSecondsMax, true}, world.log);
  std::uint64_t shown = 0, others = 0;
  for (const auto& [status, times] : read.statuses) (status == 200 ? shown : others) += times;
  return std::to_string(shown) + " people read one after the other, " + std::to_string(others) +
         " refused: nothing stops it (" + InANight(read.per_s) +
         " in a night of 10 h); the audit table has the rows";
}

}  // namespace

Answers AskDatabunker(const BunkerWorld& world) {
  const std::vector<std::string> tokens = world.bunker.Tokens(world.postgres);
  if (tokens.size() < 2) GiveUp("databunker has nobody");
  Answers answers;
  answers.all_night = AllNight(world, tokens);
  answers.after_erasure = AfterErasure(world, tokens[0]);
  answers.audit_gone = AuditGone(world, tokens[1]);
  answers.duplicates = Duplicates(world);
  return answers;
}

}  // namespace cloison::bench
