// fragments_test.cc — exercise 6: messages cut into lines, mixed, put together; and lines that no correct peer sends.

#include <algorithm>
#include <optional>

#include "conversation.hh"
#include "lab/probe.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

constexpr std::size_t kLineKinds[] = {7, 4};  // words of a line: of URPC and of LRPC
constexpr unsigned kText = 5;                 // the message's number
constexpr unsigned kMostFragments = 128;

// A line, and the fields of its header (user/interfaces/fragments.hh).
struct TextLine {
  unsigned message = 0, call = 0, fragment = 0;
  bool is_last = false;
  std::vector<std::uint64_t> words;

  std::uint32_t header() const {
    return message | call << 8 | fragment << 24 | static_cast<std::uint32_t>(is_last) << 31;
  }
};

std::string joined(const std::vector<std::uint64_t>& words) {
  std::string text;
  for (const std::uint64_t word : words) text += (text.empty() ? "" : ",") + bare(word);
  return text;
}

std::vector<std::uint8_t> random_bytes(Trial& trial, std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  // No word is zero, so that a missing one is seen.
  for (std::uint8_t& byte : bytes) byte = static_cast<std::uint8_t>(1 + trial.below(255));
  return bytes;
}

// The words of a message of this text: its length, and eight bytes in each.
std::vector<std::uint64_t> words_of_text(const std::vector<std::uint8_t>& bytes) {
  std::vector<std::uint64_t> words{bytes.size()};
  words.resize(1 + (bytes.size() + 7) / 8);
  for (std::size_t i = 0; i < bytes.size(); ++i)
    words[1 + i / 8] |= std::uint64_t{bytes[i]} << 8 * (i % 8);
  return words;
}

std::vector<TextLine> lines_of_words(std::vector<std::uint64_t> words, std::size_t line_words,
                                     unsigned call) {
  std::vector<TextLine> lines;
  words.resize((words.size() + line_words - 1) / line_words * line_words);
  for (std::size_t begin = 0; begin < words.size(); begin += line_words) {
    const auto from = words.begin() + static_cast<std::ptrdiff_t>(begin);
    lines.push_back({kText,
                     call,
                     static_cast<unsigned>(lines.size()),
                     begin + line_words == words.size(),
                     {from, from + static_cast<std::ptrdiff_t>(line_words)}});
  }
  return lines;
}

// Any message of `lines` lines.
std::vector<TextLine> random_lines(Trial& trial, std::size_t lines, std::size_t line_words,
                                   unsigned call) {
  return lines_of_words(
      words_of_text(random_bytes(trial, (lines * line_words - 1) * 8 - trial.below(8))), line_words,
      call);
}

std::string cut(Trial& trial, const std::vector<std::uint8_t>& bytes, std::size_t line_words,
                unsigned call) {
  std::string question = "cut " + bare(line_words) + " " + bare(call);
  for (const std::uint8_t byte : bytes) question += " " + bare(byte);
  return trial.ask(question);
}

// Lengths of texts around the ends of words and lines, and some others.
std::vector<std::size_t> lengths(Trial& trial, std::size_t line_words) {
  std::vector<std::size_t> result{0, 1, 7, 8, 9};
  const std::size_t line_bytes = line_words * 8;
  for (const std::size_t lines : {1, 2, 3, 10})
    for (const std::size_t more : {0, 1, 7, 8}) result.push_back(lines * line_bytes - 8 + more);
  for (int i = 0; i < 20; ++i) result.push_back(trial.below(700));
  return result;
}

// The lines as the code under test has cut them; fails the test unless there are as many as there must be.
std::vector<std::vector<std::uint64_t>> parts_of(Trial& trial, const std::string& answer,
                                                 std::size_t lines, std::size_t line_words) {
  std::vector<std::vector<std::uint64_t>> parts;
  std::istringstream words(answer);
  std::string word;
  words >> word;
  if (word != "ok") trial.wrong("ok, and the lines", answer);
  while (words >> word) {
    std::vector<std::uint64_t> part;
    std::istringstream numbers(word);
    for (std::string number; std::getline(numbers, number, ',');)
      part.push_back(std::stoull(number, nullptr, 16));
    if (part.size() != 1 + line_words) trial.wrong("a header and the words of a line", word);
    parts.push_back(part);
  }
  trial.expect_equal("lines of the message", std::to_string(lines), std::to_string(parts.size()));
  return parts;
}

// An assembly of the code under test, with room for some words.
class Heap {
 public:
  Heap(Trial& trial, std::string name, std::size_t line_words, std::size_t room)
      : trial_(trial), name_(std::move(name)), line_words_(line_words) {
    trial_.ask("assembly " + name_ + " " + bare(room));
  }

  std::string add(const TextLine& line) {
    std::string question = "add " + name_ + " " + bare(line_words_) + " " + bare(line.header());
    for (const std::uint64_t word : line.words) question += " " + bare(word);
    return trial_.ask(question);
  }

