// world.hh — a kernel's worth of capabilities, to which random operations happen.

#pragma once

#include <deque>
#include <random>
#include <string>

#include "tests/cap/machine.hh"
#include "tests/cap/model.hh"

namespace sprat::test {

// The capabilities that the kernel makes when it starts, in slots of its own.
struct Roots {
  cap::Slot large_ram, small_ram, devices, irq, io_ports, kernel;

  std::array<cap::Slot*, 6> all() {
    return {&large_ram, &small_ram, &devices, &irq, &io_ports, &kernel};
  }
};

class World {
 public:
  explicit World(std::uint64_t seed);

  // One random operation.
  void step();

  // Revokes all that the kernel made: nothing is left, and all memory is unused.
  void end();

  const std::deque<std::string>& log() const { return log_; }

 private:
  std::uint64_t random(std::uint64_t below) { return random_() % below; }
  bool one_in(std::uint64_t cases) { return random(cases) == 0; }
  [[gnu::format(printf, 2, 3)]] void note(const char* format, ...);

  cap::Slot* any_capability();
  cap::Slot* capability_of(std::initializer_list<Type> types);
  cap::Slot* any_table();
  cap::Slot* any_slot();
  std::span<cap::Slot> any_slots(std::size_t count);

  bool expect(const Errors& errors, const Result<void>& result);
  void copy();
  void mint();
  void move();
  void move_to(cap::Slot* source, cap::Slot* target);
  void retype();
  void remove();
  void revoke();
  void revoke_all(cap::Slot* slot);
  void take_apart();
  void map();
  void unmap();
  void find();
  void move_into_own();
  void keep_part();
  void set_remote();
  void share();
  void sweep();
  void drop();
  void adopt();
  void end_foreign();
  void use_memory();
  void use_translation();
  void check_hooks();

  std::mt19937_64 random_;
  Roots roots_;
  cap::Slot anchor_;          // of a foreign frame that processes have copies of; empty at times
  std::size_t copies_ = 0;    // of it, at the last check
  cap::CNodeObject outside_;  // slots of the kernel's own, from which the first CNodes are reached
  Model model_;
  std::deque<std::string> log_;
  std::size_t operations_ = 0;
};

}  // namespace sprat::test
