// report.cc — numbers and objects of numbers, so the JSON is written by hand.
#include "scope/report.hh"

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <utility>

namespace sprat::scope {
namespace {

struct Value {
  Value(std::uint64_t number) : text(std::to_string(number)) {}
  Value(std::string object) : text(std::move(object)) {}
  std::string text;
};

std::string object(std::initializer_list<std::pair<const char*, Value>> fields) {
  std::string text;
  for (const auto& [name, value] : fields) {
    text += std::string(text.empty() ? "{" : ", ") + '"' + name + "\": " + value.text;
  }
  return text + "}";
}

// Addresses are text: the numbers of JSON's readers have 53 bits.
std::string address(std::uint64_t value) {
  std::array<char, 24> text;
  std::snprintf(text.data(), text.size(), "\"0x%016llx\"", static_cast<unsigned long long>(value));
  return text.data();
}

std::string object(const KernelReport& kernel) {
  const KernelEntry& longest = kernel.longest;
  return object({{"entries", kernel.entries},
                 {"instructions", kernel.instructions},
                 {"longest", longest.instructions},
                 {"longest_with_repeats", kernel.longest_with_repeats},
                 {"longest_at", address(longest.address)},
                 {"longest_after", longest.after}});
}

// Text is hexadecimal as well: nothing needs to be escaped in it.
std::string hexadecimal(const std::string& text) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string digits = "\"";
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    digits += {kDigits[byte >> 4], kDigits[byte & 15]};
  }
  return digits + "\"";
}

std::string object(const Witness::Report& witness) {
  const auto& [speech, intrusions, overwritten] = witness;
  return object({{"text", hexadecimal(speech.text)},
                 {"pieces", speech.pieces},
                 {"spoiled", speech.spoiled},
                 {"differing", speech.differing},
                 {"rings", speech.rings},
                 {"overwritten", overwritten},
                 {"intrusions", intrusions.count},
                 {"intruded_at", address(intrusions.first_at)}});
}

// One row per line.
void append_row(std::string& rows, const std::string& row) {
  rows += (rows.empty() ? "\n    " : ",\n    ") + row;
}

}  // namespace

std::string to_json(std::span<const VcpuReport> vcpus, bool limit_reached) {
  std::string vcpu_rows;
  std::string region_rows, witness_rows;
  for (std::size_t vcpu = 0; vcpu < vcpus.size(); ++vcpu) {
    const Counts& counts = vcpus[vcpu].counts;
    append_row(vcpu_rows, object({{"instructions", counts.instructions()},
                                  {"repeats", counts.repeats},
                                  {"fetches", counts.fetches},
                                  {"upgrades", counts.upgrades},
                                  {"kernel", object(vcpus[vcpu].kernel)}}));
    if (vcpus[vcpu].witness) append_row(witness_rows, object(*vcpus[vcpu].witness));
    for (const auto& [id, region] : vcpus[vcpu].regions) {
      append_row(region_rows,
                 object({{"id", id},
                         {"vcpu", vcpu},
                         {"entries", region.entries},
                         {"ends", region.ends},
                         {"unpaired", region.unpaired},
                         {"strangers", region.strangers},
                         {"instructions", region.inside.instructions()},
                         {"repeats", region.inside.repeats},
                         {"fetches", region.inside.fetches},
                         {"upgrades", region.inside.upgrades},
                         {"locked", region.inside.locked},
                         {"code_lines", region.code_lines},
                         {"data_lines", region.data_lines},
                         {"longest_entry", region.longest.instructions},
                         {"longest_entry_with_repeats", region.longest_with_repeats}}));
    }
  }
  return "{\n  \"version\": 1,\n  \"vcpus\": [" + vcpu_rows + "\n  ],\n  \"regions\": [" +
         region_rows + "\n  ],\n  \"witness\": [" + witness_rows +
         "\n  ],\n  \"limit_reached\": " + (limit_reached ? "true" : "false") + "\n}\n";
}

bool replace_file(const std::string& path, const std::string& text) {
  const std::string unfinished = path + ".part";
  std::FILE* const file = std::fopen(unfinished.c_str(), "w");
  bool good = file != nullptr;
  if (file != nullptr) {
    good = std::fwrite(text.data(), 1, text.size(), file) == text.size();
    good = std::fclose(file) == 0 && good;
  }
  good = good && std::rename(unfinished.c_str(), path.c_str()) == 0;
  if (!good) {
    std::fprintf(
        stderr,
        "scope: cannot write the report to %s: %s; give a file in a writable folder as out=\n",
        path.c_str(), std::strerror(errno));
  }
  return good;
}

}  // namespace sprat::scope
