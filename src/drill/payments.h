// What whoever holds the credential of a payment program gets: an approved job, as far as it goes.
#ifndef CLOISON_DRILL_PAYMENTS_H_
#define CLOISON_DRILL_PAYMENTS_H_

#include <memory>
#include <set>

#include "access/jobs.h"
#include "crypto/hpke.h"
#include "drill/doors.h"
#include "drill/world.h"

namespace cloison::drill {

// Two officers agreed to a monthly payment, sealed to a bank; its first run has begun when the
// program's key is stolen. Every day the thief asks at every door, asks for a job of its own, for
// other jobs and for more people than the job is for, goes on with the run that is open, begins the
// next one when it may, and has whomever it likes sealed, until the job refuses. What it gets it
// tries to open. The bank opens it too, and that is how the thief's book knows whom each frame
// holds.
class PaymentThief {
 public:
  // As the officers, the bank and the program itself: the job, and the first batch of its first
  // run. Fails as the gate does.
  static Result<std::unique_ptr<PaymentThief>> Begin(World& world);

  // `targets`: who is asked for at the doors.
  Status Day(const std::vector<Target>& targets);
  // Adds requests, what was sealed against the job's bound over `days`, and the exact scope.
  Status Sum(int days, Report& report) const;
  std::uint64_t told() const { return told_; }  // what came out in clear

 private:
  explicit PaymentThief(World& world);
  Result<std::uint64_t> Agreed();
  Status WorkHonestly();
  Status AskForMore(std::uint64_t number);
  Status SealUntilRefused();
  // Whether it was given; nothing given is a refusal.
  Result<bool> Run(std::uint32_t people);
  Result<bool> Seal(const std::vector<access::JobItem>& items);
  Result<std::vector<access::JobItem>> Next(std::size_t count);
  Status Read(const Bytes& frame);
  template <class T>
  Result<T*> Count(access::Outcome<T>& outcome);
  access::Jobs& jobs() { return world_.vault().gate().jobs(); }
  access::Caller As(const char* name) const;

  World& world_;
  const crypto::RecipientSecret bank_, own_;
  const access::Caller caller_;
  Book book_;
  Doors doors_;
  access::JobRequest request_;
  std::uint64_t job_ = 0;
  std::uint32_t run_ = 1, batch_ = 1;
  bool running_ = true;
  Bytes header_;  // of the run's file
  std::size_t next_ = 0;
  std::set<std::pair<std::uint32_t, PersonId>> sealed_;  // of each run
  std::uint64_t requests_ = 0, refused_ = 0, told_ = 0;
};

}  // namespace cloison::drill

#endif  // CLOISON_DRILL_PAYMENTS_H_
