// live_file.hh — one number that another process can watch while the guest runs.
#pragma once

#include <cstdint>
#include <string>

namespace sprat::scope {

// The first eight bytes of a file mapped into memory, in the host's byte order.
class LiveFile {
 public:
  // Creates the file if need be; its first eight bytes become 0. With an empty path nothing is
  // written anywhere. Check is_open() afterwards: it is false, with a message on standard error,
  // when the file cannot be had.
  explicit LiveFile(const std::string& path);

  LiveFile(const LiveFile&) = delete;
  LiveFile& operator=(const LiveFile&) = delete;

  bool is_open() const { return word_ != nullptr; }
  void store(std::uint64_t value) { __atomic_store_n(word_, value, __ATOMIC_RELAXED); }

 private:
  std::uint64_t unwatched_ = 0;
  std::uint64_t* word_ = nullptr;  // mapped for the rest of the process
};

}  // namespace sprat::scope
