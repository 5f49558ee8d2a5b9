#include "keys/pkcs11_key_objects.h"

#include <p11-kit/p11-kit.h>

#include <algorithm>
#include <array>

#include "crypto/mac.h"

namespace cloison::keys {

namespace {

constexpr std::string_view kLabelPrefix = "cloison/";
constexpr std::size_t kObjectBytes = 32, kNonceBytes = 12, kTagBytes = 16;
constexpr std::size_t kHeadBytes = 2 + kNonceBytes;
constexpr std::uint8_t kVersion = 1, kSuite = 2;
constexpr unsigned kPinFileMode = 0600;

constexpr Error kBadName{Code::kInvalid, "not a name of a key object"};
constexpr Error kNoObject{Code::kNotFound, "no such key object"};
constexpr Error kOutOfReach{Code::kUnavailable, "the token is out of reach"};
constexpr Error kPinRefused{Code::kDenied, "the token refused the PIN"};
constexpr Error kNotOurs{Code::kCorrupt, "not wrapped by this key object"};

// The session, the login or the token is gone; all may come back.
bool IsLost(CK_RV rv) {
  constexpr CK_RV kLost[] = {
      CKR_SESSION_HANDLE_INVALID, CKR_SESSION_CLOSED,        CKR_USER_NOT_LOGGED_IN,
      CKR_DEVICE_REMOVED,         CKR_DEVICE_ERROR,          CKR_TOKEN_NOT_PRESENT,
      CKR_KEY_HANDLE_INVALID,     CKR_OBJECT_HANDLE_INVALID, CKR_CRYPTOKI_NOT_INITIALIZED};
  return std::ranges::find(kLost, rv) != std::end(kLost);
}

CK_ATTRIBUTE AttributeOf(CK_ATTRIBUTE_TYPE type, void* value, std::size_t size) {
  return {type, value, static_cast<CK_ULONG>(size)};
}

// PKCS#11 takes what it only reads as not const.
unsigned char* Mutable(ByteView bytes) {
  return const_cast<unsigned char*>(bytes.data());
}

std::string LabelOf(const std::string& name) {
  return std::string(kLabelPrefix) + name;
}

// 32 bytes, filled up with spaces.
std::string_view TokenLabel(const CK_TOKEN_INFO& info) {
  std::string_view label(reinterpret_cast<const char*>(info.label), sizeof info.label);
  return label.substr(0, label.find_last_not_of(' ') + 1);
}

}  // namespace

struct Pkcs11KeyObjects::Token {
  Token(Options options_in, crypto::SecretBytes pin_in, base::Random& random_in)
      : options(std::move(options_in)), pin(std::move(pin_in)), random(random_in) {}
  ~Token() {
    if (module == nullptr) return;
    CloseSession();
    if (initialised) p11_kit_module_finalize(module);
    p11_kit_module_release(module);
  }

  Status LoadModule() {
    module = p11_kit_module_load(options.module.c_str(), 0);
    if (module == nullptr) return Error{Code::kInvalid, "not a PKCS#11 module"};
    if (p11_kit_module_initialize(module) != CKR_OK) {
      return Error{Code::kUnavailable, "the PKCS#11 module does not start"};
    }
    initialised = true;
    return Ok();
  }

  Result<CK_SLOT_ID> FindSlot() const {
    CK_ULONG count = 0;
    if (module->C_GetSlotList(CK_TRUE, nullptr, &count) != CKR_OK) return kOutOfReach;
    std::vector<CK_SLOT_ID> slots(count);
    if (count > 0 && module->C_GetSlotList(CK_TRUE, slots.data(), &count) != CKR_OK) {
      return kOutOfReach;
    }
    slots.resize(count);
    std::vector<CK_SLOT_ID> found;
    for (const CK_SLOT_ID slot : slots) {
      CK_TOKEN_INFO info{};
      if (module->C_GetTokenInfo(slot, &info) != CKR_OK) continue;
      if (TokenLabel(info) == options.token) found.push_back(slot);
    }
    if (found.empty()) return Error{Code::kNotFound, "no token has this label"};
    if (found.size() > 1) return Error{Code::kConflict, "several tokens have this label"};
    return found.front();
  }

  Status CheckMechanisms(CK_SLOT_ID slot) const {
    CK_MECHANISM_INFO info{};
    for (const CK_MECHANISM_TYPE type : {CKM_AES_GCM, CKM_AES_KEY_GEN}) {
      if (module->C_GetMechanismInfo(slot, type, &info) != CKR_OK) {
        return Error{Code::kUnavailable, "the token has no AES-GCM"};
      }
    }
    return Ok();
  }

