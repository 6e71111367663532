// list.hh — lists for code that allocates nothing: of items that hold the links, which an item leaves without a search; and of
// items in the list itself, whose room is part of its type.
//
//   ┌─▶ list ⇄ first ⇄ second ⇄ last ◀─┐      a ring through the list itself, so that no place in it is a special case
//   └──────────────────────────────────┘

#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "sprat/result.hh"

namespace sprat {

// The part of an item by which it is in a list; `next` is null: it is in none.
struct Links {
  Links* next;
  Links* previous;

  constexpr bool is_linked() const { return next != nullptr; }

  // Takes the item out of its list; without effect if it is in none.
  void leave() {
    if (!is_linked()) return;
    previous->next = next;
    next->previous = previous;
    next = nullptr;
  }
};

// A list of T, each of which has its Links at offset kLinks. An item is in one list at most by the same Links. All operations
// take a few steps. A list is not copied or moved: its items point to it.
template <class T, std::size_t kLinks>
class List {
 public:
  constexpr List() : ends_{&ends_, &ends_} {}
  List(const List&) = delete;
  List& operator=(const List&) = delete;

  bool is_empty() const { return ends_.next == &ends_; }

  // Returns whether there is one item, or none.
  bool has_one_at_most() const { return ends_.next == ends_.previous; }

  // Returns the first item; null: the list is empty.
  T* first() const { return is_empty() ? nullptr : item_of(ends_.next); }

  void push_front(T& item) { put(links_of(item), ends_, *ends_.next); }
  void push_back(T& item) { put(links_of(item), *ends_.previous, ends_); }
  //@ since monitor
  // Puts `newcomer` behind `item`, which is in this list.
  void insert_behind(T& item, T& newcomer) {
    Links& links = links_of(item);
    put(links_of(newcomer), links, *links.next);
  }
  //@ end

  // Returns the first item for which `holds`; null: there is none.
  template <class Holds>
  T* find(Holds holds) const {
    for (Links* links = ends_.next; links != &ends_; links = links->next) {
      if (T* const item = item_of(links); holds(*item)) return item;
    }
    return nullptr;
  }

  // Takes out `item`, which is in this list.
  void remove(T& item) { links_of(item).leave(); }

  // Puts `newcomer`, which is in no list, into the place of `item`, which is in this one.
  void replace(T& item, T& newcomer) {
    Links& links = links_of(item);
    put(links_of(newcomer), *links.previous, *links.next);
    links.next = nullptr;
  }

  // Makes the first item the last one.
  void rotate() {
    T& item = *first();
    remove(item);
    push_back(item);
  }

 private:
  static Links& links_of(T& item) {
    return *reinterpret_cast<Links*>(reinterpret_cast<std::byte*>(&item) + kLinks);
  }
  static T* item_of(Links* links) {
    return reinterpret_cast<T*>(reinterpret_cast<std::byte*>(links) - kLinks);
  }
  static void put(Links& links, Links& previous, Links& next) {
    links = {.next = &next, .previous = &previous};
    previous.next = next.previous = &links;
  }

  Links ends_;  // next: the first item; previous: the last one
};

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
