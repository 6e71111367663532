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
constexpr Notice long_text{"text", 9, field("text", &Text::text)};
using Cut = Fragments<long_text, urpc::kPayloadWords>;
using Room = std::array<std::uint64_t, lines_of<long_text>() * urpc::kPayloadWords>;

constexpr std::size_t kSlots = 16, kOpen = 4;  // messages that are on their way at once

// The text with this number of this boot.
void write_text(std::uint64_t number, Text& body) {
  evidence::Sequence sequence(evidence::hex(words(), "seed") + number);
  std::array<char, Bytes<1000>::kMaxSize> bytes;
  const std::size_t size = sequence.next() % (bytes.size() + 1);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(sequence.next());
  must(body.text.assign({bytes.data(), size}), "a text");
}

std::uint64_t digest_of(const Text& body) {
  Digest digest;
  for (const char byte : body.text.text()) digest.add(static_cast<unsigned char>(byte));
  return digest.value();
}

// A text that is sent line by line, while others are.
struct OpenText {
  Cut cut;
  std::size_t lines = 0, sent = 0;

  void open(std::uint64_t number) {
    Text body;
    write_text(number, body);
    must(cut.encode(body), "encoding it");
    lines = cut.lines();
    sent = 0;
  }
};

template <class Do>
void until_done(Do attempt) {
  if (!poll_for(attempt)) give_up("no line, and no room for one", Error::again);
}

void send_all(urpc::Epoch& end, std::uint64_t texts) {
  evidence::Sequence mood(texts);
  std::array<OpenText, kOpen> open;
  std::uint64_t opened = 0;
  for (std::uint64_t done = 0; done < texts;) {
    const std::size_t call = mood.next() % kOpen;
    OpenText& text_now = open[call];
    if (text_now.sent == text_now.lines) {
      if (opened == texts) continue;
      text_now.open(opened++);
    }
    const auto line = text_now.cut.outgoing().line(text_now.sent, call);
    until_done([&] {
      if (end.send(line)) return true;
      return false;
    });
    if (++text_now.sent == text_now.lines) ++done;
  }
}

// Receives `texts` texts. Returns the sum of their digests, so that their order does not matter; or an error.
Result<std::uint64_t> receive_all(urpc::Epoch& end, std::uint64_t texts) {
  std::array<Room, kOpen> rooms;
  std::array<Assembly, kOpen> assemblies;
  std::uint64_t sum = 0;
  while (texts != 0) {
    urpc::Message<> line;
    until_done([&] { return end.receive(line).ok(); });
    const std::size_t call = LineHeader(line.header).get<line_header::call>();
    if (call >= kOpen) return Error::invalid_argument;
    const auto added = assemblies[call].add(line, rooms[call]);
    if (!added) return added.error();
    if (!added.value()) continue;
    const auto body = decode<long_text>(std::span(rooms[call]).first(assemblies[call].words()));
    if (!body) return body.error();
    sum += digest_of(body.value());
    --texts;
  }
  return sum;
}

}  // namespace
}  // namespace sprat::probe

using namespace sprat;
using namespace sprat::probe;

// Sends as many texts as arg= says to the other core, up to four at once.
PROBE(texts) {
  Pairs pairs;
  urpc::Epoch end(pairs[0].view(kSlots));
  pairs[0].ask();
  send_all(end, evidence::hex(words(), "arg"));
  pairs[0].wait_for_answer();
  const auto& board = pairs[0].board().words;
  session.answer("arrived", VirtualAddress(board[0].load()), board[1].load());
}
PROBE_ON_OTHER_CORES(texts) {
  Pairs pairs;
  urpc::Epoch end(pairs[0].view(kSlots));
  pairs[0].wait_for_question();
  const auto arrived = receive_all(end, evidence::hex(words(), "arg"));
  pairs[0].board().words[0] = arrived ? arrived.value() : 0;
  pairs[0].board().words[1] = arrived ? 0 : static_cast<std::uint64_t>(arrived.error());
  pairs[0].answer();
}

// A text of full length, cut and put together on one core.
PROBE(long_text) {
  Cut cut;
  Room room;
  std::array<urpc::Message<>, lines_of<long_text>()> lines;
  std::array<char, Bytes<1000>::kMaxSize> bytes;
  bytes.fill('x');
  Text body;
  must(body.text.assign({bytes.data(), bytes.size()}), "a text");
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
    const auto came = decode<long_text>(std::span(room).first(assembly.words()));
    EXPECT(session, came && came.value().text == body.text);
  }
  session.answer("lines", lines.size());
}
