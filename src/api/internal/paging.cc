#include "api/internal/paging.h"

#include <charconv>

#include "crypto/base64.h"
#include "net/url.h"

namespace cloison::api::internal {

namespace {

constexpr std::size_t kTokenBytesMax = 256;

store::Key TokenName(const Call& call, std::string_view list) {
  std::string name = "page/" + std::string(list) + "/";
  name += AsText(call.caller->principal.bytes());
  return {store::Family::kOperations, std::move(name)};
}

std::optional<Bytes> PlaceIn(const Call& call, std::string_view list, std::size_t place_bytes,
                             std::string_view token) {
  if (token.size() > kTokenBytesMax) return std::nullopt;
  const Result<Bytes> sealed = crypto::FromBase64Url(token);
  if (!sealed.ok()) return std::nullopt;
  const Result<crypto::SecretBytes> place =
      call.service.vault->state().Open(TokenName(call, list), *sealed);
  if (!place.ok() || place->size() != place_bytes) return std::nullopt;
  return base::ToBytes(place->Reveal());
}

}  // namespace

std::optional<net::Response> ReadPage(const Call& call, std::string_view list,
                                      std::size_t place_bytes, PageAsked& page) {
  const auto query = net::ParseQuery(call.request.query);
  if (!query.ok()) return call.Refuse(ProblemCode::kQueryRefused);
  for (const auto& [name, value] : *query) {
    if (name == "page_token") {
      page.place = PlaceIn(call, list, place_bytes, value);
      if (!page.place.has_value()) return call.Refuse(ProblemCode::kPageTokenRefused);
      continue;
    }
    const char* end = value.data() + value.size();
    const auto read = std::from_chars(value.data(), end, page.size);
    const bool whole = read.ec == std::errc() && read.ptr == end;
    if (name != "page_size" || !whole || page.size < 1 || page.size > kPageSizeMax) {
      return call.Refuse(ProblemCode::kQueryRefused,
                         "page_size is 1 to 100; page_token is one that was given");
    }
  }
  return std::nullopt;
}

std::string PageTokenOf(const Call& call, std::string_view list, ByteView place) {
  return crypto::ToBase64Url(call.service.vault->state().Seal(TokenName(call, list), place));
}

}  // namespace cloison::api::internal