  Status OpenSession() {
    if (session.has_value()) return Ok();
    if (pin_refused) return kPinRefused;
    CLOISON_TRY_ASSIGN(const CK_SLOT_ID slot, FindSlot());
    CLOISON_TRY(CheckMechanisms(slot));
    CK_SESSION_HANDLE opened = 0;
    const CK_FLAGS flags = CKF_SERIAL_SESSION | CKF_RW_SESSION;
    if (module->C_OpenSession(slot, flags, nullptr, nullptr, &opened) != CKR_OK) {
      return kOutOfReach;
    }
    session = opened;
    const CK_RV rv =
        module->C_Login(opened, CKU_USER, Mutable(pin.Reveal()), static_cast<CK_ULONG>(pin.size()));
    if (rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN) return Ok();
    CloseSession();
    // Shown again and again, a wrong PIN locks the token for everybody.
    pin_refused = rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED || rv == CKR_PIN_LEN_RANGE ||
                  rv == CKR_PIN_INVALID || rv == CKR_PIN_EXPIRED;
    return pin_refused ? kPinRefused : kOutOfReach;
  }

  void CloseSession() {
    if (session.has_value()) (void)module->C_CloseSession(*session);
    session.reset();
  }

  // `call(session)` gives a CK_RV; again in a new session when the first was lost. What it gives is
  // returned when the token answered at all.
  template <class Call>
  Result<CK_RV> Run(Call call) {
    for (int tries = 0; tries < 2; ++tries) {
      const Status opened = OpenSession();
      // No token is no word about its keys: kNotFound would say that they are destroyed.
      if (!opened.ok()) {
        return opened.error().code() == Code::kDenied ? opened.error() : kOutOfReach;
      }
      const CK_RV rv = call(*session);
      if (rv == CKR_OK) return rv;
      // What failed may have left an operation open, in which no other can begin.
      CloseSession();
      if (!IsLost(rv)) return rv;
    }
    return kOutOfReach;
  }

  // All secret keys of the token with this label; of any label when it is empty.
  CK_RV Search(CK_SESSION_HANDLE in, std::string label, std::vector<CK_OBJECT_HANDLE>& out) const {
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_BBOOL yes = CK_TRUE;
    std::array<CK_ATTRIBUTE, 3> wanted = {AttributeOf(CKA_CLASS, &kind, sizeof kind),
                                          AttributeOf(CKA_TOKEN, &yes, sizeof yes),
                                          AttributeOf(CKA_LABEL, label.data(), label.size())};
    const CK_ULONG count = label.empty() ? 2 : 3;
    if (const CK_RV rv = module->C_FindObjectsInit(in, wanted.data(), count); rv != CKR_OK) {
      return rv;
    }
    CK_RV rv = CKR_OK;
    for (;;) {
      std::array<CK_OBJECT_HANDLE, 64> some{};
      CK_ULONG found = 0;
      rv = module->C_FindObjects(in, some.data(), some.size(), &found);
      if (rv != CKR_OK || found == 0) break;
      out.insert(out.end(), some.begin(), some.begin() + found);
      if (out.size() > 2 * kKeyObjectsMax) break;
    }
    (void)module->C_FindObjectsFinal(in);
    return rv;
  }

  // The one object of this name, which cannot leave the token. `mine`: CKR_OK and whether there is
  // a reason not to use it.
  CK_RV Find(CK_SESSION_HANDLE in, const std::string& name, CK_OBJECT_HANDLE& out,
             Status& state) const {
    std::vector<CK_OBJECT_HANDLE> found;
    if (const CK_RV rv = Search(in, LabelOf(name), found); rv != CKR_OK) return rv;
    state = Ok();
    if (found.empty()) {
      state = kNoObject;
      return CKR_OK;
    }
    if (found.size() > 1) {
      state = Error{Code::kDenied, "several key objects have this name"};
      return CKR_OK;
    }
    out = found.front();
    CK_BBOOL sensitive = CK_FALSE, extractable = CK_TRUE;
    CK_KEY_TYPE type = 0;
    std::array<CK_ATTRIBUTE, 3> read = {
        AttributeOf(CKA_SENSITIVE, &sensitive, sizeof sensitive),
        AttributeOf(CKA_EXTRACTABLE, &extractable, sizeof extractable),
        AttributeOf(CKA_KEY_TYPE, &type, sizeof type)};
    const CK_RV got = module->C_GetAttributeValue(in, out, read.data(), read.size());
    if (got != CKR_OK) return got;
    if (sensitive != CK_TRUE || extractable != CK_FALSE || type != CKK_AES) {
      state = Error{Code::kDenied, "a key object could leave the token"};
    }
    return CKR_OK;
  }

