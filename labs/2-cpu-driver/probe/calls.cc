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

// Replies with the words in notes 0 to 4, mixed with the secret of the callee's address space, and the capability named in note 5.
void reply_from_notes(WorkerPage& page) {
  const auto& n = page.notes;
  const auto word = [&](std::size_t i) { return mixed(n[i], own_secret()); };
  static_cast<void>(
      system_call(SystemCall::reply, n[5], {word(0), word(1), word(2), word(3), word(4)}));
  page.notes[6] = 1;  // a reply comes back only when it is refused
  sleep_for_ever();
}

// The same, with the words that came taken into the notes: each reply depends on all calls before it.
void reply_with_all_that_came(WorkerPage& page) {
  const Registers& seen = seen_at(page, Upcall::lrpc);
  const std::uint64_t words[] = {seen.rsi, seen.rdx, seen.r8, seen.r9, seen.r10};
  for (std::size_t i = 0; i < std::size(words); ++i) page.notes[i] = mixed(page.notes[i], words[i]);
  reply_from_notes(page);
}

// The same after a time that is another one for each call, so that turns end anywhere in it; now and then after more than a turn.
void reply_after_a_while(WorkerPage& page) {
  constexpr std::uint64_t kRoundsOfATurn = 80'000;
  const std::uint64_t calls = count_of(page, Upcall::lrpc);
  spin(calls % 1000 == 0 ? 2 * kRoundsOfATurn : 1 + calls * 37 % 256);
  reply_with_all_that_came(page);
}

// Replies when note 7 says so.
void reply_when_told(WorkerPage& page) {
  auto& told = reinterpret_cast<volatile std::uint64_t&>(page.notes[7]);
  while (told == 0) yield(Yield::stay);
  note(Event::told, page);
  reply_with_all_that_came(page);
}

void fault(WorkerPage& page) {
  note(Event::faults, page);
  asm volatile("ud2");
}

// Puts random words where the callee's replies come from.
void fill_notes(WorkerPage& page, evidence::Sequence& sequence) {
  for (std::size_t i = 0; i < 5; ++i) page.notes[i] = sequence.next();
}

// ---- what callers do

