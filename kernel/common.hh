// common.hh — the standard headers that most of the kernel's sources use, compiled once for all of them (Makefile,
// TARGET_COMMON). Each source includes what it needs all the same.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
