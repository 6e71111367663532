// fragments.cc — exercise 6: long messages through short lines, several at once.

#include "interfaces/fragments.hh"

#include "pair.hh"
#include "sprat/region.hh"
#include "urpc/epoch.hh"

namespace sprat::probe {
namespace {

struct Text {
  Bytes<1000> text;
};
constexpr Notice letter{"letter", 9, field("text", &Text::text)};
using Cut = Fragments<letter, urpc::kPayloadWords>;
using Room = std::array<std::uint64_t, lines_of<letter>() * urpc::kPayloadWords>;

constexpr std::size_t kSlots = 16, kOpen = 4;  // messages that are on their way at once

// The text of letter number `number` of this boot.
void write_letter(std::uint64_t number, Text& body) {
  evidence::Sequence sequence(words().get_hex("seed").value_or(0) + number);
  std::array<char, Bytes<1000>::kMaxSize> bytes;
  const std::size_t size = sequence.next() % (bytes.size() + 1);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(sequence.next());
  must(body.text.assign({bytes.data(), size}), "a letter");
}

std::uint64_t digest_of(const Text& body) {
  Digest digest;
  for (const char byte : body.text.text()) digest.add(static_cast<unsigned char>(byte));
  return digest.value();
}

// One that is sent line by line, while others are.
struct OpenLetter {
  Cut cut;
  std::size_t lines = 0, sent = 0;

  void open(std::uint64_t number) {
    Text body;
    write_letter(number, body);
    must(cut.encode(body), "encoding it");
    lines = cut.lines();
    sent = 0;
  }
};

template <class Do>
void until_done(Do attempt) {
  if (!poll_for(attempt)) give_up("a line", Error::again);
}

void send_all(urpc::Epoch& end, std::uint64_t letters) {
  evidence::Sequence mood(letters);
  std::array<OpenLetter, kOpen> open;
  std::uint64_t opened = 0;
  for (std::uint64_t done = 0; done < letters;) {
    const std::size_t call = mood.next() % kOpen;
    OpenLetter& letter_now = open[call];
    if (letter_now.sent == letter_now.lines) {
      if (opened == letters) continue;
      letter_now.open(opened++);
    }
    const auto line = letter_now.cut.outgoing().line(letter_now.sent, call);
    until_done([&] {
      if (end.send(line)) return true;
      return false;
    });
    if (++letter_now.sent == letter_now.lines) ++done;
  }
}

// What has come, each letter's digest added, so that their order does not matter; or an error.
Result<std::uint64_t> receive_all(urpc::Epoch& end, std::uint64_t letters) {
  std::array<Room, kOpen> rooms;
  std::array<Assembly, kOpen> assemblies;
  std::uint64_t sum = 0;
  while (letters != 0) {
    urpc::Message<> line;
    until_done([&] { return end.receive(line).ok(); });
    const std::size_t call = LineHeader(line.header).get<line_header::call>();
    if (call >= kOpen) return Error::invalid_argument;
    const auto added = assemblies[call].add(line, rooms[call]);
    if (!added) return added.error();
    if (!added.value()) continue;
    const auto body = decode<letter>(std::span(rooms[call]).first(assemblies[call].words()));
    if (!body) return body.error();
    sum += digest_of(body.value());
    --letters;
  }
  return sum;
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// As many letters as arg= says go to the other core, up to four at once.
PROBE(letters) {
  Pairs pairs;
  urpc::Epoch end(pairs[0].view(kSlots));
  pairs[0].ask();
  send_all(end, words().get_hex("arg").value_or(0));
  pairs[0].wait_for_answer();
  const auto& board = pairs[0].board().words;
  session.answer("arrived", VirtualAddress(board[0].load()), board[1].load());
}
PROBE_ON_OTHER_CORES(letters) {
  Pairs pairs;
  urpc::Epoch end(pairs[0].view(kSlots));
  pairs[0].wait_for_question();
  const auto arrived = receive_all(end, words().get_hex("arg").value_or(0));
  pairs[0].board().words[0] = arrived ? arrived.value() : 0;
  pairs[0].board().words[1] = arrived ? 0 : static_cast<std::uint64_t>(arrived.error());
  pairs[0].answer();
}

// A letter of full length, cut and put together on one core.
PROBE(long_letter) {
  Cut cut;
  Room room;
  std::array<urpc::Message<>, lines_of<letter>()> lines;
  std::array<char, Bytes<1000>::kMaxSize> bytes;
  bytes.fill('x');
  Text body;
  must(body.text.assign({bytes.data(), bytes.size()}), "a letter");
  must(cut.encode(body), "encoding it");
  for (int time = 0; time < 16; ++time) {
    Assembly assembly;
    region_begin<Region::urpc_fragments>();
    const auto outgoing = cut.outgoing();
    for (std::size_t i = 0; i < lines.size(); ++i) lines[i] = outgoing.line(i, 3);
    bool is_whole = false;
    for (const urpc::Message<>& line : lines) {
      const auto added = assembly.add(line, room);
      is_whole = added && added.value();
    }
    region_end<Region::urpc_fragments>();
    EXPECT(session, is_whole);
    const auto came = decode<letter>(std::span(room).first(assembly.words()));
    EXPECT(session, came && came.value().text == body.text);
  }
  session.answer("lines", lines.size());
}
