// cloisond on a demo world, from the outside: started, asked as its principals would, ended, and
// what it leaves behind read.
#ifndef CLOISON_TESTS_DISK_DAEMON_H_
#define CLOISON_TESTS_DISK_DAEMON_H_

#include <sys/resource.h>
#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "codec/json_reader.h"
#include "net/client.h"

namespace cloison::disk {

struct Answer {
  int status = 0;    // 0: none came
  std::string code;  // of a problem
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
  std::string Text(std::string_view name) const;  // a text member of the body; "": there is none
  // The index that the first receipt of the body names.
  std::optional<std::uint64_t> EntryIndex() const;
};

// One principal of a running server, with its own connection.
class Agent {
 public:
  // Reads NAME.pem, NAME.key, NAME.token and ca.pem of `credentials`.
  Agent(const std::string& credentials, const std::string& name, std::uint16_t port);

  using Headers = std::vector<std::pair<std::string, std::string>>;
  Answer Get(const std::string& path, const std::string& query = "");
  Answer Post(const std::string& path, std::string json, const Headers& headers = {});
  Answer Patch(const std::string& path, std::string json, const Headers& headers);
  const std::string& token() const { return token_; }

 private:
  Answer Send(net::Request request, const Headers& headers);

  base::SystemClock clock_;
  std::string token_;
  std::unique_ptr<net::HttpClient> client_;
};

class Daemon {
 public:
  // Everything lies below `directory`: world/, and what the process says in log. A core would be
  // there too: it is the process's own directory.
  Daemon(std::string directory, std::size_t people);
  ~Daemon();  // SIGKILL
  Daemon(const Daemon&) = delete;
  Daemon& operator=(const Daemon&) = delete;

  // Starts it, with no limit on the size of a core; again on the same ports. True once it is ready.
  bool Start();
  // For starts from now on: no file of the process grows past it.
  void set_file_bytes_max(rlim_t bytes) { file_bytes_max_ = bytes; }
  bool ended();
  // Waits for its end; its status as waitpid(2) gives it.
  int Wait();
  int End(int signal);  // Signal, then Wait
  void Signal(int signal) const;
  pid_t pid() const { return pid_; }

  Agent As(const std::string& name) const;
  // The status of a path of the management listener: "/livez", "/readyz".
  int Management(const std::string& path) const;

  const std::string& directory() const { return directory_; }
  std::string world() const { return directory_ + "/world"; }
  std::string log_path() const { return directory_ + "/log"; }

 private:
  std::vector<std::string> Arguments() const;
  void ReadReady(int output);

  std::string directory_;
  std::size_t people_;
  rlim_t file_bytes_max_ = RLIM_INFINITY;
  std::uint16_t port_ = 0, management_port_ = 0;
  pid_t pid_ = -1;
  std::optional<int> status_;
  int output_ = -1;
};

// Every file below `directory`, by path.
std::vector<std::string> FilesBelow(const std::string& directory);

}  // namespace cloison::disk

#endif  // CLOISON_TESTS_DISK_DAEMON_H_
