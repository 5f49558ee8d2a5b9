// Pages of a list: how many items, and where to go on. A page token is a place in the list, sealed
// for its caller and this list alone.
#ifndef CLOISON_API_INTERNAL_PAGING_H_
#define CLOISON_API_INTERNAL_PAGING_H_

#include <optional>
#include <string>
#include <string_view>

#include "api/handler.h"
#include "api/internal/call.h"

namespace cloison::api::internal {

struct PageAsked {
  std::size_t size = kPageSizeDefault;
  std::optional<Bytes> place;  // of a token that was given: as many bytes as the list's places have
};

// Reads page_size and page_token of the request's query. `list`: "approvals". Gives the refusal of
// a query that has another name, a size out of 1 to kPageSizeMax, or a token of somebody else.
std::optional<net::Response> ReadPage(const Call& call, std::string_view list,
                                      std::size_t place_bytes, PageAsked& page);
std::string PageTokenOf(const Call& call, std::string_view list, ByteView place);

}  // namespace cloison::api::internal

#endif  // CLOISON_API_INTERNAL_PAGING_H_
