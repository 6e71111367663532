// boot_image.cc — the Multiboot header, or ELF program headers of either width. The file is not to be trusted.

#include "machine/boot_image.hh"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace sprat::grading {
namespace {

constexpr std::uint32_t kMagic = 0x1badb002;
constexpr std::uint32_t kHasAddresses = 1 << 16;
constexpr std::size_t kHeaderEnd = 8192;        // of the bytes that may hold it
constexpr std::uint64_t kLowestLoad = 1 << 20;  // the first MiB is the BIOS's

struct Header {
  std::uint32_t magic, flags, checksum;
  std::uint32_t header_begin, load_begin, load_end, zeros_end, entry;  // with kHasAddresses
};

template <class T>
std::optional<T> value_at(const std::string& file, std::uint64_t at) {
  if (at > file.size() || file.size() - at < sizeof(T)) return std::nullopt;
  T value;
  std::memcpy(&value, file.data() + at, sizeof value);
  return value;
}

// An image as it is read: numbers that contradict each other make it bad for good.
class Image {
 public:
  Image(const std::string& file, std::uint32_t memory_end) : file_(file), memory_end_(memory_end) {}

  // So many bytes of the file, from `at` on, are loaded at `begin`; the memory up to `end` is the kernel's.
  void add(std::uint64_t at, std::uint64_t bytes, std::uint64_t begin, std::uint64_t end) {
    const bool is_in_file = at <= file_.size() && bytes <= file_.size() - at;
    const bool is_in_memory = begin >= kLowestLoad && begin <= end && end <= memory_end_;
    if (!is_in_file || !is_in_memory || bytes > end - begin) {
      is_bad_ = true;
      return;
    }
    image_.parts.push_back({static_cast<std::uint32_t>(begin), file_.substr(at, bytes)});
    image_.end = std::max(image_.end, static_cast<std::uint32_t>(end));
  }

  std::optional<BootImage> entered_at(std::uint64_t entry) {
    auto& parts = image_.parts;
    std::ranges::sort(parts, {}, &BootImage::Part::begin);
    for (std::size_t i = 1; i < parts.size(); ++i)
      is_bad_ |= parts[i].begin - parts[i - 1].begin < parts[i - 1].bytes.size();
    image_.entry = static_cast<std::uint32_t>(entry);
    if (is_bad_ || parts.empty() || entry < kLowestLoad || entry >= memory_end_)
      return std::nullopt;
    return image_;
  }

 private:
  const std::string& file_;
  std::uint32_t memory_end_;
  BootImage image_ = {};
  bool is_bad_ = false;
};

std::optional<BootImage> image_by_addresses(const Header& header, std::uint64_t header_at,
                                            const std::string& file, Image image) {
  const std::uint64_t before = std::uint64_t{header.header_begin} - header.load_begin;
  if (header.header_begin < header.load_begin || before > header_at) return std::nullopt;
  const std::uint64_t at = header_at - before;
  const std::uint64_t bytes =
      header.load_end == 0 ? file.size() - at : std::uint64_t{header.load_end} - header.load_begin;
  const std::uint64_t loaded_end = header.load_begin + bytes;
  image.add(at, bytes, header.load_begin, std::max<std::uint64_t>(loaded_end, header.zeros_end));
  return image.entered_at(header.entry);
}

template <class Elf, class Program>
std::optional<BootImage> image_by_programs(const std::string& file, Image image) {
  const auto elf = value_at<Elf>(file, 0);
  if (!elf) return std::nullopt;
  for (std::uint64_t i = 0; i < elf->e_phnum; ++i) {
    const auto program = value_at<Program>(file, elf->e_phoff + i * sizeof(Program));
    if (!program) return std::nullopt;
    if (program->p_type != PT_LOAD || program->p_memsz == 0) continue;
    const std::uint64_t begin = program->p_paddr;
    image.add(program->p_offset, program->p_filesz, begin, begin + program->p_memsz);
  }
  return image.entered_at(elf->e_entry);
}

}  // namespace

std::optional<BootImage> read_boot_image(const std::string& file, std::uint32_t memory_end) {
  for (std::uint64_t at = 0; at < kHeaderEnd; at += sizeof(std::uint32_t)) {
    const auto words = value_at<std::array<std::uint32_t, 3>>(file, at);
    if (!words) break;
    const auto [magic, flags, checksum] = *words;
    if (magic != kMagic || magic + flags + checksum != 0) continue;
    const Image image(file, memory_end);
    if ((flags & kHasAddresses) != 0) {
      const auto header = value_at<Header>(file, at);
      return header ? image_by_addresses(*header, at, file, image) : std::nullopt;
    }
    if (!file.starts_with(ELFMAG)) return std::nullopt;
    return file[EI_CLASS] == ELFCLASS64 ? image_by_programs<Elf64_Ehdr, Elf64_Phdr>(file, image)
                                        : image_by_programs<Elf32_Ehdr, Elf32_Phdr>(file, image);
  }
  return std::nullopt;
}

}  // namespace sprat::grading
