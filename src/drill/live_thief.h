// Who sits at one account of a running server: says what to ask next, and keeps the book of what
// came. It goes on after refusals, since a thief honours nothing but time.
//
// It asks in turn, each while there is any: strangers (those it was given, those that a look-up
// showed), its own caseload, look-ups by national number, and codes that it guesses. Whom it was
// shown by a door it does not ask for by that door again.
//
// What a person counts as it tells from what the account is told of itself: its grants, and the
// overview of its caseload. Nothing that the server says of its counting is used.
//
// Threads  any: the connections of an account share one.
#ifndef CLOISON_DRILL_LIVE_THIEF_H_
#define CLOISON_DRILL_LIVE_THIEF_H_

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "drill/book.h"
#include "drill/guesses.h"
#include "drill/live_answers.h"
#include "net/http.h"
#include "records/schema.h"

namespace cloison::drill {

// What an account is told on its first two questions, and whom it is set on.
struct LiveStart {
  LiveSelf self;
  std::vector<LiveRecord> caseload;
  std::vector<std::string> strangers;  // codes of its organisation
  std::vector<std::string> nirs;
  std::uint64_t seed = 1;
};

// When the account was first told that it stands on this rung.
struct LiveRung {
  int rung;
  std::int64_t at_ms;
  std::uint64_t reads;
};

// One request.
struct LiveWork {
  enum class Lane : std::uint8_t { kStranger, kOwn, kLookUp, kGuess };
  Lane lane = Lane::kGuess;
  std::size_t door = 0, item = 0;             // of the lane's list
  ledger::Form form = ledger::Form::kMasked;  // of what is shown
  std::string code;                           // who is asked for; of a look-up ""
  std::string path, body;
};

// What became of a request.
enum class LiveNoted : std::uint8_t {
  kAnswered,
  kBusy,  // the server had too much to do, and did nothing
  kLost,  // no answer, or that the server failed: it may have done what it was asked
};

class LiveThief {
 public:
  // `schema` outlives it; the register's.
  LiveThief(const records::Schema& schema, LiveStart start);
  ~LiveThief();  // wipes the numbers it was set on
  LiveThief(const LiveThief&) = delete;
  LiveThief& operator=(const LiveThief&) = delete;

  // What the overview of the caseload showed, which is a family of its own: in the book, and in no
  // counter. Fails as Note.
  Status NoteOverview(std::int64_t at_ms);
  LiveWork Next();
  // The answer to a work, or why there was none. `at_ms`: since the run began. Fails kCorrupt:
  // somebody was shown in an answer that does not parse, or with fields or a log that nobody knows:
  // what was shown cannot be counted.
  Result<LiveNoted> Note(const LiveWork& work, const Result<net::Response>& answer,
                         std::int64_t at_ms);
  void NoteRung(int rung, std::int64_t at_ms);

  // After the last Note.
  const Book& book() const { return book_; }
  // The server failed in the midst of a request, or the connection did; for whom it was, when that
  // is known. Its entries may be there: a crash may log a reading that never was, and never hide
  // one.
  const std::vector<std::optional<PersonId>>& unanswered() const { return unanswered_; }
  const LiveSelf& self() const { return start_.self; }
  const std::string& log() const { return log_; }
  const Tally& tally() const { return tally_; }
  const std::vector<LiveRung>& rungs() const { return rungs_; }
  std::uint64_t strangers_opened() const { return opened_off_.size(); }
  std::size_t overview() const { return start_.caseload.size(); }

 private:
  // Fields of one purpose that come in one form.
  struct Door {
    std::string purpose;
    std::vector<std::string> fields;
    ledger::Form form;
    bool narrow = false;  // opens of strangers those alone whom the register has a reason for
  };
  // People or numbers, each by each door; `next` goes round over those that are not done.
  struct Lane {
    std::vector<Door> doors;
    std::vector<std::string> items;
    std::set<std::pair<std::size_t, std::size_t>> done;  // door, item
    std::size_t next = 0;
    std::optional<std::pair<std::size_t, std::size_t>> Turn();
  };

  void FindDoors(Lane& lane, std::initializer_list<std::string_view> relations, bool narrow) const;
  std::vector<Door> DoorsOf(const std::string& purpose,
                            const std::initializer_list<std::string_view> relations) const;
  void FindLookUps();
  LiveWork Make(LiveWork::Lane lane, const Door& door, const std::string& item) const;
  LiveWork Guess();
  Lane& LaneOf(LiveWork::Lane lane) { return lanes_[static_cast<std::size_t>(lane)]; }
  Status NoteShown(const LiveWork& work, const net::Response& answer, std::int64_t at_ms);
  // `form`: nothing: it counts nowhere.
  Status AddLine(const LiveRecord& record, const std::string& code,
                 std::optional<ledger::Form> form, std::int64_t at_ms);
  void AddUnanswered(const LiveWork& work);
  PersonId PersonOf(const std::string& code) const;

  const records::Schema& schema_;
  LiveStart start_;
  std::mutex mutex_;
  Draw draw_;
  std::optional<Guesses> guesses_;
  std::set<std::string> own_, known_;  // codes: of the caseload; of strangers to ask for
  std::array<Lane, 3> lanes_;          // all but guesses
  std::size_t turn_ = 0;
  Book book_;
  std::vector<std::optional<PersonId>> unanswered_;
  Tally tally_;
  std::string log_;
  std::set<PersonId> opened_off_;
  std::vector<LiveRung> rungs_;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_LIVE_THIEF_H_
