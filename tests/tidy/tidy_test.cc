// Each rule, on samples that break it and samples that almost do.
#include <gtest/gtest.h>

#include "tests/tidy/rules.h"

namespace cloison::tidy {
namespace {

struct Sample {
  const char* why;
  std::string path;
  std::string text;
  std::size_t want;  // findings
};

std::string Repeat(std::string_view what, std::size_t count) {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out.append(what);
  return out;
}

// A house of three modules and their architecture, to which each sample is added.
Tree HouseWith(const Sample& sample) {
  return {
      {"src/base/CMakeLists.txt", "cloison_module(base LAYER 0\n  SOURCES a.cc)\n"},
      {"src/crypto/CMakeLists.txt",
       "cloison_module(crypto LAYER 1\n  SOURCES a.cc\n  DEPS base)\n"},
      {"src/store/CMakeLists.txt",
       "cloison_module(store LAYER 1\n  SOURCES a.cc rocks/b.cc\n  DEPS base\n  TESTS "
       "a_test.cc)\n"},
      {"src/tlog/CMakeLists.txt",
       "cloison_module(tlog LAYER 2\n  SOURCES a.cc\n  DEPS base crypto\n  TEST_DEPS "
       "store_testing)\n"},
      {"docs/architecture.md", "`base`, `crypto`, **store** and src/tlog/.\n"},
      {sample.path, sample.text},
  };
}

void Check(Findings (*rule)(const Tree&), const std::vector<Sample>& samples) {
  for (const Sample& sample : samples) {
    const Findings findings = rule(HouseWith(sample));
    EXPECT_EQ(findings.size(), sample.want) << sample.why;
    for (const Finding& finding : findings) EXPECT_EQ(finding.path, sample.path) << sample.why;
  }
}

TEST(Columns, CountsCodePoints) {
  Check(Columns, {
                     {"a hundred", "src/base/a.cc", Repeat("x", 100) + "\n", 0},
                     {"a hundred of two bytes", "src/base/a.cc", Repeat("é", 100), 0},
                     {"one more", "src/base/a.cc", "\n" + Repeat("x", 101) + "\n", 1},
                     {"two long lines", "src/base/a.h", Repeat(Repeat("x", 101) + "\n", 2), 2},
                     {"not C++", "docs/a.md", Repeat("x", 101), 0},
                 });
}

TEST(FileLengths, HeadersAreShorterThanSources) {
  Check(FileLengths, {
                         {"a full header", "src/base/a.h", Repeat("x\n", 250), 0},
                         {"one line more", "src/base/a.h", Repeat("x\n", 251), 1},
                         {"a full source", "src/base/a.cc", Repeat("x\n", 600), 0},
                         {"one line more", "src/base/a.cc", Repeat("x\n", 601), 1},
                     });
}

TEST(FunctionLengths, FindTheFunctionsOfEveryForm) {
  const std::string body = Repeat("  x();\n", 59);
  const std::string member = Repeat("    x();\n", 59);
  const std::string rows = Repeat("      {1, 2},\n", 59);
  Check(
      FunctionLengths,
      {
          {"sixty lines", "src/base/a.cc", "void F() {\n" + Repeat("  x();\n", 58) + "}\n", 0},
          {"sixty-one", "src/base/a.cc", "void F() {\n" + body + "}\n", 1},
          {"a template", "src/base/a.h", "template <class T>\nT F(T t) {\n" + body + "}\n", 1},
          {"a head of two lines", "src/base/a.cc", "int F(int a,\n      int b) {\n" + body + "}\n",
           1},
          {"a default argument", "src/base/a.h", "inline int F(int a = 0) {\n" + body + "}\n", 1},
          {"a long lambda alone", "src/base/a.cc", "const auto f = [](int) {\n" + body + "};\n", 0},
          {"a lambda in a table's row", "src/base/a_test.cc",
           "TEST(A, B) {\n" + Repeat("      {1, 2},\n", 70) +
               "      {1,\n       [](int) {\n         f();\n       }},\n}\n",
           0},
          {"a member", "src/base/a.h",
           "class A {\n public:\n  int F() const {\n" + member + "  }\n};\n", 1},
          {"a constructor", "src/base/a.cc", "A::A(int b)\n    : b_(b) {\n" + body + "}\n", 1},
          {"blank lines and comments count", "src/base/a.cc",
           "void F() {\n" + Repeat("\n  // c\n", 30) + "}\n", 1},
          {"a test", "src/base/a_test.cc", "TEST(A, B) {\n" + body + "}\n", 1},
          {"the rows of a test's table don't count", "src/base/a_test.cc",
           "TEST(A, B) {\n" + rows + "}\n", 0},
          {"those of product code do", "src/base/a.cc", "void F() {\n" + rows + "}\n", 1},
          {"a brace in a literal", "src/base/a.cc",
           "void F() {\n  x(R\"(\n}\n)\");\n" + body + "}\n", 1},
          {"a class", "src/base/a.h", "class A {\n" + body + "};\n", 0},
          {"a namespace", "src/base/a.cc", "namespace a {\n" + body + "}\n", 0},
          {"a long table", "src/base/a.cc", "constexpr int kA[] = {\n" + rows + "};\n", 0},
          {"a long loop alone", "src/base/a.cc", "for (;;) {\n" + body + "}\n", 0},
      });
}

TEST(Layers, PointStrictlyDownward) {
  Check(
      Layers,
      {
          {"down, listed", "src/tlog/a.cc", "#include \"crypto/mac.h\"\n", 0},
          {"one's own", "src/tlog/a.cc", "#include \"tlog/internal/b.h\"\n", 0},
          {"up", "src/base/a.cc", "#include \"crypto/mac.h\"\n", 1},
          {"a neighbour", "src/store/a.cc", "#include \"crypto/mac.h\"\n", 1},
          {"down, not listed", "src/tlog/a.cc", "#include \"store/store.h\"\n", 1},
          {"no module", "src/tlog/a.cc", "#include \"nowhere/a.h\"\n", 1},
          {"a folder without a module", "src/lost/a.cc", "#include \"base/bytes.h\"\n", 1},
          {"another's internals", "src/tlog/a.cc", "#include \"crypto/internal/a.h\"\n", 1},
          {"a part's internals", "src/store/a.cc", "#include \"store/rocks/internal/a.h\"\n", 1},
          {"a part's own internals", "src/store/rocks/b.cc",
           "#include \"store/rocks/internal/a.h\"\n", 0},
          {"a test helper in product code", "src/tlog/a.cc", "#include \"base/testing/a.h\"\n", 1},
          {"a test helper in a test", "src/tlog/a_test.cc", "#include \"base/testing/a.h\"\n", 0},
          {"a test's own dependency", "src/tlog/a_test.cc", "#include \"store/testing/a.h\"\n", 0},
          {"the same, not in a test", "src/tlog/a.cc", "#include \"store/store.h\"\n", 1},
          {"in a comment", "src/base/a.cc", "// #include \"crypto/mac.h\"\n", 0},
      });
}

TEST(ThirdParty, StaysInItsAdapter) {
  Check(ThirdParty,
        {
            {"the C++ library", "src/base/a.h", "#include <vector>\n", 0},
            {"the system", "src/base/a.cc", "#include <sys/stat.h>\n#include <unistd.h>\n", 0},
            {"an adapter's source", "src/crypto/a.cc", "#include <openssl/evp.h>\n", 0},
            {"an adapter's header", "src/crypto/a.h", "#include <openssl/evp.h>\n", 1},
            {"another module", "src/tlog/a.cc", "#include <openssl/evp.h>\n", 1},
            {"a test", "src/tlog/a_test.cc", "#include <nlohmann/json.hpp>\n", 0},
            {"an unknown library", "src/crypto/a.cc", "#include <leftpad/leftpad.h>\n", 1},
            {"a benchmark", "bench/a.cc", "#include <boost/asio.hpp>\n", 0},
            {"an unknown library in a test", "src/crypto/a_test.cc", "#include <leftpad.h>\n", 1},
        });
}

TEST(BannedCalls, AreFoundInCodeAlone) {
  Check(BannedCalls,
        {
            {"time", "src/base/a.cc", "auto t = time(nullptr);\n", 1},
            {"std::time", "src/base/a.cc", "auto t = std::time(nullptr);\n", 1},
            {"into a variable", "src/base/a.cc", "time(&now);\n", 1},
            {"a getter", "src/base/a.h", "std::int64_t time() const;\n", 0},
            {"a longer name", "src/base/a.cc", "auto t = wall_time(1);\n", 0},
            {"a member", "src/base/a.cc", "auto t = entry.time();\n", 0},
            {"in a comment", "src/base/a.cc", "// time(nullptr)\n/* rand(\n) */\n", 0},
            {"in a literal", "src/base/a.cc", "Log(\"time(\"); F('\\'', \"\\\"rand(\");\n", 0},
            {"in a raw literal", "src/base/a.cc", "Log(R\"(time( \" rand()\");\n", 0},
            {"after a digit separator", "src/base/a.cc", "F(1'000, rand(), 2'000);\n", 1},
            {"rand", "src/base/a.cc", "int n = rand();\n", 1},
            {"memcmp", "src/base/a.cc", "return std::memcmp(a, b, 3) == 0;\n", 1},
            {"memcmp in a test", "src/base/a_test.cc", "EXPECT_EQ(memcmp(a, b, 3), 0);\n", 0},
            {"throw", "src/base/a.cc", "throw Bad();\n", 1},
            {"cout", "src/base/a.cc", "std::cout << 1;\n", 1},
            {"cout in the command line", "src/cli/a.cc", "std::cout << 1;\n", 0},
            {"outside src", "tests/sim/a.cc", "std::cout << 1;\n", 0},
        });
}

TEST(AwaitedBraces, AreArgumentsWithElements) {
  Check(AwaitedBraces,
        {
            {"first", "src/base/a.cc", "co_await F({a, b});\n", 1},
            {"later", "src/base/a.cc", "auto x = co_await F(a,\n    {b});\n", 1},
            {"two", "src/base/a.cc", "co_await F({a}, {b});\n", 2},
            {"deeper", "src/base/a.cc", "TRY(auto x, co_await F(G({a})));\n", 1},
            {"empty", "src/base/a.cc", "co_await F({});\n", 0},
            {"a type's", "src/base/a.cc", "co_await F(Key{a, b});\n", 0},
            {"of a lambda", "src/base/a.cc", "co_await F([] { return G({a}); });\n", 0},
            {"of another statement", "src/base/a.cc", "co_await F(a);\nG({a, b});\n", 0},
            {"after the awaited", "src/base/a.cc", "if (G(co_await F(a), 1)) H({a});\n", 0},
            {"nothing awaited", "src/base/a.cc", "co_return F({a, b});\n", 0},
            {"in a comment", "src/base/a.cc", "// co_await F({a, b});\n", 0},
        });
}

TEST(Unused, EverySourceIsNamedAndEveryHeaderRead) {
  Check(Unused, {
                    {"named", "src/base/a.cc", "", 0},
                    {"named with its folder", "src/store/rocks/b.cc", "", 0},
                    {"named in another folder", "src/store/b.cc", "", 1},
                    {"a part of a name", "src/base/aa.cc", "", 1},
                    {"a case that nobody registered", "tests/must_not_compile/a.cc", "", 1},
                    {"a header that nobody includes", "src/base/b.h", "#include \"base/b.h\"\n", 1},
                });
  const Tree read = {{"src/base/b.h", ""}, {"src/tlog/a.h", "#include \"base/b.h\"\n"}};
  EXPECT_EQ(Unused(read).size(), 1u) << "a.h alone";
  const Tree registered = {
      {"tests/must_not_compile/CMakeLists.txt", "must_not_compile(copy_secret)\n"},
      {"tests/must_not_compile/copy_secret.cc", ""}};
  EXPECT_TRUE(Unused(registered).empty()) << "registered by its stem";
}

TEST(Unfinished, IsFoundInEveryFile) {
  const std::string word = std::string("TO") + "DO";
  Check(Unfinished, {
                        {"in C++", "src/base/a.cc", "// " + word + ": later\n", 1},
                        {"in a document", "docs/a.md", word + "\n", 1},
                        {"in a longer word", "src/base/a.cc", "int MAS" + word + "NT;\n", 0},
                    });
}

TEST(Undescribed, ModulesAreFound) {
  const Sample nothing{"", "README.md", "", 0};
  EXPECT_TRUE(Undescribed(HouseWith(nothing)).empty());
  const Sample shed{"", "src/shed/CMakeLists.txt", "cloison_module(shed LAYER 3)\n", 0};
  ASSERT_EQ(Undescribed(HouseWith(shed)).size(), 1u);
  EXPECT_EQ(Undescribed(HouseWith(shed)).front().path, "src/shed");
  EXPECT_EQ(Undescribed({}).size(), 1u) << "no architecture at all";
}

}  // namespace
}  // namespace cloison::tidy
