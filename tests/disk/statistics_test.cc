// The instruments themselves: known values, noise that passes, and all that must not pass.
#include "tests/disk/statistics.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "base/testing/seeded_random.h"
#include "tests/disk/text_search.h"

namespace cloison::disk {
namespace {

constexpr double kRare = 1e-6;

double Worst(ByteView bytes) {
  double worst = 1;
  for (const Verdict& verdict : NoiseTests(bytes)) worst = std::min(worst, verdict.p);
  return worst;
}

Bytes Noise(std::uint64_t seed, std::size_t size) {
  base::testing::SeededRandom random(seed);
  Bytes out(size);
  random.Fill(out);
  return out;
}

TEST(Statistics, KnownValues) {
  // The example of SP 800-22, 2.1.8 and 2.3.8, the binary digits of pi: the first 96 of its 100.
  const Bytes pi = *base::FromHex("c90fdaa22168c234c4c6628b");
  EXPECT_NEAR(MonobitP(pi), 0.1530418842, 1e-9);
  EXPECT_NEAR(RunsP(pi), 0.4017030010, 1e-9);
  EXPECT_NEAR(ChiSquareP(18.307, 10), 0.05, 1e-4);  // tables of chi-square
  EXPECT_NEAR(ChiSquareP(310.457, 255), 0.01, 1e-4);
  EXPECT_NEAR(ChiSquareP(3.841, 1), 0.05, 1e-4);
  EXPECT_NEAR(PoissonTail(2, 5), 0.052653, 1e-6);
  EXPECT_NEAR(PoissonTail(0.001, 1), 9.995e-4, 1e-7);
  EXPECT_NEAR(PoissonTail(100, 90), 0.8536538253, 1e-9);
  EXPECT_EQ(PoissonBound(1e-4, 1e-9), 3u);
}

TEST(Statistics, NoisePasses) {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    EXPECT_GT(Worst(Noise(seed, 160 + 100 * seed)), kRare) << seed;
  }
}

TEST(Statistics, WhatIsNoNoiseDoesNot) {
  struct Row {
    const char* why;
    std::function<void(Bytes&)> spoil;
  };
  const Row rows[] = {
      {"a counter",
       [](Bytes& b) {
         for (std::size_t i = 0; i < b.size(); ++i) b[i] = i % 8 == 7 ? b[i] : 0;
       }},
      {"text",
       [](Bytes& b) {
         for (std::uint8_t& byte : b) byte = 'a' + byte % 26;
       }},
      {"every eighth byte is the same",
       [](Bytes& b) {
         for (std::size_t i = 0; i < b.size(); i += 8) b[i] = 1;
       }},
      {"each byte twice",
       [](Bytes& b) {
         for (std::size_t i = 1; i < b.size(); i += 2) b[i] = b[i - 1];
       }},
      {"in order", [](Bytes& b) { std::sort(b.begin(), b.end()); }},
  };
  for (const Row& row : rows) {
    Bytes bytes = Noise(7, 16'384);
    row.spoil(bytes);
    EXPECT_LT(Worst(bytes), kRare) << row.why;
  }
}

TEST(Statistics, EqualPrefixesAreSeen) {
  std::vector<std::string> keys;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    keys.emplace_back(AsText(Noise(i + 1, 16)));
  }
  EXPECT_GT(PrefixP(keys), kRare);
  for (std::size_t i = 0; i < 20; ++i) keys[2 * i].replace(0, 4, keys[2 * i + 1], 0, 4);
  EXPECT_LT(PrefixP(keys), kRare);
}

TEST(TextSearch, FindsWhatIsThereAndNothingElse) {
  struct Row {
    const char* why;
    std::string text, in;
    std::size_t hits;
  };
  const std::string value = "jean.martin@example.org";
  const Row rows[] = {
      {"alone", value, value, 1},
      {"inside", value, "\x01\xff" + value + "x", 1},
      {"twice", value, value + value, 2},
      {"all but its last letter", value, value.substr(0, value.size() - 1), 0},
      {"another case", value, "Jean.martin@example.org", 0},
      {"four bytes", "Metz", std::string(3, '\0') + "Metz", 1},
      {"four bytes across", "Metz", "MetMetz", 1},
      {"in nothing", value, "", 0},
      {"bytes that are no text", std::string("\0\x80\0\xff\0\0\0\1", 8),
       std::string("\0\0\x80\0\xff\0\0\0\1\0", 10), 1},
  };
  for (const Row& row : rows) {
    TextSearch search;
    search.Add(row.text);
    search.Build();
    EXPECT_EQ(search.Count(AsBytes(row.in)), row.hits) << row.why;
  }
}

// Against the dullest search there is.
TEST(TextSearch, AgreesWithFind) {
  base::testing::SeededRandom random(3);
  std::string haystack;
  for (int i = 0; i < 200'000; ++i) haystack += static_cast<char>('a' + random.Below(3));
  TextSearch search;
  std::size_t want = 0;
  std::vector<std::string> texts;
  for (int i = 0; i < 60; ++i) {
    std::string text;
    for (std::size_t n = 4 + random.Below(12); n > 0; --n)
      text += static_cast<char>('a' + random.Below(3));
    texts.push_back(text);
  }
  std::sort(texts.begin(), texts.end());
  texts.erase(std::unique(texts.begin(), texts.end()), texts.end());
  for (const std::string& text : texts) {
    search.Add(text);
    search.Add(text);  // once is enough
    for (std::size_t at = haystack.find(text); at != std::string::npos;
         at = haystack.find(text, at + 1)) {
      ++want;
    }
  }
  search.Build();
  EXPECT_GT(want, 100u);
  EXPECT_EQ(search.Count(AsBytes(haystack)), want);
}

}  // namespace
}  // namespace cloison::disk
