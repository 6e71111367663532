// mapping_test.cc — exercise 4: entries in page tables, and the capabilities that know of them.

#include <algorithm>

#include "world.hh"

using namespace sprat::grading;
using lab::Capability;
using lab::Rights;
using lab::Type;
using lab::World;

namespace {

// Bits of an entry (SDM volume 3, section 4.5).
constexpr std::uint64_t kPresent = 1;
constexpr std::uint64_t kWritable = 2;
constexpr std::uint64_t kUser = 4;
constexpr std::uint64_t kUncached = 0x10;
constexpr std::uint64_t kLarge = 0x80;
constexpr std::uint64_t kNoExecute = std::uint64_t{1} << 63;

constexpr std::uint64_t kEntries = 512;

std::uint64_t entry_bytes(unsigned level) { return lab::kPageBytes << (9 * (level - 1)); }

// Page tables of all levels, frames of many sizes, and the mappings with their rights.
class Tables {
 public:
  explicit Tables(Trial& trial) : world(trial, 24) {
    for (unsigned level = 4; level >= 1; --level) {
      for (unsigned i = 0; i < (level == 4 ? 2u : 3u); ++i)
        tables.push_back(world.put_new(sprat::page_table_type(level)));
    }
    for (unsigned i = 0; i < 14; ++i) {
      const std::uint64_t pages = std::uint64_t{1} << trial.below(5);
      add_frame(trial.below(5) == 0 ? Type::device_frame : Type::frame, pages * lab::kPageBytes);
    }
    add_frame(Type::frame, lab::kLargePageBytes);
    add_frame(Type::device_frame, 2 * lab::kLargePageBytes);
  }

  void add_frame(Type type, std::uint64_t bytes) {
    frames.push_back(
        world.put({.type = type,
                   .rights = Rights(world.trial().below(3) == 0 ? world.trial().below(16) : 15),
                   .base = world.new_memory(bytes, bytes),
                   .bytes = bytes}));
  }

  bool map(std::uint64_t table, std::uint64_t entry, std::uint64_t source, Rights with) {
    if (!world.map(table, entry, source, with)) return false;
    rights[source] = with;
    return true;
  }

  // Connects a root with tables below it, down to level 1: their translations can be seen.
  void connect() {
    for (unsigned level = 4; level > 1; --level) {
      const std::uint64_t upper = of_level(level);
      map(upper, world.trial().below(level == 4 ? 255 : kEntries), of_level(level - 1),
          sprat::kRead);
    }
  }

  std::uint64_t of_level(unsigned level) const {
    return *std::ranges::find_if(
        tables, [&](std::uint64_t table) { return table_level(capability(table).type) == level; });
  }

  const Capability& capability(std::uint64_t slot) const { return *world.model().find(slot); }

  std::uint64_t any_table() { return tables[world.trial().below(tables.size())]; }
  std::uint64_t any_source() {
    return world.trial().below(3) == 0 ? any_table() : frames[world.trial().below(frames.size())];
  }

  // Compares all tables and capabilities with the model.
  void check() {
    world.check();
    for (const std::uint64_t table : tables) check_table(table);
  }

  mutable World world;
  std::vector<std::uint64_t> tables, frames;
  std::map<std::uint64_t, Rights> rights;  // of mapped frames, by slot

 private:
  std::uint64_t expected_entry(const Capability& mapped, std::uint64_t table, std::uint64_t index) {
    const unsigned level = table_level(capability(table).type);
    if (table_level(mapped.type) != 0) return mapped.base | kPresent | kWritable | kUser;
    const Rights with = rights.at(mapped.slot);
    return (mapped.base + (index - mapped.first_entry) * entry_bytes(level)) | kPresent | kUser |
           (with.has(sprat::kWrite) ? kWritable : 0u) |
           (with.has(sprat::kExecute) ? 0u : kNoExecute) |
           (mapped.type == Type::device_frame ? kUncached : 0u) | (level > 1 ? kLarge : 0u);
  }

