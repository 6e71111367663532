// elf.hh — programs as files: the few things a loader needs of an ELF64 executable, after all of it has been checked.
//
// The file may come from an untrusted source. parse_elf reads the header and the program headers, which place the
// segments:
//
//   file     ┌────────┬─────────────────┬───────────────┬───────┬─────── ─ ─
//            │ header │ program headers │ text          │ data  │ (symbols)
//            └────────┴─────────────────┴───────────────┴───────┴─────── ─ ─
//                                       │               └─────────────┐
//   memory                              └▶ 0x400000 r-x ...           └▶ 0x403000 rw-, then zeros
//
// Source: Tool Interface Standard, ELF specification 1.2, book I; System V ABI, AMD64 supplement 1.0, chapter 4.

#pragma once

#include "sprat/list.hh"
#include "sprat/system_call.hh"

namespace sprat {

inline constexpr std::size_t kMaxElfSegments = 8;

// One piece of the program: `file` and then zeros, from `address` on, `memory_bytes` in all.
struct ElfSegment {
  VirtualAddress address;           // a multiple of 4 KiB
  std::span<const std::byte> file;  // at most memory_bytes
  std::uint64_t memory_bytes = 0;   // at least 1
  Rights rights;                    // kRead, and kWrite or kExecute or neither

  constexpr VirtualAddress end() const { return address + memory_bytes; }
};

struct ElfImage {
  VirtualAddress entry;  // in the file's part of a segment with kExecute
  BoundedList<ElfSegment, kMaxElfSegments> list{};

