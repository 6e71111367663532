// manifest_json.hh — reading the output of scripts/manifest.

#pragma once

#include <string_view>
#include <vector>

#include "score/manifest.hh"
#include "score/variant.hh"

namespace sprat::grading {

// Both throw SetupError for any other text.
Manifest parse_manifest(std::string_view json);
// Mutants and alternatives, in their order.
std::vector<Variant> parse_variants(std::string_view json);

}  // namespace sprat::grading
