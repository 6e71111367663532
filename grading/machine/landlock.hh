// landlock.hh — the kernel's Landlock: a process gives up, for itself and all its children, every file that it does not
// name.

#pragma once

#include <filesystem>
#include <vector>

namespace sprat::grading {

struct LandlockRules {
  std::vector<std::filesystem::path> readable;  // to be read and executed, with all that is below
  std::vector<std::filesystem::path> writable;  // everything
};

// Returns the version of Landlock's interface in this kernel; 0: there is none.
int landlock_version();

// Restricts the calling process to these files; where the kernel can, it also loses TCP, signals to processes outside and
// their abstract sockets. Sets no_new_privs. Files that do not exist are left out. Returns false, with errno, when the
// kernel refuses.
class Landlock {
 public:
  explicit Landlock(const LandlockRules&
                        rules);  // opens the files, which may take rights that `enforce` is without
  ~Landlock();
  Landlock(const Landlock&) = delete;
  Landlock& operator=(const Landlock&) = delete;
  bool enforce() const;

 private:
  int ruleset_ = -1;
};

}  // namespace sprat::grading
