// The works that answer yes or no, and the one by which a reference becomes a person.
#ifndef CLOISON_ACCESS_INTERNAL_QUESTION_WORKS_H_
#define CLOISON_ACCESS_INTERNAL_QUESTION_WORKS_H_

#include "access/internal/targets.h"
#include "access/questions.h"

namespace cloison::access::internal {

// What both kinds of question share: an answer and its entry for each person.
class QuestionWork : public GateWork {
 protected:
  QuestionWork(Core& core, const Caller& caller, Reason reason, std::vector<Target> targets)
      : GateWork(core, caller, std::move(reason)), targets_(std::move(targets)) {}
  Task<Status> LoadMore(commit::Staging& staging) override;

  // Of one person: how they stand to whoever asks; nothing: nobody, or not for this caller.
  Result<std::optional<Standing>> Reach(const std::vector<const Grant*>& grants,
                                        const Target& target, const std::vector<FieldId>& fields,
                                        ledger::Form form, const commit::Staging& staging);
  // The entry of an answer. Nobody's has no subject, but looks the same to who gets it.
  ledger::Pending StageAnswer(const Target& target, bool reached, bool yes, ledger::Form form,
                              std::vector<FieldId> fields);
  // The first field that this purpose never answers about in this form.
  static std::optional<FieldId> NeverAnswered(const std::vector<const Grant*>& grants,
                                              const std::vector<FieldId>& fields,
                                              ledger::Form form);
  std::vector<const Grant*> Grants();

  std::vector<Target> targets_;
};

class ExistWork final : public QuestionWork {
 public:
  using Promise = std::variant<Questions::Existing, Refusal>;
  ExistWork(Core& core, const Caller& caller, Reason reason, std::vector<Target> targets,
            std::vector<FieldId> fields)
      : QuestionWork(core, caller, std::move(reason), std::move(targets)),
        fields_(std::move(fields)) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  Result<std::vector<FieldId>> PresentIn(const Target& target) const;

  std::vector<FieldId> fields_;
  std::vector<std::vector<FieldId>> present_;
  std::vector<ledger::Pending> pending_;
  base::Indirect<BudgetLeft> budget_;
};

class MatchWork final : public QuestionWork {
 public:
  using Promise = std::variant<Questions::Matched, Refusal>;
  MatchWork(Core& core, const Caller& caller, Reason reason, std::vector<Target> targets,
            FieldId field, crypto::SecretBytes value)
      : QuestionWork(core, caller, std::move(reason), std::move(targets)),
        field_(field),
        value_(std::move(value)) {}
  commit::Lane lane() const override { return commit::Lane::kCaseload; }
  Promise Take(const commit::Durable& durable);

 private:
  bool changes() const override { return false; }
  Result<commit::Staged> Decide(commit::Staging& staging) override;
  // Of who is meant, whether or not they are there; of them, the field and the value.
  SeenId Meant() const;
  SeenId Tried(const SeenId& meant, ShowingFamily family) const;

  FieldId field_;
  crypto::SecretBytes value_;
  bool matches_ = false;
  std::optional<ledger::Pending> pending_;
  base::Indirect<BudgetLeft> budget_;
};

struct Referred {
  bool adopted;  // else somebody has the reference by now, or nobody may be told
};

// Puts a person into the register who has a reference and nothing else: only for whoever may be
// told about anybody, and while their budget lasts. An entry; no charge, for the decision follows.
class ReferWork final : public GateWork {
 public:
  using Promise = std::variant<Referred, Refusal>;
  ReferWork(Core& core, const Caller& caller, Reason reason, std::vector<FieldId> fields,
            records::Registration registration)
      : GateWork(core, caller, std::move(reason)),
        fields_(std::move(fields)),
        registration_(std::move(registration)) {}
  Promise Take(const commit::Durable& durable);

 private:
  Task<Status> LoadMore(commit::Staging& staging) override;
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::vector<FieldId> fields_;
  records::Registration registration_;
  std::optional<ledger::Pending> pending_;
};

// Before the keys of so many new people are made: whether the caller may have them put in, all of
// them together. Stages nothing.
class MayReferWork final : public GateWork {
 public:
  using Promise = std::variant<std::monostate, Refusal>;
  MayReferWork(Core& core, const Caller& caller, Reason reason, std::vector<FieldId> fields,
               std::size_t count)
      : GateWork(core, caller, std::move(reason)), fields_(std::move(fields)), count_(count) {}
  Promise Take(const commit::Durable& durable);

 private:
  Result<commit::Staged> Decide(commit::Staging& staging) override;

  std::vector<FieldId> fields_;
  std::size_t count_;
};

// Whether grants for anybody give all of these fields, to look at.
bool GivesToAnybody(const std::vector<const Grant*>& grants, const std::vector<FieldId>& fields);

}  // namespace cloison::access::internal

#endif  // CLOISON_ACCESS_INTERNAL_QUESTION_WORKS_H_
