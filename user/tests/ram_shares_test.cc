// ram_shares_test.cc — the RAM with which cores begin, as it is asked for (monitor/ram_shares.hh).

#include "monitor/ram_shares.hh"

#include <criterion/criterion.h>

#include <array>
#include <random>
#include <string>
#include <vector>

#include "tests/seed.hh"

using namespace sprat;
using monitor::read_ram_shares;

namespace {

constexpr std::uint64_t kMib = 128;

std::vector<unsigned> read(std::string_view text) {
  std::vector<unsigned> bits(4, 24);
  const auto result = read_ram_shares(text, kMib, bits);
  cr_assert(result.ok(), "%s: %s", std::string(text).c_str(),
            std::string(name_of(result.error())).c_str());
  return bits;
}
Error error_of(std::string_view text) {
  std::vector<unsigned> bits(4, 24);
  const auto result = read_ram_shares(text, kMib, bits);
  cr_assert(!result.ok(), "%s is taken", std::string(text).c_str());
  return result.error();
}

}  // namespace

Test(ram_shares, each_named_core_gets_its_own_and_the_others_keep_theirs) {
  cr_expect(read("1:32") == (std::vector<unsigned>{24, 25, 24, 24}));
  cr_expect(read("3:4,1:64") == (std::vector<unsigned>{24, 26, 24, 22}));
  cr_expect(read("0:80") == (std::vector<unsigned>{24, 24, 24, 24}),
            "exactly the rest is left to core 0");
}

Test(ram_shares, malformed_text_is_refused) {
  for (const char* const text : {"",
                                 ",",
                                 "1",
                                 "1:",
                                 ":8",
                                 "1:8,",
                                 ",1:8",
                                 "1:8,,2:8",
                                 "1:8;2:8",
                                 "1:8:8",
                                 "a:8",
                                 "1:b",
                                 "-1:8",
                                 "1:8,1:8",
                                 "0:1,0:1",
                                 "1:12",
                                 "1:2",
                                 "1:0",
                                 "1:2048",
                                 "1:18446744073709551616",
                                 "1:999999999999999999"})
    cr_expect(error_of(text) == Error::invalid_argument, "%s", text);
}

Test(ram_shares, cores_that_are_not_there_are_not_found) {
  for (const char* const text : {"4:8", "64:8", "999999999999999999:8"})
    cr_expect(error_of(text) == Error::not_found, "%s", text);
}

Test(ram_shares, more_than_there_is_is_refused) {
  for (const char* const text : {"1:128", "0:81", "0:999999999999999999", "1:64,2:64"})
    cr_expect(error_of(text) == Error::out_of_memory, "%s", text);
}

Test(ram_shares, random_text_is_read_or_refused) {
  const std::uint64_t seed = test::any_seed();
  std::mt19937_64 random(seed);
  constexpr std::string_view kLetters = "0123456789:,:,18 x";
  for (int round = 0; round < 20'000; ++round) {
    std::string text(random() % 12, ' ');
    for (char& letter : text) letter = kLetters[random() % kLetters.size()];
    std::array<unsigned, 4> bits{24, 24, 24, 24};
    if (!read_ram_shares(text, kMib, bits)) continue;
    std::uint64_t sum = 0;
    for (const unsigned each : std::span(bits).subspan(1)) {
      cr_assert(each >= monitor::kLeastRamBits && each <= monitor::kMostRamBits,
                "%s, SPRAT_SEED=%lu", text.c_str(), seed);
      sum += std::uint64_t{1} << each;
    }
    cr_assert(sum <= kMib << 20, "%s, SPRAT_SEED=%lu", text.c_str(), seed);
  }
}
