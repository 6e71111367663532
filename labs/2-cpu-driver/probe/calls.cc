// calls.cc — exercise 8: LRPC, from both sides.

#include <bit>
#include <utility>

#include "lib/upcalls.hh"
#include "worker.hh"

extern "C" {
// worker.S
void system_call_with_registers(const sprat::Registers& in, sprat::Registers& out);
void count_in_page();
void spin(std::uint64_t turns);
}

namespace sprat::probe {
namespace {

// A CSpace with one CNode in node 1, both of them ours as well.
struct SmallCSpace {
  Cap<Type::cnode> root = must(runtime().ram.make<Type::cnode>(), "a CSpace");
  Cap<Type::cnode> node = must(runtime().ram.make<Type::cnode>(), "its CNode");

  SmallCSpace() { must(mint_into(root.address(), 1, node.address(), {}), "its node 1"); }
};

Cap<Type::endpoint> endpoint_to(const Worker& worker, std::uint64_t badge,
                                Rights keep = kAllRights) {
  const auto plain =
      must(retype<Type::endpoint>(CapRef<Type::dispatcher>(worker.dispatcher())), "an endpoint");
  return must(mint(plain, {keep, badge, 0}), "a badge");
}

Registers words_as_registers(evidence::Sequence& sequence, std::uint64_t rdi) {
  Registers in = random_registers(sequence);
  in.rax = static_cast<std::uint64_t>(SystemCall::lrpc);
  in.rdi = rdi;
  in.rflags = 0;
  return in;
}

// Of a frame's size.
unsigned random_bits(evidence::Sequence& sequence) {
  return static_cast<unsigned>(12 + sequence.next() % 6);
}

void answer_words(evidence::Session& session, std::string_view key, std::uint64_t first,
                  const std::array<std::uint64_t, 5>& words) {
  session.answer(key, VirtualAddress(first), VirtualAddress(words[0]), VirtualAddress(words[1]),
                 VirtualAddress(words[2]), VirtualAddress(words[3]), VirtualAddress(words[4]));
}

// ---- what callees do

// Replies with the words in notes 0 to 4 and the capability named in note 5.
void reply_from_notes(WorkerPage& page) {
  const auto& n = page.notes;
  static_cast<void>(system_call(SystemCall::reply, n[5], {n[0], n[1], n[2], n[3], n[4]}));
  page.notes[6] = 1;  // a reply comes back only when it is refused
  sleep_for_ever();
}

// The same after a time that is another one for each call, so that turns end anywhere in it.
void reply_after_a_while(WorkerPage& page) {
  spin(1 + count_of(page, Upcall::lrpc) * 37 % 256);
  reply_from_notes(page);
}

// Replies when note 7 says so.
void reply_when_told(WorkerPage& page) {
  auto& told = reinterpret_cast<volatile std::uint64_t&>(page.notes[7]);
  while (told == 0) yield(Yield::stay);
  reply_from_notes(page);
}

void fault(WorkerPage&) { asm volatile("ud2"); }

// ---- what callers do

// Calls the endpoint in note 0 thousands of times, without a pause, then signals the notification in note 1. Counts in note 2
// how many calls have failed.
void call_and_call(WorkerPage& page) {
  constexpr unsigned kCalls = 5000;
  for (unsigned i = 0; i < kCalls; ++i) {
    const auto reply = system_call(SystemCall::lrpc, page.notes[0], {1, 2, 3, 4, 5});
    page.notes[2] += reply.status == kStatusOk ? 0 : 1;
  }
  static_cast<void>(invoke_once(CapAddress(page.notes[1]), Method::signal, {}));
  sleep_for_ever();
}

// Counts rounds of a loop, enabled.
void count_enabled(WorkerPage& page) {
  page.frame.was_interrupted = 0;
  Registers registers{};
  registers.rip = reinterpret_cast<std::uint64_t>(&count_in_page);
  registers.rdi = reinterpret_cast<std::uint64_t>(&page);
  go_on(page, registers);
}

// Calls the endpoint in note 0; leaves the status in note 1.
void call_once(WorkerPage& page) {
  page.notes[1] = system_call(SystemCall::lrpc, page.notes[0], {1, 2, 3, 4, 5}).status;
  page.done = 1;
  sleep_for_ever();
}

std::uint64_t status_of_call(CapAddress endpoint, CapAddress capability = {}) {
  return system_call(SystemCall::lrpc, endpoint.raw() | std::uint64_t{capability.raw()} << 32, {})
      .status;
}

const char* meaning_of(std::uint64_t status) {
  return status == kStatusOk ? "ok" : name_of(error_of(status));
}

Worker& sleeping_callee(Worker& worker, WorkerPage::Handler serve) {
  handler_of(worker.page(), Upcall::lrpc) = serve;
  worker.run();
  yield(Yield::stay);
  return worker;
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Calls between address spaces, by two endpoints with badges, with random registers on both sides.
PROBE(call_message) {
  constexpr unsigned kCalls = 6;
  evidence::Sequence sequence(session.seed());
  Space space;
  SmallCSpace cspace;
  Worker callee(sleep_enabled, {.space = &space, .cspace = cspace.root.address()});
  sleeping_callee(callee, reply_from_notes);
  const Cap<Type::endpoint> endpoints[] = {endpoint_to(callee, sequence.next() >> 1 | 1),
                                           endpoint_to(callee, sequence.next() >> 1 | 1)};
  for (unsigned i = 0; i < kCalls; ++i) {
    const auto& endpoint = endpoints[sequence.next() % 2];
    const Registers in = words_as_registers(sequence, endpoint.address().raw());
    for (unsigned word = 0; word < 5; ++word) callee.page().notes[word] = sequence.next();
    Registers out{};
    system_call_with_registers(in, out);

    const Registers& seen = seen_at(callee.page(), Upcall::lrpc);
    constexpr std::string_view kArrived[] = {"arrived0", "arrived1", "arrived2",
                                             "arrived3", "arrived4", "arrived5"};
    constexpr std::string_view kReplied[] = {"replied0", "replied1", "replied2",
                                             "replied3", "replied4", "replied5"};
    answer_words(session, kArrived[i], seen.rax, {seen.rsi, seen.rdx, seen.r8, seen.r9, seen.r10});
    answer_words(session, kReplied[i], out.rax, {out.rsi, out.rdx, out.r8, out.r9, out.r10});
    // What the callee begins with, besides the message.
    EXPECT_EQ(session, 0u, seen.rbx);
    EXPECT_EQ(session, std::uint64_t{WORKER_PAGES}, seen.rdi);
    EXPECT_EQ(session, callee.page().frame.upcall_stack, seen.rsp);
    for (const std::uint64_t other : {seen.rbp, seen.r12, seen.r13, seen.r14, seen.r15})
      EXPECT_EQ(session, 0u, other);
    EXPECT_EQ(session, 1u, callee.page().frame.is_disabled == 0 ? 1u : 0u);
    // What the caller goes on with.
    EXPECT_EQ(session, 0u, out.rdi);
    EXPECT_EQ(session, in.rbx, out.rbx);
    EXPECT_EQ(session, in.rbp, out.rbp);
    EXPECT_EQ(session, in.r12, out.r12);
    EXPECT_EQ(session, in.r13, out.r13);
    EXPECT_EQ(session, in.r14, out.r14);
    EXPECT_EQ(session, in.r15, out.r15);
  }
  session.answer("calls", count_of(callee.page(), Upcall::lrpc));
}

// A frame of a random size goes to the callee's CSpace, and another one comes back with the answer.
PROBE(call_capability) {
  evidence::Sequence sequence(session.seed());
  Space space;
  SmallCSpace cspace;
  Worker callee(sleep_enabled, {.space = &space, .cspace = cspace.root.address()});
  sleeping_callee(callee, reply_from_notes);
  const auto endpoint = endpoint_to(callee, 1);
  const auto sent = must(runtime().ram.make<Type::frame>(random_bits(sequence)), "a frame");
  const std::uint64_t to = 1 + sequence.next() % 200;
  const auto back = must(runtime().ram.make<Type::frame>(random_bits(sequence)), "a frame");
  const std::uint64_t from = 201 + sequence.next() % 50;
  must(mint_into(cspace.node.address(), from, back.address(), {}), "what comes back");
  const CapAddress received = must(take_slot(), "a slot");

  callee.page().frame.receive_slot = CapAddress(1, to).raw();
  callee.page().notes[5] = CapAddress(1, from).raw();
  receive_into(received);
  const auto result = system_call(
      SystemCall::lrpc, endpoint.address().raw() | std::uint64_t{sent.address().raw()} << 32, {});
  session.answer("status", meaning_of(result.status));
  session.answer("told", VirtualAddress(seen_at(callee.page(), Upcall::lrpc).rbx));
  EXPECT_EQ(session, std::uint64_t{received.raw()}, result.received);
  const auto there = invoke(cspace.node.address(), Method::look, to);
  EXPECT(session, there.ok());
  const auto original = must(identify(sent.address()), "what was sent");
  if (there) {
    const Identity came = identity_of(there.value());
    session.answer("sent", came.bytes);
    EXPECT_EQ(session, original.base, came.base);
    EXPECT(session, !came.description.is_original);
  }
  const auto answer = identify(received);
  EXPECT(session, answer.ok());
  if (answer) {
    session.answer("returned", answer.value().bytes);
    EXPECT_EQ(session, must(identify(back.address()), "what came back").base, answer.value().base);
  }
  // Nothing of the sender's is gone, and the slots are full now.
  session.answer("again", meaning_of(status_of_call(endpoint.address(), sent.address())));
  callee.page().notes[5] = 0;
  session.answer("without", meaning_of(status_of_call(endpoint.address())));
}

// Calls that must be refused, at any time.
PROBE(call_refusals) {
  Space space;
  SmallCSpace cspace;
  Worker callee(sleep_enabled, {.space = &space, .cspace = cspace.root.address()});
  sleeping_callee(callee, reply_from_notes);
  const auto endpoint = endpoint_to(callee, 1);
  const auto no_write = endpoint_to(callee, 1, kRead | kGrant);
  const auto own = must(
      retype<Type::endpoint>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))), "own");
  const auto frame = must(runtime().ram.make<Type::frame>(12), "a frame");
  const auto fixed = must(mint(frame, {kRead | kWrite, 0, 0}), "a frame that may not be given");
  const CapAddress empty = must(take_slot(), "a slot");
  const auto answer = [&](const char* key, CapAddress to, CapAddress capability = {}) {
    session.answer(key, meaning_of(status_of_call(to, capability)));
  };
  // Which of them comes next is drawn, so that no status is right because of its place in a list.
  const struct {
    const char* key;
    CapAddress to;
  } questions[] = {{"plain", endpoint.address()},
                   {"empty_slot", empty},
                   {"no_such_slot", CapAddress(0xffff)},
                   {"a_frame", frame.address()},
                   {"a_dispatcher", callee.dispatcher()},
                   {"no_right_to_call", no_write.address()},
                   {"itself", own.address()}};
  evidence::Sequence sequence(session.seed());
  for (unsigned number = 0; number < 24; ++number) {
    const auto& [key, to] = questions[sequence.next() % std::size(questions)];
    session.answer_numbered(number, key, meaning_of(status_of_call(to)));
  }
  callee.page().frame.receive_slot = CapAddress(1, 9).raw();
  answer("an_empty_capability", endpoint.address(), empty);
  answer("without_grant", endpoint.address(), fixed.address());
  answer("capability", endpoint.address(), frame.address());
  answer("slot_taken", endpoint.address(), frame.address());
  callee.page().frame.receive_slot = CapAddress(2, 9).raw();
  answer("slot_of_no_cnode", endpoint.address(), frame.address());
  session.answer("calls", count_of(callee.page(), Upcall::lrpc));
  callee.suspend();
  answer("suspended", endpoint.address());
  callee.run();
  yield(Yield::stay);
  answer("running_again", endpoint.address());
  std::uint64_t& entry = callee.page().frame.entries[static_cast<std::size_t>(Upcall::lrpc)];
  const std::uint64_t begin = std::exchange(entry, 0);
  answer("no_entry", endpoint.address());
  entry = kUserEnd.value();
  answer("no_user_code", endpoint.address());
  entry = begin;
  answer("entry_again", endpoint.address());
  session.answer("reply_to_nobody", meaning_of(system_call(SystemCall::reply, 0).status));
}

