// source.hh — something for which an event loop polls: one end of a link, for example. The event loop knows no more of it.
//
// A polled source is polled each time the loop polls. A signalled source is polled when the doorbell of this process was
// signalled. Before the process sleeps, each polled source is told so, and then asked once more (urpc/sleep.hh):
//
//   poll() … poll() … announce() … look_again() … the process sleeps … withdraw() … poll() …

#pragma once

#include <cstdint>

namespace sprat {

// The notifications by which others signal this process: peers, that have sent something, through its doorbell; and the monitor of its
// core, that has an answer. Two, so that a message wakes no coroutine that waits for the monitor.
inline constexpr std::uint64_t kSignalled = std::uint64_t{1} << 62;
inline constexpr std::uint64_t kSignalledByMonitor = std::uint64_t{1} << 61;

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  // Handles one thing that has come, if one has: resumes a coroutine, or calls a function. That may destroy `this`. Returns
  // whether one had come. Nothing is made ready without that.
  virtual bool poll() = 0;

  // Tells the other side that this process is about to sleep.
  virtual void announce() {}
  // After that: returns whether poll() might return true. Resumes no coroutine.
  virtual bool look_again() { return false; }
  // Tells the other side that this process is awake again.
  virtual void withdraw() {}

 protected:
  ~Source() = default;

 private:
  friend class SourceList;
  Source* previous_ = nullptr;
  Source* next_ = nullptr;
};

// Sources that may leave the list, and take others with them, while the list is gone through: its own place then moves on,
// which no List (sprat/list.hh) has.
class SourceList {
 public:
  bool empty() const { return first_ == nullptr; }

  void add(Source& source) {
    source.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &source;
    first_ = &source;
  }

  // `source` must be in this list.
  void remove(Source& source) {
    if (next_to_visit_ == &source) next_to_visit_ = source.next_;
    (source.previous_ != nullptr ? source.previous_->next_ : first_) = source.next_;
    if (source.next_ != nullptr) source.next_->previous_ = source.previous_;
    source.next_ = source.previous_ = nullptr;
  }

  // Calls `visit` for each source that is still in the list at its turn. Returns whether it was true for one of them. A
  // visit must not visit.
  template <class Visit>
  [[gnu::always_inline]] bool any(Visit visit) {
    bool any = false;
    for (Source* source = first_; source != nullptr; source = next_to_visit_) {
      next_to_visit_ = source->next_;
      any |= visit(*source);
    }
    return any;
  }

 private:
  Source* first_ = nullptr;
  Source* next_to_visit_ = nullptr;
};

}  // namespace sprat
