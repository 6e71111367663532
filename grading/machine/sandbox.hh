// sandbox.hh — a place without network and with a read-only system, for programs that are not
// trusted.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sprat::grading {

// bubblewrap around a command: no network, processes of its own, the system read-only, a private
// /tmp, death with its parent. Only the folders `writable` may be written; what lies below /tmp can
// be read only if it is `readable`. All paths are absolute.
class Sandbox {
 public:
  using Paths = std::vector<std::filesystem::path>;
  explicit Sandbox(Paths writable, Paths readable = {})
      : writable_(std::move(writable)), readable_(std::move(readable)) {}

  // Empty when a sandbox can be had here; otherwise why not and what to do. Tried once per process
  // (about 20 ms).
  static const std::string& obstacle();

  // The arguments that run `command` inside. Only of use where obstacle() is empty.
  std::vector<std::string> wrap(const std::vector<std::string>& command) const;

 private:
  Paths writable_, readable_;
};

// The arguments that run `command` here, but without network. Only of use where Sandbox::obstacle()
// is empty.
std::vector<std::string> without_network(const std::vector<std::string>& command);

}  // namespace sprat::grading
