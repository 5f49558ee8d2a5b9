// The register said again in the dullest way: what each client asked for, and what may be decided
// about it at the place in the ledger where it was. Entries are judged one decision after the
// other, in the ledger's order; nothing of the register's own code is used to decide.
//
// A decision that rests on what was read before it was made (a version, who has an e-mail) may be
// of any moment since the request began: only then the model knows more than one answer.
#ifndef CLOISON_TESTS_SIM_WORLD_MODEL_H_
#define CLOISON_TESTS_SIM_WORLD_MODEL_H_

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <span>

#include "access/gate.h"
#include "tests/sim/window_oracle.h"
#include "tests/sim/world_rules.h"

namespace cloison::sim {

enum class What : std::uint8_t {
  kDisclose,
  kLookUp,
  kRegister,
  kUpdate,
  kErase,
  kAssign,
  kFreeze,
  kOwnTrail,
  kCapabilities,
  kAggregates,
  kPrune,
  kRetry,
  kPublish,
  kFold,
};
inline constexpr std::size_t kWhats = 14;
std::string_view Name(What what);

// kNone: nobody heard it, or the process was gone.
enum class Answer : std::uint8_t { kNone, kShown, kRefused, kFailed };

// A value that a client received.
struct Received {
  std::optional<PersonId> person;  // nothing: a citizen's own
  FieldId field;
  std::string text;
};
struct Awaited {
  Number person;
  FieldId field;
  std::string text;
  bool plain;
};

// One request of a client, in a session of its own.
struct Op {
  std::uint64_t number = 0;
  What what = What::kDisclose;
  std::size_t actor = 0;
  std::size_t ask = 0;
  std::vector<Number> people = {};
  std::vector<std::string> named = {};  // their codes, as sent
  std::uint64_t version = 0, nir = 0, email = 0;
  bool by_nir = false;    // a look-up by it, a change of it; else of the e-mail
  std::size_t other = 0;  // the agent of an assignment; who is frozen
  bool off = false;       // taken off a caseload; unfrozen
  std::optional<std::int64_t> until_ms = {};
  std::string once = {};

  // When it was sent.
  std::uint64_t entries_before = 0;
  bool after_failure = false;  // the main committer had failed already
  bool trouble = false;        // something failed outside meanwhile: errors are answers too

  Answer answer = Answer::kNone;
  bool settled = false;  // its answer came, or never will
  access::RefusalCode refusal{};
  Code error{};
  std::vector<ledger::Recorded> recorded = {};
  std::vector<Received> received = {};
  std::vector<access::Look> looks = {};
  std::optional<PersonId> registered = {};

  // What the ledger says of it.
  std::vector<std::uint64_t> entries = {};
  std::string rule = {};  // of its first entry
  bool allowed = false;
  std::vector<Awaited> awaited = {};
};

struct Person {
  Aud aud;
  std::optional<PersonId> id = {};
  std::uint64_t name = 0, nir = 0, email = 0, version = 1;
  Content content() const { return {name, nir, email}; }
  bool alive = true;
  bool erase_told = false;                 // a client was told so
  std::uint64_t touched = 0;               // the last entry that changed the record
  std::vector<std::uint64_t> trail = {};   // entries that name the person, in order
  std::vector<std::uint64_t> sealed = {};  // sealed accesses, which are in no trail
};

// An entry read back.
struct Entry {
  std::uint64_t index;
  std::uint64_t batch;
  ledger::Record record;
  ledger::ActorPart actor;
  std::optional<ledger::SubjectPart> subject;
  std::int64_t budget_ms, real_ms, wall_ms;  // of its batch
};

class Model {
 public:
  Model(const Rules& rules, std::vector<Actor> actors);

  std::deque<Op>& ops() { return ops_; }
  std::vector<Person>& people() { return people_; }
  std::vector<Actor>& actors() { return actors_; }
  const Rules& rules() const { return rules_; }
  std::optional<Number> NumberOf(const PersonId& id) const;
  std::optional<Number> NumberOf(const Aud& aud) const;
  bool frozen(std::size_t actor) const { return frozen_.contains(actor); }
  const WindowOracle& budget(std::size_t actor) const { return budget_[actor]; }
  const WindowOracle& real(std::size_t actor) const { return real_[actor]; }
  const std::vector<std::uint64_t>& entries_of(std::size_t actor) const { return by_actor_[actor]; }
  bool HasPair(std::size_t agent, Number person) const { return pairs_.contains({agent, person}); }
  // What a key was used for, until it is too old.
  struct Used {
    std::int64_t at_ms;
    std::uint64_t index;
    std::optional<Number> person;
  };
  const Used* FindUsed(std::size_t actor, const std::string& once) const;

