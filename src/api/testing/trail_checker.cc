#include "api/testing/trail_checker.h"

#include <chrono>
#include <set>

#include "crypto/ed25519.h"
#include "crypto/mac.h"

namespace cloison::api::testing {

namespace {

using nlohmann::json;

// What is wrong is thrown, and caught by TrailFault.
struct Fault {
  std::string text;
};
void Need(bool holds, const char* text) {
  if (!holds) throw Fault{text};
}

std::string Decode64(const std::string& text) {
  static const std::string kSymbols =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  Need(text.size() % 4 == 0, "base64: a length");
  std::string out;
  for (std::size_t i = 0; i < text.size(); i += 4) {
    std::uint32_t bits = 0;
    int given = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const std::size_t at = kSymbols.find(text[i + k]);
      if (text[i + k] != '=') ++given;
      Need(text[i + k] == '=' || at != std::string::npos, "base64: a symbol");
      bits = bits << 6 | (text[i + k] == '=' ? 0u : static_cast<std::uint32_t>(at));
    }
    for (int k = 0; k + 1 < given; ++k) out += static_cast<char>(bits >> (16 - 8 * k) & 0xff);
  }
  return out;
}

std::string Text(const crypto::Digest& digest) {
  return std::string(AsText(digest));
}
std::string Sha(const std::string& bytes) {
  return Text(crypto::Sha256(AsBytes(bytes)));
}
std::string Mac(const std::string& key, const std::string& message) {
  return Text(crypto::HmacRaw(AsBytes(key), {AsBytes(message)}));
}
std::string Big(std::uint64_t number, int bytes) {
  std::string out;
  for (int i = bytes - 1; i >= 0; --i) out += static_cast<char>(number >> (8 * i) & 0xff);
  return out;
}
std::uint64_t Number(const std::string& big) {
  std::uint64_t number = 0;
  for (const char c : big) number = number << 8 | static_cast<std::uint8_t>(c);
  return number;
}
std::string Label(const std::string& name) {
  return "cloison/1/" + name + std::string(1, '\0');
}
std::string Hex(const std::string& bytes) {
  return base::ToHex(AsBytes(bytes));
}

std::map<int, std::string> Items(const std::string& part) {
  std::map<int, std::string> items;
  int last = 0;
  for (std::size_t at = 0; at < part.size();) {
    Need(part.size() >= at + 3, "a part is cut");
    const int tag = static_cast<std::uint8_t>(part[at]);
    const std::size_t size = Number(part.substr(at + 1, 2));
    Need(tag > last && part.size() >= at + 3 + size, "a part does not parse");
    items[tag] = part.substr(at + 3, size);
    last = tag;
    at += 3 + size;
  }
  return items;
}

// ---- the log

struct Log {
  std::string origin, name, key;  // name and bytes of the key
  std::string key_id;
};

Log LogOf(const std::string& origin, const std::string& vkey) {
  const std::size_t first = vkey.find('+'), second = vkey.find('+', first + 1);
  Need(second != std::string::npos, "the log's key has no parts");
  Log log{origin, vkey.substr(0, first), Decode64(vkey.substr(second + 1)), ""};
  Need(log.key.size() == 33 && log.key[0] == 1, "the log's key is no Ed25519 key");
  log.key_id = Sha(log.name + "\n" + log.key).substr(0, 4);
  Need(Hex(log.key_id) == vkey.substr(first + 1, 8), "the log's key has another id");
  return log;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    Need(end != std::string::npos, "a line does not end");
    lines.push_back(text.substr(at, end - at));
    at = end + 1;
  }
  return lines;
}

struct Head {
  std::uint64_t size;
  std::string root;
};

Head OpenNote(const std::string& note, const Log& log) {
  const std::size_t split = note.find("\n\n");
  Need(split != std::string::npos, "a checkpoint is no note");
  const std::string text = note.substr(0, split + 1);
  bool holds = false;
  for (const std::string& line : Lines(note.substr(split + 2))) {
    const std::string begin = "\u2014 " + log.name + " ";
    if (!line.starts_with(begin)) continue;
    const std::string blob = Decode64(line.substr(begin.size()));
    if (blob.substr(0, 4) != log.key_id) continue;
    const auto key = base::Reader(AsBytes(log.key).subspan(1)).Array<32>();
    holds = crypto::VerifyEd25519(key, AsBytes(text), AsBytes(blob).subspan(4));
  }
  Need(holds, "a checkpoint is not signed by the log");
  const std::vector<std::string> lines = Lines(text);
  Need(lines.size() == 3 && lines[0] == log.origin, "a checkpoint of another log");
  return {std::stoull(lines[1]), Decode64(lines[2])};
}

