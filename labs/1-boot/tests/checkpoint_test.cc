// checkpoint_test.cc — the counts of lab 1. Each test measures and records; the manifest's bands judge.

#include <elf.h>

#include <algorithm>
#include <fstream>

#include "lab/trial.hh"
#include "machine_space.hh"
#include "memory_model.hh"

using namespace sprat::grading;

namespace {

constexpr std::uint64_t kBootToBanner = 1;  // kernel/include/sprat/region.hh

// The physical ranges that some mappings reach.
struct Reached {
  std::uint64_t begin, end;
};

std::vector<Reached> reached(const lab::AddressSpaceMap& map, bool (*counts)(const lab::Mapping&)) {
  std::vector<Reached> ranges;
  for (const lab::Mapping& mapping : map.mappings) {
    if (counts(mapping))
      ranges.push_back({mapping.physical_begin, mapping.physical_begin + mapping.size});
  }
  return ranges;
}

bool in_any(const std::vector<Reached>& ranges, std::uint64_t address) {
  return std::ranges::any_of(
      ranges, [&](const Reached& range) { return range.begin <= address && address < range.end; });
}

}  // namespace

LAB_TEST(checkpoint, instructions_to_banner, "qemu-icount") {
  const Booted booted = trial.boot({.image = "sprat"});
  const auto region = trial.region(booted, kBootToBanner, 1);
  trial.value("instructions_to_banner", static_cast<double>(region.instructions));
}

LAB_TEST(checkpoint, bytes_of_image_writable, "qemu-icount") {
  const lab::MachineSpace space = lab::look_at_machine(trial);
  const auto writable =
      reached(space.map, [](const lab::Mapping& mapping) { return mapping.writable; });
  std::uint64_t bytes = 0;
  for (std::uint64_t page = space.image.text_begin; page < space.image.stack_end;
       page += lab::kPage) {
    if (in_any(writable, page)) bytes += lab::kPage;
  }
  trial.value("bytes_of_image_writable", static_cast<double>(bytes));
}

// Counts frames, not addresses: writable under one name and executable under another is as bad as both under one.
LAB_TEST(checkpoint, bytes_writable_and_executable, "qemu-icount") {
  const lab::MachineSpace space = lab::look_at_machine(trial);
  const auto writable =
      reached(space.map, [](const lab::Mapping& mapping) { return mapping.writable; });
  const auto executable =
      reached(space.map, [](const lab::Mapping& mapping) { return mapping.executable; });
  std::uint64_t bytes = 0;
  for (std::uint64_t page = 0; page < space.memory_end; page += lab::kPage) {
    if (in_any(writable, page) && in_any(executable, page)) bytes += lab::kPage;
  }
  trial.value("bytes_writable_and_executable", static_cast<double>(bytes));
}

LAB_TEST(checkpoint, bytes_of_image, "host") {
  std::ifstream file(trial.artifact("sprat.elf"), std::ios::binary);
  Elf64_Ehdr header{};
  file.read(reinterpret_cast<char*>(&header), sizeof header);
  std::uint64_t begin = ~std::uint64_t{0}, end = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr part{};
    file.seekg(static_cast<std::streamoff>(header.e_phoff + i * sizeof part));
    file.read(reinterpret_cast<char*>(&part), sizeof part);
    if (part.p_type != PT_LOAD) continue;
    begin = std::min(begin, part.p_vaddr);
    end = std::max(end, part.p_vaddr + part.p_memsz);
  }
  if (!file || begin >= end)
    trial.wrong("an ELF file with something to load", "sprat.elf has nothing of that kind");
  trial.value("bytes_of_image", static_cast<double>(end - begin));
}
