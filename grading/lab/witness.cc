// witness.cc — symbols of an ELF file, and lines beside lines.

#include "lab/witness.hh"

#include <elf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <deque>
#include <fstream>
#include <map>
#include <sstream>
#include <utility>
#include <vector>

#include "lab/trial.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

// The functions in the probe at which upcalls begin: the library's, those of its workers
// (labs/2-cpu-driver/probe/worker.S), and of its measurements (user/bench/faults.S).
constexpr std::array<const char*, 5> kUpcalls = {"upcall_run", "upcall_page_fault", "upcall_trap",
                                                 "upcall_lrpc", "marked_page_fault"};
constexpr std::array<const char*, 4> kUpcallsOfAWorker = {"worker_run_", "worker_page_fault_",
                                                          "worker_trap_", "worker_lrpc_"};
constexpr unsigned kWorkers = 8;
constexpr std::array<const char*, 4> kEntriesOfPartner = {
    "partner_waits", "partner_takes_turns", "partner_answers", "partner_answers_marked"};

class ElfFile {
 public:
  explicit ElfFile(const fs::path& path) : path_(path) {
    std::ostringstream bytes;
    bytes << std::ifstream(path, std::ios::binary).rdbuf();
    bytes_ = std::move(bytes).str();
    header_ = read<Elf64_Ehdr>(0);
    if (std::memcmp(header_.e_ident, ELFMAG, SELFMAG) != 0) broken();
    for (const auto& table : sections())
      if (table.sh_type == SHT_SYMTAB) read_symbols(table);
  }

  std::uint64_t entry() const { return header_.e_entry; }

  template <class Take>
  void each_executable_part(Take take) const {
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      const auto part = read<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
      if (part.p_type != PT_LOAD || (part.p_flags & PF_X) == 0) continue;
      const std::string_view bytes = slice(part.p_offset, part.p_filesz);
      take(part.p_vaddr, bytes);
      if (part.p_paddr != part.p_vaddr) take(part.p_paddr, bytes);
    }
  }

  std::uint64_t symbol(const std::string& name) const {
    const auto place = symbols_.find(name);
    if (place == symbols_.end()) broken();
    return place->second;
  }
  bool has(const std::string& name) const { return symbols_.contains(name); }

  // The bytes that are linked there.
  std::string_view at(std::uint64_t begin, std::uint64_t end) const {
    for (unsigned i = 0; i < header_.e_phnum; ++i) {
      const auto part = read<Elf64_Phdr>(header_.e_phoff + i * sizeof(Elf64_Phdr));
      if (part.p_type != PT_LOAD || begin < part.p_vaddr || end < begin) continue;
      if (end - part.p_vaddr <= part.p_filesz)
        return slice(part.p_offset + (begin - part.p_vaddr), end - begin);
    }
    broken();
  }

 private:
  [[noreturn]] void broken() const {
    throw CannotBeWatched(path_.filename().string() + " is no program that can be watched");
  }

  std::string_view slice(std::uint64_t at, std::uint64_t size) const {
    if (at > bytes_.size() || size > bytes_.size() - at) broken();
    return std::string_view(bytes_).substr(at, size);
  }

  template <class T>
  T read(std::uint64_t at) const {
    T value;
    std::memcpy(&value, slice(at, sizeof value).data(), sizeof value);
    return value;
  }

  std::vector<Elf64_Shdr> sections() const {
    std::vector<Elf64_Shdr> sections;
    for (unsigned i = 0; i < header_.e_shnum; ++i)
      sections.push_back(read<Elf64_Shdr>(header_.e_shoff + i * sizeof(Elf64_Shdr)));
    return sections;
  }

  void read_symbols(const Elf64_Shdr& table) {
    const auto names = read<Elf64_Shdr>(header_.e_shoff + table.sh_link * sizeof(Elf64_Shdr));
    const std::string_view text = slice(names.sh_offset, names.sh_size);
    for (std::uint64_t at = 0; at + sizeof(Elf64_Sym) <= table.sh_size; at += sizeof(Elf64_Sym)) {
      const auto symbol = read<Elf64_Sym>(table.sh_offset + at);
      // Of local names there can be several, and any code may have one.
      if (symbol.st_name >= text.size() || symbol.st_shndx == SHN_UNDEF ||
          ELF64_ST_BIND(symbol.st_info) != STB_GLOBAL)
        continue;
      const std::string_view name = text.substr(symbol.st_name);
      symbols_.emplace(name.substr(0, name.find('\0')), symbol.st_value);
    }
  }

  fs::path path_;
  std::string bytes_;
  Elf64_Ehdr header_{};
  std::map<std::string, std::uint64_t> symbols_;
};

// By pointers: the text of a program is long, and this library is compiled without optimisation.
std::string digits_of(std::string_view bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text(2 * bytes.size(), '\0');
  char* to = text.data();
  for (const char *from = bytes.data(), *end = from + bytes.size(); from != end; ++from) {
    *to++ = kDigits[static_cast<unsigned char>(*from) >> 4];
    *to++ = kDigits[*from & 15];
  }
  return text;
}

std::deque<std::string> lines_of(std::string_view text) {
  std::deque<std::string> lines;
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.emplace_back(line);
  }
  return lines;
}

std::uint64_t total(const ScopeReport& report, const char* what) {
  std::uint64_t sum = 0;
  for (const auto& witness : report.witnesses) sum += witness.counts.at(what);
  return sum;
}

