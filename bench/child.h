// A program that a benchmark starts: its lines, its CPU time, its end.
#ifndef CLOISON_BENCH_CHILD_H_
#define CLOISON_BENCH_CHILD_H_

#include <sys/types.h>

#include <cstdio>
#include <string>
#include <vector>

namespace cloison::bench {

// Threads: one at a time. The destructor ends the program (SIGTERM) and waits for it; so does the
// bench's own exit, for those that still run.
class Child {
 public:
  // `words[0]` is the program's path. What it writes to standard error is appended to `log`.
  // Ends the bench, saying why, when it cannot be started.
  Child(const std::vector<std::string>& words, const std::string& log);
  ~Child();
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // The next line of its standard output, without the newline; false at the end.
  bool ReadLine(std::string& line);
  // Reads lines until one begins with "ready" and gives its `port=`; 0 when it ends before.
  int WaitUntilReady();
  // User and system time so far, all its threads.
  double CpuSeconds() const;
  // The same and its children's, those that have ended among them.
  double CpuSecondsOfAll() const;
  // Waits for it to end by itself; its exit code, -1 when a signal ended it.
  int Wait();

 private:
  pid_t pid_ = -1;
  std::FILE* out_ = nullptr;
};

// Runs a program to its end and gives its last line; ends the bench when it fails.
std::string LastLineOf(const std::vector<std::string>& words, const std::string& log);

// Of the children that have ended: what the largest took of memory; user and system time of all.
double PeakMbOfChildren();
double CpuSecondsOfChildren();

}  // namespace cloison::bench

#endif  // CLOISON_BENCH_CHILD_H_
