#include "access/staff.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace cloison::access {
namespace {

PrincipalInfo Of(std::uint8_t number, const char* role, std::uint32_t organisation) {
  return {PrincipalId(ByteArray<16>{number}), OrganisationId(organisation), {}, role, "a"};
}

TEST(Staff, KnowsWhoWorksWhereAsWhat) {
  Staff staff;
  staff.Keep(Of(1, "officer", 1));
  staff.Keep(Of(2, "manager", 1));
  staff.Keep(Of(3, "officer", 2));
  staff.Keep(Of(4, "adviser", 1));
  PrincipalInfo citizen = Of(5, "officer", 1);
  citizen.person = Aud(ByteArray<16>{5});
  staff.Keep(citizen);
  int asked = 0;
  const auto found = [&](std::uint32_t organisation) {
    auto ids = staff.OfRoles(OrganisationId(organisation), [&](const std::string& role) {
      ++asked;
      return role != "adviser";
    });
    std::string numbers;
    std::ranges::sort(ids);
    for (const PrincipalId& id : ids) numbers += static_cast<char>('0' + id.bytes()[0]);
    return numbers;
  };
  EXPECT_EQ(found(1), "12") << "a citizen's account is none";
  EXPECT_EQ(asked, 3) << "once for each role";
  EXPECT_EQ(found(2), "3");
  EXPECT_EQ(found(3), "");
  staff.Keep(Of(4, "manager", 1));
  staff.Keep(Of(2, "adviser", 1));
  EXPECT_EQ(found(1), "14") << "whose role changed";
}

}  // namespace
}  // namespace cloison::access
