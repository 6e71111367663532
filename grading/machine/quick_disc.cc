// quick_disc.cc — see quick_disc.hh.
//
//   sector  17             18             19       20 …
//           boot record -> boot catalog -> loader   parts, in ascending order of their places in memory
//
// The first two are how a BIOS finds what to load of a disc ("El Torito", 1995); it asks for no file system.

#include "machine/quick_disc.hh"

#include <algorithm>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "machine/boot_files.hh"
#include "machine/boot_image.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

constexpr std::uint8_t kLoader[] = {
#include "grading/machine/quick_loader.inc"
};

constexpr std::size_t kSector = 2048, kPage = 4096;
constexpr std::size_t kRecord = 17, kCatalog = 18, kLoaderSector = 19, kFirstPart = 20;
static_assert(sizeof kLoader == kSector);

// In the loader's sector.
constexpr std::size_t kEntry = 1024, kInformation = 1028, kParts = 1032;
constexpr std::size_t kMostParts = (kSector - kParts) / 12 - 1;

constexpr std::uint32_t kFirmwareBytes = 1 << 20;  // at the end of memory: the BIOS's tables
constexpr std::uint32_t kMapBytes = 40 * 24;       // the loader takes so much of the memory map

using Part = BootImage::Part;

std::string bytes_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

template <class Number>
void put(std::string& bytes, std::size_t at, Number number) {
  for (std::size_t i = 0; i < sizeof number; ++i)
    bytes[at + i] = static_cast<char>(std::uint64_t{number} >> (8 * i));
}

std::uint32_t rounded_up(std::uint64_t number, std::uint64_t unit) {
  return static_cast<std::uint32_t>((number + unit - 1) / unit * unit);
}

// All that is in memory when the kernel is entered.
class Memory {
 public:
  Memory(const BootImage& kernel, std::uint32_t end)
      : parts_(kernel.parts), next_(kernel.end), end_(end) {}

  // Puts the bytes at the next page, and returns where that is.
  std::uint32_t add(std::string bytes) {
    const std::uint32_t begin = rounded_up(next_, kPage);
    if (begin > end_ || bytes.size() > end_ - begin)
      throw MachineError("kernel and modules do not fit into memory; give the machine more");
    next_ = begin + static_cast<std::uint32_t>(bytes.size());
    parts_.push_back({begin, std::move(bytes)});
    return begin;
  }

  // The next page, where a part that is added next will begin.
  std::uint32_t next() const { return rounded_up(next_, kPage); }
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::vector<Part> parts_;
  std::uint32_t next_, end_;
};

// Adds the Multiboot information, and what it points to (section 3.3), and returns where it is.
std::uint32_t add_information(const MachineConfig& config, Memory& memory) {
  struct Module {
    std::uint32_t begin, end;
    std::string string;
  };
  std::vector<Module> modules;
  for (const BootModule& module : config.modules) {
    std::string bytes = bytes_of(module.file);
    const auto size = static_cast<std::uint32_t>(bytes.size());
    const std::uint32_t begin = memory.add(std::move(bytes));
    modules.push_back({begin, begin + size, module.string});
  }

  constexpr std::size_t kFixed = 52, kEntryBytes = 16;
  constexpr std::uint32_t kFlags = 1 << 2 | 1 << 3 | 1 << 6;  // command line, modules, map
  const std::uint32_t begin = memory.next();
  std::string bytes(kFixed + kMapBytes + modules.size() * kEntryBytes, '\0');
  const auto add_string = [&](const std::string& string) {
    const auto place = static_cast<std::uint32_t>(begin + bytes.size());
    bytes.append(string).push_back('\0');
    return place;
  };
  put(bytes, 0, kFlags);
  put(bytes, 16, add_string(kernel_line(config)));
  put(bytes, 20, static_cast<std::uint32_t>(modules.size()));
  std::size_t at = kFixed + kMapBytes;
  put(bytes, 24, static_cast<std::uint32_t>(begin + at));
  put(bytes, 48,
      static_cast<std::uint32_t>(begin + kFixed));  // of the map; the loader adds its size
  for (const Module& module : modules) {
    put(bytes, at, module.begin);
    put(bytes, at + 4, module.end);
    put(bytes, at + 8, add_string(module.string));
    at += kEntryBytes;
  }
  return memory.add(bytes);
}

class Disc {
 public:
  void put_sector(std::size_t sector, std::string_view bytes) {
    const std::size_t begin = sector * kSector;
    bytes_.resize(std::max<std::size_t>(bytes_.size(), rounded_up(begin + bytes.size(), kSector)));
    bytes.copy(bytes_.data() + begin, bytes.size());
  }

  void write(const fs::path& file) const {
    std::ofstream out(file, std::ios::binary);
    out.write(bytes_.data(), static_cast<std::streamsize>(bytes_.size()));
    if (!out.flush()) throw MachineError("cannot write " + file.string() + "; is the disk full?");
  }

 private:
  std::string bytes_;
};

std::string boot_record() {
  std::string sector(kSector, '\0');
  constexpr std::string_view kIdentifier("CD001\1EL TORITO SPECIFICATION");
  kIdentifier.copy(sector.data() + 1, kIdentifier.size());
  put(sector, 71, static_cast<std::uint32_t>(kCatalog));
  return sector;
}

std::string boot_catalog() {
  std::string sector(kSector, '\0');
  put(sector, 0, std::uint8_t{1});         // of a PC
  put(sector, 28, std::uint16_t{0x55aa});  // so that the sum of these 16 words is 0
  put(sector, 30, std::uint16_t{0xaa55});
  put(sector, 32, std::uint8_t{0x88});  // bootable, and no image of another disc
  put(sector, 38, static_cast<std::uint16_t>(kSector / 512));
  put(sector, 40, static_cast<std::uint32_t>(kLoaderSector));
  return sector;
}

}  // namespace

void write_quick_disc(const MachineConfig& config, const fs::path& disc) {
  const auto memory_end = static_cast<std::uint32_t>(config.memory_mib << 20) - kFirmwareBytes;
  std::string loader(reinterpret_cast<const char*>(kLoader), kSector);
  Disc made;
  if (const auto kernel = read_boot_image(bytes_of(config.kernel), memory_end)) {
    Memory memory(*kernel, memory_end);
    put(loader, kEntry, kernel->entry);
    put(loader, kInformation, add_information(config, memory));
    if (memory.parts().size() > kMostParts)
      throw MachineError("there are too many modules; " + std::to_string(kMostParts) +
                         " parts fit on a disc for Bochs");
    std::size_t at = kParts, sector = kFirstPart;
    for (const Part& part : memory.parts()) {
      const std::size_t sectors = rounded_up(part.bytes.size(), kSector) / kSector;
      if (sectors == 0) continue;
      made.put_sector(sector, part.bytes);
      for (const std::size_t number : {sector, sectors, std::size_t{part.begin}}) {
        put(loader, at, static_cast<std::uint32_t>(number));
        at += 4;
      }
      sector += sectors;
    }
  }
  made.put_sector(kRecord, boot_record());
  made.put_sector(kCatalog, boot_catalog());
  made.put_sector(kLoaderSector, loader);
  made.write(disc);
}

}  // namespace sprat::grading
