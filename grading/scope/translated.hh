// translated.hh — an instruction as QEMU shows it at translation: its bytes, and the lines of code that it comes to.

#pragma once

#include <dlfcn.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>

#include "scope/directory.hh"
#include "scope/qemu_plugin.hh"

namespace sprat::scope {

// The version of the plugin interface that this QEMU has; set when it installs the plugin.
inline int api_version = 0;

// An instruction's own bytes.
class Bytes {
 public:
  static constexpr std::size_t kMost = 15;
  explicit Bytes(const qemu_plugin_insn* instruction);
  std::span<const std::uint8_t> all() const { return {bytes_.data(), size_}; }

 private:
  std::array<std::uint8_t, kMost> bytes_{};
  std::size_t size_;
};

inline Bytes::Bytes(const qemu_plugin_insn* instruction)
    : size_(std::min(qemu_plugin_insn_size(instruction), kMost)) {
  using CopyBytes = std::size_t (*)(const qemu_plugin_insn*, void*, std::size_t);
  using PointToBytes = const void* (*)(const qemu_plugin_insn*);
  static void* const insn_data = ::dlsym(RTLD_DEFAULT, "qemu_plugin_insn_data");

  if (api_version >= 3) {
    reinterpret_cast<CopyBytes>(insn_data)(instruction, bytes_.data(), size_);
  } else {
    std::memcpy(bytes_.data(), reinterpret_cast<PointToBytes>(insn_data)(instruction), size_);
  }
}

// Which lines of code a straight line of instructions comes to, one after the other.
class CodeLines {
 public:
  // The line that `instruction` is the first of, if it is; a second one, if it is in two.
  struct Entered {
    std::optional<std::uint64_t> first, second;
  };
  Entered enter(const qemu_plugin_insn* instruction) {
    const auto begin = reinterpret_cast<std::uintptr_t>(qemu_plugin_insn_haddr(instruction));
    if (begin == 0) return {};
    const std::uint64_t first = begin >> kLineBits;
    const std::uint64_t last = (begin + qemu_plugin_insn_size(instruction) - 1) >> kLineBits;
    Entered entered;
    if (first != now_) entered.first = first;
    if (last != first) entered.second = last;
    now_ = last;
    return entered;
  }

  // The next instruction is in a region that the one before was not in.
  void forget() { now_ = 0; }

 private:
  std::uint64_t now_ = 0;
};

}  // namespace sprat::scope