std::string doubts_of_passages(const ScopeReport& report) {
  for (const auto& witness : report.witnesses) {
    if (witness.counts.at("intrusions") == 0) continue;
    return "The test's code was entered at " + witness.intruded_at +
           ", where it has no entry and where it was never left. A function goes back to its "
           "caller; an upcall begins at one of the entries in the dispatcher's frame; code that "
           "was interrupted goes on exactly where it was. Look at where you return to, and do not "
           "call the test's code.";
  }
  return "";
}

// Lines that came and were not said, each program's in its order.
std::string doubts_of_lines(const ScopeReport& report, std::string_view protocol,
                            std::string_view nonce) {
  std::vector<std::deque<std::string>> said;
  for (const auto& witness : report.witnesses) said.push_back(lines_of(witness.text));
  const std::string prefix = "@" + std::string(nonce) + " ";
  std::size_t number = 0;
  for (const std::string& line : lines_of(protocol)) {
    ++number;
    if (!line.starts_with(prefix)) continue;
    const auto speaker = std::ranges::find_if(
        said, [&](const auto& lines) { return !lines.empty() && lines.front() == line; });
    if (speaker != said.end()) {
      speaker->pop_front();
      continue;
    }
    return "Line " + std::to_string(number) +
           " on port 0xe9 was not said by the test program, as far as the scope saw. The program "
           "tells the "
           "grader each line by instructions of its own, before it sends the line to the port by "
           "system calls; so this one was written by other code, or changed on its way. Do not "
           "write to port 0xe9 yourself; if you do not, see whether a system call changes the "
           "registers of user code. It reads: " +
           line;
  }
  return "";
}

}  // namespace

std::string trust_in(const fs::path& file) {
  const ElfFile elf(file);
  std::string text;
  const auto trust = [&](std::uint64_t address, std::string_view bytes) {
    text += "text " + bare(address) + " " + digits_of(bytes) + "\n";
  };
  const auto enter = [&](std::uint64_t address) { text += "entry " + bare(address) + "\n"; };
  if (elf.has("guest_text_begin")) {
    // Tests in a kernel: trusted, and entered by the kernel, is nothing but they.
    const std::uint64_t begin = elf.symbol("guest_text_begin"), end = elf.symbol("guest_text_end");
    trust(begin, elf.at(begin, end));
    const auto tests = elf.at(elf.symbol("guest_entries_begin"), elf.symbol("guest_entries_end"));
    struct GuestTest {  // kernel/boot/guest_test.hh
      std::uint64_t name, run;
    } test;
    for (std::size_t at = 0; at + sizeof test <= tests.size(); at += sizeof test) {
      std::memcpy(&test, tests.data() + at, sizeof test);
      enter(test.run);
    }
  } else {
    elf.each_executable_part(trust);
    if (!elf.has("speech_begin")) return text;  // the kernel alone, which says nothing
    enter(elf.entry());
    // A program that it makes, in another address space (user/bench/partner.S): wherever its labels are.
    if (elf.has("partner_home")) {
      const std::uint64_t begin = elf.symbol("partner_code"), end = elf.symbol("partner_code_end");
      const std::uint64_t home = elf.symbol("partner_home");
      trust(home, elf.at(begin, end));
      for (const char* const name : kEntriesOfPartner) enter(home + (elf.symbol(name) - begin));
    }
    const auto enter_if_there = [&](const std::string& name) {
      if (elf.has(name)) enter(elf.symbol(name));
    };
    for (const char* const name : kUpcalls) enter_if_there(name);
    for (const char* const name : kUpcallsOfAWorker)
      for (unsigned worker = 0; worker < kWorkers; ++worker)
        enter_if_there(name + std::to_string(worker));
  }
  const auto range = [&](const char* what, const char* begin, const char* end) {
    text += std::string(what) + " " + bare(elf.symbol(begin)) + " " + bare(elf.symbol(end)) + "\n";
  };
  range("speech", "speech_begin", "speech_end");
  range("words", "speech_words", "speech_end");
  range("line", "spoken_line", "spoken_line_end");
  return text;
}

std::string doubts(const ScopeReport& report, std::string_view protocol, std::string_view nonce,
                   unsigned ring) {
  if (std::string words = doubts_of_lines(report, protocol, nonce); !words.empty()) {
    if (total(report, "spoiled") == 0) return words;
    return words + " (" + std::to_string(total(report, "spoiled")) + " of " +
           std::to_string(total(report, "pieces")) +
           " pieces could not be heard: something came in between each of three attempts, which "
           "are some hundred instructions each. Does an interrupt come all the time?)";
  }
  if (std::string words = doubts_of_passages(report); !words.empty()) return words;
  if (total(report, "overwritten") + total(report, "differing") != 0)
    return "The line that the test program was about to say was overwritten in its memory by other "
           "code. The kernel has no reason to write there: look for stores through addresses of "
           "user space.";
  for (const auto& witness : report.witnesses) {
    const std::uint64_t rings = witness.counts.at("rings");
    if (rings != 0 && rings != std::uint64_t{1} << ring)
      return "The test program was executed in another ring than " + std::to_string(ring) +
             ", where its code belongs. Look at the code segment's selector with which it is "
             "entered.";
  }
  return "";
}

}  // namespace sprat::grading
