// A plain connection to the loopback that sends any bytes and reads until the other side closes:
// what a well-behaved client cannot do.
#ifndef CLOISON_NET_TESTING_RAW_CONNECTION_H_
#define CLOISON_NET_TESTING_RAW_CONNECTION_H_

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"

namespace cloison::net::testing {

class RawConnection {
 public:
  explicit RawConnection(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval limit{20, 0};  // a test that hangs fails
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    CLOISON_CHECK(
        ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0);
  }
  ~RawConnection() { ::close(socket_); }
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  void Send(std::string_view bytes) { ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL); }

  // What comes until the close, or until `enough` is in it. "timeout" at the end when neither came.
  std::string Read(std::string_view enough = "\n\n never") {
    std::string all;
    char buffer[4096];
    while (all.find(enough) == std::string::npos) {
      const ssize_t got = ::recv(socket_, buffer, sizeof(buffer), 0);
      if (got < 0) return all + "timeout";
      if (got == 0) return all;
      all.append(buffer, static_cast<std::size_t>(got));
    }
    return all;
  }

  // What is sent while it is on goes out together when it is off again.
  void Cork(bool on) {
    const int value = on ? 1 : 0;
    ::setsockopt(socket_, IPPROTO_TCP, TCP_CORK, &value, sizeof(value));
  }

  int socket() const { return socket_; }

 private:
  int socket_;
};

}  // namespace cloison::net::testing

#endif  // CLOISON_NET_TESTING_RAW_CONNECTION_H_
