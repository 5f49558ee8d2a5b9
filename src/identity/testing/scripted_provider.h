// Providers for tests: what each URL answers is set by hand, and what was asked is counted.
#ifndef CLOISON_IDENTITY_TESTING_SCRIPTED_PROVIDER_H_
#define CLOISON_IDENTITY_TESTING_SCRIPTED_PROVIDER_H_

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

#include "base/events.h"
#include "identity/provider_http.h"

namespace cloison::identity::testing {

class ScriptedProvider final : public ProviderHttp {
 public:
  using Answer = std::function<Result<net::Response>()>;

  void Serve(const std::string& url, std::string body, int status = 200) {
    net::Response answer;
    answer.status = status;
    answer.body = std::move(body);
    Script(url, [answer] { return Result<net::Response>(answer); });
  }
  void Fail(const std::string& url, Error error) {
    Script(url, [error] { return Result<net::Response>(error); });
  }
  void Script(const std::string& url, Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_[url] = std::move(answer);
  }
  int asked(const std::string& url) const {
    const std::lock_guard lock(mutex_);
    const auto found = asked_.find(url);
    return found == asked_.end() ? 0 : found->second;
  }

  Result<net::Response> Send(const ProviderRequest& request) override {
    Answer answer;
    {
      const std::lock_guard lock(mutex_);
      ++asked_[request.url];
      const auto found = answers_.find(request.url);
      if (found == answers_.end()) return Error{Code::kUnavailable, "nobody there"};
      answer = found->second;
    }
    return answer();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::map<std::string, int> asked_;
};

// Counts events by name.
class CountedEvents final : public base::EventSink {
 public:
  void Emit(base::Severity, Literal name, std::initializer_list<base::EventField>) override {
    const std::lock_guard lock(mutex_);
    ++counts_[std::string(name.view())];
  }
  int count(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, int> counts_;
};

}  // namespace cloison::identity::testing

#endif  // CLOISON_IDENTITY_TESTING_SCRIPTED_PROVIDER_H_
