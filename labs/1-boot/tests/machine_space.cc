// machine_space.cc — page tables out of a stopped machine's memory, a page at a time.

#include "machine_space.hh"

#include <cstdlib>
#include <cstring>
#include <iomanip>
#include <map>
#include <sstream>

#include "memory_model.hh"

namespace lab {

ImageParts parse_parts(const std::string& text) {
  std::istringstream words(text);
  ImageParts parts{};
  words >> std::setbase(0) >> parts.text_begin >> parts.text_end >> parts.rodata_end >>
      parts.data_end >> parts.guard_end >> parts.stack_end;
  return parts;
}

MachineSpace look_at_machine(sprat::grading::Trial& trial) {
  MachineSpace space{};
  const auto said =
      trial.boot_and_look({.test = "stand_still"}, "ready", [&](sprat::grading::Machine& machine) {
        std::map<std::uint64_t, std::vector<std::uint8_t>> pages;
        const ReadWord read = [&](std::uint64_t physical) -> std::optional<std::uint64_t> {
          auto& page = pages[physical / kPage * kPage];
          if (page.empty()) page = machine.memory(physical / kPage * kPage, kPage);
          std::uint64_t word;
          std::memcpy(&word, page.data() + physical % kPage, sizeof word);
          return word;
        };
        space.cpu = machine.registers().at(0);
        space.map = walk(space.cpu.cr3, read);
      });
  space.image = parse_parts(said.answers.at("parts"));
  space.memory_end = std::strtoull(said.answers.at("memory_end").c_str(), nullptr, 0);
  return space;
}

}  // namespace lab
