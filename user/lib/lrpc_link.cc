// lrpc_link.cc — both ends of a call that carries a line.

#include "lib/lrpc_link.hh"

#include "lib/lrpc.hh"
#include "lib/upcalls.hh"
#include "urpc/sleep.hh"

namespace sprat {
namespace {

// By number, modulo kMaxNumbers. An upcall must not touch memory that is not there yet: all of it is in one page, which expect_lines touches.
constexpr std::size_t kTableBytes = LrpcLink::kMaxNumbers * sizeof(LrpcLink*);
alignas(kTableBytes) constinit std::array<std::atomic<LrpcLink*>, LrpcLink::kMaxNumbers> links{};

}  // namespace

void LrpcLink::expect_lines() {
  links[0] = nullptr;
  set_call_handler(handle);
}

void LrpcLink::open(EventLoop& loop, std::uint64_t number, CapAddress peer,
                    const urpc::Line& peers_status) {
  loop_ = &loop;
  peer_ = peer;
  peers_status_ = &peers_status;
  number_ = number;
  written_ = read_ = 0;
  peer_has_room_ = true;
  peer_waits_for_room_ = false;
  inbox_.fill({});  // and so its memory is there
  loop.sources().on_signal.add(*this);
  links[number_ % kMaxNumbers] = this;
  static_cast<void>(call(peer_, {kRoom}));  // it may have begun before
}

void LrpcLink::close() {
  if (!is_open()) return;
  links[number_ % kMaxNumbers] = nullptr;
  peers_status_ = nullptr;
  loop_->sources().on_signal.remove(*this);
  end_all(Error::peer_gone);
}

bool LrpcLink::is_peer_gone() const {
  const urpc::Status seen(peers_status_->control.load(std::memory_order_acquire));
  return seen.get<urpc::status::gone>() != 0;
}

// ---- the sender's end

Result<void> LrpcLink::send_words(const Words& words) {
  if (!is_open()) return Error::peer_gone;
  if (!peer_has_room_) return is_peer_gone() ? Error::peer_gone : Error::again;
  peer_has_room_ = false;  // the peer may report room before this process resumes
  const auto answer = call(peer_, words);
  if (!answer) return Error::peer_gone;
  if (static_cast<Reply>(answer.value().words[0]) == Reply::taken) {
    peer_has_room_ = true;
    return {};
  }
  return is_peer_gone() ? Error::peer_gone : Error::again;
}

// ---- the receiver's end

Result<const urpc::Message<LrpcLink::kLineWords>*> LrpcLink::next_line() const {
  if (!is_open()) return Error::peer_gone;
  if (written_ == read_) return is_peer_gone() ? Error::peer_gone : Error::again;
  return &inbox_[read_ % kSlots];
}

// It was read.
Result<void> LrpcLink::pass_line() {
  read_ = read_ + 1;
  if (peer_waits_for_room_) {
    peer_waits_for_room_ = false;
    static_cast<void>(call(peer_, {kRoom}));
  }
  return {};
}

LrpcLink::Reply LrpcLink::take_in(const Words& words) {
  if (words[0] == kRoom) {
    peer_has_room_ = true;
    return Reply::taken;
  }
  if (written_ - read_ == kSlots) {
    peer_waits_for_room_ = true;
    return Reply::full;
  }
  auto& line = inbox_[written_ % kSlots];
  line.header = static_cast<std::uint32_t>(words[0]);
  std::copy_n(words.begin() + 1, kLineWords, line.words.begin());
  written_ = written_ + 1;
  return Reply::taken;
}

bool LrpcLink::handle(Call& call) {
  const std::uint64_t number = call.badge & ~kLineBadge;
  if (call.badge == number) return false;
  LrpcLink* const link = links[number % kMaxNumbers];
  const bool is_open = link != nullptr && link->number_ == number;
  const Reply reply = is_open ? link->take_in(call.words) : Reply::full;
  notify_myself(kSignalled);
  call.words = {static_cast<std::uint64_t>(reply)};
  call.capability = {};
  return true;
}

// ---- waiters

// The signal for a line, or for the end of the peer, may have come before the sink.
void LrpcLink::waiters_changed() {
  if (sink() == nullptr || !is_open()) return;
  if (written_ != read_ || is_peer_gone()) notify_myself(kSignalled);
}

bool LrpcLink::poll() {
  if (any_sender() && (peer_has_room_ || is_peer_gone())) {
    resume_sender();
    return true;
  }
  return deliver();
}

}  // namespace sprat
