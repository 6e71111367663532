// any_sequence_test.cc — all operations on capabilities together, in any order.

#include <algorithm>

#include "world.hh"

using namespace sprat::grading;
using lab::Capability;
using lab::Rights;
using lab::Type;
using lab::World;

namespace {

// A process that does anything with its capabilities.
class Anything {
 public:
  Anything(Trial& trial) : trial_(trial), world_(trial, 8) {
    for (unsigned i = 0; i < 2; ++i) {
      const std::uint64_t ram = world_.put_new(Type::ram, 1 << 20);
      world_.ask("fill " + bare(world_.model().find(ram)->base) + " 100000 a5");
    }
    slots_ = world_.new_slots(kSlots);
  }

  void step() {
    switch (trial_.below(14)) {
      case 0:
      case 1:
      case 2:
      case 3: retype(); break;
      case 4:
      case 5: world_.copy(full(), place()); break;
      case 6: world_.mint(full(), place(), Rights(trial_.below(16)), 0, 0); break;
      case 7:
      case 8:
      case 9:
      case 10: map(); break;
      case 11: unmap(); break;
      case 12: world_.remove(full()); break;
      default:
        if (trial_.below(3) == 0) world_.revoke(full());
    }
    world_.settle();
  }

  void check() { world_.check(); }

 private:
  static constexpr std::uint64_t kSlots = 100;

  // Any slot of ours, or of a CNode there is; often it holds something.
  std::uint64_t place() {
    const std::vector<std::uint64_t> cnodes = of_types({Type::cnode});
    if (!cnodes.empty() && trial_.below(3) == 0) {
      return world_.model().find(cnodes[trial_.below(cnodes.size())])->base +
             (1 + trial_.below(12)) * lab::kSlotBytes;
    }
    return slots_ + trial_.below(kSlots) * lab::kSlotBytes;
  }

  std::uint64_t full() {
    const auto& all = world_.model().all();
    if (all.empty() || trial_.below(10) == 0) return place();
    return std::next(all.begin(), static_cast<std::ptrdiff_t>(trial_.below(all.size())))->first;
  }

  std::vector<std::uint64_t> of_types(std::initializer_list<Type> types) {
    std::vector<std::uint64_t> slots;
    for (const auto& [slot, capability] : world_.model().all()) {
      if (std::ranges::find(types, capability.type) != types.end()) slots.push_back(slot);
    }
    return slots;
  }

  void retype() {
    static constexpr Type kTypes[] = {Type::ram,          Type::frame,        Type::frame,
                                      Type::cnode,        Type::page_table_1, Type::page_table_2,
                                      Type::page_table_3, Type::page_table_4, Type::dispatcher};
    const std::vector<std::uint64_t> dispatchers = of_types({Type::dispatcher});
    if (!dispatchers.empty() && trial_.below(5) == 0) {
      world_.retype(dispatchers[trial_.below(dispatchers.size())],
                    trial_.below(2) == 0 ? Type::endpoint : Type::notification, 0, 1, place(), 1);
      return;
    }
    const std::vector<std::uint64_t> rams = of_types({Type::ram});
    const std::uint64_t source = rams.empty() ? full() : rams[trial_.below(rams.size())];
    const Type type = kTypes[trial_.below(std::size(kTypes))];
    const bool is_free = object_bits(type) == 0;
    world_.retype(source, type, is_free ? 12 + static_cast<unsigned>(trial_.below(6)) : 0, 1,
                  place(), 1);
  }

  std::vector<std::uint64_t> page_tables() {
    return of_types(
        {Type::page_table_1, Type::page_table_2, Type::page_table_3, Type::page_table_4});
  }

  void map() {
    const std::vector<std::uint64_t> tables = page_tables();
    const std::vector<std::uint64_t> frames = of_types({Type::frame});
    if (tables.empty() || frames.empty()) return;
    const std::uint64_t table = tables[trial_.below(tables.size())];
    const bool is_frame = trial_.below(2) == 0;
    std::uint64_t source =
        is_frame ? frames[trial_.below(frames.size())] : tables[trial_.below(tables.size())];
    if (is_frame && trial_.below(2) == 0) {
      const std::uint64_t less = place();
      if (world_.mint(source, less, Rights(trial_.below(16)))) source = less;
    }
    world_.map(table, trial_.below(16), source, Rights(trial_.below(8)));
  }

  void unmap() {
    for (const auto& [slot, capability] : world_.model().all()) {
      if (!capability.is_mapped() || trial_.below(3) != 0) continue;
      world_.expect("unmap_capability " + bare(slot), "unmap " + world_.name(slot), {});
      world_.model().unmap(slot);
      return;
    }
  }

  Trial& trial_;
  World world_;
  std::uint64_t slots_ = 0;
};

}  // namespace

LAB_TEST(capabilities, any_sequence_of_operations_keeps_the_rules, "host") {
  for (unsigned round = 0; round < 20; ++round) {
    Anything process(trial);
    for (unsigned i = 0; i < 240; ++i) {
      process.step();
      if (i % 10 == 9) process.check();
    }
  }
}
