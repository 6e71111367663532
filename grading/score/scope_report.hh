// scope_report.hh — the scope's counts, as its report has them (grading/scope/README.md).

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sprat::grading {

struct ScopeReport {
  using Counts = std::map<std::string, std::uint64_t>;  // under the names of the report

  struct Vcpu {
    Counts counts;
    Counts kernel;           // entries into the kernel
    std::string longest_at;  // the address where the longest of them began

    bool operator==(const Vcpu&) const = default;
  };

  // The observed actions of a vCPU's trusted program, if there was one.
  struct Witness {
    std::string text;  // that it said
    Counts counts;
    std::string intruded_at;

    bool operator==(const Witness&) const = default;
  };

  std::vector<Vcpu> vcpus;
  std::vector<Counts> regions;  // with their `id` and `vcpu`
  std::vector<Witness> witnesses;
  bool limit_reached = false;

  bool operator==(const ScopeReport&) const = default;
};

// Nothing when `text` is no such report.
std::optional<ScopeReport> parse_scope_report(std::string_view text);

// The scope's counts between the markers of one region, all processors together.
struct RegionCount {
  std::uint64_t entries = 0;
  std::uint64_t ends = 0;
  std::uint64_t unpaired = 0,
                strangers = 0;  // of the markers: out of turn, or not the trusted program's
  std::uint64_t instructions = 0;
  std::uint64_t locked = 0;
  std::uint64_t fetches = 0, upgrades = 0;  // of cache lines
};

// Returns the counts of region `id` in a report, zero when no processor entered it. Nothing when `text` is no report.
std::optional<RegionCount> region_in_scope_report(std::string_view text, std::uint64_t id);

}  // namespace sprat::grading
