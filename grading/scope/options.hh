// options.hh — the arguments of the plugin: -plugin scope.so,out=FILE[,live=FILE][,trace=FILE][,trust=FILE][,limit=N]
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace sprat::scope {

struct Options {
  std::string out;                     // the report goes here
  std::string live;                    // if not empty: the steps so far go here
  std::string trace;                   // if not empty: the events go here
  std::string trust;                   // if not empty: says which program is trusted (trust.hh)
  std::optional<std::uint64_t> limit;  // steps of all vCPUs together after which the run ends
};

// Reads arguments of the form key=value. Nothing, and `error` says why, when one is unknown,
// malformed or out is missing.
std::optional<Options> parse_options(std::span<char* const> arguments, std::string& error);

}  // namespace sprat::scope
