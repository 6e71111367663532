// interface_fragments_test.cc — messages in several lines: cut, mixed with others, put together.

#include <criterion/criterion.h>

#include <vector>

#include "interfaces/fragments.hh"
#include "tests/interface_messages.hh"
#include "tests/seed.hh"
#include "urpc/simulation/random.hh"

using namespace sprat;
using namespace sprat::test;
using simulation::Random;

namespace {

using Line = urpc::Message<>;

Longest text_of(std::size_t size) {
  std::string text;
  for (std::size_t i = 0; i < size; ++i) text.push_back(static_cast<char>(i * 31 + size));
  Longest body;
  cr_assert(body.text.assign(text).ok());
  return body;
}

std::vector<Line> lines_with(std::size_t size, std::size_t call) {
  Fragments<longest, 7> fragments;
  cr_assert(fragments.encode(text_of(size)).ok());
  std::vector<Line> lines;
  for (std::size_t i = 0; i < fragments.lines(); ++i)
    lines.push_back(fragments.outgoing().line(i, call));
  return lines;
}

struct Receiver {
  Result<bool> take(const Line& line) { return assembly.add(line, room); }
  Result<Longest> body() const { return decode<longest>(std::span(room).first(assembly.words())); }

  std::array<std::uint64_t, lines_of<longest>() * 7> room;
  Assembly assembly;
};

}  // namespace

Test(interface_fragments, every_length_is_put_together_again) {
  const auto receiver = std::make_unique<Receiver>();
  for (std::size_t size = 0; size <= Longest{}.text.kMaxSize; size += 1 + size / 200) {
    const auto lines = lines_with(size, 3);
    cr_assert(lines.size() == lines_for(1 + words_for(size)));
    for (std::size_t i = 0; i < lines.size(); ++i) {
      const auto added = receiver->take(lines[i]);
      cr_assert(added.ok() && added.value() == (i + 1 == lines.size()), "%zu bytes", size);
    }
    const auto body = receiver->body();
    cr_assert(body.ok() && body.value() == text_of(size), "%zu bytes", size);
  }
}

Test(interface_fragments, a_line_says_what_it_is) {
  const auto lines = lines_with(100, 3);
  cr_assert(lines.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const LineHeader header(lines[i].header);
    cr_expect(header.get<line_header::message>() == longest.number);
    cr_expect(header.get<line_header::call>() == 3);
    cr_expect(header.get<line_header::fragment>() == i);
    cr_expect(header.get<line_header::last>() == i);
    cr_expect(!is_whole(header));
  }
  cr_expect(is_whole(LineHeader(lines_with(10, 3)[0].header)));
}

Test(interface_fragments, a_message_of_one_line_takes_no_more_words_than_it_needs) {
  Fragments<tiny, 7> fragments;
  cr_assert(fragments.encode({true, Colour::blue, 5, Size::big}).ok());
  const auto line = fragments.only_line(9);
  static_assert(Fragments<tiny, 7>::kWordsInOneLine == 1);
  cr_expect(line.header == fragments.outgoing().line(0, 9).header);
  cr_expect(line.words[0] == fragments.outgoing().line(0, 9).words[0]);
}

Test(interface_fragments, words_behind_a_message_are_zero) {
  alignas(Fragments<longest, 7>) std::array<std::byte, sizeof(Fragments<longest, 7>)> garbage;
  garbage.fill(std::byte{0x77});
  auto& fragments = *new (garbage.data()) Fragments<longest, 7>;
  cr_assert(fragments.encode(text_of(16)).ok());
  for (std::size_t word = 3; word < 7; ++word) cr_expect(fragments.only_line(0).words[word] == 0);
  cr_assert(fragments.encode(text_of(60)).ok());
  for (std::size_t word = 2; word < 7; ++word)
    cr_expect(fragments.outgoing().line(1, 0).words[word] == 0);
}

Test(interface_fragments, missing_doubled_or_foreign_fragment_is_malformed) {
  const auto lines = lines_with(300, 3);
  const auto other = lines_with(300, 4);
  cr_assert(lines.size() == 6);
  const auto receiver = std::make_unique<Receiver>();
  for (std::size_t taken = 0; taken < lines.size(); ++taken) {
    for (std::size_t next = 1; next < lines.size(); ++next) {
      for (const Line& line : {lines[next], other[next]}) {
        for (std::size_t i = 0; i < taken; ++i) cr_assert(receiver->take(lines[i]).ok());
        const bool is_right = taken == next && line == lines[next];
        cr_assert(receiver->take(line).ok() == is_right, "%zu after %zu", next, taken);
        if (!is_right)
          cr_assert(!receiver->take(lines[taken == 0 ? 1 : taken]).ok(),
                    "it continues as if nothing had happened");
      }
    }
  }
}

Test(interface_fragments, a_first_line_begins_anew) {
  const auto receiver = std::make_unique<Receiver>();
  const auto given_up = lines_with(300, 3);
  const auto lines = lines_with(100, 3);
  for (std::size_t i = 0; i < 4; ++i) cr_assert(receiver->take(given_up[i]).ok());
  cr_assert(receiver->take(lines[0]).ok());
  cr_assert(receiver->take(lines[1]).value());
  cr_expect(receiver->body().value() == text_of(100));
}

Test(interface_fragments, more_lines_than_there_is_room_for_are_malformed) {
  std::array<std::uint64_t, 3 * 7 + 2> room{};
  room[21] = room[22] = 77;
  Assembly assembly;
  Line line;
  for (std::size_t i = 0; i < 3; ++i) {
    line.header = header_of(5, 0, i, false);
    cr_assert(assembly.add(line, room).ok());
  }
  line.header = header_of(5, 0, 3, true);
  cr_expect(assembly.add(line, room).error() == Error::malformed);
  cr_expect(room[21] == 77 && room[22] == 77);
}

Test(interface_fragments, any_lines_are_taken_or_malformed) {
  const std::uint64_t seed = any_seed();
  Random random(seed);
  std::array<std::uint64_t, 4 * 7> room{};
  Assembly assembly;
  std::size_t taken = 0;
  for (int round = 0; round < 1'000'000; ++round) {
    Line line;
    line.header = header_of(random.below(2) == 0 ? 5 : 6, 0, random.below(6), random.below(4) == 0);
    const auto added = assembly.add(line, room);
    taken += added.ok();
    cr_assert(assembly.words() <= room.size(), "SPRAT_SEED=%lu", seed);
  }
  cr_expect(taken > 100'000);
}
