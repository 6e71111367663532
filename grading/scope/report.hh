// report.hh — the scope's findings, as JSON.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "scope/counts.hh"
#include "scope/witness.hh"

namespace sprat::scope {

struct VcpuReport {
  Counts counts;
  std::map<std::uint16_t, Region> regions;
  KernelReport kernel;
  std::optional<Witness::Report> witness;  // when there is a trusted program
};

// Returns the report as README.md describes it: vCPUs in their order, regions ordered by vCPU and number.
std::string to_json(std::span<const VcpuReport> vcpus, bool limit_reached);

// Replaces `path` by a file of this text, or leaves it as it was: a reader never sees half a
// report. Returns false, with a message on standard error, when that is impossible.
bool replace_file(const std::string& path, const std::string& text);

}  // namespace sprat::scope
