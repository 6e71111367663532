// rings.cc — see rings.hh.

#include "rings.hh"

#include <algorithm>

#include "remote_memory.hh"
#include "urpc/epoch.hh"
#include "urpc/sleep.hh"
#include "urpc/used_bit.hh"

namespace subject {
namespace {

using namespace sprat;
using namespace sprat::urpc;

static_assert(kMostWords == kPayloadWords);

struct Signal {
  std::string name;
  void operator()() const { tell("signal " + name); }
};

struct TheMachine {
  std::uint64_t now() { return tell("now"); }
  void relax() { tell("relax"); }
  void sleep() { tell("sleep"); }
};

struct Room {
  void operator()() const { tell("room"); }
};

std::vector<Line> frame;

const char* name_of_error(const Result<void>& result) {
  return result ? nullptr : sprat::name_of(result.error());
}

// An end for which questions can wait: one that does not sleep never has anything.
class Waiting : public AnyEnd {
 public:
  virtual bool look(Wish) { return false; }
  virtual void announce(Wish) {}
  virtual void withdraw() {}
  void settle() override {}
  bool peer_is_gone() override { return false; }
};

template <class Ring>
class EndOf : public Waiting {
 public:
  template <class... Arguments>
  explicit EndOf(const Arguments&... arguments) : ring_(arguments...) {}

  const char* send(const AnyMessage& message, std::size_t words) override {
    switch (words) {
      case 0: return send_words<0>(message);
      case 1: return send_words<1>(message);
      case 2: return send_words<2>(message);
      default: return send_words<kMostWords>(message);
    }
  }
  const char* receive(AnyMessage& message, std::size_t words) override {
    switch (words) {
      case 0: return receive_words<0>(message);
      case 1: return receive_words<1>(message);
      case 2: return receive_words<2>(message);
      default: return receive_words<kMostWords>(message);
    }
  }
  bool has_line() override { return ring_.has_line(); }
  bool has_room() override { return ring_.has_room(); }

 protected:
  Ring ring_;

 private:
  template <std::size_t kWords>
  const char* send_words(const AnyMessage& message) {
    Message<kWords> sent{message.header, {}};
    std::copy_n(message.words.begin(), kWords, sent.words.begin());
    return name_of_error(ring_.send(sent));
  }

  template <std::size_t kWords>
  const char* receive_words(AnyMessage& message) {
    Message<kWords> received;
    const char* const error = name_of_error(receive_into(received));
    message.header = received.header;
    std::copy_n(received.words.begin(), kWords, message.words.begin());
    return error;
  }

  template <class AMessage>
  Result<void> receive_into(AMessage& message) {
    if constexpr (requires { ring_.receive(message, Room()); }) {
      return ring_.receive(message, Room());
    } else {
      return ring_.receive(message);
    }
  }
};

template <class Ring>
class SleepyEndOf final : public EndOf<SleepyEnd<Ring, Signal>> {
 public:
  using EndOf<SleepyEnd<Ring, Signal>>::EndOf;
  bool look(Wish wish) override { return this->ring_.look(wish); }
  void announce(Wish wish) override { this->ring_.announce(wish); }
  void withdraw() override { this->ring_.withdraw(); }
  void settle() override { this->ring_.settle(); }
  bool peer_is_gone() override { return this->ring_.peer_is_gone(); }
};

struct Waited {
  Waiting* end;

  bool look(Wish wish) const { return end->look(wish); }
  void announce(Wish wish) const { end->announce(wish); }
  void withdraw() const { end->withdraw(); }
};

}  // namespace

void make_frame(std::size_t lines) {
  frame = std::vector<Line>(frame_lines(lines));
  set_frame(frame.data());
}

std::unique_ptr<AnyEnd> make_end(const std::string& kind, bool is_first_side,
                                 const std::string& name, const char*& error) {
  const auto view = view_of(frame, is_first_side ? Side::first : Side::second);
  error = view ? nullptr : sprat::name_of(view.error());
  if (!view) return nullptr;
  if (kind == "epoch") return std::make_unique<EndOf<Epoch>>(view.value());
  if (kind == "used-bit") return std::make_unique<EndOf<UsedBit>>(view.value());
  if (kind == "sleepy-epoch")
    return std::make_unique<SleepyEndOf<Epoch>>(view.value(), Signal{name});
  if (kind == "sleepy-used-bit")
    return std::make_unique<SleepyEndOf<UsedBit>>(view.value(), Signal{name});
  return nullptr;
}

void wait_for_ends(const std::vector<AnyEnd*>& ends, bool or_room, std::uint64_t poll_cycles) {
  std::vector<Waited> all;
  for (AnyEnd* const end : ends) all.push_back({static_cast<Waiting*>(end)});
  TheMachine machine;
  wait_for_any(all, or_room ? Wish::message_or_room : Wish::message, poll_cycles, machine);
}

}  // namespace subject
