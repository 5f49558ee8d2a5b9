// What every KeyObjects must do. A test of an implementation includes this in one file, derives a
// KeyObjectsUnderTest and instantiates:
//
//   INSTANTIATE_TEST_SUITE_P(Files, KeyObjectsSuite, ::testing::Values(&MakeFileObjects));
#ifndef CLOISON_KEYS_TESTING_KEY_OBJECTS_SUITE_H_
#define CLOISON_KEYS_TESTING_KEY_OBJECTS_SUITE_H_

#include <gtest/gtest.h>

#include <memory>

#include "keys/key_objects.h"

namespace cloison::keys::testing {

// Starts with no objects.
class KeyObjectsUnderTest {
 public:
  virtual ~KeyObjectsUnderTest() = default;
  virtual KeyObjects& objects() = 0;
  virtual void Reopen() = 0;  // as a new process would; what is durable stays
};
using MakeKeyObjects = std::unique_ptr<KeyObjectsUnderTest> (*)();

class KeyObjectsSuite : public ::testing::TestWithParam<MakeKeyObjects> {
 protected:
  KeyObjects& objects() { return under_test_->objects(); }
  static crypto::SecretBytes SecretOf(std::string_view text) {
    return crypto::SecretBytes::CopyOf(AsBytes(text));
  }
  Bytes MustWrap(const std::string& name, std::string_view aad, std::string_view secret) {
    Result<Bytes> wrapped = objects().Wrap(name, AsBytes(aad), SecretOf(secret));
    EXPECT_TRUE(wrapped.ok());
    return wrapped.ok() ? *wrapped : Bytes{};
  }

  std::unique_ptr<KeyObjectsUnderTest> under_test_ = GetParam()();
};

TEST_P(KeyObjectsSuite, WrapsAndUnwrapsAlsoAfterReopen) {
  ASSERT_TRUE(objects().Create("root-1").ok());
  const Bytes wrapped = MustWrap("root-1", "bound", "the key");
  EXPECT_EQ(AsText(wrapped).find("the key"), std::string_view::npos);
  under_test_->Reopen();
  const auto opened = objects().Unwrap("root-1", AsBytes("bound"), wrapped);
  ASSERT_TRUE(opened.ok());
  EXPECT_EQ(AsText(opened->Reveal()), "the key");
}

TEST_P(KeyObjectsSuite, UnwrapRefuses) {
  ASSERT_TRUE(objects().Create("root-1").ok());
  ASSERT_TRUE(objects().Create("root-2").ok());
  const Bytes good = MustWrap("root-1", "bound", "the key");
  Bytes longer = good;
  longer.push_back(0);
  const struct {
    const char* why;
    std::string object;
    std::string aad;
    Bytes wrapped;
    Code want;
  } rows[] = {
      {"another object", "root-2", "bound", good, Code::kCorrupt},
      {"bound to something else", "root-1", "bount", good, Code::kCorrupt},
      {"bound to nothing", "root-1", "", good, Code::kCorrupt},
      {"a byte more", "root-1", "bound", longer, Code::kCorrupt},
      {"a byte less", "root-1", "bound", Bytes(good.begin(), good.end() - 1), Code::kCorrupt},
      {"nothing", "root-1", "bound", {}, Code::kCorrupt},
      {"nothing but a head and a tag", "root-1", "bound", Bytes(30, 0), Code::kCorrupt},
      {"no such object", "root-3", "bound", good, Code::kNotFound},
      {"a name with a slash", "../root-1", "bound", good, Code::kInvalid},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    const auto opened = objects().Unwrap(row.object, AsBytes(row.aad), row.wrapped);
    ASSERT_FALSE(opened.ok());
    EXPECT_EQ(opened.error().code(), row.want);
  }
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    Bytes flipped = good;
    flipped[bit / 8] ^= static_cast<std::uint8_t>(1u << (bit % 8));
    EXPECT_FALSE(objects().Unwrap("root-1", AsBytes("bound"), flipped).ok()) << bit;
  }
}

TEST_P(KeyObjectsSuite, NamesThatAreRefused) {
  const struct {
    const char* why;
    std::string name;
  } rows[] = {
      {"empty", ""},
      {"too long", std::string(kObjectNameBytesMax + 1, 'a')},
      {"upper case", "Root-1"},
      {"a dot", "root.new"},
      {"the parent", ".."},
      {"a slash", "a/b"},
      {"a zero byte", std::string("a\0b", 3)},
      {"a space", "root 1"},
      {"not ASCII", "cl\xc3\xa9"},
  };
  for (const auto& row : rows) {
    SCOPED_TRACE(row.why);
    EXPECT_EQ(objects().Create(row.name).error().code(), Code::kInvalid);
    EXPECT_EQ(objects().Destroy(row.name).error().code(), Code::kInvalid);
    EXPECT_EQ(objects().Wrap(row.name, {}, SecretOf("x")).error().code(), Code::kInvalid);
  }
  EXPECT_TRUE(objects().Create(std::string(kObjectNameBytesMax, 'a')).ok());
}

TEST_P(KeyObjectsSuite, CreateNeverReplaces) {
  ASSERT_TRUE(objects().Create("root-1").ok());
  const Bytes wrapped = MustWrap("root-1", "", "the key");
  EXPECT_EQ(objects().Create("root-1").error().code(), Code::kConflict);
  EXPECT_TRUE(objects().Unwrap("root-1", {}, wrapped).ok());
}

TEST_P(KeyObjectsSuite, DestroyForgets) {
  ASSERT_TRUE(objects().Create("epoch-1-1").ok());
  ASSERT_TRUE(objects().Create("epoch-1-2").ok());
  const Bytes first = MustWrap("epoch-1-1", "", "first");
  const Bytes second = MustWrap("epoch-1-2", "", "second");
  ASSERT_TRUE(objects().Destroy("epoch-1-1").ok());
  EXPECT_EQ(objects().Destroy("epoch-1-1").error().code(), Code::kNotFound);
  under_test_->Reopen();
  EXPECT_EQ(objects().Unwrap("epoch-1-1", {}, first).error().code(), Code::kNotFound);
  EXPECT_EQ(objects().Wrap("epoch-1-1", {}, SecretOf("x")).error().code(), Code::kNotFound);
  EXPECT_TRUE(objects().Unwrap("epoch-1-2", {}, second).ok());
  // The name may come back; what it had wrapped may not.
  ASSERT_TRUE(objects().Create("epoch-1-1").ok());
  EXPECT_EQ(objects().Unwrap("epoch-1-1", {}, first).error().code(), Code::kCorrupt);
}

TEST_P(KeyObjectsSuite, ListsInOrder) {
  EXPECT_TRUE(objects().List()->empty());
  for (const char* name : {"root-1", "epoch-1-10", "epoch-1-9"}) {
    ASSERT_TRUE(objects().Create(name).ok());
  }
  const std::vector<std::string> want{"epoch-1-10", "epoch-1-9", "root-1"};
  EXPECT_EQ(*objects().List(), want);
}

}  // namespace cloison::keys::testing

#endif  // CLOISON_KEYS_TESTING_KEY_OBJECTS_SUITE_H_
