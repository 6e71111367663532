// span.hh — a spanning process: one process on several cores, with a dispatcher on each, and tasks that run on any of them.
//
// Dispatchers share no memory, as CPU drivers do not: each has its own copy of the program, at the same addresses, with its own
// variables, heap and event loop. A function has the same address on all cores, so that a message can name it:
//
//   core 0, the home                       core 2
//      co_await span_to(2) ───────────────▶ main() calls handle_tasks()
//      │
//      co_await run_on_core(2, &row, {y})
//      ├── run: row, y ────────────────────▶ row({y}) takes turns with the other tasks there
//      │◀── ran: its result ────────────────┤
//
// Each dispatcher can run tasks on each other one. The task that waits for a result may be destroyed: then the task on the
// other core is destroyed, too. When a dispatcher traps, or returns from main(), the whole process ends, on all cores. When
// a core stops, the others go on without it, unless it was the home.

#pragma once

#include "lib/lrpc.hh"
#include "lib/startup.hh"
#include "lib/task.hh"

namespace sprat {

// Runs on any core, with numbers only: a pointer would mean nothing there.
using CoreTask = Task<Words> (*)(Words arguments);

// Whether this is not the home dispatcher: then main() must return handle_tasks(), and do nothing else.
inline bool is_added_dispatcher(const Startup& startup) { return startup.home_process != 0; }
int handle_tasks();

// Adds a dispatcher on core `core`; only on the home. Waits until it handles tasks.
//   in_use             this process has one there
//   invalid_argument   this is not the home
//   not_found          there is no such core, or it has stopped
//   the errors of run_program_on and of Connection::connect
Task<> span_to(std::uint64_t core);

// Runs `task` on core `core`, perhaps this one, and gives its result. Another core's takes two messages of one line
// each, and some more if this dispatcher has not talked to that one before.
//   not_found   this process has no dispatcher there
//   peer_gone   that core has stopped
//   the task's error, or out_of_memory on either side
Task<Words> run_on_core(std::uint64_t core, CoreTask task, Words arguments);

}  // namespace sprat
