// toucher.cc — a process on all cores, whose tasks touch shared pages (span/shared_pages.hh) as if they were memory. `toucher each`: all
// cores, one after the other, with the messages of each; `beside SEED`: all cores at once, while the home limits the pages; `tasks`: two
// tasks of one core; `more`: a page that may be written again; `registers`: what a task keeps while it is blocked; `slow`: the home
// computes for ever. These end the process: `none`, `unmade`, `write`, `heap`.

#include <array>

#include "lib/frame_requests.hh"
#include "lib/service_names.hh"
#include "lib/words.hh"
#include "span/dispatchers.hh"
#include "span/shared_pages.hh"
#include "sprat/first_process.hh"
#include "tests/programs/span_trial.hh"

namespace sprat {
namespace {

constinit std::array<std::uint64_t, kMaxCores> others{};
constinit std::size_t other_cores = 0;

// A word of a shared page; each access is one instruction.
volatile std::uint64_t& word(std::size_t page, std::size_t index) {
  return reinterpret_cast<volatile std::uint64_t*>(touchable_page(page).data())[index];
}

Task<> say(const char* what, std::uint64_t core, CoreTask task, Words arguments) {
  const auto result = co_await run_on_core(core, task, arguments);
  print("toucher: {} {}: {}\n", what, core,
        result ? std::string_view("done") : name_of(result.error()));
  co_return {};
}

std::uint64_t lines_from_home() {
  const auto from = home();
  return from ? from.value()->connection().channel().end().lines_read() : 0;
}

// ---- one core after the other

// Adds 1 to a word of the page, twice. Returns the value before, and the lines that came for the first addition and the second.
Task<Words> add_twice(Words arguments) {
  volatile std::uint64_t& counter = word(arguments[0], 0);
  const std::uint64_t begin = lines_from_home(), before = counter, lines = lines_from_home();
  counter = before + 1;
  counter = counter + 1;
  co_return Words{before, lines - begin, lines_from_home() - lines};
}

Task<> each() {
  std::uint64_t expected = 0;
  for (const std::size_t page : {5, 63}) {
    expected = 0;
    word(page, 0) = 0;
    for (std::size_t i = 0; i < other_cores; ++i) {
      const auto before = ask_monitor(FrameRequest::frames);
      const auto added = co_await run_on_core(others[i], &add_twice, {page});
      const auto after = ask_monitor(FrameRequest::frames);
      if (!added || !before || !after) co_return Error::peer_gone;
      const auto [value, first, second, unused, more] = added.value();
      if (value != expected || first != 1 || second != 0)
        print("toucher: core {} found {}, lines {} and {}\n", others[i], value, first, second);
      if (after.value()[3] - before.value()[3] != 1) print("toucher: not one line of monitors\n");
      expected += 2;
    }
  }
  print("toucher: {} cores have added {}\n", other_cores, word(63, 0));
  co_return {};
}

// ---- all at once

class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed * 2 + 1) {}
  std::uint64_t below(std::uint64_t limit) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return (state_ >> 33) % limit;
  }

 private:
  std::uint64_t state_;
};

constexpr std::uint64_t kRounds = 120, kPages = 12;

Random order_of(std::uint64_t seed, std::uint64_t core) { return Random(seed * kMaxCores + core); }

Task<Words> nothing(Words) { co_return Words{own_core}; }

// {seed}: adds 1 to a word of its own, and to one of all cores, in a page after the other.
Task<Words> add_everywhere(Words arguments) {
  Random order = order_of(arguments[0], own_core);
  for (std::uint64_t round = 0; round < kRounds; ++round) {
    const std::size_t page = order.below(kPages);
    word(page, own_core) = word(page, own_core) + 1;
    auto* const of_all = const_cast<std::uint64_t*>(&word(page, kMaxCores));
    __atomic_fetch_add(of_all, 1, __ATOMIC_SEQ_CST);
    if (round % 8 == 0) static_cast<void>(co_await run_on_core(0, &nothing, {}));
    if (round % 4 == 0) co_await runtime().loop.turn();
  }
  co_return Words{};
}

constinit bool has_ended = false;

// While no core may write the page, none does.
bool is_stable(std::size_t page) {
  const std::uint64_t before = word(page, kMaxCores);
  for (int i = 0; i < 300; ++i) __builtin_ia32_pause();
  return word(page, kMaxCores) == before;
}

// No core may have the page, or write it, then all may again: as long as the cores compute. Between the two limits, this dispatcher handles
// no message, so that no core asks in vain.
Task<> limit_everything(std::uint64_t seed) {
  Random order(seed);
  while (!has_ended) {
    const std::size_t page = order.below(kPages);
    const Mapping less = order.below(2) == 0 ? Mapping::none : Mapping::read_only;
    const auto limited = co_await limit_page(page, less);
    if (!limited && limited.error() != Error::busy) co_return limited;
    if (limited && less == Mapping::read_only && !is_stable(page)) co_return Error::in_use;
    if (limited)
      if (const auto ended = co_await limit_page(page, Mapping::writable); !ended) co_return ended;
    for (std::uint64_t turns = 1 + order.below(8); turns != 0; --turns)
      co_await runtime().loop.turn();
  }
  co_return {};
}

