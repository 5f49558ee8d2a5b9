#include "vault/embedded.h"

namespace cloison::embedded {
extern const std::string_view kJobSeekersSchema;
extern const std::string_view kDemoPolicy;
extern const std::string_view kPolicy2024;
extern const std::string_view kInsuredPersonsSchema;
extern const std::string_view kPayerPolicy;
}  // namespace cloison::embedded

namespace cloison::vault {

std::string_view JobSeekersSchemaToml() {
  return embedded::kJobSeekersSchema;
}
std::string_view DemoPolicyToml() {
  return embedded::kDemoPolicy;
}
std::string_view Policy2024Toml() {
  return embedded::kPolicy2024;
}
std::string_view InsuredPersonsSchemaToml() {
  return embedded::kInsuredPersonsSchema;
}
std::string_view PayerPolicyToml() {
  return embedded::kPayerPolicy;
}

}  // namespace cloison::vault
