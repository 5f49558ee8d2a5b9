#include "text/unseen.h"

#include <gtest/gtest.h>

#include <utility>

namespace cloison::text {
namespace {

TEST(UnseenTest, WhatShowsIsWhatThereIs) {
  const std::pair<const char*, std::string_view> unseen[] = {
      {"a control character", "a\x01"},
      {"delete", "a\x7f"},
      {"one of C1", "a\u0085"},
      {"right to left", "\u202egnp.exe"},
      {"an isolate", "\u2066a\u2069"},
      {"a zero-width joiner", "a\u200d"},
      {"a byte order mark", "\ufeffa"},
      {"a soft hyphen", "a\u00adb"},
      {"a separator of lines", "a\u2028b"},
      {"a tag", "a\U000e0041"},
      {"no UTF-8", "a\xff"},
  };
  for (const auto& [why, text] : unseen) EXPECT_TRUE(HasUnseen(text)) << why;
  for (const char* const text : {"", "HR-7", "L\u00e9a M\u00fcller", "\u20ac 5", "\u05d0\u05d1"}) {
    EXPECT_FALSE(HasUnseen(text)) << text;
  }
}

}  // namespace
}  // namespace cloison::text