  void expect(const TextLine& line, const std::string& right) {
    const std::string came = add(line);
    if (came == right) return;
    trial_.wrong("line " + std::to_string(line.fragment) + (line.is_last ? ", the last" : "") +
                     " of call " + std::to_string(line.call) + ": " + right.substr(0, 100),
                 came.substr(0, 100));
  }

  // The lines of one message, from line `first` on.
  void expect_whole(const std::vector<TextLine>& lines, std::size_t first = 0) {
    std::vector<std::uint64_t> words;
    for (const TextLine& line : lines) {
      words.insert(words.end(), line.words.begin(), line.words.end());
      if (first != 0) {
        --first;
      } else {
        expect(line, line.is_last ? "ok " + joined(words) : "ok more");
      }
    }
  }

 private:
  Trial& trial_;
  std::string name_;
  std::size_t line_words_;
};

}  // namespace

LAB_TEST(fragments, message_is_cut_into_lines_with_the_right_headers, "host") {
  for (const std::size_t line_words : kLineKinds) {
    for (const std::size_t length : lengths(trial, line_words)) {
      const auto bytes = random_bytes(trial, length);
      const auto call = static_cast<unsigned>(trial.below(1 << 16));
      const auto words = words_of_text(bytes);
      const auto right = lines_of_words(words, line_words, call);
      const auto parts =
          parts_of(trial, cut(trial, bytes, line_words, call), right.size(), line_words);
      for (std::size_t i = 0; i < parts.size(); ++i) {
        const std::string name = "line " + std::to_string(i) + " of " +
                                 std::to_string(parts.size()) + " of call " + std::to_string(call);
        trial.expect_equal("the header of " + name, bare(right[i].header()), bare(parts[i][0]));
        for (std::size_t word = 0; word < std::min(line_words, words.size() - i * line_words);
             ++word)
          trial.expect_equal("word " + std::to_string(word) + " of " + name,
                             bare(right[i].words[word]), bare(parts[i][1 + word]));
      }
    }
  }
}

LAB_TEST(fragments, rest_of_the_last_line_is_zero, "host") {
  for (const std::size_t line_words : kLineKinds) {
    for (const std::size_t length : lengths(trial, line_words)) {
      const auto bytes = random_bytes(trial, length);
      auto right = words_of_text(bytes);
      const std::size_t words = right.size();
      const std::size_t lines = (words + line_words - 1) / line_words;
      right.resize(lines * line_words);
      const auto parts = parts_of(trial, cut(trial, bytes, line_words, 1), lines, line_words);
      for (std::size_t word = words - 1; word < right.size(); ++word)
        trial.expect_equal("word " + std::to_string(word) + ", at the end of the " +
                               std::to_string(words) + " of the message",
                           bare(right[word]),
                           bare(parts[word / line_words][1 + word % line_words]));
    }
  }
}

LAB_TEST(fragments, messages_of_any_length_are_put_together, "host") {
  for (const std::size_t line_words : kLineKinds) {
    Heap heap(trial, "a", line_words, kMostFragments * line_words);
    for (const std::size_t lines : {1, 2, 3, 5, 17, 127, 128, 2, 1})
      heap.expect_whole(
          random_lines(trial, lines, line_words, static_cast<unsigned>(trial.below(1 << 16))));
  }
}

// Lines of several calls interleave; those of a call are added to its own assembly, as Calls does it.
LAB_TEST(fragments, calls_with_interleaved_lines_are_put_together, "host") {
  constexpr unsigned kCalls = 5;
  for (const std::size_t line_words : kLineKinds) {
    std::vector<Heap> heaps;
    std::vector<std::vector<TextLine>> messages(kCalls);
    std::vector<std::size_t> next(kCalls);
    for (unsigned call = 0; call < kCalls; ++call)
      heaps.emplace_back(trial, "call" + std::to_string(call), line_words, 8 * line_words);
    for (int step = 0; step < 400; ++step) {
      const auto call = static_cast<unsigned>(trial.below(kCalls));
      auto& lines = messages[call];
      if (next[call] == lines.size()) {
        lines = random_lines(trial, 1 + trial.below(8), line_words, call);
        next[call] = 0;
      }
      const TextLine& line = lines[next[call]++];
      if (line.is_last) {
        heaps[call].expect_whole(lines, lines.size() - 1);
      } else {
        heaps[call].expect(line, "ok more");
      }
    }
  }
}

