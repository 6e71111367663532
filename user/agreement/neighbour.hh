// neighbour.hh — the receiving end of a link with another monitor: checks each line, and hands its message to this core's
// protocols.
//
// A link keeps the order of its lines, but three cores can still see two events in different orders:
//
//      core 0               core 1               core 2, slow
//      commits view 5
//      ├── Commit 5 ───────▶│
//      ├── Commit 5 ──────────────── … ─────────▶
//                           ├── a message of view 5 ──▶│  has not prepared view 5: what should the message mean?
//
// So each message carries the last view that its sender has prepared, and a message of a later view than this core's waits,
// and all lines behind it, until this core has prepared that view. Core 0's messages need not wait: it tells a core of a view
// before it sends it anything of that view.

#pragma once

#include <optional>

#include "agreement/messages.hh"
#include "lib/link.hh"

namespace sprat::agreement {

// Hands `body`, from core `from`, to the part of this core that handles such messages; null: a part that this core does not have.
// Returns whether there is such a part.
template <class Body, class... Parts>
bool hand_to_one_of(CoreNumber from, const Body& body, Parts*... parts) {
  const auto hand_to = [&](auto* part) {
    if constexpr (requires { part->handle(from, body); }) {
      if (part != nullptr) part->handle(from, body);
      return true;
    } else {
      return false;
    }
  };
  return (hand_to(parts) || ...);
}

// Protocols: handle(from, body) for the body of each message of the interface; last_prepared(), a ViewNumber; and
// handle_other(from, line): that core sent a line with another message.
template <const auto& kInterface, Link AnyLink, class Protocols>
class Neighbour final : private Sink<AnyLink::kLineWords> {
 public:
  using Line = urpc::Message<AnyLink::kLineWords>;

  // Receives from now on. `link` and `protocols` must outlive it.
  Neighbour(CoreNumber core, AnyLink& link, Protocols& protocols)
      : core_(core), link_(link), protocols_(protocols) {
    link_.set_sink(this);
  }
  ~Neighbour() { link_.set_sink(nullptr); }
  Neighbour(const Neighbour&) = delete;
  Neighbour& operator=(const Neighbour&) = delete;

  AnyLink& link() { return link_; }

  // This core has prepared a view: handles the line that has waited for it, and receives again.
  void view_is_prepared() {
    if (!waiting_) return;
    const Line line = *waiting_;
    waiting_.reset();
    link_.set_sink(this);
    take(line);
  }

 private:
  void take(const Line& line) override {
    if (handle(line)) return;
    waiting_ = line;
    link_.set_sink(nullptr);
  }

  // Nothing to do: a link ends when its core has been fenced, and not before.
  void end(Error) override {}

  // Returns false if the line has to wait. If it is no message, `this` may be gone.
  bool handle(const Line& line) {
    const LineHeader header(line.header);
    bool must_wait = false;
    const bool is_message = is_whole(header) && kInterface.any([&]<const auto & kMessage>() {
      if (header.get<line_header::message>() != kNumberOf<kMessage>) return false;
      const auto body = decode<kMessage, AnyLink::kLineWords>(line.words);
      if (!body) return false;
      must_wait = core_ != kCoordinator && body.value().view > protocols_.last_prepared();
      if (!must_wait) protocols_.handle(core_, body.value());
      return true;
    });
    if (!is_message) protocols_.handle_other(core_, line);
    return !must_wait;
  }

  const CoreNumber core_;
  AnyLink& link_;
  Protocols& protocols_;
  std::optional<Line> waiting_;  // for a view
};

}  // namespace sprat::agreement
