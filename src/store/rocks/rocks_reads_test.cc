#include "store/rocks/internal/rocks_reads.h"

#include <gtest/gtest.h>

namespace cloison::store::internal {
namespace {

TEST(RocksRowTest, TheVersionIsReadAsItWasWritten) {
  struct Case {
    Version version;
    Bytes stored;
    const char* why;
  };
  const Case kCases[] = {
      {1, {0x01}, "the first commit"},
      {127, {0x7F}, "the last of one byte"},
      {128, {0x80, 0x01}, "the first of two"},
      {300, {0xAC, 0x02}, "as docs/format/store.md says"},
      {~Version{0}, {255, 255, 255, 255, 255, 255, 255, 255, 255, 0x01}, "the last there is"},
  };
  for (const Case& row : kCases) {
    Bytes stored;
    AppendVersion(stored, row.version);
    EXPECT_EQ(stored, row.stored) << row.why;
    stored.push_back(0x80);
    const Result<Row> read = DecodeRow(stored);
    ASSERT_TRUE(read.ok()) << row.why;
    EXPECT_EQ(read->version, row.version) << row.why;
    EXPECT_EQ(read->value, Bytes{0x80}) << row.why;
  }
}

TEST(RocksRowTest, WhatNoVersionBeginsIsCorrupt) {
  struct Case {
    Bytes stored;
    const char* why;
  };
  const Case kCases[] = {
      {{}, "nothing"},
      {{0x00}, "version 0 is of rows that are absent"},
      {{0x80}, "cut short"},
      {{0x80, 0x00}, "0 in two bytes"},
      {{0x81, 0x00}, "1 in two bytes: it has a shorter form"},
      {{255, 255, 255, 255, 255, 255, 255, 255, 255, 0x02}, "2^64 and more"},
      {{255, 255, 255, 255, 255, 255, 255, 255, 255, 0x81, 0x01}, "eleven bytes"},
  };
  for (const Case& row : kCases) {
    const Result<Row> read = DecodeRow(row.stored);
    ASSERT_FALSE(read.ok()) << row.why;
    EXPECT_EQ(read.error().code(), Code::kCorrupt) << row.why;
  }
}

}  // namespace
}  // namespace cloison::store::internal
