// main.cc — the memory server as a process: it is called, and does nothing else.

#include "lib/caps.hh"
#include "lib/console.hh"
#include "lib/processes.hh"
#include "lib/program.hh"
#include "lib/upcalls.hh"
#include "memory/server.hh"

namespace sprat {
namespace {

memory::Server server;
Result<void> prepared;

bool handle(Call& call) {
  const auto words = prepared ? server.handle(call) : prepared.error();
  call.capability = CapAddress();
  if (!words) {
    call.words = {status_of(words.error())};
  } else {
    const Words& w = words.value();
    call.words = {kStatusOk, w[0], w[1], w[2], w[3]};
  }
  return true;
}

}  // namespace

int main(const Startup&) {
  // All processes but the server itself have an endpoint to the server of their core.
  if (identify(task_slot(ProgramSlot::memory))) {
    print("memory: this core has its server already; mem says what it has\n");
    return 1;
  }
  monitors_part = nullptr;  // the monitor may be waiting for this process
  prepared = server.prepare();
  set_call_handler(handle);
  // A call that came before.
  if (auto early = take_call()) {
    handle(*early);
    answer(early->words);
  }
  for (;;) {
    static_cast<void>(take_notifications());
    wait_for_notification();
  }
}

}  // namespace sprat
