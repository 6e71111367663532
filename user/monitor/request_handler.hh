// request_handler.hh — the monitor's work for the processes of its core (lib/processes.hh).

#pragma once

#include "lib/event_loop.hh"
#include "monitor/census.hh"
#include "monitor/cores.hh"
#include "monitor/processes.hh"

namespace sprat::monitor {

class RequestHandler {
 public:
  RequestHandler(const FirstProcess& process, Processes& processes, Cores& cores,
                 CensusTaker& census_taker, const Parts& parts)
      : process_(process),
        processes_(processes),
        cores_(cores),
        census_taker_(census_taker),
        parts_(parts) {}

  // Makes ready for calls; before any process is started that may call.
  Result<void> prepare() { return received_.prepare(); }

  // Handles calls, for ever.
  Task<> handle_calls();

  // Ends processes that the kernel has stopped, for ever.
  Task<> watch();

 private:
  // Returns the words of the answer, behind the status.
  Result<Words> answer_to(const Call& call);

  // By the object of the caller's endpoint (authority.hh): itself,
  Result<Words> answer_process(Process& caller, const Call& call);
  Result<Words> exit(Process& caller);
  Result<Words> add_text(Process& caller, const Call& call);
  Result<Words> run(Process& caller, const Call& call);
  Result<Words> offer(Process& caller, const Call& call);
  Result<Words> find(const Call& call);
  Result<Words> ask_parts(Process& caller, const Call& call);

  // a process that it may end and wait for,
  Result<Words> answer_about(Process& process, const Call& call);
  Result<Words> wait(Process& process, const Call& call);

  // or the core.
  Result<Words> answer_for_core(const Call& call);
  Result<Words> describe_process(std::uint64_t n);
  Result<Words> describe_core(std::uint64_t n);
  Result<Words> describe_memory();
  Result<Words> take_census(std::uint64_t core);
  Result<Words> power_off(std::uint64_t is_success);

  Result<void> give_endpoint_over(const Process& process);

  const FirstProcess& process_;
  Processes& processes_;
  Cores& cores_;
  CensusTaker& census_taker_;
  const Parts& parts_;

  ReceiveSlot received_;
  CapAddress given_;                  // goes along with the answer
  Cap<Type::endpoint> made_to_give_;  // the same, if it is the monitor's only until then
};

}  // namespace sprat::monitor