// Tasks that are started there meanwhile, and some that are cancelled.
Task<> start_others(std::uint64_t core) {
  while (!has_ended) {
    if (const auto ran = co_await run_on_core(core, &nothing, {}); !ran || ran.value()[0] != core)
      co_return Error::malformed;
    Task<Words> cancelled = run_on_core(core, &nothing, {});
    runtime().loop.start(cancelled);
    co_await runtime().loop.turn();
  }
  co_return {};
}

Result<void> check(std::uint64_t seed) {
  std::array<std::array<std::uint64_t, kMaxCores + 1>, kPages> expected{};
  for (std::size_t i = 0; i < other_cores; ++i) {
    Random order = order_of(seed, others[i]);
    for (std::uint64_t round = 0; round < kRounds; ++round) {
      auto& counts = expected[order.below(kPages)];
      ++counts[others[i]];
      ++counts[kMaxCores];
    }
  }
  for (std::size_t page = 0; page < kPages; ++page)
    for (std::size_t i = 0; i <= kMaxCores; ++i)
      if (word(page, i) != expected[page][i]) {
        print("toucher: page {}, word {}: {}, not {}\n", page, i, word(page, i), expected[page][i]);
        return Error::malformed;
      }
  return {};
}

Task<> beside(std::uint64_t seed) {
  print("toucher: seed {}\n", seed);
  for (std::size_t page = 0; page < kPages; ++page) word(page, 0) = 0;
  std::array<Task<Words>, kMaxCores> adding;
  std::array<Task<>, kMaxCores> starting;
  for (std::size_t i = 0; i < other_cores; ++i) {
    adding[i] = run_on_core(others[i], &add_everywhere, {seed});
    starting[i] = start_others(others[i]);
    runtime().loop.start(adding[i]);
    runtime().loop.start(starting[i]);
  }
  // Several at once: two cores, each of which waits for a page, may each have the other's page.
  std::array<Task<>, 4> limiting;
  for (std::size_t i = 0; i < limiting.size(); ++i) {
    limiting[i] = limit_everything(seed + i);
    runtime().loop.start(limiting[i]);
  }
  Result<void> result;
  for (std::size_t i = 0; i < other_cores; ++i)
    if (const auto added = co_await adding[i].join(); !added) result = added.error();
  has_ended = true;
  for (const auto& task : limiting)
    if (const auto limited = co_await task.join(); !limited) result = limited;
  for (std::size_t i = 0; i < other_cores; ++i)
    if (const auto started = co_await starting[i].join(); !started) result = started;
  if (result) result = check(seed);
  if (result) print("toucher: all values are right\n");
  co_return result;
}

// ---- two tasks of one core

constinit std::uint64_t turn_of_tasks = 0;

// The second part sees that no other task ran in between, although the page had to come.
Task<Words> touch_in_one_piece(Words arguments) {
  const std::uint64_t turn = ++turn_of_tasks;
  word(arguments[0], 1) = word(arguments[0], 1) + 1;
  co_return Words{turn == turn_of_tasks, word(arguments[0], 1)};
}
Task<Words> ask_and_touch(Words arguments) {
  const auto page = co_await shared_page(arguments[0]);
  if (!page) co_return page.error();
  co_return co_await touch_in_one_piece(arguments);
}

Task<> tasks() {
  std::uint64_t sum = 0;
  bool is_atomic = true;
  for (std::size_t page = 0; page < 32; ++page) {
    word(page, 1) = 0;
    std::array<Task<Words>, 3> all;
    const std::array<CoreTask, 3> kinds{&touch_in_one_piece, &ask_and_touch, &touch_in_one_piece};
    for (std::size_t i = 0; i < all.size(); ++i) {
      all[i] = run_on_core(1, kinds[(i + page) % 3], {page});
      runtime().loop.start(all[i]);
    }
    for (const auto& task : all) {
      const auto touched = co_await task.join();
      if (!touched) co_return touched.error();
      is_atomic &= touched.value()[0] == 1;
    }
    sum += word(page, 1);
  }
  print("toucher: {} touches, {}\n", sum, is_atomic ? "each in one piece" : "some interrupted");
  co_return {};
}

// ---- rights

// {page, value}
Task<Words> write(Words arguments) {
  word(arguments[0], 0) = arguments[1];
  co_return Words{};
}
Task<Words> read(Words arguments) {
  if (word(arguments[0], 0) != arguments[1]) co_return Error::malformed;
  co_return Words{};
}

