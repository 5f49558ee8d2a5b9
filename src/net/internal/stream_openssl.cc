#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "net/internal/stream.h"

namespace cloison::net::internal {
namespace {

constexpr int kChainDepthMax = 4;
constexpr unsigned char kSessionContext[] = "cloison";

template <auto kFree>
struct FreeWith {
  template <class T>
  void operator()(T* pointer) const {
    kFree(pointer);
  }
};
using Bio = std::unique_ptr<BIO, FreeWith<&BIO_free_all>>;
using X509Ptr = std::unique_ptr<X509, FreeWith<&X509_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreeWith<&EVP_PKEY_free>>;

Bio OpenText(const std::string& text) {
  return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

// A BIO over the socket that never raises SIGPIPE; the library's own would.
int SocketOf(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool WouldBlock() {
  return errno == EAGAIN || errno == EWOULDBLOCK;
}

int SocketRead(BIO* bio, char* out, int size) {
  BIO_clear_retry_flags(bio);
  ssize_t got = 0;
  do {
    got = ::recv(SocketOf(bio), out, static_cast<std::size_t>(size), 0);
  } while (got < 0 && errno == EINTR);
  if (got < 0 && WouldBlock()) BIO_set_retry_read(bio);
  if (got == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(got);
}

int SocketWrite(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  ssize_t put = 0;
  do {
    put = ::send(SocketOf(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  } while (put < 0 && errno == EINTR);
  if (put < 0 && WouldBlock()) BIO_set_retry_write(bio);
  return static_cast<int>(put);
}

long SocketControl(BIO* bio, int command, long, void*) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BIO_METHOD* SocketMethod() {
  static BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    CLOISON_CHECK(made != nullptr);
    BIO_meth_set_read(made, &SocketRead);
    BIO_meth_set_write(made, &SocketWrite);
    BIO_meth_set_ctrl(made, &SocketControl);
    return made;
  }();
  return method;
}

// SSL_get_error wants a queue that was empty before. Looking is cheaper than clearing.
void ForgetErrors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

Error Invalid(Literal text) {
  ERR_clear_error();
  return Error{Code::kInvalid, text};
}

// The certificate with its chain, and the key that goes with it.
Status UseIdentity(SSL_CTX* context, const std::string& certificate_pem,
                   const std::string& private_key_pem) {
  const Bio text = OpenText(certificate_pem);
  const X509Ptr leaf(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) {
    return Invalid("the certificate's PEM does not load");
  }
  while (X509* issuer = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    if (SSL_CTX_add0_chain_cert(context, issuer) != 1) {
      X509_free(issuer);
      return Invalid("the certificate's chain does not load");
    }
  }
  ERR_clear_error();
  const Bio key_text = OpenText(private_key_pem);
  const KeyPtr key(PEM_read_bio_PrivateKey(key_text.get(), nullptr, nullptr, nullptr));
  if (!key || SSL_CTX_use_PrivateKey(context, key.get()) != 1 ||
      SSL_CTX_check_private_key(context) != 1) {
    return Invalid("the private key's PEM does not load or is not the certificate's");
  }
  return Ok();
}

// The authorities of `pem`; with `announce`, the server names them in its request.
Status TrustAuthorities(SSL_CTX* context, const std::string& pem, bool announce) {
  const Bio text = OpenText(pem);
  int loaded = 0;
  while (true) {
    const X509Ptr authority(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
    if (!authority) break;
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), authority.get()) != 1 ||
        (announce && SSL_CTX_add_client_CA(context, authority.get()) != 1)) {
      return Invalid("an authority's certificate cannot be used");
    }
    ++loaded;
  }
  ERR_clear_error();
  if (loaded == 0) return Invalid("the authorities' PEM does not load");
  return Ok();
}

void SetCommon(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set1_groups_list(context, "X25519:P-256");
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_options(context, SSL_OP_CLEANSE_PLAINTEXT);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_verify_depth(context, kChainDepthMax);
}

int KeepNewSession(SSL* ssl, SSL_SESSION* session) {
  auto* context = static_cast<TlsContext*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
  context->KeepSession(session);
  return 1;  // the reference is ours now
}

SSL* MakeSsl(SSL_CTX* context, int socket) {
  SSL* ssl = SSL_new(context);
  BIO* bio = BIO_new(SocketMethod());
  CLOISON_CHECK(ssl != nullptr && bio != nullptr);
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl, bio, bio);
  return ssl;
}

bool IsNumericAddress(const std::string& host) {
  unsigned char address[16];
  return ::inet_pton(AF_INET, host.c_str(), address) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), address) == 1;
}

}  // namespace

TlsContext::~TlsContext() {
  SSL_SESSION_free(session_);
  SSL_CTX_free(context_);
}

void TlsContext::KeepSession(SSL_SESSION* session) {
  SSL_SESSION_free(std::exchange(session_, session));
}

Result<std::unique_ptr<TlsContext>> TlsContext::ForServer(const TlsServerOptions& options) {
  std::unique_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_server_method())));
  SSL_CTX* context = made->get();
  CLOISON_CHECK(context != nullptr);
  SetCommon(context);
  SSL_CTX_set_num_tickets(context, 1);
  SSL_CTX_set_timeout(context, kSessionSeconds);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets hold the state
  SSL_CTX_set_session_id_context(context, kSessionContext, sizeof(kSessionContext) - 1);
  CLOISON_TRY(UseIdentity(context, options.certificate_pem, options.private_key_pem));
  if (options.client_certificates == ClientCertificates::kNone) return made;

  CLOISON_TRY(TrustAuthorities(context, options.client_ca_pem, true));
  const bool required = options.client_certificates == ClientCertificates::kRequired;
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | (required ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0),
                     nullptr);
  return made;
}

