// monitor.hh — a monitor under test: it handles a line, or does what a process asks for, and answers with all calls that it has made of
// its core.

#pragma once

#include <array>
#include <optional>
#include <vector>

#include "agreement/coordinator.hh"
#include "agreement/frame_holder.hh"
#include "agreement/frame_owner.hh"
#include "agreement/names.hh"
#include "agreement/neighbour.hh"
#include "memory.hh"
#include "question.hh"

namespace subject {

using namespace sprat;
using namespace sprat::agreement;

class Monitor final : public Platform, private ViewObserver {
 public:
  explicit Monitor(CoreNumber core)
      : member(core, *this),
        names(member, *this),
        memory([this](const char* call, std::uint64_t base) { note(call, base); }),
        tickets(member, *this),
        owner(member, *this, memory, tickets, shared_frames_, holdings_),
        holder(member, *this, memory, tickets, foreign_frames_) {
    member.observe(*this);
    if (core == kCoordinator) coordinator.emplace(member, *this);
  }

  void take(CoreNumber from, const urpc::Message<>& line) {
    const bool is_message = agreement::interface.any([&]<const auto & kMessage>() {
      if (LineHeader(line.header).get<line_header::message>() != kNumberOf<kMessage>) return false;
      const auto body = decode<kMessage, urpc::kPayloadWords>(line.words);
      if (body) handle(from, body.value());
      return body.ok();
    });
    if (!is_message) calls_ += "malformed ";
  }

  // A task whose result the test is told.
  void start(std::uint64_t number, Task<> operation) {
    tasks_.push_back(run(number, std::move(operation)));
    ready_.push_back(*tasks_.back().starter());
  }
  void start(std::uint64_t number, Task<Frame> operation) {
    start(number, without_frame(std::move(operation)));
  }
  void tell(std::uint64_t task, Result<void> result) {
    note("told", task);
    calls_ += std::string(result ? "ok" : sprat::name_of(result.error())) + " ";
  }
  void note(const char* call, std::uint64_t number) {
    calls_ += std::string(call) + " " + hex(number) + " ";
  }

  // From now on copies are swept a step at a time: each time that the test says so.
  void sweep_slowly() {
    tasks_.push_back(holder.sweep());
    tasks_.back().starter()->coroutine.resume();
    is_slow_ = true;
  }
  void do_one_step() {
    if (!slow_.empty()) resume(slow_.front());
  }

  // The calls since the last time, and the state.
  std::string answer() {
    while (!ready_.empty()) resume(ready_.front());
    std::string calls;
    calls.swap(calls_);
    return calls + "state " + hex(member.view()) + " " + hex(member.last_prepared()) + " " +
           hex(member.incarnation()) + " " + hex(member.cores().word(0)) + " " +
           hex(member.linked().word(0)) + " " + (slow_.empty() ? "0" : "1");
  }

 private:
  static constexpr std::size_t kFrames = 8;
  std::array<FrameOwner::SharedFrame, kFrames> shared_frames_{};
  std::array<FrameOwner::Holding, 64 * kFrames> holdings_{};
  std::array<FrameHolder::ForeignFrame, kFrames> foreign_frames_{};

 public:
  Member member;
  Names names;
  Memory memory;
  Tickets tickets;
  FrameOwner owner;
  FrameHolder holder;
  std::optional<Coordinator> coordinator;

 private:
  template <class Body>
  void handle(CoreNumber from, const Body& body) {
    hand_to_one_of(from, body, &member, &names, &tickets, &owner, &holder,
                   coordinator ? &*coordinator : nullptr);
  }

  Task<> run(std::uint64_t number, Task<> operation) {
    tell(number, co_await operation);
    co_return {};
  }
  static Task<> without_frame(Task<Frame> operation) {
    const auto result = co_await operation;
    if (!result) co_return result.error();
    co_return {};
  }
  static void resume(Waiter& waiter) {
    waiter.leave();
    waiter.coroutine.resume();
  }

  void post(CoreNumber core, const urpc::Message<>& line) override {
    note("post", core);
    calls_ += hex(line.header) + " ";
    for (const std::uint64_t word : line.words) calls_ += hex(word) + " ";
  }
  void open(CoreNumber core) override { note("open", core); }
  void close(CoreNumber core) override { note("close", core); }
  void fence(CoreNumber core) override { note("fence", core); }
  void view_is_prepared() override { calls_ += "prepared "; }
  void make_ready(Waiter& waiter) override { (is_slow_ ? slow_ : ready_).push_back(waiter); }
  void prepare(const Prepare& change) override { note("observed", change.core); }
  void commit(const Commit& change) override { note("committed", change.core); }

  std::string calls_;
  WaiterList ready_, slow_;
  bool is_slow_ = false;
  std::vector<Task<>> tasks_;
};

}  // namespace subject