// Calls the endpoint in note 0 thousands of times, without a pause, each time with the words of the last reply, which are left
// from note 8 on; then signals the notification in note 1. Counts in note 2 how many calls have failed.
void call_and_call(WorkerPage& page) {
  constexpr unsigned kCalls = 5000;
  Words words{1, 2, 3, 4, 5};
  for (unsigned i = 0; i < kCalls; ++i) {
    const auto reply = system_call(SystemCall::lrpc, page.notes[0], words);
    page.notes[2] += reply.status == kStatusOk ? 0 : 1;
    words = reply.words;
  }
  for (std::size_t i = 0; i < words.size(); ++i) page.notes[8 + i] = words[i];
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

// Calls the endpoint in note 0; leaves the status in note 1 and the words of the reply from note 8 on.
void call_once(WorkerPage& page) {
  note(Event::calls, page);
  const auto reply = system_call(SystemCall::lrpc, page.notes[0], {1, 2, 3, 4, 5});
  note(Event::returns, page);
  page.notes[1] = reply.status;
  for (std::size_t i = 0; i < reply.words.size(); ++i) page.notes[8 + i] = reply.words[i];
  page.done = 1;
  sleep_for_ever();
}

std::uint64_t status_of_call(CapAddress endpoint, CapAddress capability = {}) {
  note(Event::asks);
  return system_call(SystemCall::lrpc, endpoint.raw() | std::uint64_t{capability.raw()} << 32, {})
      .status;
}

const char* meaning_of(std::uint64_t status) {
  return status == kStatusOk ? "ok" : name_of(error_of(status));
}

// The words in a reply that came: to the worker, or to a call of the probe's own.
void answer_reply(evidence::Session& session, std::string_view key, const Words& words) {
  session.answer(key, VirtualAddress(words[0]), VirtualAddress(words[1]), VirtualAddress(words[2]),
                 VirtualAddress(words[3]), VirtualAddress(words[4]));
}
void answer_reply(evidence::Session& session, std::string_view key, const WorkerPage& page) {
  const auto& n = page.notes;
  answer_reply(session, key, Words{n[8], n[9], n[10], n[11], n[12]});
}
void answer_call(evidence::Session& session, std::string_view key, CapAddress endpoint) {
  note(Event::asks);
  answer_reply(session, key, system_call(SystemCall::lrpc, endpoint.raw(), {1, 2, 3, 4, 5}).words);
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
  Space space(session.seed());
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
    note(Event::asks);
    system_call_with_registers(in, out);

    const Registers& seen = seen_at(callee.page(), Upcall::lrpc);
    constexpr std::string_view kArrived[] = {"arrived0", "arrived1", "arrived2",
                                             "arrived3", "arrived4", "arrived5"};
    constexpr std::string_view kReplied[] = {"replied0", "replied1", "replied2",
                                             "replied3", "replied4", "replied5"};
    answer_words(session, kArrived[i], seen.rax, {seen.rsi, seen.rdx, seen.r8, seen.r9, seen.r10});
    answer_words(session, kReplied[i], out.rax, {out.rsi, out.rdx, out.r8, out.r9, out.r10});
    // The callee's registers at its beginning, besides the message.
    EXPECT_EQ(session, 0u, seen.rbx);
    EXPECT_EQ(session, std::uint64_t{WORKER_PAGES}, seen.rdi);
    EXPECT_EQ(session, callee.page().frame.upcall_stack, seen.rsp);
    for (const std::uint64_t other : {seen.rbp, seen.r12, seen.r13, seen.r14, seen.r15})
      EXPECT_EQ(session, 0u, other);
    EXPECT_EQ(session, 1u, callee.page().frame.is_disabled == 0 ? 1u : 0u);
    // The caller's registers when it goes on.
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
  Space space(session.seed());
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
  note(Event::asks);
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
  evidence::Sequence sequence(session.seed());
  Space space(session.seed());
  SmallCSpace cspace;
  Worker callee(sleep_enabled, {.space = &space, .cspace = cspace.root.address()});
  sleeping_callee(callee, reply_with_all_that_came);
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
  // Each is asked, and which of them comes next is drawn, so that no status is right because of its place in a list.
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
  fill_notes(callee.page(), sequence);
  const std::uint64_t first = sequence.next();
  for (unsigned number = 0; number < 24; ++number) {
    const std::uint64_t next = number < std::size(questions) ? first + number : sequence.next();
    const auto& [key, to] = questions[next % std::size(questions)];
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
  answer_call(session, "reply", endpoint.address());
  session.answer("reply_to_nobody", meaning_of(system_call(SystemCall::reply, 0).status));
}

// While a call is being served, its caller does not run, and others are told to come later.
PROBE(call_waits) {
  evidence::Sequence sequence(session.seed());
  Space space(session.seed());
  Worker callee(sleep_enabled, {.space = &space});
  sleeping_callee(callee, reply_when_told);
  fill_notes(callee.page(), sequence);
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
  note(Event::tells);
  callee.page().notes[7] = 1;
  EXPECT(session, wait_for([&] { return caller.page().done != 0; }));
  session.answer("caller", meaning_of(caller.page().notes[1]));
  answer_reply(session, "reply_to_the_caller", caller.page());
  EXPECT(session, wait_for([&] { return callee.state() == DispatcherState::waiting; }));
  session.answer("afterwards", meaning_of(status_of_call(endpoint.address())));
  answer_call(session, "reply_afterwards", endpoint.address());
  session.answer("calls", count_of(callee.page(), Upcall::lrpc));

  // It waits again as soon as it has replied, unless it was signalled meanwhile.
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
  note(Event::tells);
  callee.page().notes[7] = 1;
  EXPECT(session, wait_for([&] { return last.page().done != 0; }));
  answer_reply(session, "reply_to_the_last", last.page());
  EXPECT(session, wait_for([&] { return count_of(callee.page(), Upcall::run) > runs; }));
}

// One of two calls the other all the time, which has something else to do as well.
PROBE(call_to_a_runnable) {
  evidence::Sequence sequence(session.seed());
  Space space(session.seed());
  Worker callee(count_enabled, {.space = &space}), caller(call_and_call);
  handler_of(callee.page(), Upcall::lrpc) = reply_after_a_while;
  const auto endpoint = endpoint_to(callee, 1);
  const auto done =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "ours");
  const auto bell = must(mint(done, {kAllRights, 1, 0}), "a badge");
  caller.page().notes[0] = endpoint.address().raw();
  caller.page().notes[1] = bell.address().raw();
  fill_notes(callee.page(), sequence);
  callee.run();
  caller.run();
  while ((take_notifications() & 1) == 0) wait_for_notification();
  session.answer("failed", caller.page().notes[2]);
  answer_reply(session, "last_reply", caller.page());
  session.answer("calls", count_of(callee.page(), Upcall::lrpc));
  session.answer("rounds", callee.page().turns);
}

// Either side ends in the middle of a call.
PROBE(call_deaths) {
  evidence::Sequence sequence(session.seed());
  Space space(session.seed());
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
    note(Event::ends, callee.page());
    callee.end();
    answer("callee_ends", caller);
  }
  Worker callee(sleep_enabled, {.space = &space}), caller(call_once);
  sleeping_callee(callee, reply_when_told);
  const auto endpoint = endpoint_to(callee, 1);
  begin(caller, endpoint);
  EXPECT(session, wait_for([&] { return caller.state() == DispatcherState::calling; }));
  note(Event::ends, caller.page());
  caller.end();
  fill_notes(callee.page(), sequence);
  note(Event::tells);
  callee.page().notes[7] = 1;
  EXPECT(session, wait_for([&] { return callee.state() == DispatcherState::waiting; }));
  session.answer("after_the_caller_ended", meaning_of(status_of_call(endpoint.address())));
  answer_call(session, "reply", endpoint.address());
}
