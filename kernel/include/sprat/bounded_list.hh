// bounded_list.hh — a list whose room is part of its type, for code that allocates nothing.

#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "sprat/result.hh"

namespace sprat {

// A list with room for `kCapacity` items; adding more is an error, never an overflow.
template <class T, std::size_t kCapacity>
class BoundedList {
 public:
  constexpr Result<void> append(const T& item) {
    if (count_ == kCapacity) return Error::out_of_memory;
    items_[count_++] = item;
    return {};
  }
  constexpr std::span<const T> items() const { return {items_.data(), count_}; }
  //@ since cpu-driver
  constexpr std::span<T> items() { return {items_.data(), count_}; }
  //@ end

 private:
  std::array<T, kCapacity> items_{};
  std::size_t count_ = 0;
};

}  // namespace sprat
