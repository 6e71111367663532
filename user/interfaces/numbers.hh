// numbers.hh — the numbers of calls: few, each in use once at a time; a caller that finds none waits for one.
//
// A number that is given back goes directly to the longest waiter: no later caller can take it, and it is not lost if
// that waiter is destroyed before it is resumed.

#pragma once

#include <bit>
#include <optional>

#include "lib/link.hh"

namespace sprat {

template <Link AnyLink>
class Numbers {
 public:
  // 0 to `count` - 1, at most 64.
  Numbers(AnyLink& link, std::size_t count)
      : link_(link), free_(~std::uint64_t{0} >> (64 - count)) {}

  bool any_free() const { return free_ != 0; }
  std::size_t next_free() const { return static_cast<std::size_t>(std::countr_zero(free_)); }
  void take(std::size_t number) { free_ &= ~(std::uint64_t{1} << number); }

  SPRAT_INLINE void give_back(std::size_t number) {
    if (!waiting_.empty()) [[unlikely]]
      return hand_over(number);
    free_ |= std::uint64_t{1} << number;
  }

  // Ends all waiting: no number will come.
  void end() {
    has_ended_ = true;
    while (!waiting_.empty()) link_.make_ready(waiting_.front());
  }

  struct WaiterForNumber : Waiter {
    std::optional<std::size_t> number;  // once it was handed over
  };

  class Taking {
   public:
    explicit Taking(Numbers& numbers) : numbers_(numbers) {}
    Taking(const Taking&) = delete;
    Taking& operator=(const Taking&) = delete;
    ~Taking() {
      if (waiter_.number) numbers_.give_back(*waiter_.number);
    }

    bool await_ready() const { return numbers_.any_free() || numbers_.has_ended_; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      numbers_.waiting_.push_back(waiter_);
    }
    Result<std::size_t> await_resume() {
      if (waiter_.number) return *std::exchange(waiter_.number, std::nullopt);
      if (!numbers_.any_free()) return Error::peer_gone;
      const std::size_t number = numbers_.next_free();
      numbers_.take(number);
      return number;
    }

   private:
    Numbers& numbers_;
    WaiterForNumber waiter_;
  };

  // co_await numbers.taken(): a number that is now in use.
  //   peer_gone   none is free, and `end` has come
  Taking taken() { return Taking(*this); }

 private:
  [[gnu::noinline]] void hand_over(std::size_t number) {
    auto& next = static_cast<WaiterForNumber&>(waiting_.front());
    next.number = number;
    link_.make_ready(next);
  }

  AnyLink& link_;
  std::uint64_t free_;  // those in use are zero
  WaiterList waiting_;
  bool has_ended_ = false;
};

}  // namespace sprat
