// core_spaces.cc — each core's tables below its CR3, and its probe's report through them.

#include "core_spaces.hh"

#include <cstring>

#include "lab/probe.hh"

namespace lab {
namespace {

constexpr std::uint64_t kReport = 0xc000000000 + (std::uint64_t{3} << 30);  // ../probe/cores.cc

class Memory {
 public:
  explicit Memory(sprat::grading::Machine& machine) : machine_(machine) {}

  std::optional<std::uint64_t> word(std::uint64_t physical) {
    auto& page = pages_[physical / 4096];
    if (page.empty()) page = machine_.memory(physical / 4096 * 4096, 4096);
    std::uint64_t word;
    std::memcpy(&word, page.data() + physical % 4096, sizeof word);
    return word;
  }

 private:
  sprat::grading::Machine& machine_;
  std::map<std::uint64_t, std::vector<std::uint8_t>> pages_;
};

}  // namespace

CoreSpaces look_at_cores(sprat::grading::Trial& trial, unsigned cpus) {
  CoreSpaces spaces{};
  sprat::grading::Boot boot = probe("cores", 6);
  boot.cpus = cpus;
  boot.memory_mib = kMemoryMib;
  boot.seed = spaces.seed = trial.random()();
  const auto said = trial.boot_and_look(boot, "ready", [&](sprat::grading::Machine& machine) {
    Memory memory(machine);
    for (const auto& cpu : machine.registers()) {
      spaces.cores.push_back(
          {cpu, walk(cpu.cr3, [&](std::uint64_t at) { return memory.word(at); }), 0, 0, 0, 0});
    }
    for (CoreSpace& core : spaces.cores) {
      const Mapping* const page = find(core.map, kReport);
      if (page == nullptr) continue;
      const std::uint64_t at = page->physical_begin + (kReport - page->virtual_begin);
      core.nonce = memory.word(at).value();
      core.core_id = memory.word(at + 8).value();
      core.apic_id = memory.word(at + 16).value();
      core.word = memory.word(at + 24).value();
    }
  });
  spaces.answers = said.answers;
  return spaces;
}

std::vector<std::uint64_t> frames_writable_twice(const CoreSpaces& spaces) {
  std::map<std::uint64_t, std::size_t> owner;
  std::vector<std::uint64_t> twice;
  for (std::size_t i = 0; i < spaces.cores.size(); ++i) {
    for (const Mapping& mapping : spaces.cores[i].map.mappings) {
      if (!mapping.writable || mapping.physical_begin >= std::uint64_t{kMemoryMib} << 20) continue;
      const std::uint64_t begin = mapping.physical_begin / 4096;
      for (std::uint64_t frame = begin; frame < begin + mapping.size / 4096; ++frame)
        if (owner.try_emplace(frame, i).first->second != i) twice.push_back(frame);
    }
  }
  return twice;
}

}  // namespace lab
