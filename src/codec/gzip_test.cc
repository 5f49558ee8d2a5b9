#include "codec/gzip.h"

#include <gtest/gtest.h>
#include <zlib.h>

namespace cloison::codec {
namespace {

std::string Gunzip(const std::string& packed, std::size_t size) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 15 + 16), Z_OK);
  std::string out(size + 1, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));
  stream.avail_in = static_cast<uInt>(packed.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST(Gzip, IsUnpackedByTheLibrary) {
  std::string noise;
  for (unsigned i = 0; i < 100'000; ++i)
    noise.push_back(static_cast<char>(i * i * 2654435761u >> 24));
  for (const std::string& text :
       {std::string(), std::string("a"), std::string(50'000, 'x'), noise}) {
    EXPECT_EQ(Gunzip(Gzip(text), text.size()), text);
  }
  EXPECT_LT(Gzip(std::string(50'000, 'x')).size(), 1'000u);
}

TEST(AcceptsGzip, ReadsTheHeader) {
  const struct {
    const char* why;
    const char* header;
    bool want;
  } rows[] = {
      {"no header", "", false},
      {"gzip", "gzip", true},
      {"as browsers say it", "gzip, deflate, br", true},
      {"as Go says it", "gzip", true},
      {"in capitals", "GZIP", true},
      {"the old name", "x-gzip", true},
      {"not the first", "br,gzip", true},
      {"with a weight", "br;q=1.0, gzip;q=0.8, *;q=0.1", true},
      {"the smallest weight", "gzip;q=0.001", true},
      {"spaces", " gzip ; q=0.5 ", true},
      {"anything", "*", true},
      {"refused", "gzip;q=0", false},
      {"refused in full", "gzip;q=0.000", false},
      {"refused, anything else taken", "gzip;q=0, *", false},
      {"anything refused", "*;q=0", false},
      {"another", "br", false},
      {"identity", "identity", false},
      {"a longer word", "gzippy", false},
      {"a weight that is none", "gzip;q=x", false},
      {"a weight above 1", "gzip;q=2", false},
      {"a weight without a number", "gzip;q=", false},
      {"a parameter that is none", "gzip;level=9", false},
      {"only commas", ",,,", false},
  };
  for (const auto& row : rows) EXPECT_EQ(AcceptsGzip(row.header), row.want) << row.why;
}

}  // namespace
}  // namespace cloison::codec
