// out_folder.cc — see out_folder.hh.

#include "score/out_folder.hh"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "score/job.hh"
#include "score/setup_error.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr const char* kLockFile = ".grading-lock";

[[noreturn]] void refuse(const fs::path& path, const std::string& why) {
  throw SetupError(path.string() + " cannot be written: " + why +
                   "; name another --out, or make room for it");
}

}  // namespace

OutFolder::OutFolder(const fs::path& folder, const std::function<void()>& on_wait)
    : folder_(folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) refuse(folder, error.message());
  lock_ = open((folder / kLockFile).c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (lock_ < 0) refuse(folder, std::strerror(errno));
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return;
  on_wait();
  while (flock(lock_, LOCK_EX) != 0) {
    const int reason = errno;
    if (reason == EINTR && !interrupted()) continue;
    close(lock_);
    refuse(folder, reason == EINTR ? "interrupted while another grading writes there"
                                   : std::strerror(reason));
  }
}

OutFolder::~OutFolder() { close(lock_); }

void OutFolder::clear() const {
  std::error_code error;
  for (const char* first : {kResultFile, kFactsFile}) {
    fs::remove(folder_ / first, error);
    if (error) refuse(folder_ / first, error.message());
  }
  for (const fs::directory_entry& entry : fs::directory_iterator(folder_, error)) {
    const fs::path& path = entry.path();
    const bool record = path.extension() == ".json" && path.stem().has_extension();
    if (record || path.filename() == "logs" || path.stem() == "criterion")
      fs::remove_all(path, error);
    if (error) break;
  }
  if (!error) fs::create_directories(folder_ / "logs", error);
  if (error) refuse(folder_, error.message());
}

}  // namespace sprat::grading
