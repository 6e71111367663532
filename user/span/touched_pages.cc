// touched_pages.cc — pages that come when they are touched. A page whose frame is here is mapped in the upcall; for another one, the task
// asks the home, in the middle of its instruction (lib/inserted_call.hh). If the page cannot come, the instruction faults again, and that
// fault is a trap.

#include "lib/console.hh"
#include "lib/inserted_call.hh"
#include "lib/processes.hh"
#include "lib/upcalls.hh"
#include "span/page_records.hh"

namespace sprat {
namespace {

constexpr std::uint64_t kWriteFault = 1 << 1;  // in the error code (SDM volume 3A, section 4.7)

// Of the monitor, which has no ticket for a frame: after so many attempts, this process has used up its own.
constexpr int kMostAttempts = 10'000;

extern "C" const char runtime_code_begin[], runtime_code_end[];  // program.ld

// The heap, for example, which is not as it should be if it finds itself in a shared page; and a fetch must not come in its middle.
bool is_of_runtime(std::uint64_t rip) {
  return rip >= reinterpret_cast<std::uint64_t>(runtime_code_begin) &&
         rip < reinterpret_cast<std::uint64_t>(runtime_code_end);
}

struct Touch {
  Page* page = nullptr;  // null: none is being handled
  Mapping wanted = Mapping::none;
  std::optional<Error> failure{};
};
constinit Touch touch{};

Result<FrameTicket> ticket_for(ExpectedFrame& expected, const Connection& connection) {
  for (int attempt = 0;; ++attempt) {
    const auto ticket = expected.expect(connection);
    if (ticket || ticket.error() != Error::busy || attempt == kMostAttempts) return ticket;
    yield(Yield::stay);
  }
}

// One attempt.  again: later
Result<void> fetch(Page& page) {
  Neighbour& neighbour = *TRY(home());
  HomeWhileBlocked* const talk = neighbour.while_blocked();
  if (talk == nullptr) return Error::out_of_memory;
  const std::uint32_t limits = page.use.limits();
  ExpectedFrame expected;
  const FrameTicket ticket = TRY(ticket_for(expected, neighbour.connection()));
  const auto given = talk->want({ticket, static_cast<std::uint16_t>(number_of(page))});
  if (!given && given.error() == Error::busy) TRY(talk->end_of_limit());
  if (!given) return given.error() == Error::busy ? Error::again : given.error();
  if (given.value().mapping < touch.wanted) return Error::no_rights;
  TRY(talk->receive(expected, given.value().frame));
  const auto mapped = map_new(page, expected.take(), given.value().mapping, limits);
  return !mapped && mapped.error() == Error::busy ? Error::again : mapped;
}

void fetch_touched() {
  for (;;) {
    const auto fetched = fetch(*touch.page);
    if (fetched) break;
    if (fetched.error() != Error::again) {
      touch.failure = fetched.error();
      return;
    }
    yield(Yield::stay);
  }
  touch = {};
}

// The page did not come: its instruction has faulted again.
bool give_up() {
  const Touch failed = std::exchange(touch, {});
  if (failed.failure)
    print("{}: no shared page {}: {}\n", process_name(), number_of(*failed.page),
          name_of(*failed.failure));
  return false;
}

}  // namespace

bool bring_touched(DispatcherFrame& frame) {
  const std::uint64_t number = (frame.trap_address - kSharedPages.value()) / kPageSize;
  if (number >= kMostSharedPages || shared_pages == nullptr) return false;
  if (is_of_runtime(frame.trap.rip)) return false;
  if (touch.page != nullptr) return give_up();
  Page& page = shared_pages->pages[number];
  const bool is_write = (frame.trap.error & kWriteFault) != 0;
  const Mapping wanted = is_write ? Mapping::writable : Mapping::read_only;
  if (shared_pages->are_of_home && !page.frame && shared_pages->home.most(number) >= wanted &&
      !make(page))
    return false;
  if (page.use.may() >= wanted) return page.frame && !page.use.is_mapped() && map(page);
  if (shared_pages->are_of_home) return false;
  touch = {&page, wanted};
  insert_call(frame, fetch_touched);
  return true;
}

}  // namespace sprat
