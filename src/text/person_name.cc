#include "text/person_name.h"

#include <algorithm>
#include <array>

#include "text/utf8.h"

namespace cloison::text {
namespace {

constexpr std::string_view kParticles[] = {"DE",  "DU",  "DES", "D",  "LE", "LA",
                                           "VAN", "VON", "BEN", "EL", "AL"};
constexpr std::size_t kVariantLettersMin = 3;

// What decomposition leaves whole.
struct Letter {
  std::string_view utf8, plain;
};
constexpr Letter kLetters[] = {{"Œ", "OE"}, {"œ", "OE"}, {"Æ", "AE"}, {"æ", "AE"}, {"ß", "SS"},
                               {"ẞ", "SS"}, {"Ø", "O"},  {"ø", "O"},  {"Ł", "L"},  {"ł", "L"},
                               {"Đ", "D"},  {"đ", "D"},  {"ı", "I"},  {"’", ""},   {"ʼ", ""},
                               {"‘", ""},   {"‐", " "},  {"–", " "}};

bool IsUpper(char c) {
  return c >= 'A' && c <= 'Z';
}

bool IsParticle(std::string_view word) {
  return std::find(std::begin(kParticles), std::end(kParticles), word) != std::end(kParticles);
}

std::vector<std::string_view> WordsOf(std::string_view plain) {
  std::vector<std::string_view> words;
  while (!plain.empty()) {
    const std::size_t cut = std::min(plain.find(' '), plain.size());
    if (cut > 0) words.push_back(plain.substr(0, cut));
    plain.remove_prefix(std::min(cut + 1, plain.size()));
  }
  return words;
}

// One sign of a decomposed text, in plain letters; `at` moves behind it.
void TakeSign(std::string_view text, std::size_t& at, std::string& out) {
  const char c = text[at];
  if (static_cast<std::uint8_t>(c) < 0x80) {
    ++at;
    if (c == '\'' || c == '`') return;
    const char upper = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    out.push_back(IsUpper(upper) ? upper : ' ');
    return;
  }
  const std::size_t size = std::max<std::size_t>(1, base::Utf8SequenceLength(text, at));
  const std::string_view sign = text.substr(at, size);
  at += size;
  for (const Letter& letter : kLetters) {
    if (letter.utf8 == sign) out.append(letter.plain);
  }
}

bool IsVowel(char c) {
  return std::string_view("AEIOUY").find(c) != std::string_view::npos;
}

// Reads letters from left to right; each rule takes some and gives how they sound.
class Listener {
 public:
  explicit Listener(std::string_view letters) : in_(letters) {}

  std::string Hear() {
    if (Begins("MC") && !Begins("MCC")) {
      out_ = "MAK";
      at_ = 2;
    }
    while (at_ < in_.size()) {
      if (!TakeVowels() && !TakeConsonants()) Give(std::string_view(&in_[at_], 1), 1);
    }
    DropSilentEnd();
    return std::move(out_);
  }

 private:
  char Next(std::size_t ahead) const { return at_ + ahead < in_.size() ? in_[at_ + ahead] : '\0'; }
  bool Begins(std::string_view what) const {
    return Next(0) == what.front() && in_.substr(at_).starts_with(what);
  }
  bool VowelAt(std::size_t ahead) const { return IsVowel(Next(ahead)); }
  bool SoftAt(std::size_t ahead) const {  // before which C and G are soft
    const char c = Next(ahead);
    return c == 'E' || c == 'I' || c == 'Y';
  }

  // Doubled letters sound as one.
  bool Give(std::string_view sound, std::size_t taken) {
    for (const char c : sound) {
      if (out_.empty() || out_.back() != c) out_.push_back(c);
    }
    at_ += taken;
    return true;
  }

  // A vowel and M or N that no vowel, M or N follows.
  bool Nasal(std::string_view vowel) const {
    if (!Begins(vowel)) return false;
    const char m = Next(vowel.size()), after = Next(vowel.size() + 1);
    return (m == 'M' || m == 'N') && after != 'M' && after != 'N' && after != 'H' &&
           !IsVowel(after);
  }

  bool TakeVowels() {
    if (!IsVowel(in_[at_])) return false;
    for (const std::string_view vowels : {"AI", "EI", "AY", "EY"}) {
      if (Nasal(vowels)) return Give("IN", 3);
    }
    for (const std::string_view vowel : {"I", "Y"}) {
      if (Nasal(vowel)) return Give("IN", 2);
    }
    for (const std::string_view vowel : {"A", "E"}) {
      if (Nasal(vowel)) return Give("EN", 2);
    }
    if (Nasal("O")) return Give("ON", 2);
    if (Begins("EAU")) return Give("O", 3);
    if (Begins("AU")) return Give("O", 2);
    if (Begins("OEU")) return Give("EU", 3);
    for (const std::string_view e : {"AI", "EI", "AY", "EY"}) {
      if (Begins(e) && !VowelAt(2) && !in_.substr(at_ + 2).starts_with("LL")) return Give("E", 2);
    }
    if (Begins("ILL") && !out_.empty() && IsVowel(out_.back())) return Give("I", 3);
    return in_[at_] == 'Y' && Give("I", 1);
  }