  // In the order of their addresses; no two share a page.
  constexpr std::span<const ElfSegment> segments() const { return list.items(); }
};

namespace elf {

// Where the fields are.
inline constexpr std::size_t kHeaderBytes = 64;
inline constexpr std::size_t kProgramHeaderBytes = 56;
inline constexpr std::size_t kMaxProgramHeaders = 32;

inline constexpr std::size_t kType = 16;            // 2 bytes; 2: an executable at fixed addresses
inline constexpr std::size_t kMachine = 18;         // 2; 62: x86-64
inline constexpr std::size_t kVersion = 20;         // 4; 1
inline constexpr std::size_t kEntry = 24;           // 8
inline constexpr std::size_t kProgramHeaders = 32;  // 8: offset of the first
inline constexpr std::size_t kProgramHeaderSize = 54;   // 2
inline constexpr std::size_t kProgramHeaderCount = 56;  // 2

// The same in a program header.
inline constexpr std::size_t kSegmentType = 0;      // 4
inline constexpr std::size_t kSegmentFlags = 4;     // 4; 1: execute, 2: write, 4: read
inline constexpr std::size_t kSegmentOffset = 8;    // 8
inline constexpr std::size_t kSegmentAddress = 16;  // 8
inline constexpr std::size_t kFileBytes = 32;       // 8
inline constexpr std::size_t kMemoryBytes = 40;     // 8

// Kinds of segments: loaded ones, and ones that need a feature we do not have.
inline constexpr std::uint64_t kLoad = 1, kDynamic = 2, kInterpreter = 3, kThreadLocal = 7;

// `kBytes` bytes from `offset` on, which the caller knows to be there, as a number: low byte first.
template <std::size_t kBytes>
constexpr std::uint64_t number(std::span<const std::byte> file, std::size_t offset) {
  std::uint64_t value = 0;
  for (std::size_t i = kBytes; i-- > 0;)
    value = value << 8 | std::to_integer<std::uint64_t>(file[offset + i]);
  return value;
}

// The bytes [offset, offset + bytes) are in the file.
constexpr bool holds(std::span<const std::byte> file, std::uint64_t offset, std::uint64_t bytes) {
  return offset <= file.size() && bytes <= file.size() - offset;
}

constexpr bool is_executable_of_ours(std::span<const std::byte> file) {
  // Magic number, 64 bits, low byte first, version 1.
  constexpr std::array<std::uint8_t, 7> kBeginning{0x7f, 'E', 'L', 'F', 2, 1, 1};
  if (file.size() < kHeaderBytes) return false;
  for (std::size_t i = 0; i < kBeginning.size(); ++i)
    if (std::to_integer<std::uint8_t>(file[i]) != kBeginning[i]) return false;
  return number<2>(file, kType) == 2 && number<2>(file, kMachine) == 62 &&
         number<4>(file, kVersion) == 1 &&
         number<2>(file, kProgramHeaderSize) == kProgramHeaderBytes;
}

constexpr VirtualAddress page_after(VirtualAddress end) {
  return (end + (kPageSize - 1)).round_down(kPageSize);
}

// Returns the segment that the program header at `header` describes; it must begin at or after `from`.
constexpr Result<ElfSegment> segment(std::span<const std::byte> file, std::size_t header,
                                     VirtualAddress from, VirtualAddress limit) {
  const std::uint64_t flags = number<4>(file, header + kSegmentFlags);
  const std::uint64_t offset = number<8>(file, header + kSegmentOffset);
  const VirtualAddress address(number<8>(file, header + kSegmentAddress));
  const std::uint64_t file_bytes = number<8>(file, header + kFileBytes);
  const std::uint64_t memory_bytes = number<8>(file, header + kMemoryBytes);
  const bool writes = (flags & 2) != 0, executes = (flags & 1) != 0, reads = (flags & 4) != 0;

  if (!address.is_aligned(kPageSize)) return Error::misaligned;
  if (flags > 7 || !reads || (writes && executes)) return Error::no_rights;
  if (file_bytes > memory_bytes || !holds(file, offset, file_bytes)) return Error::malformed;
  if (address < from || address >= limit || memory_bytes > limit - address)
    return Error::invalid_argument;
  return ElfSegment{address, file.subspan(offset, file_bytes), memory_bytes,
                    kRead | (writes ? kWrite : Rights()) | (executes ? kExecute : Rights())};
}

}  // namespace elf

// Returns the segments to load of `file`, an ELF64 executable for x86-64 at fixed addresses in [begin, end): multiples
// of 4 KiB. The result refers to the file's bytes. Looks at no more than 32 program headers.
//   malformed          not such a file, cut off, without a segment to load or with more than kMaxElfSegments, in need of
//                      a dynamic linker or of thread-local storage, or its entry is not in code of the file
//   misaligned         a segment does not begin at a multiple of 4 KiB
//   invalid_argument   a segment is outside of [begin, end), or they overlap or are not in order
//   no_rights          a segment that is not readable, or both writable and executable
constexpr Result<ElfImage> parse_elf(std::span<const std::byte> file,
                                     VirtualAddress begin = VirtualAddress(kPageSize),
                                     VirtualAddress end = kUserEnd) {
  if (!elf::is_executable_of_ours(file)) return Error::malformed;
  const std::uint64_t first = elf::number<8>(file, elf::kProgramHeaders);
  const std::uint64_t count = elf::number<2>(file, elf::kProgramHeaderCount);
  if (count > elf::kMaxProgramHeaders ||
      !elf::holds(file, first, count * elf::kProgramHeaderBytes)) {
    return Error::malformed;
  }

  ElfImage image{.entry = VirtualAddress(elf::number<8>(file, elf::kEntry))};
  bool entry_is_code = false;
  VirtualAddress from = begin;
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::size_t header = first + i * elf::kProgramHeaderBytes;
    const std::uint64_t type = elf::number<4>(file, header + elf::kSegmentType);
    if (type == elf::kDynamic || type == elf::kInterpreter || type == elf::kThreadLocal)
      return Error::malformed;
    if (type != elf::kLoad || elf::number<8>(file, header + elf::kMemoryBytes) == 0) continue;
    const ElfSegment found = TRY(elf::segment(file, header, from, end));
    if (!image.list.append(found)) return Error::malformed;
    from = elf::page_after(found.end());
    entry_is_code = entry_is_code || (found.rights.has(kExecute) && image.entry >= found.address &&
                                      image.entry < found.address + found.file.size());
  }
  if (!entry_is_code) return Error::malformed;
  return image;
}

}  // namespace sprat
