// command_line_test.cc — words of the form key=value.

#include "boot/command_line.hh"

#include <criterion/criterion.h>

#include <random>
#include <string>

#include "grading/guest/hex.hh"

using sprat::boot::CommandLine, sprat::evidence::hex;

Test(command_line, finds_the_last_value_of_a_key) {
  const CommandLine line("sprat.elf log=debug  seed=ff log=quiet flag empty=");
  cr_assert(line.get("log") == "quiet");
  cr_assert(line.get("flag") == "");
  cr_assert(line.get("empty") == "");
  cr_assert(!line.get("sprat.elf"), "the loader's name of the kernel is no key");
  cr_assert(!line.get("lo"));
}

Test(command_line, reads_hexadecimal_numbers) {
  const CommandLine line("a=0 b=0xfF c=ffffffffffffffff d=10000000000000000 e= f=0x g=12z h=-1");
  cr_assert_eq(hex(line, "a"), 0);
  cr_assert_eq(hex(line, "b"), 0xff);
  cr_assert_eq(hex(line, "c"), ~std::uint64_t{0});
  for (const char* key : {"d", "e", "f", "g", "h", "absent"})
    cr_assert_eq(hex(line, key), 0, "%s", key);
}

Test(command_line, survives_any_text) {
  constexpr std::uint64_t kSeed = 20261122;
  std::mt19937_64 random(kSeed);
  for (unsigned round = 0; round < 100'000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& letter : text) letter = "  ==abx0\xff"[random() % 9];
    std::size_t words = 0;
    CommandLine(text).for_each([&](std::string_view key, std::string_view value) {
      cr_assert(key.find(' ') == key.npos && value.find(' ') == value.npos, "seed %lu round %u",
                kSeed, round);
      ++words;
    });
    cr_assert(words <= text.size());
    hex(CommandLine(text), "a");
  }
}
