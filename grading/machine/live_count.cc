// live_count.cc — a word of memory shared with the scope.

#include "machine/live_count.hh"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace sprat::grading {

LiveCount::~LiveCount() {
  if (word_ != nullptr) munmap(const_cast<std::uint64_t*>(word_), sizeof *word_);
}

std::optional<std::uint64_t> LiveCount::value() {
  if (word_ == nullptr) {
    int descriptor = open(file_.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return std::nullopt;
    struct stat status = {};
    // A file that is too short would be fatal to read.
    if (fstat(descriptor, &status) == 0 && status.st_size >= static_cast<off_t>(sizeof *word_)) {
      void* mapped = mmap(nullptr, sizeof *word_, PROT_READ, MAP_SHARED, descriptor, 0);
      if (mapped != MAP_FAILED) word_ = static_cast<const std::uint64_t*>(mapped);
    }
    close(descriptor);
    if (word_ == nullptr) return std::nullopt;
  }
  return __atomic_load_n(word_, __ATOMIC_RELAXED);
}

}  // namespace sprat::grading