  void check_table(std::uint64_t table) {
    const Capability& object = capability(table);
    const std::vector<std::string> words = lab::words_of(world.ask("table " + bare(object.base)));
    std::map<std::uint64_t, std::pair<std::uint64_t, std::uint64_t>> came;
    for (std::size_t i = 0; i + 3 <= words.size(); i += 3) {
      came[lab::number_of_word(words[i])] = {lab::number_of_word(words[i + 1]),
                                             lab::number_of_word(words[i + 2])};
    }
    std::map<std::uint64_t, const Capability*> expected_here;
    for (const auto& [slot, capability] : world.model().all()) {
      if (capability.table != object.base) continue;
      for (std::uint64_t i = 0; i < world.model().entries_of(capability); ++i) {
        expected_here[capability.first_entry + i] = &capability;
      }
    }
    for (std::uint64_t index = 0; index < kEntries; ++index) {
      const auto here = expected_here.find(index);
      const Capability* const mapped = here == expected_here.end() ? nullptr : here->second;
      const auto [entry, slot] = came.contains(index) ? came[index] : std::pair{0ul, 0ul};
      const std::uint64_t expected = mapped == nullptr ? 0 : expected_entry(*mapped, table, index);
      const std::string where =
          " for entry " + std::to_string(index) + " of " + lab::text_of(object);
      if (entry != expected) {
        world.wrong(
            hex(expected) + where, hex(entry),
            mapped == nullptr ? "nothing is mapped there" : "mapped is " + lab::text_of(*mapped));
      }
      if (slot != (mapped == nullptr ? 0 : mapped->slot)) {
        world.wrong("the pointer back to " +
                        (mapped == nullptr ? "nothing" : lab::text_of(*mapped)) + where,
                    slot == 0 ? "null" : "slot " + hex(slot));
      }
    }
  }
};

struct Seen {
  std::uint64_t root;
  std::uint64_t begin;
  std::uint64_t end;
};

// Which addresses a mapped capability translates, if a root is above it.
std::optional<Seen> seen_at(Tables& tables, std::uint64_t slot) {
  const Capability* mapped = &tables.capability(slot);
  std::uint64_t address = 0;
  std::uint64_t bytes = 0;
  while (mapped->is_mapped()) {
    const auto table = std::ranges::find_if(tables.tables, [&](std::uint64_t other) {
      return tables.capability(other).base == mapped->table;
    });
    const Capability& above = tables.capability(*table);
    const unsigned level = table_level(above.type);
    if (bytes == 0) bytes = tables.world.model().entries_of(*mapped) * entry_bytes(level);
    address += mapped->first_entry * entry_bytes(level);
    if (level == 4) return Seen{above.base, address, address + bytes};
    mapped = &above;
  }
  return {};
}

// `events` says that the processor was told to forget all of these addresses, at once or in parts.
bool is_forgotten(const std::string& events, const Seen& seen) {
  const std::vector<std::string> words = lab::words_of(events);
  std::map<std::uint64_t, std::uint64_t> forgotten;  // begin to end
  for (std::size_t i = 0; i + 3 < words.size(); ++i) {
    if (words[i] != "forget" || lab::number_of_word(words[i + 1]) != seen.root) continue;
    const std::uint64_t begin = lab::number_of_word(words[i + 2]);
    std::uint64_t& end = forgotten[begin];
    end = std::max(end, begin + lab::number_of_word(words[i + 3]));
  }
  std::uint64_t done = seen.begin;
  for (const auto& [begin, end] : forgotten) {
    if (begin <= done) done = std::max(done, end);
  }
  return done >= seen.end;
}

}  // namespace

LAB_TEST(mapping, entries_have_the_requested_frame_and_rights, "host") {
  for (unsigned round = 0; round < 12; ++round) {
    Tables tables(trial);
    for (unsigned i = 0; i < 60; ++i) {
      const std::uint64_t table = tables.any_table();
      const std::uint64_t entry = trial.below(trial.below(3) == 0 ? 12 : kEntries);
      tables.map(table, entry, tables.any_source(), Rights(trial.below(8)));
    }
    tables.check();
  }
}

LAB_TEST(mapping, rights_do_not_exceed_those_of_the_capability, "host") {
  Tables tables(trial);
  for (std::uint64_t of_frame = 0; of_frame < 16; ++of_frame) {
    for (std::uint64_t with = 0; with < 8; ++with) {
      const std::uint64_t frame =
          tables.world.put({.type = Type::frame,
                            .rights = Rights(of_frame),
                            .base = tables.capability(tables.frames[0]).base,
                            .bytes = lab::kPageBytes});
      tables.map(tables.of_level(1), of_frame * 8 + with, frame, Rights(with));
      if (!tables.capability(frame).is_mapped()) tables.world.drop(frame);
    }
  }
  tables.check();
}

