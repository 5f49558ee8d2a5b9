#include "codec/gzip.h"

#include <zlib.h>

#include <algorithm>

#include "base/check.h"

namespace cloison::codec {

namespace {

constexpr int kLevel = 1;             // hashes hardly get smaller, however long it takes
constexpr int kWindowBits = 15 + 16;  // 16: with gzip's header
constexpr int kMemoryLevel = 8;

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool Equals(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
}

// Takes what stands before the next `separator`, trimmed.
std::string_view Take(std::string_view& text, char separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = Trimmed(text.substr(0, end));
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

// Whether a weight is above 0: "q=" and 0 or 1, a point, at most three digits.
bool IsWanted(std::string_view weight) {
  if (weight.empty()) return true;
  if (weight.size() < 3 || !Equals(weight.substr(0, 2), "q=")) return false;
  const std::string_view number = weight.substr(2);
  if (number.size() > 5 || (number[0] != '0' && number[0] != '1')) return false;
  if (number.size() > 1 && number[1] != '.') return false;
  const auto digits = number.substr(std::min<std::size_t>(2, number.size()));
  const bool all = std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
  return all && number.find_first_not_of("0.") != std::string_view::npos;
}

}  // namespace

std::string Gzip(std::string_view text) {
  CLOISON_CHECK(text.size() <= kGzipBytesMax);
  z_stream stream{};
  CLOISON_CHECK(deflateInit2(&stream, kLevel, Z_DEFLATED, kWindowBits, kMemoryLevel,
                             Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out(deflateBound(&stream, text.size()), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  CLOISON_CHECK(done == Z_STREAM_END);
  return out;
}

bool AcceptsGzip(std::string_view accept_encoding) {
  bool any = false;
  while (!accept_encoding.empty()) {
    std::string_view item = Take(accept_encoding, ',');
    const std::string_view coding = Take(item, ';');
    const bool wanted = IsWanted(Trimmed(item));
    if (Equals(coding, "gzip") || Equals(coding, "x-gzip")) return wanted;
    if (coding == "*") any = wanted;
  }
  return any;
}

}  // namespace cloison::codec
