// task_test.cc — coroutines: their results, their ends, and how they take turns.

#include "lib/task.hh"

#include <criterion/criterion.h>

#include <memory>
#include <string>
#include <vector>

#include "lib/event_loop.hh"
#include "user/tests/fake_process.hh"

using namespace sprat;

namespace {

std::string happened;

// Writes a letter when it is destroyed.
struct Trace {
  explicit Trace(char letter) : letter_(letter) {}
  ~Trace() { happened += letter_; }
  char letter_;
};

Task<int> number(int value) { co_return value; }
Task<int> failing() { co_return Error::busy; }

Task<int> sum() {
  const auto one = co_await number(1);
  const auto two = co_await number(2);
  co_return one.value() + two.value();
}

Task<int> sees_error() {
  const auto result = co_await number(1);
  co_return result ? 0 : 1 + static_cast<int>(result.error());
}

Task<> wait_for(EventLoop& loop, std::uint64_t bits, char letter) {
  const Trace trace(letter);
  co_await loop.notified(bits);
  co_return {};
}

Task<> waits_for_another(EventLoop& loop) {
  const Trace trace('o');
  co_return co_await wait_for(loop, 1, 'i');
}

Task<std::uint64_t> which(EventLoop& loop, std::uint64_t bits) {
  co_return co_await loop.notified(bits);
}

Task<> take_turns(EventLoop& loop, char letter) {
  for (int i = 0; i < 3; ++i) {
    happened += letter;
    co_await loop.turn();
  }
  co_return {};
}

}  // namespace

Test(task, task_does_nothing_until_it_is_awaited) {
  EventLoop loop;
  const auto task = take_turns(loop, 'x');
  cr_expect(happened.empty());
}

Test(task, results_and_errors_reach_the_awaiter) {
  EventLoop loop;
  cr_expect(loop.run(sum()).value() == 3);
  cr_expect(loop.run(failing()).error() == Error::busy);
}

Test(task, without_memory_the_result_is_an_error) {
  EventLoop loop;
  fake::allow_allocations(0);
  cr_expect(loop.run(number(1)).error() == Error::out_of_memory);
  fake::allow_allocations(1);
  cr_expect(loop.run(sees_error()).value() == 1 + static_cast<int>(Error::out_of_memory));
  cr_expect(fake::allocations() == 0);
}

Test(task, task_destroyed_while_waiting_destroys_all_it_owns) {
  EventLoop loop;
  {
    Task<> task = waits_for_another(loop);
    loop.start(task);
    loop.run(number(0)).ok();
    cr_expect(!task.done() && happened.empty());
  }
  cr_expect(happened == "io", "came: %s", happened.c_str());
  cr_expect(fake::allocations() == 0);
  fake::notify(1);  // no waiter is left
  cr_expect(loop.run(number(5)).value() == 5);
}

Test(task, task_destroyed_before_its_turn_is_not_resumed) {
  EventLoop loop;
  {
    Task<> task = take_turns(loop, 'x');
    loop.start(task);
  }
  cr_expect(loop.run(number(5)).value() == 5);
  cr_expect(happened.empty());
}

Test(event_loop, ready_coroutines_take_turns) {
  EventLoop loop;
  Task<> a = take_turns(loop, 'a'), b = take_turns(loop, 'b');
  loop.start(a);
  loop.start(b);
  cr_assert(loop.run(take_turns(loop, 'c')).ok());
  cr_expect(happened == "abcabcabc", "came: %s", happened.c_str());
}

Test(event_loop, notification_resumes_its_waiter) {
  EventLoop loop;
  Task<> other = wait_for(loop, 8, 'x');
  loop.start(other);
  fake::set_on_sleep([] { fake::notify(6); });
  cr_expect(loop.run(which(loop, 3)).value() == 2);
  cr_expect(!other.done());
  cr_expect(loop.run(which(loop, 4)).value() == 4, "a notification without a waiter is kept");
}

Test(event_loop, notification_resumes_one_waiter) {
  EventLoop loop;
  Task<std::uint64_t> first = which(loop, 1), second = which(loop, 1);
  loop.start(first);
  loop.start(second);
  fake::set_on_sleep([] {
    fake::notify(2);
    fake::notify(1);
  });
  cr_expect(loop.run(which(loop, 2)).value() == 2);
  loop.run(number(0)).ok();
  cr_expect(first.done() && !second.done());
}

Test(event_loop, many_tasks_come_and_go) {
  EventLoop loop;
  {
    std::vector<std::unique_ptr<Task<>>> tasks;
    for (int i = 0; i < 1000; ++i) {
      tasks.push_back(std::make_unique<Task<>>(wait_for(loop, 1u << i % 10, 'x')));
      loop.start(*tasks.back());
      if (i % 3 == 2) tasks.erase(tasks.begin() + static_cast<std::ptrdiff_t>(tasks.size() / 2));
      if (i % 7 == 0) fake::notify(1u << i % 10);
      loop.run(number(i)).ok();
    }
  }
  cr_expect(fake::allocations() == 0);
  cr_expect(happened.size() == 1000);
}