  CK_RV Generate(CK_SESSION_HANDLE in, std::string label) const {
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ULONG bytes = kObjectBytes;
    std::array<CK_ATTRIBUTE, 10> made = {AttributeOf(CKA_LABEL, label.data(), label.size()),
                                         AttributeOf(CKA_VALUE_LEN, &bytes, sizeof bytes),
                                         AttributeOf(CKA_TOKEN, &yes, sizeof yes),
                                         AttributeOf(CKA_PRIVATE, &yes, sizeof yes),
                                         AttributeOf(CKA_SENSITIVE, &yes, sizeof yes),
                                         AttributeOf(CKA_EXTRACTABLE, &no, sizeof no),
                                         AttributeOf(CKA_ENCRYPT, &yes, sizeof yes),
                                         AttributeOf(CKA_DECRYPT, &yes, sizeof yes),
                                         AttributeOf(CKA_WRAP, &no, sizeof no),
                                         AttributeOf(CKA_UNWRAP, &no, sizeof no)};
    CK_MECHANISM how{CKM_AES_KEY_GEN, nullptr, 0};
    CK_OBJECT_HANDLE key = 0;
    return module->C_GenerateKey(in, &how, made.data(), made.size(), &key);
  }

  // Encrypts or decrypts in one part; `out` has room for what comes.
  CK_RV Gcm(CK_SESSION_HANDLE in, CK_OBJECT_HANDLE key, bool encrypt, ByteView nonce, ByteView aad,
            ByteView input, std::span<std::uint8_t> out, std::size_t& size) const {
    CK_GCM_PARAMS parameters{};
    parameters.iv_ptr = Mutable(nonce);
    parameters.iv_len = nonce.size();
    parameters.iv_bits = nonce.size() * 8;
    parameters.aad_ptr = Mutable(aad);
    parameters.aad_len = aad.size();
    parameters.tag_bits = kTagBytes * 8;
    CK_MECHANISM how{CKM_AES_GCM, &parameters, sizeof parameters};
    CK_RV rv =
        encrypt ? module->C_EncryptInit(in, &how, key) : module->C_DecryptInit(in, &how, key);
    if (rv != CKR_OK) return rv;
    auto length = static_cast<CK_ULONG>(out.size());
    unsigned char* const from = Mutable(input);
    rv = encrypt ? module->C_Encrypt(in, from, input.size(), out.data(), &length)
                 : module->C_Decrypt(in, from, input.size(), out.data(), &length);
    size = length;
    return rv;
  }

  CK_RV DrawNonce(CK_SESSION_HANDLE in, ByteArray<kNonceBytes>& out) const {
    ByteArray<32> drawn{};
    const ByteArray<16> ours = random.Draw<16>();
    std::ranges::copy(ours, drawn.begin());
    const CK_RV rv = module->C_GenerateRandom(in, drawn.data() + ours.size(), 16);
    if (rv == CKR_OK) out = crypto::Truncate<kNonceBytes>(crypto::Sha256(drawn));
    return rv;
  }

  // A session that answers: what failed in it was not the way to the token.
  bool Answers(CK_SESSION_HANDLE in) const {
    CK_SESSION_INFO info{};
    return module->C_GetSessionInfo(in, &info) == CKR_OK && info.state == CKS_RW_USER_FUNCTIONS;
  }

