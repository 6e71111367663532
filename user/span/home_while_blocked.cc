// home_while_blocked.cc — lines, without the event loop.

#include "span/home_while_blocked.hh"

#include <bit>

#include "interfaces/fragments.hh"
#include "lib/runtime.hh"
#include "lib/wait_for_sources.hh"

namespace sprat {
namespace {

namespace messages = span_messages;

constexpr std::uint64_t bit(std::size_t call) { return std::uint64_t{1} << call; }

unsigned message_of(const urpc::Message<>& line) {
  return LineHeader(line.header).get<line_header::message>();
}
std::size_t call_of(const urpc::Message<>& line) {
  return LineHeader(line.header).get<line_header::call>();
}

// The notifications that come meanwhile are the event loop's: it gets them again.
class Notifications {
 public:
  Notifications() = default;
  Notifications(const Notifications&) = delete;
  Notifications& operator=(const Notifications&) = delete;
  ~Notifications() { notify_myself(taken_); }

  // Before a look at all that they may announce; then a sleep ends only by one that came after.
  void take() { taken_ |= take_notifications(); }

 private:
  std::uint64_t taken_ = 0;
};

// For urpc::wait_for_any: a line, or a notification.
struct LineOrNotification {
  Channel::End& end;
  bool look(urpc::Wish wish) { return end.look(wish) || any_notification(); }
  void announce(urpc::Wish wish) { end.announce(wish); }
  void withdraw() { end.withdraw(); }
};

}  // namespace

HomeWhileBlocked::HomeWhileBlocked(Channel& channel, std::size_t number, OnLimit on_limit)
    : channel_(channel), number_(number), on_limit_(on_limit) {
  channel_.set_room(room_);
}

Result<messages::Given> HomeWhileBlocked::want(const messages::Want& want) {
  Fragments<messages::want, Channel::kLineWords> lines;
  TRY(lines.encode(want));
  const auto line = lines.only_line(number_);
  is_told_again_ = false;
  Notifications notifications;
  Result<void> sent = Error::again;
  for (;;) {
    notifications.take();
    if (!sent) sent = channel_.end().send(line);
    if (!sent && sent.error() != Error::again) return sent.error();
    TRY(take_lines());
    if (answer_) return *std::exchange(answer_, std::nullopt);
    sleep(sent ? urpc::Wish::message : urpc::Wish::message_or_room);
  }
}

Result<void> HomeWhileBlocked::end_of_limit() {
  Notifications notifications;
  for (;;) {
    notifications.take();
    TRY(take_lines());
    if (is_told_again_) return {};
    sleep(urpc::Wish::message);
  }
}

Result<void> HomeWhileBlocked::receive(ExpectedFrame& expected, FrameSent sent) {
  Notifications notifications;
  for (;;) {
    notifications.take();
    const auto received = expected.try_receive(sent);
    if (received || received.error() != Error::again) return received;
    TRY(take_lines());
    sleep(urpc::Wish::message);
  }
}

// ---- lines

Result<void> HomeWhileBlocked::take_lines() {
  TRY(channel_.sift([this](const Line& line) { return take(line); }));
  send_results();
  return channel_.end().peer_is_gone() && !answer_ ? Error::peer_gone : Result<void>();
}

// Whether the line is not for the event loop.
bool HomeWhileBlocked::take(const Line& line) {
  if (!is_whole(LineHeader(line.header))) return false;
  return take_limit(line) || take_answer(line) || take_again(line);
}

bool HomeWhileBlocked::take_limit(const Line& line) {
  const std::size_t call = call_of(line);
  if (message_of(line) != kNumberOf<messages::limit> || call >= kMostCalls) return false;
  const auto limit = decode<messages::limit>(line.words);
  if (!limit) return false;
  const auto limited = on_limit_(limit.value());
  failures_[call] = limited ? std::nullopt : std::optional(limited.error());
  unanswered_ |= bit(call);
  return true;
}

bool HomeWhileBlocked::take_answer(const Line& line) {
  if (call_of(line) != number_ || answer_) return false;
  if (message_of(line) == kNumberOf<messages::given>) {
    answer_ = decode<messages::given>(line.words);
  } else if (message_of(line) == kFailedNumber) {
    const auto failure = decode<failed>(line.words);
    answer_ = failure ? failure.value().error : failure.error();
  } else {
    return false;
  }
  return true;
}

bool HomeWhileBlocked::take_again(const Line& line) {
  if (message_of(line) != kNumberOf<messages::again>) return false;
  return is_told_again_ = true;
}

template <const auto& kReply>
Result<void> HomeWhileBlocked::send_result(std::size_t call, const BodyOf<kReply>& body) {
  Fragments<kReply, Channel::kLineWords> lines;
  TRY(lines.encode(body));
  return channel_.end().send(lines.only_line(call));
}

// As many as there is room for.
void HomeWhileBlocked::send_results() {
  for (; unanswered_ != 0; unanswered_ &= unanswered_ - 1) {
    const auto call = static_cast<std::size_t>(std::countr_zero(unanswered_));
    const auto& failure = failures_[call];
    const auto sent =
        failure ? send_result<failed>(call, {*failure}) : send_result<messages::limited>(call, {});
    if (!sent && sent.error() == Error::again) return;
  }
}

void HomeWhileBlocked::sleep(urpc::Wish wish) {
  if (unanswered_ != 0) wish = urpc::Wish::message_or_room;
  std::array<LineOrNotification, 1> ends{{{channel_.end()}}};
  Processor processor;
  urpc::wait_for_any(ends, wish, runtime().loop.sources().poll_cycles(), processor);
}

}  // namespace sprat
