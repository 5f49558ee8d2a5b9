// Key objects in memory, for tests: as real as the file ones, and they can go out of reach.
#ifndef CLOISON_KEYS_TESTING_MEMORY_KEY_OBJECTS_H_
#define CLOISON_KEYS_TESTING_MEMORY_KEY_OBJECTS_H_

#include <map>
#include <mutex>

#include "crypto/box.h"
#include "keys/key_objects.h"

namespace cloison::keys::testing {

class MemoryKeyObjects final : public KeyObjects {
 public:
  explicit MemoryKeyObjects(base::Random& random) : random_(random) {}

  // As a session that the HSM has closed: every call fails kUnavailable.
  void SetReachable(bool reachable) {
    const std::lock_guard lock(mutex_);
    reachable_ = reachable;
  }

  Status Create(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    CLOISON_TRY(Check(name));
    if (objects_.contains(name)) return Error{Code::kConflict, "a key object of this name exists"};
    if (objects_.size() >= kKeyObjectsMax) return Error{Code::kExhausted, "too many key objects"};
    objects_.emplace(name, crypto::BoxKey(crypto::Secret<64>(random_)));
    return Ok();
  }
  Result<Bytes> Wrap(const std::string& name, ByteView aad,
                     const crypto::SecretBytes& secret) override {
    const std::lock_guard lock(mutex_);
    CLOISON_TRY_ASSIGN(const crypto::BoxKey* const object, Find(name));
    Bytes out;
    object->Seal(aad, secret.Reveal(), random_, out);
    return out;
  }
  Result<crypto::SecretBytes> Unwrap(const std::string& name, ByteView aad,
                                     ByteView wrapped) override {
    const std::lock_guard lock(mutex_);
    CLOISON_TRY_ASSIGN(const crypto::BoxKey* const object, Find(name));
    return object->Open(aad, wrapped);
  }
  Status Destroy(const std::string& name) override {
    const std::lock_guard lock(mutex_);
    CLOISON_TRY(Check(name));
    if (objects_.erase(name) == 0) return Error{Code::kNotFound, "no such key object"};
    return Ok();
  }
  Result<std::vector<std::string>> List() override {
    const std::lock_guard lock(mutex_);
    if (!reachable_) return kOutOfReach;
    std::vector<std::string> names;
    for (const auto& [name, object] : objects_) names.push_back(name);
    return names;
  }

 private:
  static constexpr Error kOutOfReach{Code::kUnavailable, "the key objects are out of reach"};

  Status Check(const std::string& name) const {
    if (!reachable_) return kOutOfReach;
    if (!ValidObjectName(name)) return Error{Code::kInvalid, "not a name of a key object"};
    return Ok();
  }
  Result<const crypto::BoxKey*> Find(const std::string& name) const {
    CLOISON_TRY(Check(name));
    const auto found = objects_.find(name);
    if (found == objects_.end()) return Error{Code::kNotFound, "no such key object"};
    return &found->second;
  }

  base::Random& random_;
  std::mutex mutex_;
  bool reachable_ = true;
  std::map<std::string, crypto::BoxKey> objects_;
};

}  // namespace cloison::keys::testing

#endif  // CLOISON_KEYS_TESTING_MEMORY_KEY_OBJECTS_H_
