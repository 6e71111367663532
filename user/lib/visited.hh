// visited.hh — a list whose members may leave, and take others with them, while it is gone through.

#pragma once

namespace sprat {

// Of objects that have the members Member* previous_ and next_, both null outside of the list.
template <class Member>
class Visited {
 public:
  bool empty() const { return first_ == nullptr; }

  void add(Member& member) {
    member.next_ = first_;
    if (first_ != nullptr) first_->previous_ = &member;
    first_ = &member;
  }

  void remove(Member& member) {
    if (next_to_visit_ == &member) next_to_visit_ = member.next_;
    (member.previous_ != nullptr ? member.previous_->next_ : first_) = member.next_;
    if (member.next_ != nullptr) member.next_->previous_ = member.previous_;
    member.next_ = member.previous_ = nullptr;
  }

  // Calls `visit` for each member that is still in the list at its turn. Returns whether it was true for one of them. A
  // visit must not visit.
  template <class Visit>
  [[gnu::always_inline]] bool any(Visit visit) {
    bool any = false;
    for (Member* member = first_; member != nullptr; member = next_to_visit_) {
      next_to_visit_ = member->next_;
      any = visit(*member) || any;
    }
    return any;
  }

 private:
  Member* first_ = nullptr;
  Member* next_to_visit_ = nullptr;
};

}  // namespace sprat