Task<> more() {
  word(7, 0) = 1;
  static_cast<void>(co_await say("reads", 1, &read, {7, 1}));
  static_cast<void>(co_await limit_page(7, Mapping::read_only));
  static_cast<void>(co_await say("reads", 1, &read, {7, 1}));
  static_cast<void>(co_await say("reads", 2, &read, {7, 1}));
  static_cast<void>(co_await limit_page(7, Mapping::writable));
  static_cast<void>(co_await say("writes", 1, &write, {7, 2}));
  static_cast<void>(co_await say("writes", 2, &write, {7, 3}));
  static_cast<void>(co_await say("reads", 1, &read, {7, 3}));
  static_cast<void>(co_await say("reads", 0, &read, {7, 3}));
  co_return {};
}

// The heap finds its block in a shared page.
Task<Words> release_page(Words arguments) {
  release(touchable_page(arguments[0]).data() + 64);
  co_return Words{};
}

// One of these ends the process.
Task<> misuse(Mapping mapping, CoreTask task) {
  word(9, 0) = 1;
  static_cast<void>(co_await limit_page(9, mapping));
  static_cast<void>(co_await say("goes on", 2, task, {9, 1}));
  co_return {};
}

// ---- what a blocked task keeps

// Touches the word with all registers in use, and the carry flag: their sum, and the flag.
Task<Words> touch_with_registers(Words arguments) {
  volatile std::uint64_t* const address = &word(arguments[0], 0);
  std::uint64_t sum = 0;
  std::uint8_t carry = 0;
  const double two = 2;
  double product = 0;
  asm volatile(
      "push %%rbp\n movsd %[two], %%xmm7\n"
      "mov $1, %%ebx\n mov $2, %%ecx\n mov $4, %%edx\n mov $8, %%esi\n mov $16, %%edi\n mov $32, "
      "%%ebp\n"
      "mov $64, %%r8d\n mov $128, %%r9d\n mov $256, %%r10d\n mov $512, %%r11d\n mov $1024, %%r12d\n"
      "mov $2048, %%r13d\n mov $4096, %%r14d\n mov $8192, %%r15d\n"
      "stc\n mov (%%rax), %%rax\n setc %%al\n movzx %%al, %%eax\n shl $32, %%rax\n"
      "add %%rbx, %%rax\n add %%rcx, %%rax\n add %%rdx, %%rax\n add %%rsi, %%rax\n add %%rdi, "
      "%%rax\n"
      "add %%rbp, %%rax\n add %%r8, %%rax\n add %%r9, %%rax\n add %%r10, %%rax\n add %%r11, %%rax\n"
      "add %%r12, %%rax\n add %%r13, %%rax\n add %%r14, %%rax\n add %%r15, %%rax\n"
      "mulsd %%xmm7, %%xmm7\n pop %%rbp"
      : "=a"(sum)
      : "a"(address), [two] "x"(two)
      : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
        "xmm7", "memory", "cc");
  asm volatile("movsd %%xmm7, %0" : "=x"(product));
  carry = static_cast<std::uint8_t>(sum >> 32);
  co_return Words{sum & 0xffff'ffff, carry, static_cast<std::uint64_t>(product)};
}

Task<> registers() {
  word(11, 0) = 1;
  const auto kept = co_await run_on_core(1, &touch_with_registers, {11});
  if (!kept) co_return kept.error();
  print("toucher: registers {}, carry {}, product {}\n", kept.value()[0], kept.value()[1],
        kept.value()[2]);
  co_return {};
}

// ---- a home that is slow

Task<> slow() {
  word(13, 0) = 1;
  static_cast<void>(co_await publish("slow"));
  Task<Words> touching = run_on_core(1, &read, {13, 1});
  runtime().loop.start(touching);
  co_await runtime().loop.turn();  // it is sent; what it asks for is not answered
  while (true) __builtin_ia32_pause();
}

Task<> run_all(std::string_view words) {
  for (std::uint64_t core = 0; core < kMaxCores; ++core)
    if (co_await span_to(core)) others[other_cores++] = core;
  const std::string_view kind = next_word(words);
  std::uint64_t seed = 0;
  static_cast<void>(parse_number(next_word(words), seed));
  if (kind == "each") co_return co_await each();
  if (kind == "beside") co_return co_await beside(seed);
  if (kind == "tasks") co_return co_await tasks();
  if (kind == "more") co_return co_await more();
  if (kind == "registers") co_return co_await registers();
  if (kind == "slow") co_return co_await slow();
  if (kind == "none") co_return co_await misuse(Mapping::none, &read);
  if (kind == "write") co_return co_await misuse(Mapping::read_only, &write);
  if (kind == "heap") co_return co_await misuse(Mapping::writable, &release_page);
  if (kind == "unmade") co_return co_await say("goes on", 2, &read, {10, 0});
  co_return Error::invalid_argument;
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) { return run_span_trial(startup, "toucher", &run_all); }
