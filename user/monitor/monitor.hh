// monitor.hh — all that a monitor is made of, and its life: it makes its parts ready, starts the other cores if it is on the first,
// then the programs of its own, then handles their requests.

#pragma once

#include "monitor/census.hh"
//@ since urpc
#include "monitor/channels.hh"
//@ end
#include "monitor/cores.hh"
//@ since memory
#include "monitor/memory.hh"
//@ end
//@ since monitor
#include "monitor/console.hh"
//@ end
//@ since memory
#include "monitor/lending.hh"
//@ end
//@ since monitor
#include "monitor/remote_processes.hh"
//@ end
#include "monitor/request_handler.hh"
//@ since monitor
#include "monitor/services.hh"
#include "monitor/views.hh"
//@ end

namespace sprat::monitor {

class Monitor {
 public:
  explicit Monitor(const FirstProcess& process);

  // Adds a part that is not of this class. Before `run`.
  void add(Part& part) { parts_.add(part); }

  //@ since monitor
  const Links& links() { return channels_.links(); }

  //@ end
  // Does its work, for ever. `start_programs` is called when all other cores have been started.
  [[noreturn]] void run(void (*start_programs)(const FirstProcess& process, Processes& processes));

 private:
  const FirstProcess& process_;
  Parts parts_;
  Processes processes_{process_, parts_};
  //@ since memory
  Memory memory_{process_, processes_};
  //@ end
  Cores cores_{process_};
  CensusTaker census_taker_{process_, processes_, parts_};
  RequestHandler handler_{process_, processes_, cores_, census_taker_, parts_};
  //@ since urpc
  Channels channels_{process_, processes_, census_taker_};
  //@ end
  //@ since monitor
  Console console_{process_, processes_, channels_.links()};
  LateAnswers late_answers_;
  Views views_{process_, processes_, channels_.links(), cores_, late_answers_, parts_};
  Receptions receptions_{processes_, channels_.broker(), views_.member(), views_.platform()};
  Pieces pieces_{receptions_};
  Frames frames_{processes_,  channels_.broker(), pieces_,
                 receptions_, views_.member(),    views_.platform()};
  LentRam lent_ram_{process_,        processes_,        channels_.broker(),
                    pieces_,         receptions_,       frames_,
                    views_.member(), views_.platform(), views_.coordinator()};
  //@ end
  //@ since memory
  Lending lending_{memory_,         pieces_,           lent_ram_,    receptions_,
                   views_.member(), views_.platform(), late_answers_};
  //@ end
  //@ since monitor
  RemoteProcesses remote_processes_{process_, processes_, channels_.links(), late_answers_};
  Services services_{views_.member(), views_.names(), channels_.broker()};
  //@ end
};

// Makes the monitor, for good. Ends the machine if there is no memory for it.
Monitor& make_monitor(const FirstProcess& process);

}  // namespace sprat::monitor
