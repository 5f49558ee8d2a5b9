// gzip, one way: for public answers that many read. Nothing secret is compressed, since the size of
// what is compressed tells of it.
//
// Threads  any. Cost: some 20 ns per byte. Source: RFC 1952; RFC 9110 section 12.5.3.
#ifndef CLOISON_CODEC_GZIP_H_
#define CLOISON_CODEC_GZIP_H_

#include <string>
#include <string_view>

namespace cloison::codec {

inline constexpr std::size_t kGzipBytesMax = 64u << 20;

// CHECKs that `text` is at most kGzipBytesMax.
std::string Gzip(std::string_view text);

// Whether an Accept-Encoding header ("" when there is none) takes gzip. What cannot be read takes
// none.
bool AcceptsGzip(std::string_view accept_encoding);

}  // namespace cloison::codec

#endif  // CLOISON_CODEC_GZIP_H_
