// What strangers send to sign-in beside tokens: user information, names, cookies.
#include "identity/internal/id_token.h"
#include "identity/production_sign_in.h"
#include "records/pivot_match.h"
#include "text/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cloison;
  const std::string_view text = AsText(ByteView(data, size));
  const auto user_info = identity::internal::ReadUserInfo(text, "alice");
  if (user_info.ok()) {
    const auto pivot = identity::internal::ReadPivot(*user_info);
    CLOISON_CHECK(!pivot.ok() ||
                  (!(*pivot)->birth_name.empty() && (*pivot)->birth_date.size() == 10));
  }
  if (size <= text::kTextBytesMax) {
    const std::string name = records::ComparableName(text);
    CLOISON_CHECK(!name.starts_with(' ') && !name.ends_with(' ') && !name.starts_with('-'));
  }
  const std::string_view cookie = identity::CookieNamed(text, identity::kSessionCookie);
  CLOISON_CHECK(cookie.find(';') == std::string_view::npos && cookie.size() <= size);
  return 0;
}
