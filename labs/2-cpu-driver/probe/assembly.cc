// assembly.cc — the numbers of a worker's page that worker.S needs (sprat/for_assembly.hh).

#include <cstddef>

#include "sprat/for_assembly.hh"
#include "worker.hh"

namespace sprat::probe {

void worker_page_for_assembly() {
  FOR_ASSEMBLY(WORKER_RESUME, offsetof(WorkerPage, resume));
  FOR_ASSEMBLY(WORKER_HANDLERS, offsetof(WorkerPage, handlers));
  FOR_ASSEMBLY(WORKER_COUNTS, offsetof(WorkerPage, counts));
  FOR_ASSEMBLY(WORKER_SEEN, offsetof(WorkerPage, seen));
  FOR_ASSEMBLY(WORKER_STATE, offsetof(WorkerPage, state));
  FOR_ASSEMBLY(WORKER_DONE, offsetof(WorkerPage, done));
  FOR_ASSEMBLY(WORKER_TURNS, offsetof(WorkerPage, turns));
  FOR_ASSEMBLY(WORKER_NOTES, offsetof(WorkerPage, notes));
}

}  // namespace sprat::probe