// RFC 9162 section 2.1.3.2.
void CheckInclusion(std::uint64_t index, const std::string& leaf, const Head& head,
                    const std::vector<std::string>& proof) {
  Need(index < head.size, "an index beyond the checkpoint");
  std::uint64_t fn = index, sn = head.size - 1;
  std::string hash = Sha(std::string(1, '\0') + leaf);
  for (const std::string& other : proof) {
    Need(sn != 0, "a proof is too long");
    if (fn % 2 == 1 || fn == sn) {
      hash = Sha("\1" + other + hash);
      while (fn % 2 == 0 && fn != 0) fn /= 2, sn /= 2;
    } else {
      hash = Sha("\1" + hash + other);
    }
    fn /= 2, sn /= 2;
  }
  Need(sn == 0 && hash == head.root, "a proof does not lead to the root");
}

void CheckTlogProof(const std::string& text, std::uint64_t index, const std::string& leaf,
                    const Log& log) {
  const std::size_t split = text.find("\n\n");
  Need(split != std::string::npos, "a tlog-proof has no checkpoint");
  const std::vector<std::string> lines = Lines(text.substr(0, split + 1));
  Need(lines.size() >= 2 && lines[0] == "c2sp.org/tlog-proof@v1", "another kind of proof");
  Need(lines[1] == "index " + std::to_string(index), "a proof of another index");
  std::vector<std::string> hashes;
  for (std::size_t i = 2; i < lines.size(); ++i) hashes.push_back(Decode64(lines[i]));
  CheckInclusion(index, leaf, OpenNote(text.substr(split + 2), log), hashes);
}

// ---- the rows

class Checker {
 public:
  Checker(const json& answer, const TrailRules& rules, TrailCounts& counts)
      : answer_(answer), rules_(rules), counts_(counts), log_(LogOf(rules.origin, rules.vkey)) {
    const json& proofs = answer.at("proofs");
    const json& log = proofs.at("logs").at(0);
    Need(log.at("origin") == rules.origin && log.at("key") == rules.vkey, "another log");
    log_id_ = Sha(rules.vkey).substr(0, 8);
    Need(log.at("log_id") == Hex(log_id_), "the log's id is not that of its key");
    trail_key_ = Decode64(log.at("trail_key"));
    aud_ = Decode64(proofs.at("aud"));
    Need(trail_key_.size() == 32 && aud_.size() == 16, "a key's length");
  }

  void Check() {
    std::set<std::uint64_t> numbers;
    std::uint64_t before = UINT64_MAX;
    for (const json& item : answer_.at("items")) {
      const std::uint64_t n = item.at("n");
      Need(n < before, "rows are out of order");
      before = n;
      numbers.insert(n);
      ++counts_.rows;
      CheckRow(item, &n);
      if (item.at("kind") == "unseal") CheckUnseal(item);
    }
    for (const json& one : answer_.at("proofs").at("expired")) {
      const std::uint64_t n = one.at("n");
      numbers.insert(n);
      ++counts_.expired;
      CheckLeaf(one, &n);
      Need(!one.at("proof").contains("actor_part"), "an expired entry says something");
    }
    const json& covers = answer_.at("proofs").at("covers");
    const std::uint64_t first = covers.at("first"), end = covers.at("end");
    Need(numbers.size() == end - first, "a number is missing");
    for (const std::uint64_t n : numbers) Need(n >= first && n < end, "a number beyond the page");
  }

 private:
  std::string CheckLeaf(const json& row, const std::uint64_t* n) {
    const json& proof = row.at("proof");
    const std::string leaf = Decode64(proof.at("leaf"));
    Need(leaf.size() == 98 && leaf.substr(0, 2) == std::string("\1\0", 2), "no leaf");
    Need(proof.at("log_id") == Hex(log_id_), "a row of another log");
    if (n != nullptr) {
      Need(leaf.substr(66, 16) == Mac(trail_key_, Big(*n, 8)).substr(0, 16), "another tag");
    }
    if (proof.contains("proof_pending")) {
      Need(!proof.contains("tlog_proof"), "pending, and there");
      ++counts_.pending;
      return leaf;
    }
    if (proof.contains("closed")) {
      Need(!proof.contains("tlog_proof"), "closed, and proven");
      ++counts_.closed;
      return leaf;
    }
    CheckTlogProof(proof.at("tlog_proof"), row.at("index"), leaf, log_);
    ++(proof.at("published").get<bool>() ? counts_.published : counts_.unpublished);
    return leaf;
  }