Result<std::unique_ptr<TlsContext>> TlsContext::ForClient(const TlsClientOptions& options) {
  std::unique_ptr<TlsContext> made(new TlsContext(SSL_CTX_new(TLS_client_method())));
  SSL_CTX* context = made->get();
  CLOISON_CHECK(context != nullptr);
  SetCommon(context);
  if (options.older_tls) {
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20");
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION);
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
  SSL_CTX_set_app_data(context, made.get());
  SSL_CTX_sess_set_new_cb(context, &KeepNewSession);
  if (options.ca_pem.empty()) {
    if (SSL_CTX_set_default_verify_paths(context) != 1) {
      return Invalid("the system's authorities cannot be read");
    }
  } else {
    CLOISON_TRY(TrustAuthorities(context, options.ca_pem, false));
  }
  if (options.certificate_pem.empty()) return made;
  CLOISON_TRY(UseIdentity(context, options.certificate_pem, options.private_key_pem));
  return made;
}

Stream Stream::Plain(int socket) {
  return Stream(socket);
}

Stream Stream::TlsServer(const TlsContext& context, int socket) {
  Stream stream(socket);
  stream.ssl_ = MakeSsl(context.get(), socket);
  SSL_set_accept_state(stream.ssl_);
  return stream;
}

Stream Stream::TlsClient(const TlsContext& context, int socket, const std::string& host) {
  Stream stream(socket);
  stream.ssl_ = MakeSsl(context.get(), socket);
  SSL_set_connect_state(stream.ssl_);
  if (IsNumericAddress(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(stream.ssl_), host.c_str());
  } else {
    SSL_set1_host(stream.ssl_, host.c_str());
    SSL_ctrl(stream.ssl_, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
             const_cast<char*>(host.c_str()));
  }
  if (context.session() != nullptr) SSL_set_session(stream.ssl_, context.session());
  return stream;
}

Stream::~Stream() {
  SSL_free(ssl_);
}

Stream::Stream(Stream&& other) noexcept
    : socket_(other.socket_), ssl_(std::exchange(other.ssl_, nullptr)), broken_(other.broken_) {}

Stream& Stream::operator=(Stream&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(ssl_, other.ssl_);
  std::swap(broken_, other.broken_);
  return *this;
}

Io Stream::Explain(int result) {
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return Io::kWantRead;
    case SSL_ERROR_WANT_WRITE: return Io::kWantWrite;
    case SSL_ERROR_ZERO_RETURN: return Io::kClosed;
    default: break;
  }
  // A close without TLS's own goodbye counts as a close here; lengths in HTTP show a cut message.
  const bool ended = BIO_eof(SSL_get_rbio(ssl_)) != 0 || ERR_peek_error() == 0;
  broken_ = true;
  ERR_clear_error();
  return ended ? Io::kClosed : Io::kFailed;
}

Io Stream::Handshake() {
  if (ssl_ == nullptr) return Io::kDone;
  ForgetErrors();
  const int result = SSL_do_handshake(ssl_);
  return result == 1 ? Io::kDone : Explain(result);
}

Io Stream::Read(std::span<char> into, std::size_t& read) {
  if (ssl_ == nullptr) return RawRead(into, read);
  ForgetErrors();
  const int result = SSL_read_ex(ssl_, into.data(), into.size(), &read);
  return result == 1 ? Io::kDone : Explain(result);
}

bool Stream::HasPending() const {
  return ssl_ != nullptr && SSL_has_pending(ssl_) == 1;
}

Io Stream::Write(std::string_view bytes, std::size_t& written) {
  if (ssl_ == nullptr) return RawWrite(bytes, written);
  ForgetErrors();
  const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &written);
  return result == 1 ? Io::kDone : Explain(result);
}

Io Stream::RawRead(std::span<char> into, std::size_t& read) {
  const ssize_t got = ::recv(socket_, into.data(), into.size(), 0);
  if (got > 0) {
    read = static_cast<std::size_t>(got);
    return Io::kDone;
  }
  if (got == 0) return Io::kClosed;
  return WouldBlock() || errno == EINTR ? Io::kWantRead : Io::kFailed;
}

Io Stream::RawWrite(std::string_view bytes, std::size_t& written) {
  const ssize_t put = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (put > 0) {
    written = static_cast<std::size_t>(put);
    return Io::kDone;
  }
  return put < 0 && (WouldBlock() || errno == EINTR) ? Io::kWantWrite : Io::kFailed;
}

void Stream::Close() {
  if (ssl_ == nullptr || broken_ || SSL_in_init(ssl_) != 0) return;
  ERR_clear_error();
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

bool Stream::resumed() const {
  return ssl_ != nullptr && SSL_session_reused(ssl_) == 1;
}

std::optional<ByteArray<32>> Stream::peer_certificate_sha256() const {
  const X509* peer = ssl_ == nullptr ? nullptr : SSL_get0_peer_certificate(ssl_);
  if (peer == nullptr) return std::nullopt;
  ByteArray<32> digest;
  unsigned size = 0;
  CLOISON_CHECK(X509_digest(peer, EVP_sha256(), digest.data(), &size) == 1 && size == 32);
  return digest;
}

}  // namespace cloison::net::internal