// While a call is being served, its caller does not run, and others are told to come later.
PROBE(call_waits) {
  Space space;
  Worker callee(sleep_enabled, {.space = &space});
  sleeping_callee(callee, reply_when_told);
  const auto endpoint = endpoint_to(callee, 7);
  Worker caller(call_once), other(call_once);
  caller.page().notes[0] = other.page().notes[0] = endpoint.address().raw();
  caller.run();
  EXPECT(session, wait_for([&] { return caller.state() == DispatcherState::calling; }));
  for (unsigned i = 0; i < 20; ++i) yield(Yield::stay);
  session.answer("caller_done_early", caller.page().done);
  session.answer("another_call", meaning_of(status_of_call(endpoint.address())));
  other.run();
  EXPECT(session, wait_for([&] { return other.page().done != 0; }));
  session.answer("others_call", meaning_of(other.page().notes[1]));
  const auto to_caller = endpoint_to(caller, 1);
  session.answer("call_to_a_caller", meaning_of(status_of_call(to_caller.address())));
  callee.page().notes[7] = 1;
  EXPECT(session, wait_for([&] { return caller.page().done != 0; }));
  session.answer("caller", meaning_of(caller.page().notes[1]));
  EXPECT(session, wait_for([&] { return callee.state() == DispatcherState::waiting; }));
  session.answer("afterwards", meaning_of(status_of_call(endpoint.address())));
  session.answer("calls", count_of(callee.page(), Upcall::lrpc));

  // It waits again as soon as it has replied, unless somebody has signalled meanwhile.
  EXPECT(session, callee.state() == DispatcherState::waiting);
  const auto plain =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(callee.dispatcher())), "its own");
  const auto bell = must(mint(plain, {kAllRights, 1, 0}), "a badge");
  callee.page().notes[7] = 0;
  const std::uint64_t runs = count_of(callee.page(), Upcall::run);
  Worker last(call_once);
  last.page().notes[0] = endpoint.address().raw();
  last.run();
  EXPECT(session, wait_for([&] { return last.state() == DispatcherState::calling; }));
  must(invoke(bell.address(), Method::signal), "signalling");
  callee.page().notes[7] = 1;
  EXPECT(session, wait_for([&] { return last.page().done != 0; }));
  EXPECT(session, wait_for([&] { return count_of(callee.page(), Upcall::run) > runs; }));
}