LAB_TEST(mapping, refusals_change_nothing, "host") {
  for (unsigned round = 0; round < 4; ++round) {
    Tables tables(trial);
    World& world = tables.world;
    const std::uint64_t small = world.put_new(Type::frame);
    const std::uint64_t large = world.put_new(Type::frame, lab::kLargePageBytes);
    const std::uint64_t four = world.put_new(Type::frame, 4 * lab::kPageBytes);
    const std::uint64_t page = lab::kPageBytes;
    const std::uint64_t odd =
        world.put({.type = Type::frame,
                   .base = world.new_memory(2 * lab::kLargePageBytes, lab::kLargePageBytes) + page,
                   .bytes = lab::kLargePageBytes});
    for (unsigned level = 1; level <= 4; ++level) {
      const std::uint64_t table = tables.of_level(level);
      for (const std::uint64_t last :
           {kEntries, kEntries + trial.below(1000), ~std::uint64_t{0} - trial.below(8)}) {
        tables.map(table, last, level > 1 ? tables.of_level(level - 1) : small, sprat::kRead);
      }
      for (unsigned other = 1; other <= 4; ++other) {
        if (other + 1 != level) tables.map(table, 3, tables.of_level(other), sprat::kRead);
      }
      for (const Type type : {Type::ram, Type::cnode, Type::dispatcher}) {
        tables.map(table, 3, world.put_new(type), sprat::kRead);
      }
      if (level > 2) tables.map(table, 3, large, sprat::kRead);
    }
    const std::uint64_t root = tables.of_level(4);
    for (const std::uint64_t entry :
         {std::uint64_t{255}, std::uint64_t{256}, 256 + trial.below(256)}) {
      tables.map(root, entry, tables.of_level(3), sprat::kRead);
    }
    tables.map(tables.of_level(2), 0, small, sprat::kRead);
    tables.map(tables.of_level(2), 0, odd, sprat::kRead);
    tables.map(tables.of_level(1), 509, four, sprat::kRead);
    tables.map(tables.of_level(1), 1, large, sprat::kRead);
    tables.map(tables.of_level(1), 511, small, sprat::kWrite | sprat::kExecute);
    tables.check();
    tables.map(tables.of_level(1), 508, four, sprat::kRead);
    tables.map(tables.of_level(1), 100, four, sprat::kRead);
    tables.map(tables.of_level(1), 511, small, sprat::kRead);
    tables.map(tables.of_level(1), 507, world.put_copy(four), sprat::kRead);
    tables.map(tables.of_level(3), 511, tables.of_level(2), sprat::kRead);
    tables.map(root, 254, tables.of_level(3), sprat::kRead);
    tables.check();
  }
}

LAB_TEST(mapping, unmap_removes_a_mapping_as_a_whole, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    Tables tables(trial);
    World& world = tables.world;
    for (unsigned i = 0; i < 120; ++i) {
      const std::uint64_t table = tables.any_table();
      const std::uint64_t entry = trial.below(12);
      if (trial.below(2) == 0) {
        tables.map(table, entry, tables.any_source(), sprat::kRead);
        continue;
      }
      const Capability* const mapped =
          world.model().mapped_at(tables.capability(table).base, entry);
      if (mapped != nullptr) {
        const std::uint64_t slot = mapped->slot;
        const bool by_capability = trial.below(3) == 0;
        const std::string question = by_capability ? "unmap_capability " + bare(slot)
                                                   : "unmap " + bare(table) + " " + bare(entry);
        world.expect(question, question, {});
        world.model().unmap(slot);
      } else {
        world.expect("unmap " + bare(table) + " " + bare(entry), "unmap an empty entry",
                     {sprat::Error::not_found});
      }
    }
    world.expect("unmap " + bare(tables.of_level(1)) + " 200", "unmap entry 512 of 512",
                 {sprat::Error::invalid_argument});
    tables.check();
  }
}

LAB_TEST(mapping, unmapped_addresses_are_forgotten_by_the_processor, "host") {
  for (unsigned round = 0; round < 10; ++round) {
    Tables tables(trial);
    World& world = tables.world;
    tables.connect();
    for (const std::uint64_t frame : tables.frames) {
      const unsigned level = tables.capability(frame).bytes >= lab::kLargePageBytes ? 2 : 1;
      tables.map(tables.of_level(level), trial.below(500), frame, sprat::kRead);
    }
    std::vector<std::uint64_t> mapped;
    for (const auto& [slot, capability] : world.model().all()) {
      if (capability.is_mapped()) mapped.push_back(slot);
    }
    std::ranges::shuffle(mapped, trial.random());
    for (const std::uint64_t slot : mapped) {
      const std::optional<Seen> seen = seen_at(tables, slot);
      world.ask("events");
      const std::string meaning = "unmap " + world.name(slot);
      world.expect("unmap_capability " + bare(slot), meaning, {});
      world.model().unmap(slot);
      const std::string events = world.ask("events");
      if (seen && !is_forgotten(events, *seen)) {
        world.wrong("translations of [" + hex(seen->begin) + ", " + hex(seen->end) +
                        ") below root " + hex(seen->root) + " are forgotten",
                    events, meaning);
      }
    }
    tables.check();
  }
}

LAB_TEST(mapping, frames_in_a_deleted_table_are_not_mapped, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    Tables tables(trial);
    World& world = tables.world;
    tables.connect();
    for (const std::uint64_t frame : tables.frames) {
      tables.map(tables.of_level(1), trial.below(500), frame, sprat::kRead);
    }
    for (const unsigned level : {1u, 4u}) {
      const std::uint64_t table = tables.of_level(level);
      const std::uint64_t object = tables.capability(table).base;
      std::vector<std::uint64_t> mapped;
      for (const auto& [slot, capability] : world.model().all()) {
        if (capability.table == object) mapped.push_back(slot);
      }
      world.ask("events");
      world.expect("unmap_all " + bare(table), "unmap_all of " + world.name(table), {});
      for (const std::uint64_t slot : mapped) world.model().unmap(slot);
      const std::string events = world.ask("events");
      if (level == 4 && events.find("leave " + bare(object)) == std::string::npos)
        world.wrong("the processor leaves the address space of a root that goes", events);
      world.check();
    }
  }
}
