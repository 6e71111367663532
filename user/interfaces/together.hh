// together.hh — the same call to several peers at once. The caller continues once, when the last of them has answered.
//
//   Together<echo::add, Channel, 8> additions;
//   for (auto* peer : peers) additions.call(*peer, {1, 2});      each is sent now, if there is room
//   …                                                            work, while they work
//   co_await additions;
//   additions.have_failure(), additions.result(0)                Result<echo::Sum>, of the first

#pragma once

#include <array>

#include "interfaces/calls.hh"

namespace sprat {

// It stays where it is. Between the first call and `co_await`, which may be done once, its coroutine awaits nothing else.
template <const auto& kRpc, Link AnyLink, std::size_t kMost>
class Together {
 public:
  Together() = default;
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;
  ~Together() {
    for (std::size_t i = 0; i < count_; ++i) places_[i].exchange.~Exchange();
  }

  // Calls a peer: at most kMost times.
  template <class AnyPeer>
  SPRAT_INLINE void call(AnyPeer& peer, const BodyOf<kRpc>& body) {
    Place& place = places_[count_++];
    new (&place.exchange) Exchange<kRpc, AnyLink>(peer.calls(), body);
    place.exchange.begin(group_);
  }

  bool await_ready() const { return group_.missing == 0; }
  void await_suspend(std::coroutine_handle<> waiting) { group_.coroutine = waiting; }
  void await_resume() const {}

  // Whether a result is an error.
  bool have_failure() const { return group_.has_failure; }

  // Of the call with that number, from 0 on, as Peer::call gives it.
  auto result(std::size_t number) { return places_[number].exchange.await_resume(); }

 private:
  // Of which `count_` are there.
  union Place {
    Place() {}
    ~Place() {}
    Exchange<kRpc, AnyLink> exchange;
  };

  CallGroup group_;
  std::size_t count_ = 0;
  std::array<Place, kMost> places_;
};

}  // namespace sprat
