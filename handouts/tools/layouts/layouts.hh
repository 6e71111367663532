// layouts.hh — layouts as JSON, and the list of functions that print some.

#pragma once

#include <cstdio>

#include "sprat/fields.hh"

namespace layouts {

// A function that prints layouts with `print`, or `separate` and text behind it. It is called once.
class Printer {
 public:
  explicit Printer(void (*print)()) : print_(print), next_(first) { first = this; }

 private:
  friend void print_all();
  inline static const Printer* first = nullptr;
  void (*print_)();
  const Printer* next_;
};

inline void print_all() {
  for (const Printer* printer = Printer::first; printer != nullptr; printer = printer->next_)
    printer->print_();
}

// Prints all that stands before the name of the next layout.
inline void separate() {
  static const char* before = "\n";
  std::printf("%s", before);
  before = ",\n";
}

inline const char* name_of(sprat::Access access) {
  switch (access) {
    case sprat::Access::read_write: return "read and write";
    case sprat::Access::read_only: return "read only";
    case sprat::Access::write_only: return "write only";
  }
  return "?";
}

template <class Word, std::size_t kCount>
void print(const sprat::Layout<Word, kCount>& layout) {
  separate();
  std::printf("  \"%s\": {\"bits\": %zu, \"fields\": [\n", layout.name, 8 * sizeof(Word));
  for (std::size_t i = 0; i < kCount; ++i) {
    const sprat::Field& field = layout.fields[i];
    std::printf("    {\"name\": \"%s\", \"position\": %u, \"width\": %u, \"access\": \"%s\"}%s\n",
                field.name, field.position, field.width, name_of(field.access),
                i + 1 < kCount ? "," : "");
  }
  std::printf("  ]}");
}

}  // namespace layouts
