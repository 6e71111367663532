// team.cc — see team.hh.

#include "team.hh"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <climits>

#include "measure.hh"

namespace sprat::bench {
namespace {

constexpr std::uint64_t kPollTicks = 2'000;  // user/lib/sources.hh

struct Member {
  const std::function<void(int)>* body;
  int number;
  pthread_t thread;
};

void* run(void* argument) {
  const Member& member = *static_cast<Member*>(argument);
  pin(member.number);
  (*member.body)(member.number);
  return nullptr;
}

}  // namespace

void Barrier::wait() {
  const std::uint32_t round = round_.load(std::memory_order_acquire);
  if (arrived_.fetch_add(1) + 1 == size_) {
    arrived_.store(0);
    round_.store(round + 1);
    syscall(SYS_futex, &round_, FUTEX_WAKE_PRIVATE, INT_MAX, nullptr, nullptr, 0);
    return;
  }
  const std::uint64_t begin = now();
  while (round_.load(std::memory_order_acquire) == round) {
    if (now() - begin < kPollTicks) {
      __builtin_ia32_pause();
    } else {
      syscall(SYS_futex, &round_, FUTEX_WAIT_PRIVATE, round, nullptr, nullptr, 0);
    }
  }
}

void run_team(int size, const std::function<void(int)>& body) {
  std::vector<Member> members;
  for (int i = 0; i < size; ++i) members.push_back({&body, i, {}});
  for (int i = 1; i < size; ++i)
    if (pthread_create(&members[i].thread, nullptr, run, &members[i]) != 0)
      give_up("pthread_create");
  body(0);
  for (int i = 1; i < size; ++i) pthread_join(members[i].thread, nullptr);
}

}  // namespace sprat::bench
