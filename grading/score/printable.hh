// printable.hh — text that is not ours, as a terminal may show it.

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sprat::grading {

// Text from a tested program made safe to print: control characters become \xNN, lines are cut at
// `most_columns` (at least 3), and at most `most_lines` are kept.
std::string printable(std::string_view text, std::size_t most_columns, std::size_t most_lines);

}  // namespace sprat::grading