LAB_TEST(fragments, line_that_is_not_the_next_is_malformed, "host") {
  constexpr std::size_t kLines = 5;
  for (const std::size_t line_words : kLineKinds) {
    Heap heap(trial, "a", line_words, kLines * line_words);
    const auto lines = random_lines(trial, kLines, line_words, 300);
    for (std::size_t taken = 0; taken < kLines; ++taken) {
      std::vector<TextLine> wrong;
      for (std::size_t other = 1; other < kLines; ++other)
        if (other != taken) wrong.push_back(lines[other]);
      if (taken != 0) {
        for (TextLine line : {lines[taken], lines[taken], lines[taken]}) {
          line.call += wrong.size() % 3 == 0 ? 1 : 0;
          line.message += wrong.size() % 3 == 1 ? 1 : 0;
          line.fragment += wrong.size() % 3 == 2 ? 64 : 0;
          wrong.push_back(line);
        }
      }
      for (const TextLine& line : wrong) {
        for (std::size_t i = 0; i < taken; ++i) heap.expect(lines[i], "ok more");
        heap.expect(line, "error malformed");
        // After an error, not even the right line is taken.
        const std::size_t right = taken == 0 ? 1 : taken;
        heap.expect(lines[right], "error malformed");
      }
    }
  }
}

// A message that was abandoned in the middle, or malformed, is followed by the first line of another.
LAB_TEST(fragments, first_line_begins_a_new_message, "host") {
  for (const std::size_t line_words : kLineKinds) {
    Heap heap(trial, "a", line_words, 6 * line_words);
    for (int round = 0; round < 30; ++round) {
      const auto given_up = random_lines(trial, 6, line_words, 3);
      const std::size_t sent = trial.below(6);
      for (std::size_t i = 0; i < sent; ++i) heap.expect(given_up[i], "ok more");
      if (trial.below(2) == 0) heap.expect(given_up[sent < 4 ? sent + 2 : 1], "error malformed");
      heap.expect_whole(random_lines(trial, 1 + trial.below(6), line_words,
                                     static_cast<unsigned>(3 + trial.below(2))));
    }
  }
}

LAB_TEST(fragments, line_without_room_is_malformed, "host") {
  for (const std::size_t line_words : kLineKinds) {
    for (std::size_t room = 0; room < 4 * line_words; ++room) {
      Heap heap(trial, "a", line_words, room);
      const auto lines = random_lines(trial, 5, line_words, 3);
      const std::size_t fit = room / line_words;
      for (std::size_t i = 0; i < fit; ++i) heap.expect(lines[i], "ok more");
      heap.expect(lines[fit], "error malformed");
      if (fit + 1 < lines.size()) heap.expect(lines[fit + 1], "error malformed");
      if (fit != 0) heap.expect(lines[0], "ok more");
    }
  }
}

// Random lines, beside a model.
LAB_TEST(fragments, random_lines_are_taken_or_malformed, "host") {
  constexpr std::size_t kRoomLines = 4;
  for (const std::size_t line_words : kLineKinds) {
    Heap heap(trial, "a", line_words, kRoomLines * line_words + trial.below(line_words));
    std::optional<TextLine> expected;
    std::vector<std::uint64_t> words;
    for (int step = 0; step < 1500; ++step) {
      TextLine line{static_cast<unsigned>(5 + trial.below(8) / 7),
                    static_cast<unsigned>(trial.below(8) / 7),
                    static_cast<unsigned>(trial.below(6)),
                    trial.below(4) == 0,
                    {}};
      if (expected && trial.below(3) != 0) line.fragment = expected->fragment;
      for (std::size_t i = 0; i < line_words; ++i) line.words.push_back(trial.random()());
      if (line.fragment == 0) {
        words.clear();
        expected = line;
      }
      const bool is_right = expected && expected->message == line.message &&
                            expected->call == line.call && expected->fragment == line.fragment &&
                            words.size() < kRoomLines * line_words;
      if (!is_right) {
        heap.expect(line, "error malformed");
        expected.reset();
        continue;
      }
      words.insert(words.end(), line.words.begin(), line.words.end());
      heap.expect(line, line.is_last ? "ok " + joined(words) : "ok more");
      expected->fragment = line.fragment + 1;
      if (line.is_last) expected.reset();
    }
  }
}

// ---- on machines (../probe/fragments.cc)

LAB_TEST(fragments, texts_to_another_core_arrive_several_at_once, "qemu") {
  constexpr std::uint64_t kTexts = 200;
  sprat::grading::Boot boot = lab::probe("texts");
  boot.cpus = 2;
  boot.arg = bare(kTexts);
  const auto booted = trial.boot(boot);
  std::uint64_t sum = 0;
  for (std::uint64_t text = 0; text < kTexts; ++text) {
    Sequence numbers(booted.seed + text);
    std::uint64_t digest = 0;
    for (std::uint64_t left = numbers.next() % 1001; left != 0; --left)
      digest = Sequence(digest ^ static_cast<std::uint8_t>(numbers.next())).next();
    sum += digest;
  }
  lab::expect_answers(trial, booted, {{"arrived", lab::sixteen(sum) + " 0"}});
}
