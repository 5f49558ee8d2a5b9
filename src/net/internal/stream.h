// A connected socket that does not block, with TLS 1.3 over it or without. Who waits, and how, is
// the caller's: the server waits on a loop, the client polls.
//
// OpenSSL works on the socket itself rather than on a pair of memory buffers: that saves two
// copies per record, and reads ahead, so a request costs one recv and an answer one send.
//
// Threads  a TlsContext any number; a Stream one at a time.
// Source   RFC 8446; SSL_read(3), SSL_get_error(3).
#ifndef CLOISON_NET_INTERNAL_STREAM_H_
#define CLOISON_NET_INTERNAL_STREAM_H_

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "net/server.h"

struct ssl_ctx_st;
struct ssl_st;
struct ssl_session_st;

namespace cloison::net::internal {

struct TlsClientOptions {
  std::string ca_pem;  // the system's authorities when empty
  std::string certificate_pem;
  std::string private_key_pem;
  bool older_tls = false;  // TLS 1.2 too
};

class TlsContext {
 public:
  // Fail kInvalid: PEM that does not load, a key that is not the certificate's.
  static Result<std::unique_ptr<TlsContext>> ForServer(const TlsServerOptions& options);
  static Result<std::unique_ptr<TlsContext>> ForClient(const TlsClientOptions& options);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  ssl_ctx_st* get() const { return context_; }
  // The client's last ticket, for its next connection.
  void KeepSession(ssl_session_st* session);
  ssl_session_st* session() const { return session_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}

  ssl_ctx_st* context_;
  ssl_session_st* session_ = nullptr;
};

enum class Io {
  kDone,
  kWantRead,   // wait until the socket can be read, then call again
  kWantWrite,  // the same for writing
  kClosed,     // the peer has closed
  kFailed,     // broken: a reset, or what is not TLS
};

class Stream {
 public:
  static Stream Plain(int socket);
  static Stream TlsServer(const TlsContext& context, int socket);
  // `host` is what the server's certificate must name.
  static Stream TlsClient(const TlsContext& context, int socket, const std::string& host);
  ~Stream();
  Stream(Stream&& other) noexcept;
  Stream& operator=(Stream&& other) noexcept;

  Io Handshake();
  Io Read(std::span<char> into, std::size_t& read);  // kDone: read > 0
  bool HasPending() const;  // bytes were taken from the socket that Read has not given yet
  Io Write(std::string_view bytes, std::size_t& written);  // kDone: written > 0, maybe not all
  void Close();                                            // says so to the peer, once
  bool resumed() const;
  std::optional<ByteArray<32>> peer_certificate_sha256() const;

 private:
  explicit Stream(int socket) : socket_(socket) {}
  Io Explain(int result);
  Io RawRead(std::span<char> into, std::size_t& read);
  Io RawWrite(std::string_view bytes, std::size_t& written);

  int socket_;
  ssl_st* ssl_ = nullptr;
  bool broken_ = false;
};

}  // namespace cloison::net::internal

#endif  // CLOISON_NET_INTERNAL_STREAM_H_
