// Where a published log is read from: a directory or a URL. What comes from there is a stranger's.
//
// Paths are those of C2SP tlog-tiles: "checkpoint", "tile/0/x001/234.p/5", "tile/entries/000".
//
// Threads  one at a time.
#ifndef CLOISON_VERIFY_SOURCE_H_
#define CLOISON_VERIFY_SOURCE_H_

#include <memory>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "net/client.h"

namespace cloison::verify {

inline constexpr std::int64_t kAnswerMsMax = 30'000;  // for one object of a URL

class Source {
 public:
  virtual ~Source() = default;
  // Puts the whole object into `out`, whose room is used again.
  //
  // Fails  kNotFound     there is none
  //        kExhausted    it is larger than `bytes_max`; no more than that was kept
  //        kUnavailable  it could not be read now: no connection, too slow, an error of the disk
  //        kCorrupt      what is there is no object: a directory, a redirect, another encoding
  virtual Status Read(const std::string& path, std::size_t bytes_max, Bytes& out) = 0;
};

// The files of a directory. Symbolic links are followed; what is no regular file is refused without
// waiting for it.
class DirectorySource final : public Source {
 public:
  explicit DirectorySource(std::string directory) : directory_(std::move(directory)) {}
  Status Read(const std::string& path, std::size_t bytes_max, Bytes& out) override;

 private:
  std::string directory_;
};

struct UrlOptions {
  std::string ca_pem;  // the only authorities trusted; the system's when empty
  std::int64_t answer_ms_max = kAnswerMsMax;
};

// Below a URL, over one connection that is kept. Nothing is followed, nothing unpacked.
class UrlSource final : public Source {
 public:
  // Fails kInvalid: not a URL of http or https, or one with a query. Asks nothing yet.
  static Result<std::unique_ptr<UrlSource>> Make(std::string_view url, const UrlOptions& options,
                                                 base::Clock& clock);
  Status Read(const std::string& path, std::size_t bytes_max, Bytes& out) override;

 private:
  UrlSource(std::string prefix, net::ClientOptions options, base::Clock& clock)
      : prefix_(std::move(prefix)), client_(std::move(options), clock) {}

  std::string prefix_;  // of paths; ends without a slash
  net::HttpClient client_;
};

}  // namespace cloison::verify

#endif  // CLOISON_VERIFY_SOURCE_H_
