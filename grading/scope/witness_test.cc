// witness_test.cc — which program is trusted, how it was entered, and the lines that it was heard to say, without an
// emulator.

#include <criterion/criterion.h>

#include <cstdint>
#include <initializer_list>
#include <vector>

#include "scope/passages.hh"
#include "scope/speech.hh"
#include "scope/trust.hh"

using namespace sprat::scope;

namespace {

// A program of three instructions at 0x400000 (call 0x400010; ret; jmp *%rax), which is entered at its begin. Its speech is
// at 0x500000, with the words behind 0x500040, and speaks from 0x600000.
Trust small_program() {
  const auto trust = Trust::parse(
      "text 400000 e80b000000c3ffe0\nentry 400000\nspeech 500000 500400\nwords 500040 500400\n"
      "line 600000 600400\n");
  cr_assert(trust.has_value());
  return *trust;
}

constexpr std::uint64_t kSpeech = 0x500000, kWords = 0x500040, kElsewhere = 0x400000;

// Says words as the code of the speech does: from outside of the words to each.
void say(Speech& speech, std::initializer_list<int> words) {
  for (const int word : words) {
    speech.block(kSpeech);
    speech.block(kWords + static_cast<unsigned>(word) * 16);
    speech.word(static_cast<std::uint16_t>(word));
  }
}

// An attempt to say "A" from ring 3.
void say_a(Speech& speech, int attempt) {
  say(speech, {kWordBegin + attempt, kWordRing + 3, 4, 1, kWordEnd});
}

}  // namespace

Test(trust, is_in_bytes_at_their_address) {
  const Trust trust = small_program();
  const std::vector<std::uint8_t> call = {0xe8, 0x0b, 0, 0, 0}, jump = {0xff, 0xe0};
  cr_expect(trust.holds(0x400000, call));
  cr_expect(trust.holds(0x400006, jump));
  cr_expect_not(trust.holds(0x400001, call), "the same bytes elsewhere");
  cr_expect_not(trust.holds(0x400006, std::vector<std::uint8_t>{0xff, 0xe1}), "other bytes");
  cr_expect_not(trust.holds(0x400006, std::vector<std::uint8_t>{0xff, 0xe0, 0}), "beyond the end");
  cr_expect_not(trust.holds(0x3fffff, std::vector<std::uint8_t>{0xe8}));
}

Test(trust, needs_lines_of_the_known_forms) {
  for (const char* text :
       {"", "entry 400000\n", "text 400000 e8f\n", "text 400000\n", "text x e8\n",
        "text 400000 e8\nspeech 2 1\n", "text 400000 e8\nmagic 1 2\n"})
    cr_expect_not(Trust::parse(text).has_value(), "%s", text);
}

Test(passages, lead_to_entries_and_to_where_the_program_was_left) {
  const Trust trust = small_program();
  Passages passages(trust);
  const std::vector<std::uint8_t> call = {0xe8, 0x0b, 0, 0, 0};
  TrustedBlock first{.begin = 0x400000, .places = {0x400000}}, target{.begin = 0x400010},
      behind{.begin = 0x400005}, middle{.begin = 0x400006};
  add_places_behind(first, 0x400000, call);
  passages.trusted(first);  // its entry
  passages.untrusted();
  for (const TrustedBlock* block : {&first, &target, &behind}) {
    passages.trusted(*block);  // again, or at the target, or behind it
    passages.untrusted();
  }
  cr_expect_eq(passages.intrusions().count, 0);
  passages.trusted(middle);
  cr_expect_eq(passages.intrusions().count, 1);
  cr_expect_eq(passages.intrusions().first_at, 0x400006);
  passages.trusted(behind);
  cr_expect_eq(passages.intrusions().count, 1, "from trusted code to trusted code");
}

Test(passages, behind_a_jump_to_anywhere_lead_anywhere_once_but_not_into_the_speech) {
  const Trust trust = small_program();
  Passages passages(trust);
  TrustedBlock jump{.begin = 0x400000, .places = {0x400000}}, somewhere{.begin = 0x400333},
      speech{.begin = kSpeech};
  add_places_behind(jump, 0x400006, std::vector<std::uint8_t>{0xff, 0xe0});
  passages.trusted(jump);
  passages.untrusted();
  passages.trusted(speech);
  cr_expect_eq(passages.intrusions().count, 1);
  passages.untrusted();
  passages.trusted(somewhere);
  cr_expect_eq(passages.intrusions().count, 1);
  passages.untrusted();
  passages.trusted(somewhere);
  cr_expect_eq(passages.intrusions().count, 2, "a second time");
}

Test(speech, is_heard_if_one_attempt_of_each_piece_is_whole) {
  const Trust trust = small_program();
  Speech speech(trust);
  for (int attempt = 0; attempt < 3; ++attempt) say_a(speech, attempt);
  cr_expect_str_eq(speech.report().text.c_str(), "A");
  say(speech, {kWordBegin, kWordRing + 3, 4});
  speech.other_block();  // an interrupt
  say(speech, {2, kWordEnd});
  say(speech, {kWordBegin + 1, kWordRing + 3, 4, 2, kWordEnd});
  cr_expect_str_eq(speech.report().text.c_str(), "AB");
  cr_expect_eq(speech.report().pieces, 2);
  cr_expect_eq(speech.report().spoiled, 0);
  cr_expect_eq(speech.report().differing, 0);
  cr_expect_eq(speech.report().rings, 1 << 3);
}

Test(speech, is_spoiled_by_anything_in_between) {
  const Trust trust = small_program();
  for (int which = 0; which < 4; ++which) {
    Speech speech(trust);
    say(speech, {kWordBegin, kWordRing + 3, 4});
    if (which == 0) speech.other_block();
    if (which == 1) speech.block(kElsewhere);  // trusted code, but not the speech's
    if (which == 2) speech.read(0x600400);     // a letter from elsewhere
    if (which == 3) speech.word(1);            // by a return from one word to the next
    say(speech, {1, kWordEnd});
    cr_expect_eq(speech.report().text.size(), 0, "%d", which);
    cr_expect_eq(speech.report().spoiled, 1, "%d", which);
  }
}

Test(speech, tells_attempts_that_differ_and_its_ring) {
  const Trust trust = small_program();
  Speech speech(trust);
  say_a(speech, 0);
  say(speech, {kWordBegin + 1, kWordRing + 0, 4, 2, kWordEnd});
  cr_expect_eq(speech.report().differing, 1);
  cr_expect_eq(speech.report().rings, (1 << 3) | (1 << 0));
}
