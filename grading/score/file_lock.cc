// file_lock.cc — see file_lock.hh.

#include "score/file_lock.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "score/job.hh"
#include "score/setup_error.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void cannot_lock(const fs::path& folder, const std::string& why) {
  throw SetupError(folder.string() + " cannot be written: " + why +
                   "; name another folder, or make room for it");
}

}  // namespace

FileLock::FileLock(const fs::path& file, const std::function<void()>& on_wait) {
  const fs::path folder = file.parent_path();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) cannot_lock(folder, error.message());
  lock_ = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) cannot_lock(folder, std::strerror(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  if (on_wait) on_wait();
  while (flock(lock_, LOCK_EX) != 0) {
    const int reason = errno;
    if (reason == EINTR && !interrupted()) continue;
    close(lock_);
    cannot_lock(folder, reason == EINTR ? "interrupted while another grading writes there"
                                        : std::strerror(reason));
  }
}

FileLock::~FileLock() { close(lock_); }

void FileLock::share() const { flock(lock_, LOCK_SH); }

}  // namespace sprat::grading
