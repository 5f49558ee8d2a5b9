// Preloaded into a program: kills it, as kill -9 does, right before its n-th step (CLOISON_KILL_AT,
// from 1) that makes a file durable, or gives or makes a name: fsync, fdatasync, sync_file_range,
// rename, mkdir. The store's steps are among them. Without a number nothing is changed.
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>

namespace {

std::atomic<long> steps{0};

void Step() {
  static const char* const at = std::getenv("CLOISON_KILL_AT");
  if (at != nullptr && ++steps == std::atol(at)) (void)kill(getpid(), SIGKILL);
}

template <class Function>
Function* Real(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

int fsync(int descriptor) {
  Step();
  static auto* const real = Real<int(int)>("fsync");
  return real(descriptor);
}

int fdatasync(int descriptor) {
  Step();
  static auto* const real = Real<int(int)>("fdatasync");
  return real(descriptor);
}

int sync_file_range(int descriptor, off64_t offset, off64_t size, unsigned int flags) {
  Step();
  static auto* const real = Real<int(int, off64_t, off64_t, unsigned int)>("sync_file_range");
  return real(descriptor, offset, size, flags);
}

int rename(const char* from, const char* to) noexcept {
  Step();
  static auto* const real = Real<int(const char*, const char*)>("rename");
  return real(from, to);
}

int mkdir(const char* path, mode_t mode) noexcept {
  Step();
  static auto* const real = Real<int(const char*, mode_t)>("mkdir");
  return real(path, mode);
}

}  // extern "C"
