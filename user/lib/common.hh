// common.hh — the standard headers that most programs and the runtime use, compiled once for all of them (user/build.mk,
// USER_COMMON). Each source includes what it needs all the same.

#include <algorithm>
#include <array>
#include <atomic>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
