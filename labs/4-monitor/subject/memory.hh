// memory.hh — the memory of a core under test: it counts copies of frames of other cores, and notes each call.

#pragma once

#include <functional>
#include <map>
#include <string>

#include "agreement/memory.hh"

namespace subject {

class Memory final : public sprat::agreement::FrameMemory {
 public:
  // `note` takes a word for each call, and the address of its frame.
  explicit Memory(std::function<void(const char*, std::uint64_t)> note) : note_(std::move(note)) {}

  sprat::Result<void> keep(const sprat::agreement::Frame& frame) override {
    note_("keep", frame.base);
    return {};
  }
  void release(std::uint64_t base) override { note_("release", base); }
  sprat::Result<void> give(const sprat::agreement::Frame& frame,
                           sprat::agreement::TicketNumber) override {
    note_("give", frame.base);
    return {};
  }
  sprat::Result<void> adopt(const sprat::agreement::Frame& frame, sprat::agreement::CoreNumber,
                            sprat::agreement::TicketNumber) override {
    if (is_full) return sprat::Error::out_of_memory;
    ++copies_[frame.base];
    note_("adopt", frame.base);
    return {};
  }
  bool sweep(std::uint64_t base) override {
    const auto place = copies_.find(base);
    if (place == copies_.end()) return true;
    if (place->second != 0) {
      --place->second;
      note_("sweep", base);
    }
    return place->second == 0;
  }
  bool drop(std::uint64_t base) override {
    const auto place = copies_.find(base);
    if (place == copies_.end() || place->second != 0) return false;
    copies_.erase(place);
    note_("drop", base);
    return true;
  }

  // ---- processes make a copy, or delete one, of a frame that is here

  void copy(std::uint64_t base) {
    const auto place = copies_.find(base);
    if (place == copies_.end() || place->second == 0) return;
    ++place->second;
    note_("copied", base);
  }
  void remove(std::uint64_t base) {
    const auto place = copies_.find(base);
    if (place == copies_.end() || place->second == 0) return;
    --place->second;
    note_("removed", base);
  }

  bool is_full = false;  // there is no room for one more copy

 private:
  std::function<void(const char*, std::uint64_t)> note_;
  std::map<std::uint64_t, unsigned> copies_;  // of each frame, besides the anchor
};

}  // namespace subject