  // One decision: all entries of one session that follow each other.
  void Judge(std::span<const Entry> decision);
  // After its entries were judged: is the answer the one that was decided?
  void CheckAnswer(Op& op);

  void Broken(std::string what) { problems_.push_back(std::move(what)); }
  const std::vector<std::string>& problems() const { return problems_; }
  std::uint64_t shown() const { return shown_; }
  std::uint64_t spent() const { return spent_; }

 private:
  // One entry as it must be, and a decision: its entries, its charges, what it changes.
  struct Line {
    ledger::Kind kind;
    ledger::Decision decision;
    std::string rule;
    std::optional<Number> person = {};
    std::uint64_t seq = 0;
    std::vector<FieldId> fields = {};
    ledger::Form form = ledger::Form::kPlain;
  };
  struct Decided {
    std::vector<Line> lines;
    std::vector<WindowOracle::Shown> charges = {};
    bool allowed = false;
    std::function<void()> effect = {};
    std::vector<Awaited> awaited = {};
  };
  struct Pair {
    std::int64_t since_ms, until_ms;
  };
  struct Assigned {
    std::map<std::pair<std::size_t, Number>, Pair> pairs;
    std::vector<std::int64_t> fresh;
  };

  std::vector<Decided> CandidatesOf(Op& op, std::span<const Entry> decision);
  std::vector<Decided> OfDisclose(Op& op, const Entry& at);
  std::vector<Decided> OfLookUp(Op& op, const Entry& at);
  std::vector<Decided> OfRegister(Op& op, const Entry& at);
  std::vector<Decided> OfUpdate(Op& op, const Entry& at);
  std::vector<Decided> OfErase(Op& op, const Entry& at);
  std::vector<Decided> OfAssign(Op& op, const Entry& at);
  std::vector<Decided> OfFreeze(Op& op);
  std::vector<Decided> OfOwnTrail(Op& op);
  Decided Refused(std::string rule, ledger::Decision decision = ledger::Decision::kRefuse) const;
  Decided MissOf(const std::vector<std::string>& named);
  Decided Said(std::string rule, const Op& op);  // a refusal that tells something of a person
  Decided Exists(Number holder, std::string rule) const;
  Decided Rows(Op& op, const std::set<Number>& found, const Entry& at);
  Decided Erasure(Number person, std::uint64_t index);
  void AddForms(Decided& out, const Op& op, Number person, const Given& given, const Entry& at);

  void JudgeOp(Op& op, std::span<const Entry> decision);
  void JudgeSystem(std::span<const Entry> decision);
  bool Fits(const std::vector<Line>& lines, std::span<const Entry> decision) const;
  bool Says(const Line& line, const Entry& entry) const;
  void Accept(Op& op, const Decided& decided, const Entry& at);
  void Note(const Entry& entry, std::size_t actor);
  void CheckShown(Op& op);
  void CheckRefused(Op& op);
  void CheckFailed(const Op& op);
  void CheckRepeated(const Op& op);
  void CheckLooks(const Op& op);
  void CheckReceived(const Op& op);

  access::Relation RelationTo(std::size_t actor, Number person, std::int64_t now_ms) const;
  bool IsOff(std::size_t actor, Number person, std::int64_t now_ms) const;
  bool AssignOne(const Op& op, Number person, std::int64_t now_ms, Assigned& after) const;
  std::uint64_t QueryOf(const std::string& text);
  WindowOracle::Shown GlimpseOf(const std::string& query);
  std::optional<Number> HolderOf(std::uint64_t nir) const;
  bool Touched(const Op& op, Number person) const {
    return person < people_.size() && people_[person].touched >= op.entries_before;
  }
  bool Alive(Number person) const { return person < people_.size() && people_[person].alive; }

  const Rules& rules_;
  std::vector<Actor> actors_;
  std::deque<Op> ops_;
  std::vector<Person> people_;
  std::vector<WindowOracle> budget_, real_;  // by actor: in the budget's time, and in real time
  std::vector<std::vector<std::uint64_t>> by_actor_;
  std::map<std::uint64_t, Entry> entries_;  // those that name somebody: for trails
  std::set<std::size_t> frozen_;
  std::map<std::pair<std::size_t, Number>, Pair> pairs_;
  std::map<std::size_t, std::vector<std::int64_t>> fresh_;  // by agent: when pairs were new
  std::map<std::pair<std::size_t, std::string>, std::vector<Used>> used_;  // one after the other
  std::map<std::string, std::uint64_t> queries_;
  std::uint64_t nobodies_told_ = 0;
  std::uint64_t shown_ = 0, spent_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace cloison::sim

#endif  // CLOISON_TESTS_SIM_WORLD_MODEL_H_
