#include "net/internal/message.h"

#include <charconv>

namespace cloison::net::internal {
namespace {

void AppendNumber(std::string& out, std::size_t value) {
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof(digits), value);
  out.append(digits, result.ptr);
}

void AppendHeaders(std::string& out, const Headers& headers) {
  for (std::size_t i = 0; i < headers.size(); ++i) {
    out.append(headers.name(i)).append(": ").append(headers.value(i)).append("\r\n");
  }
}

}  // namespace

void AppendResponseHead(std::string& out, const Response& response, bool close) {
  out.append("HTTP/1.1 ");
  AppendNumber(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(ReasonPhrase(response.status)).append("\r\n");
  AppendHeaders(out, response.headers);
  if (response.status != 204 && response.status != 304) {
    out.append("content-length: ");
    AppendNumber(out, response.body.size());
    out.append("\r\n");
  }
  if (close) out.append("connection: close\r\n");
  out.append("\r\n");
}

void AppendRequestHead(std::string& out, const Request& request, std::string_view host) {
  out.append(MethodName(request.method)).append(" ").append(request.path);
  if (!request.query.empty()) out.append("?").append(request.query);
  out.append(" HTTP/1.1\r\nhost: ").append(host).append("\r\n");
  AppendHeaders(out, request.headers);
  const bool has_body = !request.body.empty() || request.method == Method::kPost ||
                        request.method == Method::kPut || request.method == Method::kPatch;
  if (has_body) {
    out.append("content-length: ");
    AppendNumber(out, request.body.size());
    out.append("\r\n");
  }
  out.append("\r\n");
}

}  // namespace cloison::net::internal
