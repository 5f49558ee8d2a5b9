// POST /v1/principals:activity over HTTP: pages, and what a page token is good for.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/testing/api_world.h"

namespace cloison::api {
namespace {

using net::Method;
using nlohmann::json;
using testing::ApiWorld;

constexpr int kLooks = 5;

class ActivityTest : public ::testing::Test {
 protected:
  ActivityTest() {
    for (const char* who : {"adviser.ft", "adviser.ce"}) {
      for (int i = 0; i < kLooks; ++i) Look(who);
    }
  }
  void Look(const std::string& who) {
    const net::Response response =
        world_.Send({who, Method::kPost, "/v1/lookups",
                     R"({"criteria":{"email":"nobody@example.net"},"purpose":"support",)"
                     R"("case_ref":"A-1"})"});
    CLOISON_CHECK(response.status == 200);
  }
  net::Response Ask(const std::string& officer, const std::string& whom,
                    const std::string& query = "") {
    return world_.Send({officer, Method::kPost, "/v1/principals:activity" + query,
                        R"({"principal":")" + whom +
                            R"(","from":"1970-01-01T00:00:00Z","until":"9999-01-01T00:00:00Z"})"});
  }

  ApiWorld world_;
};

TEST_F(ActivityTest, PagesAreTheWhole) {
  const json whole = json::parse(Ask("officer.security", "adviser.ft").body);
  ASSERT_EQ(whole.at("items").size(), kLooks);
  EXPECT_FALSE(whole.contains("next_page_token"));
  json items = json::array();
  std::string query = "?page_size=2";
  for (int page = 0; page < kLooks; ++page) {
    const json one = json::parse(Ask("officer.security", "adviser.ft", query).body);
    for (const json& item : one.at("items")) items.push_back(item);
    if (!one.contains("next_page_token")) break;
    query = "?page_size=2&page_token=" + one.at("next_page_token").get<std::string>();
  }
  EXPECT_EQ(items, whole.at("items"));
}

TEST_F(ActivityTest, ATokenIsOfItsOfficerAndItsAccount) {
  const json first = json::parse(Ask("officer.security", "adviser.ft", "?page_size=1").body);
  const std::string query = "?page_token=" + first.at("next_page_token").get<std::string>();
  const struct {
    const char* why;
    const char* officer;
    const char* whom;
    std::string query;
    int status;
    const char* code;
  } rows[] = {
      {"as it was given", "officer.security", "adviser.ft", query, 200, ""},
      {"of another account", "officer.security", "adviser.ce", query, 400, "page_token_refused"},
      {"of another officer", "officer.security.b", "adviser.ft", query, 400, "page_token_refused"},
      {"of nobody", "officer.security", "adviser.ft", "?page_token=abc", 400, "page_token_refused"},
      {"a page of none", "officer.security", "adviser.ft", "?page_size=0", 400, "query_refused"},
      {"a page beyond the most", "officer.security", "adviser.ft", "?page_size=101", 400,
       "query_refused"},
      {"a word that is none", "officer.security", "adviser.ft", "?size=1", 400, "query_refused"},
  };
  for (const auto& row : rows) {
    const net::Response response = Ask(row.officer, row.whom, row.query);
    EXPECT_EQ(response.status, row.status) << row.why;
    if (row.status == 200) continue;
    EXPECT_EQ(json::parse(response.body).at("code"), row.code) << row.why;
  }
}

}  // namespace
}  // namespace cloison::api
