#include "keys/key_objects.h"

namespace cloison::keys {

bool ValidObjectName(std::string_view name) {
  if (name.empty() || name.size() > kObjectNameBytesMax) return false;
  for (const char letter : name) {
    const bool allowed =
        (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '-';
    if (!allowed) return false;
  }
  return true;
}

}  // namespace cloison::keys
