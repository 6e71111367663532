// memory.cc — the functions a compiler may call at any time, as the processor's own string instructions: by words, as
// far as words go, because an emulator executes and counts each step of them.

#include <cstddef>
#include <cstdint>

extern "C" {

void* memcpy(void* to, const void* from, std::size_t bytes) {
  void* cursor = to;
  std::size_t words = bytes / 8, rest = bytes % 8;
  asm volatile("rep movsq" : "+D"(cursor), "+S"(from), "+c"(words) : : "memory");
  asm volatile("rep movsb" : "+D"(cursor), "+S"(from), "+c"(rest) : : "memory");
  return to;
}

void* memset(void* to, int value, std::size_t bytes) {
  void* cursor = to;
  std::size_t words = bytes / 8, rest = bytes % 8;
  const std::uint64_t eight = 0x0101010101010101 * static_cast<std::uint8_t>(value);
  asm volatile("rep stosq" : "+D"(cursor), "+c"(words) : "a"(eight) : "memory");
  asm volatile("rep stosb" : "+D"(cursor), "+c"(rest) : "a"(eight) : "memory");
  return to;
}

void* memmove(void* to, const void* from, std::size_t bytes) {
  if (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) >= bytes) {
    return memcpy(to, from, bytes);
  }
  auto* last_to = static_cast<std::byte*>(to) + bytes - 1;
  const auto* last_from = static_cast<const std::byte*>(from) + bytes - 1;
  asm volatile("std; rep movsb; cld" : "+D"(last_to), "+S"(last_from), "+c"(bytes) : : "memory");
  return to;
}

int memcmp(const void* left, const void* right, std::size_t bytes) {
  const auto* a = static_cast<const unsigned char*>(left);
  const auto* b = static_cast<const unsigned char*>(right);
  for (std::size_t i = 0; i < bytes; ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

const void* memchr(const void* from, int value, std::size_t bytes) {
  const auto* cursor = static_cast<const unsigned char*>(from);
  for (; bytes > 0; --bytes, ++cursor) {
    if (*cursor == static_cast<unsigned char>(value)) return cursor;
  }
  return nullptr;
}

std::size_t strlen(const char* text) {
  std::size_t length = 0;
  while (text[length] != '\0') ++length;
  return length;
}

}  // extern "C"
