// elf_fuzz.cc — libFuzzer feeds parse_elf; whatever it accepts must keep the parser's promises (make fuzz).

#include <cstdlib>

#include "sprat/elf.hh"

using namespace sprat;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
  const std::span<const std::byte> file(reinterpret_cast<const std::byte*>(data), bytes);
  const auto image = parse_elf(file);
  if (!image) return 0;
  VirtualAddress from(kPageSize);
  volatile unsigned sum = 0;  // so that the bytes are really read
  for (const ElfSegment& segment : image.value().segments()) {
    const bool is_right = segment.address >= from && segment.address.is_aligned(kPageSize) &&
                          segment.memory_bytes <= kUserEnd - segment.address &&
                          segment.file.size() <= segment.memory_bytes &&
                          !segment.rights.has(kWrite | kExecute);
    if (!is_right) std::abort();
    for (const std::byte byte : segment.file) sum = sum + std::to_integer<unsigned>(byte);
    from = segment.end();
  }
  return 0;
}
