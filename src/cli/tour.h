// The demo's tour: each step asks the server as one of the ready-made principals, shows the curl
// command that asks the same, and is checked. The first step that does not give what it should ends
// the tour.
#ifndef CLOISON_CLI_TOUR_H_
#define CLOISON_CLI_TOUR_H_

#include <functional>
#include <string>

#include "base/clock.h"
#include "cli/connection.h"
#include "cli/terminal.h"
#include "vault/demo_world.h"

namespace cloison::cli {

struct TourOptions {
  std::string server;       // its URL
  std::string credentials;  // the directory
  std::string daemon;       // the program of the replay
  vault::DemoSize size;
  std::uint64_t drill_people = 0;
};

// Writes NAME.curl beside each NAME.token, mode 0600: with `curl -K` it carries the credentials.
Status WriteCurlFiles(const std::string& credentials);

class Tour {
 public:
  Tour(TourOptions options, const Terminal& terminal, base::Clock& clock);
  // True when every step gave what it should.
  bool Run();
  // Commands to paste while the server stays up.
  void PrintInvitation() const;

 private:
  // What a step asks, and as whom.
  struct Ask {
    std::string who, path, query, body;  // GET without a body
  };
  struct Checkpoint {
    std::uint64_t size = 0;
    std::string root;
  };

  bool Find();
  bool Open();
  bool RefuseField();
  bool RefuseStranger();
  bool Trail();
  bool RootMoved();
  bool Replay();

  void Title(int number, std::string_view title);
  void Answered(std::string_view what) const;
  bool Good(std::string_view what) const;
  bool Bad(std::string_view what) const;
  std::string CurlOf(const Ask& ask) const;
  // Shows the command and gives the answer; nothing, after saying so, when there is none.
  std::optional<net::Response> Send(const Ask& ask, bool show = true);
  std::optional<Checkpoint> ReadCheckpoint(bool show);
  // Of this hour's budget of `who`.
  std::optional<std::uint64_t> GlimpsesLeft(const std::string& who);
  bool PrintReplay(const std::string& json);

  TourOptions options_;
  const Terminal& terminal_;
  base::Clock& clock_;
  vault::DemoValues person_, stranger_;
  std::string nobody_nir_, code_;
  std::uint64_t receipt_index_ = 0;
  Checkpoint before_;
  int step_ = 0;
};

}  // namespace cloison::cli

#endif  // CLOISON_CLI_TOUR_H_