  bool TakeConsonants() {
    switch (in_[at_]) {
      case 'P': return Next(1) == 'H' && Give("F", 2);
      case 'Q': return Give("K", Next(1) == 'U' ? 2 : 1);
      case 'C': return TakeC();
      case 'S': return TakeS();
      case 'G': return TakeG();
      case 'H': return Give("", 1);
      case 'B': return Next(1) == 'V' && Give("V", 2);
      case 'W': return Give("V", 1);
      case 'Z': return Give("S", 1);
      default: return false;
    }
  }

  bool TakeC() {
    if (Next(1) == 'H') return Give("CH", 2);
    if (Next(1) == 'K') return Give("K", 2);
    if (Next(1) == 'C' && SoftAt(2)) return Give("X", 2);
    return Give(SoftAt(1) ? "S" : "K", 1);
  }

  bool TakeS() {
    if (Begins("SCH")) return Give("CH", 3);
    if (Next(1) == 'H') return Give("CH", 2);
    return Next(1) == 'C' && SoftAt(2) && Give("S", 2);
  }

  bool TakeG() {
    if (Begins("GEAU")) return Give("JO", 4);
    if (Next(1) == 'E' && (Next(2) == 'O' || Next(2) == 'A')) return Give("J", 2);
    if (Next(1) == 'U' && SoftAt(2)) return Give("G", 2);
    if (Next(1) == 'N' && VowelAt(2)) return Give("NI", Next(2) == 'I' && VowelAt(3) ? 3 : 2);
    return SoftAt(1) && Give("J", 1);
  }

  void DropSilentEnd() {
    const auto silent = [](char c) { return c == 'T' || c == 'D' || c == 'S' || c == 'X'; };
    while (out_.size() > 2 && silent(out_.back())) out_.pop_back();
    // Thibault, Renauld.
    if (out_.size() > 2 && out_.ends_with("OL") && !in_.ends_with("L")) out_.pop_back();
  }

  std::string_view in_;
  std::size_t at_ = 0;
  std::string out_;
};

// How many letters of `a` have a partner in `b` within reach, and how many of those are out of
// order.
struct Partners {
  std::size_t met = 0, moved = 0;
};
Partners PartnersOf(std::string_view a, std::string_view b) {
  std::array<bool, kLikenessLettersMax> in_a{}, in_b{};
  const std::size_t longest = std::max(a.size(), b.size());
  const std::size_t reach = longest / 2 > 0 ? longest / 2 - 1 : 0;
  Partners partners;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const std::size_t end = std::min(b.size(), i + reach + 1);
    for (std::size_t j = i > reach ? i - reach : 0; j < end; ++j) {
      if (in_b[j] || a[i] != b[j]) continue;
      in_a[i] = in_b[j] = true;
      ++partners.met;
      break;
    }
  }
  std::size_t j = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (!in_a[i]) continue;
    while (!in_b[j]) ++j;
    partners.moved += a[i] != b[j] ? 1 : 0;
    ++j;
  }
  return partners;
}

}  // namespace

Result<std::string> PlainName(std::string_view name) {
  CLOISON_TRY_ASSIGN(std::string parted, Nfkd(name));
  std::string signs;
  signs.reserve(2 * parted.size());
  for (std::size_t at = 0; at < parted.size();) TakeSign(parted, at, signs);
  std::string plain;
  plain.reserve(2 * signs.size());
  for (const std::string_view word : WordsOf(signs)) {
    if (!plain.empty()) plain.push_back(' ');
    plain.append(word == "ST" ? "SAINT" : word == "STE" ? "SAINTE" : word);
  }
  WipeText(parted);
  WipeText(signs);
  return plain;
}

std::string JoinedName(std::string_view plain) {
  std::string joined(plain);
  std::erase(joined, ' ');
  return joined;
}

std::vector<std::string> NameVariants(std::string_view plain, std::size_t limit) {
  std::vector<std::string> variants;
  const auto add = [&variants, limit](std::string variant) {
    const bool known = std::find(variants.begin(), variants.end(), variant) != variants.end();
    if (!variant.empty() && !known && variants.size() < limit) variants.push_back(variant);
    WipeText(variant);
  };
  add(JoinedName(plain));
  const std::vector<std::string_view> words = WordsOf(plain);
  const auto first = std::find_if_not(words.begin(), words.end(), IsParticle);
  std::string rest;
  for (auto word = first; word != words.end(); ++word) rest.append(*word);
  add(std::move(rest));
  for (const std::string_view word : words) {
    if (word.size() >= kVariantLettersMin && !IsParticle(word)) add(std::string(word));
  }
  return variants;
}

std::string SoundOf(std::string_view letters) {
  std::string sound = Listener(letters).Hear();
  return sound.empty() ? std::string(letters) : sound;
}

double Likeness(std::string_view a, std::string_view b) {
  constexpr std::size_t kPrefixMax = 4;
  constexpr double kPrefixWeight = 0.1;
  a = a.substr(0, kLikenessLettersMax);
  b = b.substr(0, kLikenessLettersMax);
  if (a == b) return 1;
  const Partners partners = PartnersOf(a, b);
  if (partners.met == 0) return 0;
  const auto met = static_cast<double>(partners.met);
  const double jaro = (met / static_cast<double>(a.size()) + met / static_cast<double>(b.size()) +
                       (met - static_cast<double>(partners.moved / 2)) / met) /
                      3;
  std::size_t prefix = 0;
  while (prefix < std::min({a.size(), b.size(), kPrefixMax}) && a[prefix] == b[prefix]) ++prefix;
  return jaro + static_cast<double>(prefix) * kPrefixWeight * (1 - jaro);
}

}  // namespace cloison::text
