// Schemas over HTTP: asked for, read by whoever agrees, told to all; what may not change is told
// field by field, to those who may ask.
#include "access/schemas.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "api/management.h"
#include "api/testing/api_world.h"

namespace cloison::api {
namespace {

using nlohmann::json;
using testing::ApiWorld;

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  CLOISON_CHECK(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

class SchemasApi : public ::testing::Test {
 protected:
  net::Response Ask(const char* who, const std::string& document) {
    const json body = {{"schema", document}, {"reason", "ticket-9"}};
    return world_.Send({who,
                        net::Method::kPost,
                        "/v1/schemas",
                        body.dump(),
                        {{"idempotency-key", world_.FreshKey()}}});
  }
  json Get(const char* who, const std::string& path, int status = 200) {
    const net::Response response = world_.Send({who, net::Method::kGet, path});
    EXPECT_EQ(response.status, status) << path << response.body;
    return json::parse(response.body);
  }

  ApiWorld world_;
  const std::string first_ = world_.vault().schema().document();
  const std::string next_ =
      Replaced(Replaced(first_, "version = 1", "version = 2"),
               "name = \"bank\"\nleast = 128\nsensitive = true", "name = \"bank\"\nleast = 128");
};

TEST_F(SchemasApi, FromTheAskingToTheAgreement) {
  const json before = Get("officer.security", "/v1/schemas");
  EXPECT_EQ(before["version"], 1);
  EXPECT_EQ(before["digest"], base::ToHex(records::DigestOfSchema(first_)));
  EXPECT_FALSE(before.contains("next"));
  EXPECT_FALSE(before.contains("rewriting"));
  const net::Response asked = Ask("officer.security", next_);
  ASSERT_EQ(asked.status, 202) << asked.body;
  const json approval = Get(
      "officer.privacy", "/v1/approvals/" + json::parse(asked.body)["approval"].get<std::string>());
  EXPECT_EQ(approval["kind"], "schema");
  EXPECT_EQ(approval["what"]["version"], 2);
  EXPECT_EQ(approval["what"]["digest"], base::ToHex(records::DigestOfSchema(next_)));
  const json words = {"compartment `bank` is not sensitive (was sensitive)",
                      "field `bank.iban` is not sensitive (was sensitive)",
                      "field `bank.holder` is not sensitive (was sensitive)"};
  EXPECT_EQ(approval["what"]["differences"], words);
  EXPECT_EQ(world_.Agree("officer.privacy", asked).status, 200);
  const json after = Get("officer.privacy", "/v1/schemas");
  EXPECT_EQ(after["version"], 1) << "not before a start";
  EXPECT_EQ(after["next"]["version"], 2);
  EXPECT_EQ(after["next"]["rewrites"], true);
  EXPECT_EQ(after["next"]["differences"], words);
  EXPECT_EQ(after["next"]["approval"], json::parse(asked.body)["approval"]);
  bool told = false;
  const json alerts = Get("officer.security", "/v1/alerts");
  for (const json& alert : alerts["items"]) {
    told = told || alert["what"] == "schema_agreed";
  }
  EXPECT_TRUE(told);
  const Management management(ManagementParts{world_.service(), nullptr, nullptr, nullptr});
  const std::string metrics = management.Metrics();
  EXPECT_NE(metrics.find("cloison_schema_version 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("cloison_schema_rewritten_ratio 1\n"), std::string::npos);
}

TEST_F(SchemasApi, FaultsAreToldToThoseWhoMayAsk) {
  const std::string faulty = Replaced(next_, "register = 1", "register = 2");
  const net::Response told = Ask("officer.security", faulty);
  EXPECT_EQ(told.status, 422);
  EXPECT_NE(told.body.find("register: it may not change"), std::string::npos) << told.body;
  const net::Response untold = Ask("adviser.ft", faulty);
  EXPECT_EQ(untold.status, 403);
  EXPECT_EQ(untold.body.find("it may not change"), std::string::npos) << untold.body;
  const net::Response by_line = Ask("officer.security", "version = 2");
  EXPECT_EQ(by_line.status, 422);
  EXPECT_NE(by_line.body.find("\"line "), std::string::npos) << by_line.body;
  (void)Get("adviser.ft", "/v1/schemas", 403);
}

}  // namespace
}  // namespace cloison::api
