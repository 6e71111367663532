// boot_image.hh — which bytes of a Multiboot kernel's file go where in memory (Multiboot 0.6.96, section 3.1).

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sprat::grading {

struct BootImage {
  struct Part {
    std::uint32_t begin;  // physical address
    std::string bytes;
  };
  std::vector<Part> parts;  // in ascending order, none begins before another's end
  std::uint32_t end;        // behind all memory of the kernel, bytes that begin as zeros included
  std::uint32_t entry;      // where it is entered
};

// The image in `file`, the bytes of a kernel's file: by the addresses in its Multiboot header if there are any, and else by
// its ELF program headers. Nothing when a loader cannot put it between the first MiB and `memory_end`: it has no header,
// or addresses that contradict each other or the file.
std::optional<BootImage> read_boot_image(const std::string& file, std::uint32_t memory_end);

}  // namespace sprat::grading
