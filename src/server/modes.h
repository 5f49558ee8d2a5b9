// The modes of cloisond. Each takes what the command line said and gives the exit code: 0 done,
// 1 failure, 2 usage, 6 exists already, 69 in use or sealed, 75 start again.
#ifndef CLOISON_SERVER_MODES_H_
#define CLOISON_SERVER_MODES_H_

#include <optional>
#include <string>

#include "drill/drill.h"
#include "server/config.h"

namespace cloison::server {

inline constexpr int kExitFailure = 1, kExitUsage = 2, kExitExists = 6, kExitUnavailable = 69,
                     kExitAgain = 75;

struct ServeArguments {
  std::string config_file;
  Overrides overrides;
};
struct InitArguments {
  std::string config_file;  // written when it is not there
  Overrides overrides;
  // Of production: the first makes the keys and writes the statement, the second begins.
  std::string plan, statement;  // FILE of who is to begin; FILE to write the statement to
  std::string note;             // FILE: the statement, signed by two officers
};
struct VerifyStoreArguments {
  std::string config_file;
  Overrides overrides;
  std::string published;  // "SIZE:ROOT" of the published log; empty: not compared
};
struct SchemaArguments {
  enum class Which { kInForce, kAgreed, kBefore };
  std::string config_file;
  Overrides overrides;
  Which which = Which::kInForce;
};
struct RecoverArguments {
  std::string config_file;
  Overrides overrides;
  std::string statement;  // FILE to write the statement to
  std::string note;       // or FILE that holds it, signed
  std::string witnessed;  // FILE: a checkpoint that somebody else kept; may be empty
};
struct ExportArguments {
  std::string config_file;
  Overrides overrides;
  std::uint32_t generation = 0;       // of the log; 0: the newest
  std::optional<std::uint64_t> size;  // nothing: as much as was signed, or closed with
  std::string out;                    // DIR that is not there yet
};
struct BackupArguments {
  std::string config_file;
  Overrides overrides;
  std::string directory;  // DIR of backups; made when it is not there
  std::string parent;     // name of a backup in it; empty: all rows
};
struct RestoreArguments {
  std::string config_file;
  Overrides overrides;
  std::string directory, name;
  std::string erase_journal;   // FILE: the newest there is
  bool nobody_erased = false;  // since the backup: there is no journal
  bool check = false;          // read it to its end, restore nothing
};
struct ImportArguments {
  std::string config_file;
  Overrides overrides;
  std::string file;            // "-": standard input
  std::string format = "csv";  // or jsonl
  std::string map, rejects;    // FILEs; may be empty
  bool include_values = false;
};
struct DemoArguments {
  std::string data;
  std::optional<std::size_t> people;  // nothing: as many as there are, or 100,000
  std::uint16_t port = 8443;
  std::uint16_t management_port = 0;
  std::string schema;          // FILE; empty: the built-in one, of job seekers
  std::string policy;          // the same
  bool every_adviser = false;  // credentials of all advisers, not the ready-made principals alone
};
struct DrillArguments {
  drill::Arguments drill;
  std::string store = "memory";  // or "rocks"
};

int RunServe(const ServeArguments& arguments);
int RunInit(const InitArguments& arguments);
int RunVerifyStore(const VerifyStoreArguments& arguments);
int RunSchema(const SchemaArguments& arguments);
int RunRecover(const RecoverArguments& arguments);
int RunExport(const ExportArguments& arguments);
int RunBackup(const BackupArguments& arguments);
int RunRestore(const RestoreArguments& arguments);
int RunImport(const ImportArguments& arguments);
int RunDemo(const DemoArguments& arguments);
int RunDrill(const DrillArguments& arguments);

// Reads the command line and runs the mode it names.
int RunCommandLine(int argc, char** argv);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_MODES_H_