// One of two calls the other all the time, which has something else to do as well.
PROBE(call_to_a_runnable) {
  Space space;
  Worker callee(count_enabled, {.space = &space}), caller(call_and_call);
  handler_of(callee.page(), Upcall::lrpc) = reply_after_a_while;
  const auto endpoint = endpoint_to(callee, 1);
  const auto done =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "ours");
  const auto bell = must(mint(done, {kAllRights, 1, 0}), "a badge");
  caller.page().notes[0] = endpoint.address().raw();
  caller.page().notes[1] = bell.address().raw();
  callee.run();
  caller.run();
  while ((take_notifications() & 1) == 0) wait_for_notification();
  session.answer("failed", caller.page().notes[2]);
  session.answer("calls", count_of(callee.page(), Upcall::lrpc));
  session.answer("rounds", callee.page().turns);
}

// Either side ends in the middle of a call.
PROBE(call_deaths) {
  Space space;
  const auto answer = [&](const char* key, Worker& caller) {
    EXPECT(session, wait_for([&] { return caller.page().done != 0; }));
    session.answer(key, caller.page().done != 0 ? meaning_of(caller.page().notes[1]) : "waits");
  };
  const auto begin = [&](Worker& caller, const Cap<Type::endpoint>& endpoint) {
    caller.page().notes[0] = endpoint.address().raw();
    caller.run();
  };
  {
    Worker callee(sleep_enabled, {.space = &space}), caller(call_once);
    sleeping_callee(callee, fault);
    const auto endpoint = endpoint_to(callee, 1);
    begin(caller, endpoint);
    answer("callee_faults", caller);
    EXPECT(session, callee.state() == DispatcherState::stopped);
  }
  {
    Worker callee(sleep_enabled, {.space = &space}), caller(call_once);
    sleeping_callee(callee, reply_when_told);
    const auto endpoint = endpoint_to(callee, 1);
    begin(caller, endpoint);
    EXPECT(session, wait_for([&] { return caller.state() == DispatcherState::calling; }));
    callee.end();
    answer("callee_ends", caller);
  }
  Worker callee(sleep_enabled, {.space = &space}), caller(call_once);
  sleeping_callee(callee, reply_when_told);
  const auto endpoint = endpoint_to(callee, 1);
  begin(caller, endpoint);
  EXPECT(session, wait_for([&] { return caller.state() == DispatcherState::calling; }));
  caller.end();
  callee.page().notes[7] = 1;
  EXPECT(session, wait_for([&] { return callee.state() == DispatcherState::waiting; }));
  session.answer("after_the_caller_ended", meaning_of(status_of_call(endpoint.address())));
}
