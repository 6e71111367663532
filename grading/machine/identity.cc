// identity.cc — which users there are for runs, and how their processes end.
//
// The name of a socket is the lock of a user id: the kernel knows it on the whole computer (or container), and gives it up
// when its holder dies.

#include "machine/identity.hh"

#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <fstream>
#include <random>
#include <string>

#include "machine/config.hh"

namespace sprat::grading {
namespace {

struct Range {
  uid_t first, count;
};

// Far from the numbers that people, systems and containers use; and the rest of a namespace that has few users.
constexpr Range kRanges[] = {{0x6d00'0000, 0x1'0000}, {60'001, 512}};

// Whether all of a range exists in this user namespace.
bool mapped(const Range& range, const char* map) {
  std::ifstream lines(map);
  for (unsigned long first = 0, outside = 0, count = 0; lines >> first >> outside >> count;) {
    if (first <= range.first && range.first + range.count <= first + count) return true;
  }
  return false;
}

bool mapped(const Range& range) {
  return mapped(range, "/proc/self/uid_map") && mapped(range, "/proc/self/gid_map");
}

}  // namespace

bool Identity::available() {
  return geteuid() == 0 && std::any_of(std::begin(kRanges), std::end(kRanges),
                                       [](const Range& range) { return mapped(range); });
}

Identity::Identity() {
  std::random_device random;
  for (const Range& range : kRanges) {
    if (!mapped(range)) continue;
    const uid_t begin = random() % range.count;
    for (uid_t tries = 0; tries != range.count; ++tries)
      if (take(range.first + (begin + tries) % range.count)) return;
  }
  throw MachineError("there is no user id left for code that is not trusted; end other gradings");
}

Identity::~Identity() { close(lock_); }

bool Identity::take(uid_t id) {
  sockaddr_un name = {};
  name.sun_family = AF_UNIX;
  const int length =
      std::snprintf(name.sun_path + 1, sizeof name.sun_path - 1, "sprat-user-%u", id);
  const int lock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (lock < 0) throw MachineError("no more descriptors; raise ulimit -n");
  const socklen_t size =
      static_cast<socklen_t>(offsetof(sockaddr_un, sun_path)) + 1 + static_cast<socklen_t>(length);
  if (bind(lock, reinterpret_cast<const sockaddr*>(&name), size) != 0) {
    close(lock);
    return false;
  }
  lock_ = lock;
  id_ = id;
  return true;
}

bool Identity::become(uid_t id) {
  return setgroups(0, nullptr) == 0 && setresgid(id, id, id) == 0 && setresuid(id, id, id) == 0;
}

void Identity::end_all_of(uid_t id) {
  const pid_t killer = fork();
  if (killer == 0) {
    if (!become(id)) _exit(1);
    // One kill reaches all processes at once, those included that are just being forked; this one is spared. Its answer tells
    // nothing: it is 0 as well where every process was another user's.
    kill(-1, SIGKILL);
    _exit(0);
  }
  while (killer > 0 && waitpid(killer, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace sprat::grading
