// What serve and demo have in common: a node from its start to its end.
#ifndef CLOISON_SERVER_SERVE_H_
#define CLOISON_SERVER_SERVE_H_

#include <string>
#include <vector>

#include "server/log.h"
#include "server/node.h"
#include "server/run_loop.h"

namespace cloison::server {

// Runs a started node until a signal or a fatal commit; prints the one line `ready port=...
// management=...` first (and `public=...`, when strangers have a listener). Ends the process itself
// (exit 75) when a commit's outcome is unknown.
int RunNode(Node& node, RunLoop& loop, JsonLog& log);

// "cloisond: <line>" each, on stderr.
void PrintProblems(const std::vector<std::string>& problems);

// The configuration of a file, the environment and flags; nothing, and problems printed, when it
// has faults.
std::optional<Config> LoadConfig(const std::string& file, const Overrides& overrides);

// The same on its ground, for what is done to a register that is stopped; nothing is opened yet.
// `events` outlives it. Null, and problems printed: the configuration has faults.
std::unique_ptr<Ground> LoadGround(const std::string& file, const Overrides& overrides,
                                   base::EventSink& events);
// False, and said: nobody has made a register there.
bool HasRegister(Ground& ground);

}  // namespace cloison::server

#endif  // CLOISON_SERVER_SERVE_H_
