// bytes.hh — a string of bytes that lies where it is declared: some, and at most kMax.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "sprat/result.hh"

namespace sprat {

template <std::size_t kMax>
class Bytes {
 public:
  static constexpr std::size_t kMaxSize = kMax;

  constexpr Bytes() = default;

  // A literal, without the zero at its end. One that is too long does not compile.
  template <std::size_t kSize>
    requires(kSize <= kMax + 1)
  consteval Bytes(const char (&literal)[kSize]) {
    copy({literal, kSize - 1});
  }

  // Becomes `bytes`.
  //   invalid_argument   they are more than kMax; then it stays as it was
  constexpr Result<void> assign(std::string_view bytes) {
    if (bytes.size() > kMax) return Error::invalid_argument;
    copy(bytes);
    return {};
  }

  constexpr std::string_view text() const { return {data_.data(), size_}; }
  constexpr bool operator==(const Bytes& other) const { return text() == other.text(); }

 private:
  constexpr void copy(std::string_view bytes) { size_ = bytes.copy(data_.data(), kMax); }

  std::size_t size_ = 0;
  std::array<char, kMax> data_{};
};

}  // namespace sprat
