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
//@ since monitor
// Quotas are of one core. A process that may have a quarter of this core's memory may have, with its descendants, a quarter of each
// other core as well. A part of that share is taken for each process that is started there, until it has ended.
//
//@ end
// When a process ends, what is left of it (its children, and channels until their peers have closed them) counts in its parent's
// account as it did before.

#pragma once

//@ since monitor
#include <algorithm>
#include <array>
//@ end
#include <utility>

#include "lib/quota.hh"
//@ since monitor
#include "sprat/first_process.hh"
//@ end
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
    //@ since monitor
    share_ = parent != nullptr ? parent->share_of(limit_) : kAll;
    taken_there_ = {};
    //@ end
  }
  //@ since monitor

  // A share of another core, in so many parts of a whole.
  using Share = std::uint32_t;
  static constexpr Share kAll = 1024;

  // Returns the share for a child that may have `quota`, if none of it is taken.
  Share share_of(const Quota& quota) const {
    if (quota.memory >= limit_.memory) return share_;
    return static_cast<Share>(share_ * quota.memory / limit_.memory);
  }

  // Returns the part of that share of `core` that is not taken yet.
  Share share_left(std::size_t core) const {
    Share left = share_ - taken_there_[core];
    for (const Account* above = parent_; above != nullptr; above = above->parent_)
      left = std::min(left, above->share_ - above->taken_there_[core]);
    return left;
  }

  // Takes or gives back `share` of `core`, which is left, in this account and in all above.
  void take_share(std::size_t core, Share share) {
    for (Account* account = this; account != nullptr; account = account->parent_)
      account->taken_there_[core] += share;
  }
  void give_back_share(std::size_t core, Share share) {
    for (Account* account = this; account != nullptr; account = account->parent_)
      account->taken_there_[core] -= share;
  }
  //@ end

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
  //@ since monitor
  Share share_ = 0;
  std::array<Share, kMaxCores> taken_there_{};
  //@ end
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
    if (account_ == nullptr) return;
    account_->give_back(amount_);
    //@ since monitor
    account_->give_back_share(core_, share_);
    //@ end
  }

  // Takes `amount` from `account`.  quota_exceeded
  static Result<Charge> take(Account& account, const Quota& amount) {
    if (const auto taken = account.take(amount); !taken) return taken.error();
    Charge charge;
    charge.account_ = &account;
    charge.amount_ = amount;
    return charge;
  }

  //@ since monitor
  // Takes `share` of `core` as well; it is left.
  void add_share(std::size_t core, Account::Share share) {
    account_->take_share(core, share);
    core_ = core;
    share_ = share;
  }

  //@ end
  //@ since monitor
  bool is_for_nothing() const { return account_ == nullptr; }

  //@ end
  // The process of `gone` ends: its charges count from now on in the account above.
  void move_up_from(const Account& gone) {
    if (account_ == &gone) account_ = gone.parent();
  }

 private:
  void swap(Charge& other) {
    std::swap(account_, other.account_);
    std::swap(amount_, other.amount_);
    //@ since monitor
    std::swap(core_, other.core_);
    std::swap(share_, other.share_);
    //@ end
  }

  Account* account_ = nullptr;
  Quota amount_;
  //@ since monitor
  std::size_t core_ = 0;
  Account::Share share_ = 0;
  //@ end
};

}  // namespace sprat::monitor
