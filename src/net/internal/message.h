// Messages as text to send.
#ifndef CLOISON_NET_INTERNAL_MESSAGE_H_
#define CLOISON_NET_INTERNAL_MESSAGE_H_

#include <string>

#include "net/http.h"

namespace cloison::net::internal {

// Appends status line and headers, with content-length (but for 204 and 304) and, when `close`,
// connection: close. The headers have passed CanTravel.
void AppendResponseHead(std::string& out, const Response& response, bool close);

// Appends request line and headers, with host and content-length.
void AppendRequestHead(std::string& out, const Request& request, std::string_view host);

}  // namespace cloison::net::internal

#endif  // CLOISON_NET_INTERNAL_MESSAGE_H_
