// service.hh — what init does for the processes of its core (lib/processes.hh).

#pragma once

//@ since urpc
#include "init/broker.hh"
//@ end
#include "init/cores.hh"
#include "init/processes.hh"
#include "lib/event_loop.hh"

namespace sprat::init {

class Service {
 public:
  Service(const FirstProcess& process, Processes& processes, Cores& cores)
      : process_(process), processes_(processes), cores_(cores) {}
  //@ since urpc

  // Channels are this one's business.
  void set_broker(Broker& broker) { broker_ = &broker; }
  //@ end

  // Makes ready for calls; before anybody is started that may call.
  Result<void> prepare() { return expect_capability(); }

  // Answers calls, for ever.
  Task<> serve();

  // Ends processes that the kernel has stopped, for ever.
  Task<> watch();

 private:
  // The words of the answer, behind the status.
  Result<Words> answer_to(const Call& call);
  Result<Words> end_process(std::uint64_t number);
  Result<Words> add_text(const Call& call);
  Result<Words> run(const Call& call);
  Result<Words> wait(const Call& call);
  Result<Words> describe_process(std::uint64_t n);
  Result<Words> describe_core(std::uint64_t n);
  Result<Words> describe_memory();
  Result<Words> power_off(const Call& call);
  Result<Words> offer(const Call& call);
  Result<Words> find(const Call& call);
  //@ since urpc
  Result<Words> ask_broker(const Call& call);
  //@ end

  Result<void> expect_capability();
  template <Type kType>
  Result<Cap<kType>> take_received(const Call& call);
  void drop_capability();

  const FirstProcess& process_;
  Processes& processes_;
  Cores& cores_;

  // The command line that comes piece by piece, and who sends it.
  std::array<char, 120> text_{};
  std::uint64_t writer_ = 0;

  CapAddress receive_slot_;  // for what comes with the next call
  CapAddress given_;         // goes along with the answer
  //@ since urpc
  Broker* broker_ = nullptr;
  //@ end
};

}  // namespace sprat::init
