#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "codec/csv_reader.h"
#include "codec/csv_writer.h"

namespace cloison::codec {
namespace {

// Rows as "1: a|b", refusals as "2! text", each fed in chunks of `chunk` bytes.
std::vector<std::string> ReadAll(std::string_view text, std::size_t chunk,
                                 const CsvOptions& options = {}) {
  std::vector<std::string> out;
  CsvReader reader(options);
  const auto drain = [&] {
    while (const std::optional<CsvRow> row = reader.Next()) {
      std::string line = std::to_string(row->number);
      if (!row->status.ok()) {
        out.push_back(line + "! " + std::string(row->status.error().text()));
        EXPECT_EQ(row->status.error().detail(), static_cast<std::int64_t>(row->number));
        EXPECT_TRUE(row->fields.empty());
        continue;
      }
      line += ": ";
      for (std::size_t i = 0; i < row->fields.size(); ++i) {
        line.append(i == 0 ? "" : "|").append(row->fields[i]);
      }
      out.push_back(line);
    }
  };
  for (std::size_t at = 0; at < text.size(); at += chunk) {
    reader.Feed(AsBytes(text.substr(at, chunk)));
    drain();
  }
  reader.Finish();
  drain();
  EXPECT_FALSE(reader.Next().has_value());
  return out;
}

using Rows = std::vector<std::string>;
constexpr const char* kStray = "! a quote inside an unquoted field, or text behind a closing quote";

struct Row {
  const char* why;
  std::string text;
  Rows want;
};

void ExpectAtEveryChunkSize(const Row& row, const CsvOptions& options = {}) {
  for (const std::size_t chunk : {1u, 2u, 3u, 7u, 4096u}) {
    EXPECT_EQ(ReadAll(row.text, chunk, options), row.want) << row.why << ", chunks of " << chunk;
  }
}

TEST(CsvReaderTest, Accepts) {
  const Row rows[] = {
      {"empty", "", {}},
      {"LF", "a,b\n1,2\n", {"1: a|b", "2: 1|2"}},
      {"CRLF", "a,b\r\n1,2\r\n", {"1: a|b", "2: 1|2"}},
      {"both", "a,b\r\n1,2\n3,4\r\n", {"1: a|b", "2: 1|2", "3: 3|4"}},
      {"no line end at the end", "a,b\n1,2", {"1: a|b", "2: 1|2"}},
      {"carriage return at the end", "a,b\n1,2\r", {"1: a|b", "2: 1|2"}},
      {"empty last field at the end", "a,b\n1,", {"1: a|b", "2: 1|"}},
      {"byte order mark",
       "\xef\xbb\xbf"
       "a,b\n1,2\n",
       {"1: a|b", "2: 1|2"}},
      {"mark alone", "\xef\xbb\xbf", {}},
      {"quotes", "a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", {"1: a|b", "2: x, y|say \"hi\""}},
      {"line break inside", "a,b\n\"x\r\ny\",\"\n\"\n", {"1: a|b", "2: x\r\ny|\n"}},
      {"quoted and empty", "a,b\n\"\",\"\"\n", {"1: a|b", "2: |"}},
      {"quoted at the end", "a,b\n1,\"2\"", {"1: a|b", "2: 1|2"}},
      {"empty fields", "a,b,c\n,,\n", {"1: a|b|c", "2: ||"}},
      {"blank lines", "\n\r\na,b\n\n\r\n1,2\n\n", {"1: a|b", "2: 1|2"}},
      {"a single quoted empty field is no blank line", "a\n\"\"\n", {"1: a", "2: "}},
      {"semicolons, found", "a;b\n1,5;2\n", {"1: a|b", "2: 1,5|2"}},
      {"tabs, found", "a\tb\n1;2\t3\n", {"1: a|b", "2: 1;2|3"}},
      {"delimiters in quotes don't count", "\"a,b,c\";d\n1;2\n", {"1: a,b,c|d", "2: 1|2"}},
      {"one column", "a\n1\n", {"1: a", "2: 1"}},
      {"spaces are kept", "a, b \n 1 ,2\n", {"1: a| b ", "2:  1 |2"}},
      {"UTF-8", "é,€\n\U0001F600,x\n", {"1: é|€", "2: \U0001F600|x"}},
  };
  for (const Row& row : rows) ExpectAtEveryChunkSize(row);
}

TEST(CsvReaderTest, RefusesARowAndGoesOn) {
  const std::string ends = "! the input ends inside a quoted field";
  const std::string columns = "! a row has another number of columns than the first";
  const std::string utf8 = "! a row is not UTF-8";
  const std::string alone = "! a carriage return without a line feed";
  const std::string stray = kStray;
  const Row rows[] = {
      {"stray quote", "a,b\n1,x\"y\n3,4\n", {"1: a|b", "2" + stray, "3: 3|4"}},
      {"text behind a closing quote", "a,b\n\"x\"y,2\n3,4\n", {"1: a|b", "2" + stray, "3: 3|4"}},
      {"space behind a closing quote", "a,b\n\"x\" ,2\n3,4\n", {"1: a|b", "2" + stray, "3: 3|4"}},
      {"stray quote in the header", "a,b\"\n3,4\n", {"1" + stray, "2: 3|4"}},
      {"stray quote in the last row", "a,b\n1,x\"", {"1: a|b", "2" + stray}},
      {"cut in quotes", "a,b\n1,\"x", {"1: a|b", "2" + ends}},
      {"cut in quotes, lines inside", "a,b\n1,\"x\n3,4\n", {"1: a|b", "2" + ends}},
      {"cut in the header", "\"a", {"1" + ends}},
      {"too few columns", "a,b\n1\n3,4\n", {"1: a|b", "2" + columns, "3: 3|4"}},
      {"too many columns", "a,b\n1,2,3\n3,4\n", {"1: a|b", "2" + columns, "3: 3|4"}},
      {"Latin-1", "a,b\ncaf\xe9,2\n3,4\n", {"1: a|b", "2" + utf8, "3: 3|4"}},
      {"a surrogate", "a,b\n\xed\xa0\x80,2\n3,4\n", {"1: a|b", "2" + utf8, "3: 3|4"}},
      {"halves on both sides of a delimiter",
       "a,b\n\xc3,\xa9\n3,4\n",
       {"1: a|b", "2" + utf8, "3: 3|4"}},
      {"NUL", std::string("a,b\n1\0,2\n3,4\n", 13), {"1: a|b", "2! a NUL byte in a row", "3: 3|4"}},
      {"carriage return alone", "a,b\n1\r2,3\n3,4\n", {"1: a|b", "2" + alone, "3: 3|4"}},
      {"carriage returns as line ends", "a,b\r1,2\r", {"1" + alone}},
      {"mark in the middle is a value",
       "a,b\n\xef\xbb\xbf"
       "1,2\n",
       {"1: a|b", "2: \ufeff1|2"}},
  };
  for (const Row& row : rows) ExpectAtEveryChunkSize(row);
}

TEST(CsvReaderTest, Limits) {
  CsvOptions options;
  options.limits = {.field_bytes_max = 8, .row_bytes_max = 12, .columns_max = 3};
  const Row rows[] = {
      {"all at their limits", "a,b,c\n12345678,1234,\n", {"1: a|b|c", "2: 12345678|1234|"}},
      {"field", "a,b\n123456789,1\n3,4\n", {"1: a|b", "2! a field is too long", "3: 3|4"}},
      {"quoted field: its lines become no rows",
       "a,b\n\"123456789\n5,6\n\",1\n3,4\n",
       {"1: a|b", "2! a field is too long", "3: 3|4"}},
      {"row", "a,b\n1234567,123456\n3,4\n", {"1: a|b", "2! a row is too long", "3: 3|4"}},
      {"columns", "a,b\n1,2,3,4\n3,4\n", {"1: a|b", "2! a row has too many columns", "3: 3|4"}},
      {"header", "123456789,b\n3,4\n", {"1! a field is too long", "2: 3|4"}},
  };
  for (const Row& row : rows) ExpectAtEveryChunkSize(row, options);
}

TEST(CsvReaderTest, ALineOfTenMegabytesIsOneRefusedRow) {
  const std::string text = "a,b\n" + std::string(10u << 20, 'x') + ",1\n3,4\n";
  const Rows want = {"1: a|b", "2! a field is too long", "3: 3|4"};
  EXPECT_EQ(ReadAll(text, 65536), want);
  const std::string header = std::string(10u << 20, 'x') + "\n3,4\n";
  const Rows header_want = {"1! a field is too long", "2: 3|4"};
  EXPECT_EQ(ReadAll(header, 65536), header_want);
}

TEST(CsvReaderTest, PlacesAreCountedFromOne) {
  const std::string text =
      "\xef\xbb\xbf"
      "a,b\r\n\r\n\"x\ny\",2\n3,\"\"z\n5,6";
  CsvReader reader;
  reader.Feed(AsBytes(text));
  reader.Finish();
  const struct {
    std::uint64_t number, line, offset, end_offset;
    bool ok;
  } want[] = {
      {1, 1, 4, 9, true}, {2, 3, 11, 19, true}, {3, 5, 19, 25, false}, {4, 6, 25, 28, true}};
  for (const auto& expected : want) {
    const std::optional<CsvRow> row = reader.Next();
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->number, expected.number);
    EXPECT_EQ(row->line, expected.line) << row->number;
    EXPECT_EQ(row->offset, expected.offset) << row->number;
    EXPECT_EQ(row->end_offset, expected.end_offset) << row->number;
    EXPECT_EQ(row->status.ok(), expected.ok) << row->number;
  }
  EXPECT_FALSE(reader.Next().has_value());
  EXPECT_EQ(reader.delimiter(), ',');
}

TEST(CsvReaderTest, SetOptionsWin) {
  const Rows commas = {"1: a;b", "2: 1;2"};
  EXPECT_EQ(ReadAll("a;b\n1;2\n", 4096, {.delimiter = ','}), commas);
  const Rows free = {"1: a|b", "2: 1", "3: 1|2|3"};
  EXPECT_EQ(ReadAll("a,b\n1\n1,2,3\n", 4096, {.same_columns = false}), free);
}

TEST(CsvWriterTest, WhatIsWrittenReadsBack) {
  const struct {
    const char* why;
    std::vector<std::string_view> fields;
    std::string written;
  } rows[] = {
      {"plain", {"a", "b"}, "a,b\r\n"},
      {"delimiter, quote, line break",
       {"a,b", "x\"y", "l\nm", "r\rs"},
       "\"a,b\",\"x\"\"y\",\"l\nm\",\"r\rs\"\r\n"},
      {"empty", {"", ""}, ",\r\n"},
      {"one empty field", {""}, "\"\"\r\n"},
      {"a mark of its own",
       {"\xef\xbb\xbf"
        "a",
        "b"},
       "\"\xef\xbb\xbf"
       "a\",b\r\n"},
      {"formulas are kept for machines", {"=1+1"}, "=1+1\r\n"},
  };
  for (const auto& row : rows) {
    std::string out;
    AppendCsvRow(out, row.fields);
    EXPECT_EQ(out, row.written) << row.why;
    CsvReader reader({.delimiter = ','});
    reader.Feed(AsBytes(out));
    reader.Finish();
    const std::optional<CsvRow> back = reader.Next();
    ASSERT_TRUE(back.has_value()) << row.why;
    EXPECT_EQ(back->fields, row.fields) << row.why;
  }
}

TEST(CsvWriterTest, GuardsSpreadsheets) {
  std::string out;
  const std::string_view fields[] = {"=1+1", "+33639981234", "-5", "@x", "\tx", "a=b", ""};
  AppendCsvRow(out, fields, {.delimiter = ';', .guard_formulas = true});
  EXPECT_EQ(out, "'=1+1;'+33639981234;'-5;'@x;'\tx;a=b;\r\n");
}

}  // namespace
}  // namespace cloison::codec