  const Options options;
  const crypto::SecretBytes pin;
  base::Random& random;
  CK_FUNCTION_LIST* module = nullptr;
  bool initialised = false;
  std::mutex mutex;  // guards what follows, and every call into the session
  std::optional<CK_SESSION_HANDLE> session;
  bool pin_refused = false;
};

Pkcs11KeyObjects::Pkcs11KeyObjects(std::unique_ptr<Token> token) : token_(std::move(token)) {}
Pkcs11KeyObjects::~Pkcs11KeyObjects() = default;

Result<std::unique_ptr<Pkcs11KeyObjects>> Pkcs11KeyObjects::Open(Options options,
                                                                 crypto::SecretBytes pin,
                                                                 base::Random& random) {
  if (pin.size() == 0 || pin.size() > kPinBytesMax) {
    return Error{Code::kInvalid, "a PIN has 1 to 256 bytes"};
  }
  auto token = std::make_unique<Token>(std::move(options), std::move(pin), random);
  CLOISON_TRY(token->LoadModule());
  CLOISON_TRY(token->OpenSession());
  return std::unique_ptr<Pkcs11KeyObjects>(new Pkcs11KeyObjects(std::move(token)));
}

Status Pkcs11KeyObjects::Create(const std::string& name) {
  if (!ValidObjectName(name)) return kBadName;
  const std::lock_guard lock(token_->mutex);
  Status state = Ok();
  // A token that made the key and then lost the session is asked again, and says that it is there:
  // what this call made, this call may give.
  bool asked = false;
  CLOISON_TRY_ASSIGN(const CK_RV rv, token_->Run([&](CK_SESSION_HANDLE in) {
    CK_OBJECT_HANDLE key = 0;
    if (const CK_RV found = token_->Find(in, name, key, state); found != CKR_OK) return found;
    if (state.ok()) {
      if (!asked) state = Error{Code::kConflict, "a key object of this name exists"};
      return CK_RV{CKR_OK};
    }
    if (state.error().code() != Code::kNotFound) return CK_RV{CKR_OK};
    std::vector<CK_OBJECT_HANDLE> all;
    if (const CK_RV found = token_->Search(in, {}, all); found != CKR_OK) return found;
    if (all.size() >= kKeyObjectsMax) {
      state = Error{Code::kExhausted, "too many key objects"};
      return CK_RV{CKR_OK};
    }
    asked = true;
    if (const CK_RV made = token_->Generate(in, LabelOf(name)); made != CKR_OK) return made;
    return token_->Find(in, name, key, state);
  }));
  if (rv != CKR_OK) return Error{Code::kUnavailable, "the token makes no key"};
  return state;
}

Result<Bytes> Pkcs11KeyObjects::Wrap(const std::string& name, ByteView aad,
                                     const crypto::SecretBytes& secret) {
  if (!ValidObjectName(name)) return kBadName;
  const std::lock_guard lock(token_->mutex);
  Status state = Ok();
  Bytes out(kHeadBytes + secret.size() + kTagBytes);
  out[0] = kVersion;
  out[1] = kSuite;
  CLOISON_TRY_ASSIGN(const CK_RV rv, token_->Run([&](CK_SESSION_HANDLE in) {
    CK_OBJECT_HANDLE key = 0;
    const CK_RV found = token_->Find(in, name, key, state);
    if (found != CKR_OK || !state.ok()) return found;
    ByteArray<kNonceBytes> nonce{};
    if (const CK_RV drawn = token_->DrawNonce(in, nonce); drawn != CKR_OK) return drawn;
    std::ranges::copy(nonce, out.begin() + 2);
    std::size_t size = 0;
    const CK_RV sealed = token_->Gcm(in, key, true, nonce, aad, secret.Reveal(),
                                     std::span(out).subspan(kHeadBytes), size);
    if (sealed == CKR_OK && size != out.size() - kHeadBytes) return CK_RV{CKR_FUNCTION_FAILED};
    return sealed;
  }));
  CLOISON_TRY(state);
  if (rv != CKR_OK) return Error{Code::kUnavailable, "the token does not wrap"};
  return out;
}

Result<crypto::SecretBytes> Pkcs11KeyObjects::Unwrap(const std::string& name, ByteView aad,
                                                     ByteView wrapped) {
  if (!ValidObjectName(name)) return kBadName;
  const std::lock_guard lock(token_->mutex);
  const bool shaped =
      wrapped.size() >= kHeadBytes + kTagBytes && wrapped[0] == kVersion && wrapped[1] == kSuite;
  Status state = Ok();
  Bytes plain(wrapped.size());
  std::size_t size = 0;
  bool refused = false;  // by the decryption itself, and the token still answers
  const auto open = [&](CK_SESSION_HANDLE in) {
    CK_OBJECT_HANDLE key = 0;
    refused = false;
    const CK_RV found = token_->Find(in, name, key, state);
    if (found != CKR_OK || !state.ok() || !shaped) return found;
    const CK_RV opened = token_->Gcm(in, key, false, wrapped.subspan(2, kNonceBytes), aad,
                                     wrapped.subspan(kHeadBytes), plain, size);
    refused = opened != CKR_OK && !IsLost(opened) && token_->Answers(in);
    return opened;
  };
  Result<CK_RV> rv = token_->Run(open);
  // Makers differ in what they say of a tag that does not hold, and some say the same of a fault of
  // their own: whoever says it twice has read it.
  if (rv.ok() && refused) rv = token_->Run(open);
  Result<crypto::SecretBytes> out = kOutOfReach;
  if (!rv.ok()) {
    out = rv.error();
  } else if (!state.ok()) {
    out = state.error();
  } else if (!shaped || refused ||
             (*rv == CKR_OK && size + kHeadBytes + kTagBytes != wrapped.size())) {
    out = kNotOurs;
  } else if (*rv == CKR_OK) {
    out = crypto::SecretBytes::CopyOf(ByteView(plain).first(size));
  }
  crypto::Wipe(plain);
  return out;
}

Status Pkcs11KeyObjects::Destroy(const std::string& name) {
  if (!ValidObjectName(name)) return kBadName;
  const std::lock_guard lock(token_->mutex);
  Status state = Ok();
  bool asked = false;  // a lost session may have come after the deed
  CLOISON_TRY_ASSIGN(const CK_RV rv, token_->Run([&](CK_SESSION_HANDLE in) {
    std::vector<CK_OBJECT_HANDLE> found;
    if (const CK_RV looked = token_->Search(in, LabelOf(name), found); looked != CKR_OK) {
      return looked;
    }
    state = found.empty() && !asked ? Status(kNoObject) : Ok();
    // All of the name: whichever was used, it must be gone.
    for (const CK_OBJECT_HANDLE key : found) {
      asked = true;
      if (const CK_RV gone = token_->module->C_DestroyObject(in, key); gone != CKR_OK) return gone;
    }
    return CK_RV{CKR_OK};
  }));
  if (rv != CKR_OK) return Error{Code::kUnavailable, "the token does not destroy the key"};
  return state;
}

Result<std::vector<std::string>> Pkcs11KeyObjects::List() {
  const std::lock_guard lock(token_->mutex);
  std::vector<std::string> names;
  CLOISON_TRY_ASSIGN(const CK_RV rv, token_->Run([&](CK_SESSION_HANDLE in) {
    names.clear();
    std::vector<CK_OBJECT_HANDLE> found;
    if (const CK_RV looked = token_->Search(in, {}, found); looked != CKR_OK) return looked;
    for (const CK_OBJECT_HANDLE key : found) {
      std::array<char, kObjectNameBytesMax + kLabelPrefix.size()> label{};
      CK_ATTRIBUTE read = AttributeOf(CKA_LABEL, label.data(), label.size());
      const CK_RV got = token_->module->C_GetAttributeValue(in, key, &read, 1);
      // One that is too long is not ours.
      if (got == CKR_BUFFER_TOO_SMALL || got == CKR_ATTRIBUTE_TYPE_INVALID) continue;
      if (got != CKR_OK) return got;
      const std::string_view text(label.data(), read.ulValueLen);
      if (!text.starts_with(kLabelPrefix)) continue;
      const std::string_view name = text.substr(kLabelPrefix.size());
      if (ValidObjectName(name)) names.emplace_back(name);
    }
    return CK_RV{CKR_OK};
  }));
  if (rv != CKR_OK) return kOutOfReach;
  std::ranges::sort(names);
  return names;
}

Result<crypto::SecretBytes> ReadPin(base::Files& files, const std::string& path) {
  CLOISON_TRY_ASSIGN(const base::FileInfo info, files.Stat(path));
  if (info.is_link || info.is_directory) {
    return Error{Code::kDenied, "the PIN is not in a plain file"};
  }
  if (info.mode != kPinFileMode) {
    return Error{Code::kDenied, "the PIN's file must have mode 0600", info.mode};
  }
  if (info.size > kPinBytesMax + 1) return Error{Code::kInvalid, "a PIN has 1 to 256 bytes"};
  CLOISON_TRY_ASSIGN(Bytes bytes, files.Read(path));
  const auto end = std::ranges::find(bytes, std::uint8_t{'\n'});
  crypto::SecretBytes pin = crypto::SecretBytes::CopyOf(
      ByteView(bytes).first(static_cast<std::size_t>(end - bytes.begin())));
  crypto::Wipe(bytes);
  if (pin.size() == 0) return Error{Code::kInvalid, "a PIN has 1 to 256 bytes"};
  return pin;
}

}  // namespace cloison::keys
