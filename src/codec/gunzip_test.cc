#include "codec/gunzip.h"

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "codec/gzip.h"

namespace cloison::codec {
namespace {

// Fed `in_size` bytes at a time, given `out_size` at a time.
Result<std::string> Unpacked(std::string_view packed, std::size_t in_size, std::size_t out_size) {
  Gunzip gunzip;
  std::string out;
  std::string room(out_size, '\0');
  while (!packed.empty()) {
    std::string_view piece = packed.substr(0, in_size);
    packed.remove_prefix(piece.size());
    for (;;) {
      const Result<Gunzip::Step> step = gunzip.Next(piece, room);
      if (!step.ok()) return step.error();
      piece.remove_prefix(step->taken);
      out.append(room, 0, step->given);
      if (piece.empty() && step->given < out_size) break;
    }
  }
  if (!gunzip.complete()) return Error{Code::kCorrupt, "cut short"};
  return out;
}

TEST(Gunzip, ReadsWhatGzipWritesInPiecesOfAnySize) {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += std::to_string(i * 7919) + ";";
  const std::string two = Gzip(text) + Gzip("") + Gzip("the end");
  for (const std::size_t in : {std::size_t{1}, std::size_t{7}, two.size()}) {
    for (const std::size_t out : {std::size_t{1}, std::size_t{100}, std::size_t{1} << 20}) {
      const Result<std::string> back = Unpacked(two, in, out);
      ASSERT_TRUE(back.ok()) << in << " " << out;
      EXPECT_EQ(*back, text + "the end") << in << " " << out;
    }
  }
}

TEST(Gunzip, RefusesWhatIsDamaged) {
  const std::string good = Gzip("forty-two people were looked at");
  std::string flipped = good;
  flipped[flipped.size() - 6] = static_cast<char>(flipped[flipped.size() - 6] ^ 1);
  const struct {
    const char* why;
    std::string bytes;
  } rows[] = {
      {"no gzip", "time;agent;person"},
      {"another checksum", flipped},
      {"something behind it", good + "time;agent"},
      {"cut short", good.substr(0, good.size() - 9)},
  };
  for (const auto& row : rows) EXPECT_FALSE(Unpacked(row.bytes, 5, 64).ok()) << row.why;
  EXPECT_TRUE(LooksLikeGzip(good));
  EXPECT_FALSE(LooksLikeGzip("time"));
  EXPECT_FALSE(LooksLikeGzip("\x1f"));
}

}  // namespace
}  // namespace cloison::codec
