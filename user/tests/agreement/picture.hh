// picture.hh — the messages of one schedule as a picture on standard error, when SPRAT_SEED=N repeats it:
//
//    core 0    core 1    core 2    core 1'
//      │◀────────┤         │         │      suspect(view=3, core=2)
//      ├────────▶│         ×         │      prepare(view=4, number=4, core=2, change=death)
//
// Rows are in the order in which messages are received. A core's next incarnation has a column of its own.

#pragma once

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <utility>
#include <vector>

#include "interfaces/print.hh"

namespace sprat::test {

inline bool is_one_schedule() { return std::getenv("SPRAT_SEED") != nullptr; }

class Picture {
 public:
  // The next column, for an incarnation of core `core`.
  void add_column(std::size_t core) {
    std::string head = "core " + std::to_string(core);
    head += std::string(static_cast<std::size_t>(std::ranges::count(cores_, core)), '\'');
    head.resize(2 * kHalf + 2, ' ');
    heads_ += head;
    heads_are_printed_ = false;
    cores_.push_back(core);
    has_ended_.push_back(false);
  }
  void end_column(std::size_t column) { has_ended_[column] = true; }

  template <const auto& kInterface>
  void add_row(std::size_t from, std::size_t to, const urpc::Message<>& line) {
    if (!std::exchange(heads_are_printed_, true)) std::fprintf(stderr, "  %s\n", heads_.c_str());
    std::string row;
    for (std::size_t column = 0; column < cores_.size(); ++column)
      row += left_of(column, from, to) + mark(column, from, to) + right_of(column, from, to);
    text.clear();
    print_line<kInterface>([](std::string_view piece) { text += piece; }, line);
    std::fprintf(stderr, "%s %s\n", row.c_str(), text.substr(text.find(' ')).c_str());
  }

 private:
  static constexpr unsigned kHalf = 4;  // of the dashes between two columns

  static bool is_crossed(std::size_t left, std::size_t from, std::size_t to) {
    return left >= std::min(from, to) && left < std::max(from, to);
  }
  static std::string dashes(bool crossed, unsigned count) {
    std::string result;
    for (; count != 0; --count) result += crossed ? "─" : " ";
    return result;
  }
  static std::string left_of(std::size_t column, std::size_t from, std::size_t to) {
    const bool crossed = column != 0 && is_crossed(column - 1, from, to);
    return column == to && crossed ? dashes(true, kHalf - 1) + "▶" : dashes(crossed, kHalf);
  }
  static std::string right_of(std::size_t column, std::size_t from, std::size_t to) {
    const bool crossed = is_crossed(column, from, to);
    return column == to && crossed ? "◀" + dashes(true, kHalf) : dashes(crossed, kHalf + 1);
  }
  std::string mark(std::size_t column, std::size_t from, std::size_t to) const {
    if (column == from) return from < to ? "├" : "┤";
    if (column == to) return "│";
    if (has_ended_[column]) return "×";
    const bool crossed = column > std::min(from, to) && column < std::max(from, to);
    return crossed ? "┼" : "│";
  }

  static inline std::string text;
  std::string heads_;
  bool heads_are_printed_ = false;
  std::vector<std::size_t> cores_;  // by column
  std::vector<bool> has_ended_;
};

}  // namespace sprat::test
