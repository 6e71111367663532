// account.hh — the part of its quota that a process has taken. Accounts form a tree, that of parents and children, and
// all that a process takes counts in its own account and in all above: so a child's quota is taken from its parent's,
// and the descendants of a process never have more together than that process may have.
//
//   monitor   32 processes of 32
//     shell   limit 32, taken 6                 a bomb that the shell has started with a limit of 16
//       bomb     limit 16, taken 3              ends at 16, whichever descendant asks for more;
//         bomb      limit 16, taken 1           the shell may still start others
//         bomb      limit 16, taken 1
//
// When a process ends, what is left of it (its children, and channels until their peers have closed them) counts in its parent's
// account as it did before.

#pragma once

#include <utility>

#include "lib/quota.hh"
#include "sprat/result.hh"

namespace sprat::monitor {

class Account {
 public:
  // Begins anew, with nothing taken. `parent` is null at the root. The limit is `quota`, and no more than the
  // parent's limit.
  void open(Account* parent, const Quota& quota) {
    parent_ = parent;
    limit_ = parent != nullptr ? least(quota, parent->limit_) : quota;
    taken_ = {};
  }

  // Takes `amount`, in this account and in all above.
  //   quota_exceeded   it would be more than the limit of one of them; then nothing is taken
  Result<void> take(const Quota& amount) {
    for (const Account* account = this; account != nullptr; account = account->parent_)
      if (!(account->taken_ + amount).fits_in(account->limit_)) return Error::quota_exceeded;
    for (Account* account = this; account != nullptr; account = account->parent_)
      account->taken_ = account->taken_ + amount;
    return {};
  }

  // `amount` was taken from this account, or from one right below it that has ended.
  void give_back(const Quota& amount) {
    for (Account* account = this; account != nullptr; account = account->parent_)
      account->taken_ = account->taken_ - amount;
  }

  // The process of `gone` ends: an account right below that one is now below its parent.
  void move_up_from(const Account& gone) {
    if (parent_ == &gone) parent_ = gone.parent_;
  }

  // Returns the rest of the limit that is not taken yet.
  Quota left() const {
    Quota left = limit_ - taken_;
    for (const Account* above = parent_; above != nullptr; above = above->parent_)
      left = least(left, above->limit_ - above->taken_);
    return left;
  }

  Account* parent() const { return parent_; }
  const Quota& limit() const { return limit_; }
  const Quota& taken() const { return taken_; }

 private:
  Account* parent_ = nullptr;
  Quota limit_, taken_;
};

// Something that was taken, and is given back when this object ends.
class [[nodiscard]] Charge {
 public:
  Charge() = default;  // for nothing
  Charge(Charge&& other) noexcept { swap(other); }
  Charge& operator=(Charge&& other) noexcept {
    Charge(std::move(other)).swap(*this);
    return *this;
  }
  ~Charge() {
    if (account_ != nullptr) account_->give_back(amount_);
  }

  // Takes `amount` from `account`.  quota_exceeded
  static Result<Charge> take(Account& account, const Quota& amount) {
    if (const auto taken = account.take(amount); !taken) return taken.error();
    Charge charge;
    charge.account_ = &account;
    charge.amount_ = amount;
    return charge;
  }

  // The process of `gone` ends: its charges count from now on in the account above.
  void move_up_from(const Account& gone) {
    if (account_ == &gone) account_ = gone.parent();
  }

 private:
  void swap(Charge& other) {
    std::swap(account_, other.account_);
    std::swap(amount_, other.amount_);
  }

  Account* account_ = nullptr;
  Quota amount_;
};

}  // namespace sprat::monitor
