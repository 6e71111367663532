// scope_report.cc — reports of the scope, from JSON.

#include "score/scope_report.hh"

#include <exception>
#include <nlohmann/json.hpp>

namespace sprat::grading {
namespace {

// The members of an object that are counts.
ScopeReport::Counts counts_in(const nlohmann::ordered_json& object) {
  ScopeReport::Counts counts;
  for (const auto& member : object.items())
    if (member.value().is_number_unsigned())
      counts[member.key()] = member.value().get<std::uint64_t>();
  return counts;
}

// Throws std::exception when they are no pairs of hexadecimal digits.
std::string bytes_of(const std::string& digits) {
  std::string bytes;
  for (std::size_t at = 0; at < digits.size(); at += 2)
    bytes += static_cast<char>(std::stoul(digits.substr(at, 2), nullptr, 16));
  return bytes;
}

}  // namespace

std::optional<ScopeReport> parse_scope_report(std::string_view text) {
  try {
    ScopeReport report;
    const auto json = nlohmann::ordered_json::parse(text);
    for (const auto& vcpu : json.at("vcpus")) {
      const auto& kernel = vcpu.at("kernel");
      report.vcpus.push_back(
          {counts_in(vcpu), counts_in(kernel), kernel.at("longest_at").get<std::string>()});
    }
    for (const auto& region : json.at("regions")) report.regions.push_back(counts_in(region));
    for (const auto& witness : json.at("witness")) {
      report.witnesses.push_back({bytes_of(witness.at("text").get<std::string>()),
                                  counts_in(witness),
                                  witness.at("intruded_at").get<std::string>()});
    }
    report.limit_reached = json.at("limit_reached").get<bool>();
    return report;
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::optional<RegionCount> region_in_scope_report(std::string_view text, std::uint64_t id) {
  const auto report = parse_scope_report(text);
  if (!report) return std::nullopt;
  RegionCount sum;
  for (ScopeReport::Counts region : report->regions) {
    if (region["id"] != id) continue;
    sum.entries += region["entries"];
    sum.ends += region["ends"];
    sum.unpaired += region["unpaired"];
    sum.strangers += region["strangers"];
    sum.instructions += region["instructions"];
    sum.locked += region["locked"];
    sum.fetches += region["fetches"];
    sum.upgrades += region["upgrades"];
  }
  return sum;
}

}  // namespace sprat::grading
