// fragments.cc — messages that are cut into lines, in memory that is not zero; and rooms of exactly the size that the
// question names, so that the sanitizer finds accesses behind them.

#include "fragments.hh"

#include <map>
#include <memory>
#include <new>
#include <vector>

#include "interfaces/fragments.hh"

namespace subject {
namespace {

using namespace sprat;

// As long as a message can be, in lines of four words.
struct Text {
  Bytes<128 * 32 - 8> text;
};
constexpr Notice any_text{"text", 5, field("text", &Text::text)};

template <std::size_t kLineWords>
std::string words_of(const urpc::Message<kLineWords>& line) {
  std::string result = " " + hex(line.header);
  for (const std::uint64_t word : line.words) result += "," + hex(word);
  return result;
}

template <std::size_t kLineWords>
void cut(std::size_t call, const std::string& bytes) {
  using Cut = Fragments<any_text, kLineWords>;
  // On the heap, for its size; filled, so that no word is zero by chance.
  const auto memory = std::make_unique<std::array<std::uint64_t, sizeof(Cut) / 8 + 1>>();
  memory->fill(0x7777'7777'7777'7777);
  Cut& fragments = *new (memory->data()) Cut;
  const auto body = std::make_unique<Text>();
  if (!body->text.assign(bytes)) return say("error there-is-no-such-text");
  if (const auto encoded = fragments.encode(*body); !encoded)
    return say(std::string("error ") + sprat::name_of(encoded.error()));
  const auto outgoing = fragments.outgoing();
  std::string lines;
  for (std::size_t index = 0; index < outgoing.lines; ++index)
    lines += words_of(outgoing.line(index, call));
  say("ok" + lines);
}

struct Desk {
  std::vector<std::uint64_t> words;
  Assembly assembly;
};
std::map<std::string, Desk> desks;

template <std::size_t kLineWords>
void add(Desk& desk, Question& question) {
  urpc::Message<kLineWords> line;
  line.header = static_cast<std::uint32_t>(question.number());
  for (std::uint64_t& word : line.words) word = question.number();
  const auto added = desk.assembly.add(line, desk.words);
  if (!added) return say(std::string("error ") + sprat::name_of(added.error()));
  if (!added.value()) return say("ok more");
  std::string result;
  for (std::size_t i = 0; i < desk.assembly.words(); ++i)
    result += (result.empty() ? "" : ",") + hex(desk.words[i]);
  say("ok " + result);
}

}  // namespace

void ask_cut(Question& question) {
  const std::uint64_t line_words = question.number(), call = question.number();
  std::string bytes;
  while (!question.empty()) bytes.push_back(static_cast<char>(question.number()));
  line_words == urpc::kPayloadWords ? cut<urpc::kPayloadWords>(call, bytes) : cut<4>(call, bytes);
}

void ask_assembly(Question& question) {
  Desk& desk = desks[question.word()];
  desk.words = std::vector<std::uint64_t>(question.number());
  desk.assembly = Assembly();
  say("done");
}

void ask_add(Question& question) {
  const auto found = desks.find(question.word());
  if (found == desks.end()) return say("error there-is-no-such-assembly");
  const bool is_long = question.number() == urpc::kPayloadWords;
  is_long ? add<urpc::kPayloadWords>(found->second, question) : add<4>(found->second, question);
}

}  // namespace subject
