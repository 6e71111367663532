// rings.hh — the rings under test, behind one interface for all kinds: when their code changes, only rings.cc is compiled anew,
// and not what reads questions and writes answers.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace subject {

inline constexpr std::size_t kMostWords = 7;

struct AnyMessage {
  std::uint32_t header = 0;
  std::array<std::uint64_t, kMostWords> words = {};

  bool operator==(const AnyMessage&) const = default;
};

// An end of a ring. A message has 0, 1, 2 or kMostWords words.
class AnyEnd {
 public:
  virtual ~AnyEnd() = default;

  // Both return the name of the error, or null. On an error `message` shows what was received all the same.
  virtual const char* send(const AnyMessage& message, std::size_t words) = 0;
  virtual const char* receive(AnyMessage& message, std::size_t words) = 0;
  virtual bool has_line() = 0;
  virtual bool has_room() = 0;
  // For ends that sleep; others do nothing.
  virtual void settle() = 0;
  virtual bool peer_is_gone() = 0;
};

// Makes a new frame of so many lines in each direction. There must be no end of the frame before.
void make_frame(std::size_t lines);

// Returns an end of the frame that `name` is told with its signals; its KIND is one of main.cc's. Null, and the name of the
// error, when its side cannot be viewed; null alone when there is no such kind.
std::unique_ptr<AnyEnd> make_end(const std::string& kind, bool is_first_side,
                                 const std::string& name, const char*& error);

// Waits until one of the ends has a message or, if that is wanted, room.
void wait_for_ends(const std::vector<AnyEnd*>& ends, bool or_room, std::uint64_t poll_cycles);

}  // namespace subject
