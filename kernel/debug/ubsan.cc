// ubsan.cc — the functions that the compiler's undefined-behaviour checks call in a kernel built with SAN=1. Each
// report is a panic.
//
// The names and structures are those of GCC's and Clang's run-time library (compiler-rt, lib/ubsan/ubsan_handlers.h).

#include "debug/panic.hh"

namespace sprat::debug {
namespace {

struct SourceLocation {
  const char* file;
  std::uint32_t line;
  std::uint32_t column;
};

[[noreturn]] void report(const SourceLocation& at, const char* what) {
  panic("undefined behaviour at {}:{}:{}: {}", at.file, at.line, at.column, what);
}

[[noreturn]] void report(const SourceLocation& at, const char* what, std::uint64_t value) {
  panic("undefined behaviour at {}:{}:{}: {} (value {x})", at.file, at.line, at.column, what,
        value);
}

}  // namespace

// All structures begin with the place in the source; that is all a report needs.
#define SPRAT_UBSAN(NAME, WHAT) \
  extern "C" void __ubsan_handle_##NAME(const SourceLocation* at) { report(*at, WHAT); }
#define SPRAT_UBSAN_VALUE(NAME, WHAT)                                                    \
  extern "C" void __ubsan_handle_##NAME(const SourceLocation* at, std::uint64_t value) { \
    report(*at, WHAT, value);                                                            \
  }

SPRAT_UBSAN_VALUE(add_overflow, "the sum does not fit its type")
SPRAT_UBSAN_VALUE(sub_overflow, "the difference does not fit its type")
SPRAT_UBSAN_VALUE(mul_overflow, "the product does not fit its type")
SPRAT_UBSAN_VALUE(negate_overflow, "the negation does not fit its type")
SPRAT_UBSAN_VALUE(divrem_overflow, "division by zero, or a quotient that does not fit")
SPRAT_UBSAN_VALUE(shift_out_of_bounds, "the shift is negative or as wide as its type")
SPRAT_UBSAN_VALUE(out_of_bounds, "the index is outside of the array")
SPRAT_UBSAN_VALUE(type_mismatch_v1, "the pointer is null, misaligned or to something too small")
SPRAT_UBSAN_VALUE(pointer_overflow, "the pointer leaves the address space")
SPRAT_UBSAN_VALUE(load_invalid_value, "the value is not one of its type")
SPRAT_UBSAN_VALUE(vla_bound_not_positive, "the array has no positive size")
SPRAT_UBSAN_VALUE(invalid_builtin, "the builtin is not defined for this argument")
SPRAT_UBSAN_VALUE(alignment_assumption, "the pointer is not aligned as promised")
SPRAT_UBSAN(builtin_unreachable, "code that cannot be reached was reached")
SPRAT_UBSAN(missing_return, "the function ended without returning a value")
SPRAT_UBSAN(nonnull_arg, "null was passed where it is not allowed")
SPRAT_UBSAN(nonnull_return_v1, "null was returned where it is not allowed")

}  // namespace sprat::debug
