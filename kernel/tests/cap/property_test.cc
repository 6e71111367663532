// property_test.cc — random operations, valid and not, by the million; after each, the world is as the model says.
//
// SPRAT_SEED=N repeats a run, ROUNDS=N makes it N times as long. What fails prints its seed and the last operations.

#include <criterion/criterion.h>

#include <cstring>
#include <deque>
#include <random>

#include "boot/window.hh"
#include "tests/cap/machine.hh"
#include "tests/cap/model.hh"

using namespace sprat;
using namespace sprat::test;
using cap::Slot;

namespace {

constexpr std::size_t kOperationsPerWorld = 20'000;
constexpr std::size_t kWorlds = 55;
constexpr std::size_t kOperationsPerFullCheck = 100;

// What the kernel makes when it starts, in slots of its own.
struct Roots {
  Slot large_ram, small_ram, devices, irq, io_ports, kernel;

  std::array<Slot*, 6> all() {
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
  template <class... Arguments>
  void note(const char* format, Arguments... arguments);

  Slot* any_capability();
  Slot* capability_of(std::initializer_list<Type> types);
  Slot* any_table();
  Slot* any_slot();
  std::span<Slot> any_slots(std::size_t count);

  bool expect(const Errors& errors, const Result<void>& result);
  void copy();
  void mint();
  void move();
  void retype();
  void remove();
  void revoke();
  void revoke_all(Slot* slot);
  void take_apart();
  void map();
  void unmap();
  void find();
  void keep_part();
  void set_remote();
  void use_memory();
  void use_translation();
  void check_hooks();

  std::mt19937_64 random_;
  Roots roots_;
  cap::CNodeObject outside_;  // slots of the kernel's own, from which the first CNodes are reached
  Model model_;
  std::deque<std::string> log_;
  std::size_t operations_ = 0;
};

World::World(std::uint64_t seed) : random_(seed) {
  make_root(roots_.large_ram, Type::ram, 2 << 20, 8 << 20);
  make_root(roots_.small_ram, Type::ram, 0x13000, 0x8d000);
  make_root(roots_.devices, Type::physical_memory, 0xfec0'0000, 4 << 20);
  make_root(roots_.irq, Type::irq, 0, 24);
  make_root(roots_.io_ports, Type::io_ports, 0, 65536);
  make_root(roots_.kernel, Type::kernel, 0, 0);
  for (Slot* root : roots_.all()) model_.make_root(root);
}

template <class... Arguments>
void World::note(const char* format, Arguments... arguments) {
  std::array<char, 160> text;
  std::snprintf(text.data(), text.size(), format, arguments...);
  log_.emplace_back(text.data());
  if (log_.size() > 40) log_.pop_front();
}

// ---- choosing ---------------------------------------------------------------------------------------------------

// A capability that somebody can name: dying objects keep theirs where nobody can.
Slot* World::any_capability() {
  for (;;) {
    const auto& places = model_.places_of(static_cast<Type>(random(kTypes)));
    if (places.empty()) continue;
    Slot* const place = places[random(places.size())];
    if (!place->is_dying) return place;
  }
}

// A capability of one of `types`; of another now and then, or if there is none.
Slot* World::capability_of(std::initializer_list<Type> types) {
  const auto& places = model_.places_of(types.begin()[random(types.size())]);
  if (places.empty() || one_in(40)) return any_capability();
  Slot* const place = places[random(places.size())];
  return place->is_dying ? any_capability() : place;
}

Slot* World::any_table() {
  for (unsigned tries = 0; tries < 4; ++tries) {
    const auto& places = model_.places_of(page_table_type(1 + static_cast<unsigned>(random(4))));
    if (!places.empty()) return places[random(places.size())];
  }
  return nullptr;
}

// `count` slots of a CNode, or of the kernel's own; the first is empty, mostly.
std::span<Slot> World::any_slots(std::size_t count) {
  std::span<Slot> slots;
  for (unsigned tries = 0; tries < 4; ++tries) {
    const std::size_t first = one_in(8) ? 1 + random(255) : 1 + random(40);
    slots = std::span(outside_).subspan(first, std::min(count, 256 - first));
    const Slot* const cnode = one_in(12) ? &roots_.kernel : capability_of({Type::cnode});
    if (cnode->type == Type::cnode) {
      const auto found = cap::slots_of(*cnode, first, count);
      if (found) slots = found.value();
    }
    if (slots.empty() || slots.front().is_empty()) break;
  }
  return slots;
}

Slot* World::any_slot() { return any_slots(1).data(); }

// ---- operations -------------------------------------------------------------------------------------------------

// The result is one that the model allows. True: it was done.
bool World::expect(const Errors& errors, const Result<void>& result) {
  if (result.ok()) {
    if (!errors.empty()) mismatch("it was done, and should not have been");
    return true;
  }
  if (!errors.has(result.error())) mismatch("it was refused: %s", name_of(result.error()));
  return false;
}

void World::copy() {
  Slot* const source = one_in(30) ? any_slot() : any_capability();
  Slot* const target = any_slot();
  note("copy %s %p to %p", name_of(source->type), source, target);
  const Errors errors = model_.of_copy(source, target, {});
  if (expect(errors, cap::copy(*source, *target))) model_.copy(source, target, {});
  model_.check_slot(source);
  model_.check_slot(target);
}

void World::mint() {
  using enum Type;
  Slot* const source = capability_of({frame, device_frame, cnode, dispatcher, endpoint, endpoint,
                                      notification, irq, io_ports, page_table_4});
  Slot* const target = any_slot();
  cap::MintArguments arguments{.keep = one_in(2) ? kAllRights : Rights(random(16))};
  if (one_in(2)) arguments.badge_or_first = one_in(9) ? random_() : random(30);
  if (one_in(3)) arguments.count = one_in(9) ? random_() : random(30);
  note("mint %s %p to %p: rights %x, %lx, %lx", name_of(source->type), source, target,
       arguments.keep.bits(), arguments.badge_or_first, arguments.count);
  const Errors errors = model_.of_copy(source, target, arguments);
  if (expect(errors, cap::mint(*source, *target, arguments))) {
    model_.copy(source, target, arguments);
  }
  model_.check_slot(source);
  model_.check_slot(target);
}

void World::move() {
  Slot* const source = one_in(30) ? any_slot() : any_capability();
  Slot* const target = any_slot();
  const auto roots = roots_.all();
  if (source->is_part || std::ranges::find(roots, source) != roots.end()) return;
  note("move %s %p to %p", name_of(source->type), source, target);
  const Errors errors = model_.of_move(source, target);
  if (expect(errors, cap::move(*source, *target))) model_.move(source, target);
  model_.check_slot(source);
  model_.check_slot(target);
}

void World::retype() {
  using enum Type;
  Slot* const source =
      one_in(20) ? any_capability() : capability_of({ram, ram, ram, physical_memory, dispatcher});
  constexpr std::array kFromRam{ram,          ram,          frame,        frame,
                                frame,        cnode,        page_table_1, page_table_2,
                                page_table_3, page_table_4, dispatcher};
  constexpr std::array kFromDevices{physical_memory, device_frame, device_frame};
  Type type = static_cast<Type>(random(one_in(3) ? 256 : kTypes));
  if (!one_in(25)) {
    if (source->type == ram) type = kFromRam[random(kFromRam.size())];
    if (source->type == dispatcher) type = one_in(2) ? endpoint : notification;
    if (source->type == physical_memory) type = kFromDevices[random(kFromDevices.size())];
  }
  unsigned size_bits = 12 + static_cast<unsigned>(random(one_in(10) ? 11 : 4));
  if (type > frame && type != device_frame && type != physical_memory) size_bits = 0;
  if (one_in(40)) size_bits = static_cast<unsigned>(random(70));
  const std::span<Slot> targets = any_slots(one_in(10) ? random(70) : 1 + random(3));
  const cap::RetypeArguments arguments{type, size_bits, one_in(50) ? random(4) : targets.size()};
  note("retype %s %p to %zu %s of 2^%u at %p", name_of(source->type), source, arguments.count,
       name_of(type), size_bits, targets.data());
  const Errors errors = model_.of_retype(source, arguments, targets);
  auto result = cap::retype(*source, arguments, targets);
  for (std::uint64_t zeroed = 0; !result && result.error() == Error::again;) {
    if (!errors.empty() || source->type != ram || type == ram) mismatch("again, for no reason");
    zeroed += cap::kZeroStep;
    if (zeroed > source->bytes) mismatch("again does not end");
    if (one_in(20)) return;
    result = cap::retype(*source, arguments, targets);
  }
  if (!expect(errors, result)) return;
  model_.retype(source, arguments, targets);
  model_.check_slot(source);
  for (Slot& target : targets) {
    model_.check_slot(&target);
    if (source->type != ram || type != frame) continue;
    const auto* const words = boot::window<std::uint64_t>(PhysicalAddress(target.base));
    if (words[0] != 0 || std::memcmp(words, words + 1, target.bytes - 8) != 0) {
      mismatch("a frame that is not zero");
    }
  }
}

void World::remove() {
  Slot* const slot = one_in(30) ? any_slot() : any_capability();
  const auto roots = roots_.all();
  if (slot->is_mapped && !one_in(3)) return;
  if (std::ranges::find(roots, slot) != roots.end()) return;
  if (slot->type == Type::ram && !one_in(4)) return;
  note("remove %s %p", name_of(slot->type), slot);
  const Errors errors = model_.of_remove(slot);
  if (expect(errors, cap::remove(*slot))) model_.remove(slot);
  model_.check_slot(slot);
}

void World::revoke() {
  using enum Type;
  Slot* const slot = one_in(200) ? &roots_.large_ram
                     : one_in(2) ? any_capability()
                                 : capability_of({ram, frame, dispatcher, cnode, endpoint});
  const auto roots = roots_.all();
  const bool is_root = std::ranges::find(roots, slot) != roots.end();
  if (is_root && !one_in(50)) return;
  revoke_all(slot);
}

// Step by step, until there is nothing more, sometimes not so long.
void World::revoke_all(Slot* slot) {
  note("revoke %s %p", name_of(slot->type), slot);
  const Errors errors = model_.of_revoke(slot);
  for (std::size_t steps = 0;; ++steps) {
    if (steps > 4000) mismatch("again does not end");
    const auto result = cap::revoke(*slot);
    if (model_.at(slot) != nullptr) model_.follow_step(slot);
    check_hooks();
    if (result.ok()) {
      if (!errors.empty()) mismatch("it was done, and should not have been");
      if (model_.has_descendants(slot)) mismatch("it is done, and something is left");
      return;
    }
    if (result.error() != Error::again) {
      const bool is_remote = result.error() == Error::ask_monitor && errors.empty();
      const bool went_too = result.error() == Error::no_capability && model_.at(slot) == nullptr;
      if (!is_remote && !went_too && !errors.has(result.error())) {
        mismatch("it was refused: %s", name_of(result.error()));
      }
      return;
    }
    if (!errors.empty()) mismatch("again, and it should have been refused");
    if (one_in(60)) return;
  }
}

void World::take_apart() {
  note("take apart");
  std::size_t steps = 0;
  do {
    const bool more = cap::take_apart();
    model_.follow_step(nullptr);
    check_hooks();
    if (more != model_.is_anything_dying()) mismatch("more to take apart: %d", more);
    if (++steps > 4000) mismatch("taking apart does not end");
  } while (model_.is_anything_dying() && !one_in(4));
}

void World::map() {
  Slot* const table = any_table();
  if (table == nullptr) return;
  const unsigned level = table_level(table->type);
  using enum Type;
  const Type below = page_table_type(level > 1 ? level - 1 : 1);
  const bool is_table = level >= 3 || (level == 2 && !one_in(3));
  Slot* source = nullptr;
  for (unsigned tries = 0; tries < 4; ++tries) {
    source = is_table ? capability_of({below}) : capability_of({frame, frame, device_frame});
    if (!source->is_mapped) break;
  }
  const std::uint64_t entry = one_in(20) ? random(600) : random(one_in(3) ? 512 : 12);
  const Rights rights(one_in(4) ? random(16) : 2 * random(3));
  note("map %s %p into %s %p at %lu: %x", name_of(source->type), source, name_of(table->type),
       table, entry, rights.bits());
  const Errors errors = model_.of_map(table, entry, source, rights);
  if (expect(errors, cap::map(*table, entry, *source, rights))) {
    model_.map(table, entry, source, rights);
  }
  model_.check_slot(source);
}

void World::unmap() {
  Slot* const table = any_table();
  if (table == nullptr) return;
  const std::uint64_t entry = one_in(20) ? random(600) : random(one_in(3) ? 512 : 12);
  note("unmap %s %p at %lu", name_of(table->type), table, entry);
  const Errors errors = model_.of_unmap(table, entry);
  if (expect(errors, cap::unmap(*table, entry))) model_.unmap(table, entry);
}

void World::find() {
  Slot* const root = capability_of({Type::cnode});
  const CapAddress address(one_in(4) ? random(1 << 18)
                                     : random(2) << 16 | random(24) << 8 | random(24));
  note("find %x from %p", address.raw(), root);
  const auto found = cap::find_slot(*root, address);
  Slot* const expected = model_.find(root, address);
  if (found.ok() != (expected != nullptr)) mismatch("find");
  if (found.ok() && found.value() != expected) mismatch("found another slot");
  if (!found.ok() && found.error() != Error::no_capability) mismatch("find");
}

// As `configure` does: a copy inside of a dispatcher, which lives from it.
void World::keep_part() {
  using enum Type;
  Slot* const around = capability_of({dispatcher});
  if (around->type != dispatcher) return;
  Slot* const source = capability_of({cnode, cnode, page_table_4, frame, notification});
  Slot* const part = &cap::dispatcher_parts(*around)[random(cap::kDispatcherParts)];
  note("keep %s %p in %p", name_of(source->type), source, part);
  const Errors errors = model_.of_copy(source, part, {});
  if (!expect(errors, cap::copy(*source, *part))) return;
  part->is_part = true;
  model_.copy(source, part, {});
  model_.keep_part(part);
}

void World::set_remote() {
  Slot* const slot = any_capability();
  if (slot->type == Type::irq || slot->type == Type::io_ports) return;
  slot->is_remote = one_in(10);
  note("set remote of %s %p to %d", name_of(slot->type), slot, slot->is_remote);
  model_.set_remote(slot, slot->is_remote);
}

// A process writes into a frame of its own.
void World::use_memory() {
  Slot* const frame = capability_of({Type::frame});
  if (frame->type != Type::frame) return;
  for (std::uint64_t page = frame->base; page < frame->end(); page += kPageSize) {
    boot::window<std::uint64_t>(PhysicalAddress(page))[random(512)] = random_();
  }
}

// The processor uses a mapping, and remembers what it has found in the tables.
void World::use_translation() {
  const Slot* slot = nullptr;
  for (unsigned tries = 0; tries < 6; ++tries) {
    slot = capability_of({Type::frame, Type::frame, Type::device_frame, Type::page_table_1});
    if (slot->is_mapped) break;
  }
  std::uint64_t address = 0;
  for (; slot->is_mapped; slot = slot->mapping.table_slot) {
    const unsigned level =
        slot->mapping.table_slot != nullptr ? table_level(slot->mapping.table_slot->type) : 4;
    address += std::uint64_t{slot->first_entry} << (12 + 9 * (level - 1));
    if (level == 4) return touch(PhysicalAddress(slot->mapping.table), VirtualAddress(address));
  }
}

// Dispatchers were told of exactly the parts that went, and the processor of all translations that are no longer true.
void World::check_hooks() {
  const auto lost = model_.take_lost_parts();
  if (std::set(calls().lost.begin(), calls().lost.end()) != lost ||
      calls().lost.size() != lost.size()) {
    mismatch("%zu parts went, and hooks were called for %zu", lost.size(), calls().lost.size());
  }
  if (const Translation* const stale = stale_translation(); stale != nullptr) {
    mismatch("the translation of 0x%lx is no longer true", stale->address.value());
  }
  calls().clear();
}

void World::step() {
  using Operation = void (World::*)();
  constexpr std::array kOperations{&World::copy,
                                   &World::copy,
                                   &World::mint,
                                   &World::mint,
                                   &World::move,
                                   &World::retype,
                                   &World::retype,
                                   &World::retype,
                                   &World::retype,
                                   &World::remove,
                                   &World::remove,
                                   &World::revoke,
                                   &World::take_apart,
                                   &World::map,
                                   &World::map,
                                   &World::map,
                                   &World::map,
                                   &World::unmap,
                                   &World::find,
                                   &World::keep_part,
                                   &World::set_remote,
                                   &World::use_memory,
                                   &World::use_translation,
                                   &World::use_translation};
  const Operation operation = kOperations[random(kOperations.size())];
  (this->*operation)();
  check_hooks();
  if (++operations_ % kOperationsPerFullCheck == 0) model_.check_everything();
}

void World::end() {
  note("the end");
  for (Slot* slot = cap::first_capability(); slot != nullptr; slot = slot->next) {
    slot->is_remote = false;
    model_.set_remote(slot, false);
  }
  while (model_.size() > roots_.all().size()) {
    for (Slot* root : roots_.all()) revoke_all(root);
  }
  model_.check_everything();
  for (Slot* ram : {&roots_.large_ram, &roots_.small_ram}) {
    Slot page;
    const auto result = cap::retype(*ram, {Type::ram, 12, 1}, {&page, 1});
    if (!result || page.base != ram->base) mismatch("memory below 0x%lx was lost", page.base);
    if (!cap::remove(page)) mismatch("remove");
  }
  for (Slot* root : roots_.all()) {
    if (!cap::remove(*root)) mismatch("remove");
  }
  if (cap::first_capability() != nullptr) mismatch("a capability is left over");
}

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

// Why a world that starts from `seed` is not as it should be; empty if it is.
std::string run_world(std::uint64_t seed) {
  World world(seed);
  std::size_t operation = 0;
  try {
    for (; operation < kOperationsPerWorld; ++operation) world.step();
    world.end();
    return {};
  } catch (const Mismatch& failure) {
    std::string text = "SPRAT_SEED=" + std::to_string(seed) + ", operation " +
                       std::to_string(operation) + ": " + failure.what + "\nAfter these:\n";
    for (const std::string& line : world.log()) text += "  " + line + "\n";
    return text;
  }
}

void run_worlds(std::uint64_t first_seed) {
  const std::uint64_t seed = number_from("SPRAT_SEED", first_seed);
  const std::uint64_t worlds = kWorlds * number_from("ROUNDS", 1);
  std::string failure;
  for (std::uint64_t number = 0; number < worlds && failure.empty(); ++number) {
    failure = run_world(seed + number);
  }
  cr_expect(failure.empty(), "%s", failure.c_str());
}

}  // namespace

Test(random_operations, leave_the_world_as_the_model_says) { run_worlds(std::random_device()()); }

Test(random_operations, leave_the_world_as_the_model_says_with_the_usual_seeds) { run_worlds(1); }
