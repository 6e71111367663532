// frames.hh — the frames of a system under test, and the processes that make, send, copy, delete and revoke them. The test knows
// which objects there are, and which core has copies of which one; the code under test says what it does with them.
//
// After each call it checks:
//   a core whose copy arrives, or that has one, has it of an object that exists; no byte is in two objects
//   the memory of a frame is free only when no core has a copy of it
//   when a revoke ends, no core has a copy of a frame that existed when it began

#pragma once

#include <vector>

#include "system.hh"

namespace lab {

constexpr std::uint64_t kFrameBytes = 1 << 12;

class Frames final : public Watcher {
 public:
  // Of `system`, before its cores start. It must outlive this.
  Frames(Trial& trial, System& system);
  ~Frames() { system_.set_watcher(nullptr); }
  Frames(const Frames&) = delete;
  Frames& operator=(const Frames&) = delete;

  // The address of the frame `which`, 0 or 1, of `core`.
  static std::uint64_t base(CoreNumber core, unsigned which) {
    return (2 * std::uint64_t{core} + which) * kFrameBytes;
  }

  // ---- events: processes of `core` …

  void make(CoreNumber core, std::uint64_t base);        // if there is none
  void remove_own(CoreNumber core, std::uint64_t base);  // … delete all copies on their own core
  void send(CoreNumber core, std::uint64_t base, CoreNumber to);
  void copy(CoreNumber core, std::uint64_t base);
  void remove(CoreNumber core, std::uint64_t base);
  void revoke(CoreNumber core, std::uint64_t begin, std::uint64_t end);

  // A random one of them, if it is possible.
  void happen();

  // ---- the world

  // One line or notice arrives. False: none can.
  bool step();
  void run();

  // All processes go: no frame is left, and no task waits.
  void expect_rest();

  bool has_own(CoreNumber core, std::uint64_t base) const;
  bool has_copy(CoreNumber core, std::uint64_t base) const;
  std::size_t received = 0, revoked = 0;

 private:
  using Place = std::pair<std::size_t, std::uint64_t>;  // an incarnation, and an address
  struct Object {
    std::size_t owner;
    bool exists = true, has_own = true, is_kept = false;
  };
  struct Foreign {
    std::size_t object;
    unsigned copies = 0;
  };
  enum class Kind { send, receive, revoke };
  struct Task {
    Kind kind;
    std::size_t incarnation;
    std::vector<std::size_t> revokes{};  // objects
    std::string result{};
  };
  // A core will be told this some time: that a capability is on its way, or that an anchor is lonely.
  struct Notice {
    std::size_t incarnation;
    CoreNumber core;
    std::string question;
  };

  void starts(CoreNumber core) override;
  void sees(CoreNumber core, const Call& call) override;
  std::uint64_t posts(CoreNumber core, const Line& line) override;
  void receives(CoreNumber, CoreNumber, const Line&, std::uint64_t number) override {
    arriving_ = number;
  }

  Object& own(CoreNumber core, std::uint64_t base, const char* call);
  void end_if_unused(Object& object);
  void expect_gone(std::size_t object, const std::string& expected);
  std::uint64_t add_task(Kind kind, CoreNumber core);
  std::string at(std::uint64_t base) const {
    return "the frame at 0x" + sprat::grading::bare(base);
  }

  Trial& trial_;
  System& system_;
  std::vector<Object> objects_;
  std::map<Place, std::size_t> own_;
  std::map<Place, Foreign> foreign_;
  std::vector<Task> tasks_;
  std::vector<Notice> notices_;
  std::uint64_t arriving_ = 0, ticket_ = 0;
};

}  // namespace lab
