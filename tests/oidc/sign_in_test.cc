// Sign-in against a certified provider: what works, and what must not.
#include <gtest/gtest.h>

#include "tests/oidc/world.h"

namespace cloison::oidc {
namespace {

// One provider and one server for all tests: each signs in people of its own.
World& TheWorld() {
  static World* const world = new World();  // ends with the process: the provider's child too
  return *world;
}

TEST(SignInTest, AnEnrolledAgentGetsASessionBoundToItsKey) {
  World& world = TheWorld();
  world.Enrol(world.provider().agents(), "alice", "adviser");
  const ProofKey key;
  const OpenedSession opened = world.SignIn(key, {.sub = "alice"});
  ASSERT_EQ(opened.status, 201) << opened.body.dump();
  EXPECT_EQ(opened.body["principal"], "agents:alice");
  EXPECT_EQ(opened.body["level"], "eidas2");
  EXPECT_EQ(opened.body["methods"], json({"pwd", "otp"}));
  EXPECT_EQ(opened.body["key"], "dpop");
  const net::Response answer = world.Get(key, opened.body["token"], "/v1/me/capabilities");
  EXPECT_EQ(answer.status, 200) << answer.body;
}

}  // namespace
}  // namespace cloison::oidc