  void CheckRow(const json& row, const std::uint64_t* n) {
    const std::string leaf = CheckLeaf(row, n);
    const json& proof = row.at("proof");
    const std::string subject = Decode64(proof.at("subject_part"));
    const std::string actor = Decode64(proof.at("actor_part"));
    Need(leaf.substr(2, 32) ==
             Mac(Decode64(proof.at("subject_randomness")), Label("subj") + subject),
         "another subject part");
    Need(leaf.substr(34, 32) == Mac(Decode64(proof.at("actor_randomness")), Label("actor") + actor),
         "another actor part");
    CheckWords(row, Items(subject), Items(actor));
  }

  // That the row says what the parts say.
  void CheckWords(const json& row, std::map<int, std::string> subject,
                  std::map<int, std::string> actor) {
    static const std::vector<std::string> kKinds = {
        "",         "disclosure", "glimpse",       "refusal",  "change", "erasure", "rights",
        "approval", "freeze",     "key_or_policy", "incident", "unseal", "load",    "aggregate"};
    static const std::vector<std::string> kForms = {"", "plain", "masked", "exists", "matches"};
    static const std::vector<std::string> kDecisions = {"", "allow", "refuse", "miss"};
    Need(subject[1] == log_id_ && actor[1] == log_id_, "parts of another log");
    Need(subject[3] == aud_, "somebody else's entry");
    Need(subject[2] == actor[2] && row.at("kind") == kKinds.at(Number(subject[2])), "a kind");
    Need(row.at("form") == kForms.at(Number(subject[5])), "a form");
    Need(row.at("decision") == kDecisions.at(Number(actor[10])), "a decision");
    Need(TimeOf(row.at("time")) == static_cast<std::int64_t>(Number(actor[3])), "a time");
    Need(row.value("role", "") == actor[6] && row.value("purpose", "") == actor[7], "a reason");
    const auto number = [&row](const char* name) {
      return row.contains(name) ? Big(row.at(name).get<std::uint64_t>(), 4) : "";
    };
    Need(number("organisation") == actor[4] && number("office") == actor[5], "an organisation");
    json fields = json::array();
    for (std::size_t at = 8; at < subject[4].size(); at += 2) {
      const auto id = static_cast<std::uint16_t>(Number(subject[4].substr(at, 2)));
      fields.push_back(rules_.fields.at(id));
    }
    Need(row.at("fields") == fields, "fields");
  }

  void CheckUnseal(const json& row) {
    if (!row.contains("unsealed")) return;
    const json& was = row.at("unsealed");
    ++counts_.unsealed;
    CheckRow(was, nullptr);
    const std::string own = Items(Decode64(row.at("proof").at("subject_part")))[4];
    const std::string old = Items(Decode64(was.at("proof").at("subject_part")))[4];
    Need(Number(own.substr(0, 8)) == was.at("index").get<std::uint64_t>(), "another access");
    Need(own.substr(8) == old.substr(8) && row.at("form") == was.at("form"), "other fields");
  }

  static std::int64_t TimeOf(const std::string& text) {
    using namespace std::chrono;
    const auto digits = [&text](std::size_t at, std::size_t width) {
      return std::stoi(text.substr(at, width));
    };
    const year_month_day day{year{digits(0, 4)}, month{static_cast<unsigned>(digits(5, 2))},
                             std::chrono::day{static_cast<unsigned>(digits(8, 2))}};
    const auto time = sys_days(day) + hours(digits(11, 2)) + minutes(digits(14, 2)) +
                      seconds(digits(17, 2)) + milliseconds(digits(20, 3));
    return duration_cast<milliseconds>(time.time_since_epoch()).count();
  }

  const json& answer_;
  const TrailRules& rules_;
  TrailCounts& counts_;
  Log log_;
  std::string log_id_, trail_key_, aud_;
};

}  // namespace

std::string TrailFault(const json& answer, const TrailRules& rules, TrailCounts* counts) {
  TrailCounts own;
  try {
    Checker(answer, rules, counts != nullptr ? *counts : own).Check();
  } catch (const Fault& fault) {
    return fault.text;
  } catch (const std::exception& other) {
    return std::string("unreadable: ") + other.what();
  }
  return "";
}

}  // namespace cloison::api::testing
