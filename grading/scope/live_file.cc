// live_file.cc — mapping the number.
#include "scope/live_file.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sprat::scope {

LiveFile::LiveFile(const std::string& path) {
  if (path.empty()) {
    word_ = &unwatched_;
    return;
  }
  // The file is never truncated to less than the number: a process that has mapped it already may be
  // looking.
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  void* mapped = MAP_FAILED;
  if (file >= 0 && ::ftruncate(file, sizeof *word_) == 0) {
    mapped = ::mmap(nullptr, sizeof *word_, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  }
  if (mapped == MAP_FAILED) {
    std::fprintf(stderr, "scope: cannot map %s: %s; give a file in a writable folder as live=\n",
                 path.c_str(), std::strerror(errno));
  } else {
    word_ = static_cast<std::uint64_t*>(mapped);
    store(0);
  }
  if (file >= 0) ::close(file);
}

}  // namespace sprat::scope
