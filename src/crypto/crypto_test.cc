// What no published vector covers: refusals of the box, life of secrets, base64, certificates.
#include <gtest/gtest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/prctl.h>
#include <sys/resource.h>

#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "base/testing/seeded_random.h"
#include "crypto/base64.h"
#include "crypto/box.h"
#include "crypto/certificate.h"
#include "crypto/ed25519.h"
#include "crypto/ff1.h"
#include "crypto/process.h"
#include "crypto/short_hash.h"
#include "crypto/testing/fixed_random.h"

namespace cloison::crypto {
namespace {

using base::testing::SeededRandom;

BoxKey KeyOf(std::uint8_t fill) {
  const Bytes bytes(64, fill);
  return BoxKey(std::move(*Secret<64>::FromBytes(bytes)));
}

TEST(Box, RefusesWhateverDiffers) {
  SeededRandom random(1);
  Bytes good;
  KeyOf(1).Seal(AsBytes("row 7"), AsBytes("LEFEVRE"), random, good);
  const std::string text = "LEFEVRE" + std::string(1'000, '.');  // so that OpenSSL opens it
  Bytes large;
  KeyOf(1).Seal(AsBytes("row 7"), AsBytes(text), random, large);
  large.back() ^= 1;
  const auto changed = [&good](std::size_t at) {
    Bytes bytes = good;
    bytes[at] ^= 1;
    return bytes;
  };
  Bytes longer = good;
  longer.push_back(0);
  struct Row {
    const char* why;
    std::uint8_t key;
    const char* aad;
    Bytes sealed;
    bool opens;
  };
  const Row rows[] = {
      {"plain", 1, "row 7", good, true},
      {"another key", 2, "row 7", good, false},
      {"another place", 1, "row 8", good, false},
      {"no place", 1, "", good, false},
      {"nonce", 1, "row 7", changed(0), false},
      {"ciphertext", 1, "row 7", changed(12), false},
      {"tag", 1, "row 7", changed(good.size() - 1), false},
      {"one byte short", 1, "row 7", Bytes(good.begin(), good.end() - 1), false},
      {"one byte long", 1, "row 7", longer, false},
      {"shorter than a box can be", 1, "row 7", Bytes(good.begin(), good.begin() + 27), false},
      {"nothing", 1, "row 7", {}, false},
      {"the tag of a large one", 1, "row 7", large, false},
  };
  for (const Row& row : rows) {
    const Result<SecretBytes> opened = KeyOf(row.key).Open(AsBytes(row.aad), row.sealed);
    ASSERT_EQ(opened.ok(), row.opens) << row.why;
    if (row.opens) {
      EXPECT_EQ(AsText(opened->Reveal()), "LEFEVRE");
    } else {
      EXPECT_EQ(opened.error().code(), Code::kCorrupt) << row.why;
    }
    Bytes into = {9};
    into.reserve(2'000);
    const Status appended = KeyOf(row.key).OpenInto(AsBytes(row.aad), row.sealed, into);
    ASSERT_EQ(appended.ok(), row.opens) << row.why;
    EXPECT_EQ(AsText(into), row.opens ? "\tLEFEVRE" : "\t") << row.why;
    if (row.opens) continue;
    EXPECT_EQ(appended.error().code(), Code::kCorrupt) << row.why;
    const ByteView left(into.data() + 1, row.sealed.size() > 28 ? row.sealed.size() - 28 : 0);
    EXPECT_TRUE(std::ranges::all_of(left, [](std::uint8_t b) { return b == 0; })) << row.why;
  }
}

TEST(Box, SealsNothingAndMuch) {
  SeededRandom random(2);
  for (const std::size_t size : {0u, 1u, 15u, 16u, 17u, 984u, 100'000u}) {
    const Bytes plain(size, 0x5a);
    Bytes out = {9, 9};
    KeyOf(1).Seal({}, plain, random, out);
    ASSERT_EQ(out.size(), 2 + size + kBoxOverhead);
    EXPECT_EQ(out[1], 9);
    const Result<SecretBytes> opened = KeyOf(1).Open({}, ByteView(out).subspan(2));
    ASSERT_TRUE(opened.ok()) << size;
    EXPECT_TRUE(base::Equal(opened->Reveal(), plain)) << size;
    Bytes into;
    ASSERT_TRUE(KeyOf(1).OpenInto({}, ByteView(out).subspan(2), into).ok()) << size;
    EXPECT_EQ(into, plain) << size;
  }
}

TEST(Box, SealsTheSameTwiceDifferently) {
  SeededRandom random(4);
  Bytes first, second;
  KeyOf(1).Seal(AsBytes("row 7"), AsBytes("LEFEVRE"), random, first);
  KeyOf(1).Seal(AsBytes("row 7"), AsBytes("LEFEVRE"), random, second);
  ASSERT_EQ(first.size(), second.size());
  EXPECT_NE(base::ToHex(ByteView(first).first(12)), base::ToHex(ByteView(second).first(12)));
  EXPECT_NE(base::ToHex(ByteView(first).subspan(12)), base::ToHex(ByteView(second).subspan(12)));
}

TEST(Box, AStuckGeneratorRepeatsANonceForTheSameMessageOnly) {
  const auto nonce = [](std::uint8_t key, const char* aad, const char* plain) {
    testing::FixedRandom stuck(Bytes(16, 0));
    Bytes out;
    KeyOf(key).Seal(AsBytes(aad), AsBytes(plain), stuck, out);
    return base::ToHex(ByteView(out).first(12));
  };
  const std::string first = nonce(1, "a", "p");
  EXPECT_EQ(nonce(1, "a", "p"), first);
  EXPECT_NE(nonce(2, "a", "p"), first);
  EXPECT_NE(nonce(1, "b", "p"), first);
  EXPECT_NE(nonce(1, "a", "q"), first);
}

TEST(Secret, IsWipedWhenItsPlaceIsUsedAgain) {
  for (const std::size_t size : {1u, 7u, 8u, 32u, 33u, 64u, 4096u}) {
    std::uint8_t* const first = internal::AllocateSecret(size);
    std::fill_n(first, size, std::uint8_t{0xee});
    internal::FreeSecret(first, size);
    std::uint8_t* const second = internal::AllocateSecret(size);
    EXPECT_EQ(second, first) << size;
    EXPECT_TRUE(std::all_of(second, second + size, [](int byte) { return byte == 0; })) << size;
    internal::FreeSecret(second, size);
  }
}

// The kernel says of each mapping whether a core dump has it: "dd" is "do not dump".
TEST(Secret, StaysOutOfCoreDumps) {
  for (const std::size_t size : {32u, 4096u, 100'000u}) {
    const SecretBytes secret(size);
    const auto at = reinterpret_cast<std::uintptr_t>(secret.Reveal().data());
    std::ifstream mappings("/proc/self/smaps");
    ASSERT_TRUE(mappings.good());
    bool inside = false;
    std::string flags;
    for (std::string line; flags.empty() && std::getline(mappings, line);) {
      std::uintptr_t begin = 0, end = 0;
      char dash = 0;
      std::istringstream range(line);
      if (range >> std::hex >> begin >> dash >> end && dash == '-')
        inside = begin <= at && at < end;
      if (inside && line.starts_with("VmFlags:")) flags = line + " ";
    }
    EXPECT_NE(flags.find(" dd "), std::string::npos) << size << ": " << flags;
  }
}

TEST(Secret, MovesLeaveNothingBehind) {
  SecretBytes from = SecretBytes::CopyOf(AsBytes("184127645108946"));
  SecretBytes to = std::move(from);
  EXPECT_TRUE(from.empty());  // NOLINT(bugprone-use-after-move): that is the question
  EXPECT_EQ(AsText(to.Reveal()), "184127645108946");
  to = SecretBytes::CopyOf(AsBytes("x"));
  EXPECT_EQ(AsText(to.Reveal()), "x");
}

TEST(Secret, GrowsAndShrinks) {
  SecretBytes bytes;
  std::string want;
  for (int i = 0; i < 10'000; ++i) {
    bytes.push_back(static_cast<std::uint8_t>(i));
    want.push_back(static_cast<char>(i));
  }
  EXPECT_EQ(AsText(bytes.Reveal()), want);
  const std::uint8_t* const tail = bytes.Reveal().data() + 5;
  bytes.Shrink(5);
  EXPECT_EQ(AsText(bytes.Reveal()), want.substr(0, 5));
  EXPECT_EQ(*tail, 0);
  bytes.Append(AsBytes("abc"));
  EXPECT_EQ(AsText(bytes.Reveal()), want.substr(0, 5) + "abc");
  bytes.Shrink(0);
  EXPECT_TRUE(bytes.empty());
}

TEST(Secret, WrongLengthIsRefused) {
  for (const std::size_t size : {0u, 31u, 33u, 64u}) {
    const Result<Secret<32>> made = Secret<32>::FromBytes(Bytes(size, 1));
    ASSERT_FALSE(made.ok()) << size;
    EXPECT_EQ(made.error().code(), Code::kCorrupt);
  }
}

TEST(Secret, PassesBetweenThreadsAndOutlivesThem) {
  std::vector<SecretBytes> kept;
  for (int round = 0; round < 4; ++round) {
    std::thread maker([&kept] {
      for (std::size_t i = 0; i < 500; ++i) {
        kept.push_back(SecretBytes(1 + i * 13 % 5000));
        kept.back().Reveal()[0] = static_cast<std::uint8_t>(i);
      }
    });
    maker.join();
    std::thread taker([&kept] { kept.erase(kept.begin(), kept.begin() + 400); });
    taker.join();
  }
  EXPECT_EQ(kept.size(), 400u);
  EXPECT_EQ(kept.back().Reveal()[0], 499 % 256);
}

TEST(Secret, ThreadsAtOnce) {
  const auto work = [](std::uint8_t mark) {
    for (std::size_t i = 0; i < 2000; ++i) {
      SecretBytes bytes(1 + i % 300);
      for (std::uint8_t& byte : bytes.Reveal()) byte = mark;
      EXPECT_EQ(bytes.Reveal().back(), mark);
    }
  };
  std::vector<std::thread> threads;
  for (std::uint8_t mark = 1; mark <= 4; ++mark) threads.emplace_back(work, mark);
  for (std::thread& thread : threads) thread.join();
}

TEST(Secret, ComparesInConstantTime) {
  struct Row {
    const char* why;
    const char* a;
    const char* b;
    bool want;
  };
  const Row rows[] = {
      {"same", "abc", "abc", true},          {"both empty", "", "", true},
      {"last differs", "abc", "abd", false}, {"first differs", "abc", "bbc", false},
      {"shorter", "abc", "ab", false},       {"empty", "", "a", false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(EqualConstantTime(AsBytes(row.a), AsBytes(row.b)), row.want) << row.why;
  }
}

TEST(Context, IsByteForByteTheFormat) {
  Context context("ck");
  context.U32(7).Raw(AsBytes("person..")).U32(1).U16(3);
  EXPECT_EQ(AsText(context.view()).substr(0, 13), std::string_view("cloison/1/ck\0", 13));
  EXPECT_EQ(base::ToHex(context.view().subspan(13)), "00000007706572736f6e2e2e000000010003");
}

TEST(Ed25519, SignsAsRfc8032) {  // section 7.1, tests 1 and 2
  struct Row {
    const char* why;
    const char* seed;
    const char* public_key;
    const char* message;
    const char* signature;
  };
  const Row rows[] = {
      {"empty message", "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
       "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
       "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf"
       "9"
       "b46bd25bf5f0595bbe24655141438e7a100b"},
      {"one byte", "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
       "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
       "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f"
       "1"
       "1d8c387b2eaeb4302aeeb00d291612bb0c00"},
  };
  for (const Row& row : rows) {
    const Ed25519Signer signer(*Secret<32>::FromBytes(*base::FromHex(row.seed)));
    const Bytes message = *base::FromHex(row.message);
    EXPECT_EQ(base::ToHex(signer.public_key()), row.public_key) << row.why;
    const Result<Ed25519Signature> signature = signer.Sign(message);
    ASSERT_TRUE(signature.ok());
    EXPECT_EQ(base::ToHex(*signature), row.signature) << row.why;
    EXPECT_TRUE(VerifyEd25519(signer.public_key(), message, *signature)) << row.why;
    EXPECT_FALSE(VerifyEd25519(signer.public_key(), AsBytes("no"), *signature)) << row.why;
  }
}

TEST(Ff1, RefusesOutsideItsLimits) {
  const Bytes key(32, 1);
  struct Row {
    const char* why;
    std::uint32_t radix;
    std::size_t digits;
    std::uint16_t digit;
    std::size_t tweak;
    bool ok;
  };
  const Row rows[] = {
      {"a code", 32, 15, 31, 27, true},
      {"least domain of radix 10", 10, 6, 9, 0, true},
      {"one digit below it", 10, 5, 9, 0, false},
      {"least domain of radix 2", 2, 20, 1, 0, true},
      {"one digit below it", 2, 19, 1, 0, false},
      {"two digits of the widest radix", 65536, 2, 65535, 0, true},
      {"halves of 56 bits, the widest narrow ones", 256, 14, 255, 9, true},
      {"halves of 56 and 48 bits", 256, 13, 255, 9, true},
      {"halves of 64 and 56 bits, the least wide ones", 256, 15, 255, 9, true},
      {"narrow, of no whole bits", 10, 33, 9, 9, true},
      {"wide, of no whole bits", 10, 34, 9, 9, true},
      {"one digit is no message", 65536, 1, 1, 0, false},
      {"none", 32, 0, 0, 0, false},
      {"most digits", 65536, 56, 65535, 0, true},
      {"one more", 32, 57, 1, 0, false},
      {"a digit that is the radix", 32, 15, 32, 0, false},
      {"longest tweak", 32, 15, 1, 256, true},
      {"one byte more", 32, 15, 1, 257, false},
  };
  for (const Row& row : rows) {
    const Ff1 ff1(key, row.radix);
    const std::vector<std::uint16_t> digits(row.digits, row.digit);
    const Bytes tweak(row.tweak, 3);
    const auto encrypted = ff1.Encrypt(tweak, digits);
    ASSERT_EQ(encrypted.ok(), row.ok) << row.why;
    EXPECT_EQ(ff1.Decrypt(tweak, digits).ok(), row.ok) << row.why;
    if (!row.ok) continue;
    EXPECT_NE(*encrypted, digits) << row.why;
    EXPECT_EQ(*ff1.Decrypt(tweak, *encrypted), digits) << row.why;
  }
}

TEST(Ff1, KeysOfOneThreadTakeTurns) {
  const std::vector<std::uint16_t> digits(15, 7);
  Ff1 made(Bytes(32, 1), 32);
  const auto want = made.Encrypt({}, digits);
  ASSERT_TRUE(want.ok());
  const Ff1 moved(std::move(made));
  const Ff1 other(Bytes(32, 2), 32);
  const Ff1 again(Bytes(32, 1), 32);
  EXPECT_NE(*other.Encrypt({}, digits), *want);
  EXPECT_EQ(*moved.Encrypt({}, digits), *want);
  EXPECT_NE(*other.Encrypt({}, digits), *want);
  EXPECT_EQ(*again.Encrypt({}, digits), *want);
  EXPECT_EQ(*moved.Decrypt({}, *want), digits);
}

TEST(Base64, RefusesAllButTheOneText) {
  struct Row {
    const char* why;
    std::string_view text;
    const char* standard;  // hexadecimal; null: refused
    const char* url;
  };
  const Row rows[] = {
      {"nothing", "", "", ""},
      {"one byte, padded", "Zg==", "66", nullptr},
      {"one byte, bare", "Zg", nullptr, "66"},
      {"two bytes, padded", "Zm8=", "666f", nullptr},
      {"two bytes, bare", "Zm8", nullptr, "666f"},
      {"three bytes", "Zm9v", "666f6f", "666f6f"},
      {"the standard's last two", "+/+/", "fbffbf", nullptr},
      {"the url form's last two", "-_-_", nullptr, "fbffbf"},
      {"bits left over, padded", "Zh==", nullptr, nullptr},
      {"bits left over, bare", "Zh", nullptr, nullptr},
      {"bits left over in two bytes", "Zm9=", nullptr, nullptr},
      {"bits left over in two bytes, bare", "Zm9", nullptr, nullptr},
      {"one character", "Z", nullptr, nullptr},
      {"five characters", "Zm9vZ", nullptr, nullptr},
      {"too much padding", "Z===", nullptr, nullptr},
      {"only padding", "====", nullptr, nullptr},
      {"padding inside", "Zg==Zm9v", nullptr, nullptr},
      {"padding of nothing needed", "Zm9v====", nullptr, nullptr},
      {"half the padding", "Zg=", nullptr, nullptr},
      {"a space", "Zm 9", nullptr, nullptr},
      {"a line end", "Zm9v\n", nullptr, nullptr},
      {"a zero byte", std::string_view("Zm9\0", 4), nullptr, nullptr},
      {"a byte above ASCII", "Zm9\xc3", nullptr, nullptr},
  };
  const auto check = [](const Row& row, const Result<Bytes>& read, const char* want) {
    ASSERT_EQ(read.ok(), want != nullptr) << row.why;
    if (want != nullptr) {
      EXPECT_EQ(base::ToHex(*read), want) << row.why;
    } else {
      EXPECT_EQ(read.error().code(), Code::kInvalid) << row.why;
    }
  };
  for (const Row& row : rows) {
    check(row, FromBase64(row.text), row.standard);
    check(row, FromBase64Url(row.text), row.url);
  }
}

TEST(Base64, ReadsWhatItWrites) {
  SeededRandom random(3);
  for (std::size_t size = 0; size < 100; ++size) {
    Bytes bytes(size);
    random.Fill(bytes);
    EXPECT_EQ(*FromBase64(ToBase64(bytes)), bytes);
    EXPECT_EQ(*FromBase64Url(ToBase64Url(bytes)), bytes);
  }
}

CertificateRequest Request() {
  CertificateRequest request;
  request.common_name = "cloison test";
  request.dns_names = {"localhost", "*.example.fr"};
  request.ip_addresses = {"127.0.0.1", "::1"};
  request.not_before_s = 1'700'000'000;
  request.not_after_s = 1'800'000'000;
  return request;
}

struct FreeX509 {
  void operator()(X509* certificate) const { X509_free(certificate); }
};
using X509Ptr = std::unique_ptr<X509, FreeX509>;

X509Ptr Parse(const std::string& pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509Ptr certificate(PEM_read_bio_X509(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  return certificate;
}

// Whether `leaf` chains to `authority` for `purpose` at `now`.
bool Verifies(X509* authority, X509* leaf, int purpose, std::int64_t now) {
  X509_STORE* const store = X509_STORE_new();
  X509_STORE_add_cert(store, authority);
  X509_STORE_CTX* const context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, leaf, nullptr);
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_VERIFY_PARAM* const wanted = X509_STORE_CTX_get0_param(context);
  X509_VERIFY_PARAM_set_time(wanted, now);
  X509_VERIFY_PARAM_set_flags(wanted, X509_V_FLAG_X509_STRICT);
  const bool verified = X509_verify_cert(context) == 1;
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  return verified;
}

TEST(Certificate, ServesOneUseWithinItsTime) {
  SeededRandom random(4);
  const Certificate authority = std::move(*MakeAuthority(Request(), random));
  const Certificate other = std::move(*MakeAuthority(Request(), random));
  const Certificate server = std::move(*IssueServerCertificate(authority, Request(), random));
  const Certificate client = std::move(*IssueClientCertificate(authority, Request(), random));
  const X509Ptr root = Parse(authority.certificate_pem);
  const X509Ptr stranger = Parse(other.certificate_pem);
  const X509Ptr serving = Parse(server.certificate_pem);
  const X509Ptr asking = Parse(client.certificate_pem);
  ASSERT_TRUE(root && stranger && serving && asking);
  struct Row {
    const char* why;
    X509* by;
    X509* leaf;
    int purpose;
    std::int64_t now;
    bool want;
  };
  const Row rows[] = {
      {"a server", root.get(), serving.get(), X509_PURPOSE_SSL_SERVER, 1'750'000'000, true},
      {"a client", root.get(), asking.get(), X509_PURPOSE_SSL_CLIENT, 1'750'000'000, true},
      {"server as client", root.get(), serving.get(), X509_PURPOSE_SSL_CLIENT, 1'750'000'000,
       false},
      {"client as server", root.get(), asking.get(), X509_PURPOSE_SSL_SERVER, 1'750'000'000, false},
      {"too early", root.get(), serving.get(), X509_PURPOSE_SSL_SERVER, 1'699'999'999, false},
      {"too late", root.get(), serving.get(), X509_PURPOSE_SSL_SERVER, 1'800'000'001, false},
      {"another authority", stranger.get(), serving.get(), X509_PURPOSE_SSL_SERVER, 1'750'000'000,
       false},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(Verifies(row.by, row.leaf, row.purpose, row.now), row.want) << row.why;
  }
  EXPECT_EQ(X509_check_host(serving.get(), "localhost", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(serving.get(), "a.example.fr", 0, 0, nullptr), 1);
  EXPECT_EQ(X509_check_host(serving.get(), "example.com", 0, 0, nullptr), 0);
  EXPECT_EQ(X509_check_ip_asc(serving.get(), "::1", 0), 1);
  EXPECT_EQ(X509_check_ip_asc(serving.get(), "127.0.0.2", 0), 0);
}

TEST(Certificate, RefusesRequestsOutsideItsLimits) {
  SeededRandom random(5);
  struct Row {
    const char* why;
    void (*change)(CertificateRequest&);
  };
  const Row rows[] = {
      {"no name", [](CertificateRequest& r) { r.common_name.clear(); }},
      {"a name too long", [](CertificateRequest& r) { r.common_name.assign(65, 'a'); }},
      {"an empty DNS name", [](CertificateRequest& r) { r.dns_names = {""}; }},
      {"another kind of name smuggled in",
       [](CertificateRequest& r) { r.dns_names = {"a,IP:10.0.0.1"}; }},
      {"a DNS name too long", [](CertificateRequest& r) { r.dns_names = {std::string(254, 'a')}; }},
      {"not an address", [](CertificateRequest& r) { r.ip_addresses = {"300.0.0.1"}; }},
      {"a name for an address", [](CertificateRequest& r) { r.ip_addresses = {"localhost"}; }},
      {"an empty address", [](CertificateRequest& r) { r.ip_addresses = {""}; }},
      {"too many names", [](CertificateRequest& r) { r.dns_names.assign(65, "a"); }},
      {"ends as it begins", [](CertificateRequest& r) { r.not_after_s = r.not_before_s; }},
  };
  for (const Row& row : rows) {
    CertificateRequest request = Request();
    row.change(request);
    const Result<Certificate> made = MakeAuthority(request, random);
    ASSERT_FALSE(made.ok()) << row.why;
    EXPECT_EQ(made.error().code(), Code::kInvalid) << row.why;
  }
}

TEST(Certificate, OnlyAnAuthorityWithItsKeyIssues) {
  SeededRandom random(6);
  const Certificate authority = std::move(*MakeAuthority(Request(), random));
  Certificate server = std::move(*IssueServerCertificate(authority, Request(), random));
  EXPECT_FALSE(IssueClientCertificate(server, Request(), random).ok());
  server.certificate_pem = authority.certificate_pem;  // the key is not its key
  EXPECT_FALSE(IssueClientCertificate(server, Request(), random).ok());
  EXPECT_FALSE(IssueClientCertificate(Certificate{}, Request(), random).ok());
}

TEST(Certificate, ThumbprintOfPemAndDerIsOne) {
  SeededRandom random(7);
  const std::string pem = MakeAuthority(Request(), random)->certificate_pem;
  const X509Ptr parsed = Parse(pem);
  Bytes der(static_cast<std::size_t>(i2d_X509(parsed.get(), nullptr)));
  std::uint8_t* at = der.data();
  i2d_X509(parsed.get(), &at);
  ASSERT_TRUE(CertificateThumbprint(der).ok());
  EXPECT_EQ(*CertificateThumbprint(der), Sha256(der));
  EXPECT_EQ(*CertificateThumbprint(AsBytes(pem)), Sha256(der));

  der.push_back(0);
  EXPECT_FALSE(CertificateThumbprint(der).ok()) << "a byte after it";
  der.resize(der.size() - 2);
  EXPECT_FALSE(CertificateThumbprint(der).ok()) << "cut short";
  EXPECT_FALSE(CertificateThumbprint(AsBytes(pem + pem)).ok()) << "two of them";
  EXPECT_FALSE(CertificateThumbprint(AsBytes("hello")).ok()) << "neither form";
  EXPECT_FALSE(CertificateThumbprint({}).ok()) << "nothing";
}

// The first rows of the authors' table: key 00..0f, input 00, 01, .. (vectors_sip64).
TEST(ShortHash, IsSipHash24) {
  ByteArray<16> key;
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::uint8_t>(i);
  const ShortHash hash(key);
  const std::uint64_t want[] = {0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a,
                                0x85676696d7fb7e2d};
  Bytes input;
  for (const std::uint64_t value : want) {
    EXPECT_EQ(hash.Of(input), value) << input.size();
    input.push_back(static_cast<std::uint8_t>(input.size()));
  }
}

TEST(Process, IsHardened) {
  ASSERT_TRUE(HardenProcess().ok());
  EXPECT_EQ(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), 0);
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_CORE, &limit), 0);
  EXPECT_EQ(limit.rlim_max, 0u);
  prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);  // the leak checker reads /proc/self
}

}  // namespace
}  // namespace cloison::crypto
