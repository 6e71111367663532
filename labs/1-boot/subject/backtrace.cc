// backtrace.cc — questions to the backtrace and to the symbol table.
//
//   backtrace MOST FRAME WORD...      a stack of these words; FRAME and each WORD are numbers, or +N for the address N bytes
//                                     into that stack; at most MOST addresses are wanted
//   -> ok ADDRESS...
//   symbol RETURN (ADDRESS NAME)...   a table of symbols
//   -> ok NAME OFFSET   or   -> none

#include "debug/backtrace.hh"

#include <vector>

#include "questions.hh"

void subject::ask_backtrace(Question& question) {
  std::vector<std::uint64_t> addresses(question.number());
  std::vector<std::string> words;
  while (!question.empty()) words.push_back(question.word());

  // The array is exactly as large as the stack, so the address sanitizer guards both its ends.
  std::vector<std::uint64_t> stack(words.size() - 1);
  const auto begin = reinterpret_cast<std::uint64_t>(stack.data());
  const auto value = [&](const std::string& word) {
    return word[0] == '+' ? begin + Question(word.substr(1)).number() : Question(word).number();
  };
  for (std::size_t i = 0; i < stack.size(); ++i) stack[i] = value(words[i + 1]);

  const std::size_t count =
      sprat::debug::backtrace(value(words[0]), {begin, begin + 8 * stack.size()}, addresses);
  if (count > addresses.size()) return say("error more addresses than there is room for");
  std::string answer = "ok";
  for (std::size_t i = 0; i < count; ++i) answer += " " + hex(addresses[i]);
  say(answer);
}

void subject::ask_symbol(Question& question) {
  const std::uint64_t return_address = question.number();
  std::vector<std::uint64_t> addresses;
  std::vector<std::string> names;
  while (!question.empty()) {
    addresses.push_back(question.number());
    names.push_back(question.word());
  }
  std::vector<sprat::debug::Symbol> symbols;
  for (std::size_t i = 0; i < names.size(); ++i)
    symbols.push_back({addresses[i], names[i].c_str()});
  const auto place = sprat::debug::find_caller(symbols, return_address);
  say(place ? "ok " + std::string(place->function) + " " + hex(place->offset) : "none");
}
