// boot_image_test.cc — which kernels the loader of Bochs' disc loads, and where it puts them.

#include "machine/boot_image.hh"

#include <criterion/criterion.h>

#include <cstring>
#include <string>
#include <vector>

#include "places.hh"

using namespace sprat::grading;

namespace {

constexpr std::uint32_t kMemoryEnd = 32 << 20;
constexpr std::uint32_t kMagic = 0x1badb002, kFlags = 1 << 16;

// A file of 4096 bytes with a header at 64; `addresses` are header_addr, load_addr, load_end_addr, bss_end_addr, entry_addr.
std::string kernel_with(const std::vector<std::uint32_t>& addresses) {
  std::string file(4096, 'x');
  std::vector<std::uint32_t> words = {kMagic, kFlags, -(kMagic + kFlags)};
  words.insert(words.end(), addresses.begin(), addresses.end());
  std::memcpy(file.data() + 64, words.data(), words.size() * sizeof(words[0]));
  return file;
}

bool is_loaded(const std::vector<std::uint32_t>& addresses) {
  return read_boot_image(kernel_with(addresses), kMemoryEnd).has_value();
}

}  // namespace

Test(boot_image, is_where_its_header_says) {
  const auto image =
      read_boot_image(kernel_with({0x200020, 0x200000, 0x200100, 0x203000, 0x200040}), kMemoryEnd);
  cr_assert(image && image->parts.size() == 1);
  cr_assert(image->parts[0].begin == 0x200000 && image->parts[0].bytes.size() == 0x100);
  cr_assert(image->parts[0].bytes.substr(0x20, 4) == std::string("\x02\xb0\xad\x1b"));
  cr_assert(image->end == 0x203000 && image->entry == 0x200040);
}

Test(boot_image, is_where_its_elf_headers_say) {
  const auto image = read_boot_image(places::content_of(places::guest()), kMemoryEnd);
  cr_assert(image && !image->parts.empty() && image->parts[0].begin == 0x100000);
}

Test(boot_image, with_addresses_that_contradict_each_other_is_none) {
  cr_assert(is_loaded({0x200020, 0x200000, 0x200100, 0, 0x200040}));
  cr_assert(!is_loaded({0x200000, 0x200020, 0x200100, 0, 0x200040}),
            "the header lies before the loaded bytes");
  cr_assert(!is_loaded({0x200080, 0x200000, 0x200100, 0, 0x200040}), "begins before the file");
  cr_assert(!is_loaded({0x200020, 0x200000, 0x1fff00, 0, 0x200040}), "ends before it begins");
  cr_assert(!is_loaded({0x200020, 0x200000, 0x202000, 0, 0x200040}), "more than the file");
  cr_assert(!is_loaded({0x8020, 0x8000, 0x8100, 0, 0x8040}), "over the BIOS");
  cr_assert(!is_loaded({0x200020, 0x200000, 0x200100, kMemoryEnd + 1, 0x200040}), "over the end");
  cr_assert(!is_loaded({0x200020, 0x200000, 0x200100, 0, 64}), "entered outside");
}

Test(boot_image, without_a_whole_header_is_none) {
  cr_assert(!read_boot_image("", kMemoryEnd));
  cr_assert(!read_boot_image(kernel_with({}).substr(0, 76), kMemoryEnd));
  cr_assert(!read_boot_image(std::string(4096, 'x'), kMemoryEnd));
}
