// views.hh — the part of the monitor that agrees with the others on which cores are in the system (agreement/member.hh), and that
// notices a core which does not answer.
//
// The protocols know no transport; here they get the links between monitors, the kernel's INIT for a fence, and the time.

#pragma once

#include <memory>

#include "agreement/coordinator.hh"
#include "agreement/names.hh"
#include "agreement/neighbour.hh"
#include "agreement/watch.hh"
#include "monitor/cores.hh"
#include "monitor/late_answers.hh"
#include "monitor/lent_ram.hh"
#include "monitor/links.hh"
#include "monitor/part.hh"

namespace sprat::monitor {

class Views final : public Part,
                    private agreement::Platform,
                    private agreement::ViewObserver,
                    private LinkObserver {
 public:
  // All must outlive it.
  Views(const FirstProcess& process, Processes& processes, Links& links, Cores& cores,
        LateAnswers& late_answers, const Parts& parts);

  void prepare() override;
  Result<void> before_start(std::uint32_t core, std::uint32_t apic_id,
                            CorePackage& header) override;
  Result<Words> handle_for_core(const Call& call, ReceiveSlot& received) override;

  // ---- for the parts that use what cores agree on
  agreement::Member& member() { return member_; }
  agreement::Names& names() { return names_; }
  agreement::Platform& platform() { return *this; }
  const agreement::Coordinator* coordinator() const {
    return is_coordinator() ? &coordinator_ : nullptr;
  }
  void set_memory(Frames& frames, LentRam& ram) {
    frames_ = &frames;
    ram_ = &ram;
  }

  // ---- for its neighbours
  agreement::ViewNumber last_prepared() const { return member_.last_prepared(); }
  template <class Body>
  void handle(agreement::CoreNumber from, const Body& body) {
    watch_.heard(from);
    if constexpr (std::is_same_v<Body, agreement::Ping>) {
      agreement::post<agreement::pong>(*this, from, {last_prepared()});
    } else {
      agreement::hand_to_one_of(from, body, &member_, &names_, frames_, ram_,
                                is_coordinator() ? &coordinator_ : nullptr);
    }
  }
  void handle_other(agreement::CoreNumber from, const urpc::Message<>& line);

 private:
  using Neighbour = agreement::Neighbour<agreement::interface, Channel, Views>;

  bool is_coordinator() const { return member_.self() == agreement::kCoordinator; }
  Result<Words> stop(std::uint64_t core);
  Result<Words> start(std::uint64_t core);
  Result<Words> has_stopped(std::uint64_t core) const;
  Result<Words> has_joined(std::uint64_t core) const;
  void answer_late();
  void take_back(agreement::CoreNumber core);
  bool look();
  void set_alarm();
  Task<> watch();

  // Platform
  void post(agreement::CoreNumber core, const urpc::Message<>& line) override;
  bool has_room(agreement::CoreNumber core) const override { return links_.has_room(core); }
  void open(agreement::CoreNumber) override {}  // links are made on first need
  void close(agreement::CoreNumber core) override;
  void fence(agreement::CoreNumber core) override { cores_.stop(core); }
  void view_is_prepared() override;
  void make_ready(Waiter& waiter) override;

  // ViewObserver
  void prepare(const agreement::Prepare& change) override;
  void commit(const agreement::Commit& change) override;

  // LinkObserver
  bool is_linked(std::uint32_t core) const override { return member_.linked().has(core); }
  Result<void> opened(std::uint32_t core, Channel& channel) override;
  void closing(std::uint32_t core) override { neighbours_[core].reset(); }
  void given_up(std::uint32_t core) override { parts_.core_ended(core); }
  void sent(std::uint32_t core) override;
  void take_other(std::uint32_t from, const urpc::Message<>& line) override {
    parts_.take_line(from, line);
  }

  const FirstProcess& process_;
  Processes& processes_;
  Links& links_;
  Cores& cores_;
  LateAnswers& late_answers_;
  const Parts& parts_;
  agreement::Member member_;
  agreement::Coordinator coordinator_;  // of core 0
  agreement::Names names_;
  agreement::Watch watch_;
  Frames* frames_ = nullptr;
  LentRam* ram_ = nullptr;
  bool alarm_is_set_ = false;
  Task<> watching_;
  std::array<std::unique_ptr<Neighbour>, kMaxCores> neighbours_{};
};

}  // namespace sprat::monitor
