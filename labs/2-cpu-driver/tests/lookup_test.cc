// lookup_test.cc — exercise 1: from an address to a slot, and the capability that must be there.

#include "world.hh"

using namespace sprat::grading;
using lab::Capability;
using lab::CapAddress;
using lab::Type;
using lab::World;

namespace {

constexpr std::uint64_t kSlots = 256;

// A CSpace whose root has CNodes in some slots and other capabilities in some.
class CSpace {
 public:
  explicit CSpace(World& world) : world_(world), root_(world.put_new(Type::cnode)) {
    for (unsigned i = 0; i < 12; ++i) {
      const std::uint64_t node = 1 + world.trial().below(kSlots - 1);
      if (world.model().find(in(root_, node)) != nullptr) continue;
      if (i % 3 == 2) {
        put(Type::frame, in(root_, node));
      } else {
        const std::uint64_t cnode = put(Type::cnode, in(root_, node));
        for (unsigned j = 0; j < 6; ++j) fill(in(cnode, 1 + world.trial().below(kSlots - 1)));
        nodes_.push_back(node);
      }
    }
  }

  std::uint64_t root() const { return root_; }

  // Any address; most of them lead somewhere.
  CapAddress some_address() {
    Trial& trial = world_.trial();
    const std::uint64_t node =
        trial.below(4) == 0 ? trial.below(kSlots) : nodes_[trial.below(nodes_.size())];
    switch (trial.below(5)) {
      case 0: return CapAddress::in_root(node);
      case 1: return CapAddress(std::uint64_t{trial.below(8)} << 14 | trial.below(1 << 16));
      default: return {node, trial.below(12) == 0 ? 0 : some_slot(node)};
    }
  }

  // The slot that `address` means; 0 if it means none.
  std::uint64_t meaning(CapAddress address) const {
    const std::uint64_t raw = address.raw();
    const std::uint64_t node = raw >> 8 & 0xff;
    const std::uint64_t slot = raw & 0xff;
    if (raw >> 16 == 1) return slot == 0 && node != 0 ? in(root_, node) : 0;
    if (raw >> 16 != 0 || slot == 0) return 0;
    const Capability* const cnode = world_.model().find(in(root_, node));
    return cnode != nullptr && cnode->type == Type::cnode ? cnode->base + slot * lab::kSlotBytes
                                                          : 0;
  }

 private:
  // Slot `number` of the CNode that the capability in `cnode` names.
  std::uint64_t in(std::uint64_t cnode, std::uint64_t number) const {
    return world_.model().find(cnode)->base + number * lab::kSlotBytes;
  }

  // A slot of that node, often one that holds something.
  std::uint64_t some_slot(std::uint64_t node) {
    std::vector<std::uint64_t> full;
    const Capability* const cnode = world_.model().find(in(root_, node));
    for (const auto& [slot, capability] : world_.model().all()) {
      if (cnode != nullptr && slot > cnode->base && slot < cnode->end())
        full.push_back((slot - cnode->base) / lab::kSlotBytes);
    }
    Trial& trial = world_.trial();
    return full.empty() || trial.below(3) == 0 ? trial.below(kSlots)
                                               : full[trial.below(full.size())];
  }

  std::uint64_t put(Type type, std::uint64_t slot, sprat::Rights rights = sprat::kAllRights) {
    const std::uint64_t bytes = type == Type::cnode ? lab::kCNodeBytes : lab::kPageBytes;
    return world_.put({.slot = slot,
                       .type = type,
                       .rights = rights,
                       .base = world_.new_memory(bytes, bytes),
                       .bytes = bytes});
  }

  void fill(std::uint64_t slot) {
    static constexpr Type kTypes[] = {Type::frame, Type::ram, Type::cnode, Type::device_frame};
    if (world_.model().find(slot) != nullptr) return;
    put(kTypes[world_.trial().below(4)], slot, sprat::Rights(world_.trial().below(16)));
  }

  World& world_;
  std::uint64_t root_;
  std::vector<std::uint64_t> nodes_;
};

}  // namespace

LAB_TEST(lookup, an_address_names_its_slot, "host") {
  for (unsigned round = 0; round < 10; ++round) {
    World world(trial, 4);
    CSpace cspace(world);
    for (unsigned i = 0; i < 200; ++i) {
      const CapAddress address = cspace.some_address();
      const std::uint64_t slot = cspace.meaning(address);
      const std::string expected = slot == 0 ? "error no_capability" : "ok " + bare(slot);
      const std::string came =
          world.ask("address " + bare(cspace.root()) + " " + bare(address.raw()));
      if (came != expected)
        world.wrong(expected, came, "find_slot of address " + hex(address.raw()));
    }
    const std::uint64_t frame = world.put_new(Type::frame);
    trial.expect_equal("find_slot below a root that is no CNode", "error no_capability",
                       world.ask("address " + bare(frame) + " 10001"));
  }
}

LAB_TEST(lookup, a_capability_must_be_of_the_type_and_have_the_rights, "host") {
  for (unsigned round = 0; round < 10; ++round) {
    World world(trial, 4);
    CSpace cspace(world);
    for (unsigned i = 0; i < 200; ++i) {
      const CapAddress address = cspace.some_address();
      const Capability* const found = world.model().find(cspace.meaning(address));
      const Type type = found != nullptr && trial.below(3) != 0
                            ? found->type
                            : static_cast<Type>(1 + trial.below(sprat::kTypes - 1));
      const sprat::Rights rights(trial.below(3) == 0 ? trial.below(16) : 1u << trial.below(4));
      std::string expected = "ok " + bare(cspace.meaning(address));
      if (found == nullptr) {
        expected = "error no_capability";
      } else if (found->type != type) {
        expected = "error wrong_type";
      } else if (!found->rights.has(rights)) {
        expected = "error no_rights";
      }
      const std::string came =
          world.ask("find " + bare(cspace.root()) + " " + bare(address.raw()) + " " +
                    bare(static_cast<std::uint64_t>(type)) + " " + bare(rights.bits()));
      if (came != expected) {
        world.wrong(expected, came,
                    "find at address " + hex(address.raw()) + " a " + name_of(type) +
                        " with rights " + std::to_string(rights.bits()) + "; there is " +
                        (found == nullptr ? "nothing" : lab::text_of(*found)));
      }
    }
  }
}
