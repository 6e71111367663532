// multicast_tree.hh — the way of a message to all cores, and of their answers back: a star, or a tree in which each core sends to a few.
//
//   star of 5                     tree of 13, fan-out 3
//
//        0                                    0
//     ┌─┬┴┬─┐                   ┌─────────────┼─────────────┐
//     1 2 3 4                   1             2             3
//                          ┌────┼────┐   ┌────┼────┐   ┌────┼────┐
//                          4    5    6   7    8    9   10   11   12
//
// A star of N cores takes two hops, but its root sends and receives N - 1 lines one after the other. Cores with the same set compute
// the same tree, so no message describes it.

#pragma once

#include <algorithm>

#include "agreement/core_set.hh"

namespace sprat::agreement {

// In any unit: of a core for a line that it sends or receives, and of the line on its way.
struct LineCosts {
  std::uint64_t send, receive, link;
};

// Of a tree of `cores` places, in which the children of place p are the places from p * fan_out + 1 on.
struct TreeShape {
  std::size_t cores, fan_out;

  constexpr std::size_t first_child(std::size_t place) const { return place * fan_out + 1; }
  constexpr std::size_t end_of_children(std::size_t place) const {
    return std::min(first_child(place) + fan_out, cores);
  }
};

// The time from a line's arrival at `place` until the answer of all below is on its way; at the root, from its first line until it has
// received the last answer. Takes a step for each place.
constexpr std::uint64_t time_of_answer(const TreeShape& shape, const LineCosts& costs,
                                       std::size_t place = 0) {
  const std::size_t first = shape.first_child(place), end = shape.end_of_children(place);
  const std::uint64_t begin = place == 0 ? 0 : costs.receive;
  std::uint64_t now = begin + (end > first ? (end - first) * costs.send : 0);
  for (std::size_t child = first; child < end; ++child) {
    const std::uint64_t sent = begin + (child - first + 1) * costs.send;
    const std::uint64_t answered = sent + 2 * costs.link + time_of_answer(shape, costs, child);
    now = std::max(now, answered) + costs.receive;
  }
  return place == 0 ? now : now + costs.send;
}

// The fan-out with which that time is least; of equals, the largest: fewer cores must forward. Tries a star, and 2 to kMostTried.
inline constexpr std::size_t kMostTried = 32;
constexpr std::size_t best_fan_out(std::size_t cores, const LineCosts& costs) {
  if (cores <= 3) return std::max<std::size_t>(cores, 2) - 1;
  std::size_t best = cores - 1;
  std::uint64_t least = time_of_answer({cores, best}, costs);
  for (std::size_t fan_out = std::min(kMostTried, cores - 2); fan_out >= 2; --fan_out) {
    const std::uint64_t time = time_of_answer({cores, fan_out}, costs);
    if (time >= least) continue;
    best = fan_out;
    least = time;
  }
  return best;
}

class MulticastTree {
 public:
  // `root` is one of `cores`, which must outlive this.
  MulticastTree(const CoreSet& cores, CoreNumber root, std::size_t fan_out)
      : cores_(cores),
        root_(root),
        rank_of_root_(cores.rank(root)),
        shape_{cores.size(), fan_out} {}

  // Of a core that is not the root.
  CoreNumber parent(CoreNumber core) const {
    return core_at((place_of(core) - 1) / shape_.fan_out);
  }

  // Calls visit(child) for each child of `core`.
  template <class Visit>
  void for_each_child(CoreNumber core, Visit visit) const {
    const std::size_t place = place_of(core);
    for (std::size_t child = shape_.first_child(place); child < shape_.end_of_children(place);
         ++child)
      visit(core_at(child));
  }

 private:
  // The root is at place 0, and all others follow in their order: level by level, from left to right.
  std::size_t place_of(CoreNumber core) const {
    const std::size_t rank = cores_.rank(core);
    if (core == root_) return 0;
    return rank < rank_of_root_ ? rank + 1 : rank;
  }
  CoreNumber core_at(std::size_t place) const {
    if (place == 0) return root_;
    return cores_.at_rank(place <= rank_of_root_ ? place - 1 : place);
  }

  const CoreSet& cores_;
  CoreNumber root_;
  std::size_t rank_of_root_;
  TreeShape shape_;
};

}  // namespace sprat::agreement
