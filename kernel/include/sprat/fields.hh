// fields.hh — registers and in-memory layouts as data: a field is declared once, as name, position, width
// and access; accessors and checks follow from that declaration.
//
//   namespace line_status {
//   inline constexpr Field data_ready{"data-ready", 0, 1, Access::read_only};
//   inline constexpr Field holding_empty{"holding-empty", 5, 1, Access::read_only};
//   inline constexpr Layout<std::uint8_t, 2> layout{"line status", {data_ready, holding_empty}};
//   }
//   using LineStatus = Bits<line_status::layout>;
//
//   LineStatus(raw).get<line_status::holding_empty>()         reads a field
//   LineStatus().with<line_status::holding_empty>(1)          does not compile: the field is read only
//
// A layout whose fields overlap or reach beyond its word does not compile either.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace sprat {

enum class Access : std::uint8_t { read_write, read_only, write_only };

struct Field {
  const char* name;
  unsigned position;  // of the lowest bit, from 0
  unsigned width;     // in bits, from 1
  Access access = Access::read_write;

  constexpr std::uint64_t ones() const {
    return width >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  }
  constexpr std::uint64_t mask() const { return ones() << position; }
};

// The compiler names these when a layout is wrong: they are not constexpr, so reaching one ends compilation.
void field_reaches_beyond_its_word();
void fields_overlap();

template <class WordType, std::size_t kCount>
struct Layout {
  using Word = WordType;

  consteval Layout(const char* layout_name, const Field (&list)[kCount]) : name(layout_name) {
    std::uint64_t taken = 0;
    for (std::size_t i = 0; i < kCount; ++i) {
      if (list[i].width == 0 || list[i].position + list[i].width > 8 * sizeof(Word)) {
        field_reaches_beyond_its_word();
      }
      if ((taken & list[i].mask()) != 0) fields_overlap();
      taken |= list[i].mask();
      fields[i] = list[i];
    }
  }

  constexpr bool has(const Field& wanted) const {
    for (const Field& field : fields) {
      if (std::string_view(field.name) == wanted.name && field.position == wanted.position &&
          field.width == wanted.width && field.access == wanted.access) {
        return true;
      }
    }
    return false;
  }

  const char* name;
  std::array<Field, kCount> fields{};
};

// A value of the register or table entry that `kLayout` describes.
template <const auto& kLayout>
class Bits {
 public:
  using Word = typename std::remove_cvref_t<decltype(kLayout)>::Word;

  constexpr Bits() = default;
  constexpr explicit Bits(Word raw) : raw_(raw) {}

  constexpr Word raw() const { return raw_; }
  constexpr bool operator==(const Bits&) const = default;

  // Returns the field's value, shifted down to bit 0.
  template <const Field& kField>
  constexpr Word get() const {
    static_assert(kLayout.has(kField), "this layout has no such field");
    static_assert(kField.access != Access::write_only, "this field can only be written");
    return static_cast<Word>((raw_ >> kField.position) & kField.ones());
  }

  // This value with the field replaced by `value`, of which only the field's width is taken.
  template <const Field& kField>
  constexpr Bits with(std::uint64_t value = 1) const {
    static_assert(kLayout.has(kField), "this layout has no such field");
    static_assert(kField.access != Access::read_only, "this field can only be read");
    const std::uint64_t others = raw_ & ~kField.mask();
    return Bits(static_cast<Word>(others | ((value & kField.ones()) << kField.position)));
  }

 private:
  Word raw_ = 0;
};

}  // namespace sprat
