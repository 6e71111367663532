// messages.cc — a word to another process and one back: by the kernel's means, whose receivers sleep, and by our ring, whose receivers
// spin.

#include <linux/futex.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <memory>

#include "measure.hh"
#include "urpc/epoch.hh"

namespace sprat::bench {
namespace {

constexpr std::uint64_t kOver = ~std::uint64_t{0};  // the last word that is sent

// Memory that this process and its children share.
void* shared_page() {
  return must(mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0),
              "mmap");
}

// Two directions, by which a parent and its child wait for each other's word.

class Pipes {
 public:
  static constexpr const char* kName = "pipe";
  Pipes() { must(pipe(ends_[0]), "pipe"), must(pipe(ends_[1]), "pipe"); }
  ~Pipes() {
    for (auto& direction : ends_)
      for (const int end : direction) close(end);
  }
  void send(bool child, std::uint64_t word) {
    const char byte = word == kOver;
    must(write(ends_[child][1], &byte, 1), "write");
  }
  std::uint64_t receive(bool child) {
    char byte = 0;
    must(read(ends_[!child][0], &byte, 1), "read");
    return byte != 0 ? kOver : 1;
  }

 private:
  int ends_[2][2];  // by the sender
};

class Eventfds {
 public:
  static constexpr const char* kName = "eventfd";
  ~Eventfds() {
    for (const int counter : counters_) close(counter);
  }
  void send(bool child, std::uint64_t word) {
    const std::uint64_t count = word == kOver ? 2 : 1;
    must(write(counters_[child], &count, sizeof count), "write");
  }
  std::uint64_t receive(bool child) {
    std::uint64_t count = 0;
    must(read(counters_[!child], &count, sizeof count), "read");
    return count == 2 ? kOver : 1;
  }

 private:
  int counters_[2] = {must(eventfd(0, 0), "eventfd"), must(eventfd(0, 0), "eventfd")};
};

class Futexes {
 public:
  static constexpr const char* kName = "futex";
  ~Futexes() { munmap(words_, 4096); }
  void send(bool child, std::uint64_t word) {
    words_[child].value.store(word == kOver ? 2 : 1);
    call(child, FUTEX_WAKE, 1);
  }
  std::uint64_t receive(bool child) {
    std::uint32_t word;
    while ((word = words_[!child].value.exchange(0)) == 0) call(!child, FUTEX_WAIT, 0);
    return word == 2 ? kOver : 1;
  }

 private:
  struct alignas(64) Word {
    std::atomic<std::uint32_t> value;
  };
  void call(bool child, int operation, std::uint32_t value) {
    syscall(SYS_futex, &words_[child].value, operation, value, nullptr, nullptr, 0);
  }

  Word* const words_ = static_cast<Word*>(shared_page());  // by the sender
};

// The ring of user/urpc, as it is.
class Rings {
 public:
  static constexpr const char* kName = "ring";
  Rings() {
    const auto memory =
        std::span(static_cast<urpc::Line*>(shared_page()), urpc::frame_lines(kSlots));
    for (const auto side : {urpc::Side::first, urpc::Side::second})
      rings_[side == urpc::Side::second] =
          std::make_unique<urpc::Epoch>(urpc::view_of(memory, side).value());
  }
  void send(bool child, std::uint64_t word) {
    urpc::Message<7> message;
    message.words[0] = word;
    while (!rings_[child]->send(message)) __builtin_ia32_pause();
  }
  std::uint64_t receive(bool child) {
    urpc::Message<7> message;
    while (!rings_[child]->receive(message)) __builtin_ia32_pause();
    return message.words[0];
  }

 private:
  static constexpr std::size_t kSlots = 16;
  std::unique_ptr<urpc::Epoch> rings_[2];
};

template <class Way>
void measure_round_trips(int processor) {
  Way way;
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    pin(processor);
    while (way.receive(true) != kOver) way.send(true, 1);
    _exit(0);
  }
  measure(Way::kName, processor == 0 ? 1 : 2, [&] {
    way.send(false, 1);
    way.receive(false);
  });
  way.send(false, kOver);
  must(waitpid(child, nullptr, 0), "waitpid");
}

}  // namespace

void measure_messages() {
  for (int processor = 0; processor < std::min(2, processors()); ++processor) {
    measure_round_trips<Pipes>(processor);
    measure_round_trips<Eventfds>(processor);
    measure_round_trips<Futexes>(processor);
  }
  if (processors() > 1) measure_round_trips<Rings>(1);
}

}  // namespace sprat::bench
