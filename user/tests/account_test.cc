// account_test.cc — quotas in trees of processes that begin, take and end at random.

#include "monitor/account.hh"

#include <criterion/criterion.h>

#include <array>
#include <random>
#include <vector>

#include "user/tests/seed.hh"

using namespace sprat;
using namespace sprat::monitor;

namespace {

constexpr Quota kOne{.processes = 1, .memory = 4096, .channels = 2, .slots = 3};

// Processes of a tree, by place; what was charged to a process may outlive it.
struct Tree {
  static constexpr std::size_t kPlaces = 16;

  Account root;
  std::array<Account, kPlaces> accounts;
  std::array<bool, kPlaces> lives{};
  std::vector<Charge> charges;

  void end(std::size_t place) {
    for (Charge& charge : charges) charge.move_up_from(accounts[place]);
    for (Account& other : accounts) other.move_up_from(accounts[place]);
    accounts[place] = Account();
    lives[place] = false;
  }
};

}  // namespace

Test(account, takes_from_all_above_or_from_none) {
  Account root, parent, child;
  root.open(nullptr, kOne * 10);
  parent.open(&root, kOne * 2);
  child.open(&parent, kParentsQuota);
  cr_expect(child.limit() == kOne * 2, "a child may have no more than its parent");
  cr_expect(child.take(kOne).ok());
  cr_expect(parent.take(kOne).ok());
  cr_expect(child.take(kOne).error() == Error::quota_exceeded, "its parent has taken the rest");
  cr_expect(child.taken() == kOne && parent.taken() == kOne * 2 && root.taken() == kOne * 2);
  child.give_back(kOne);
  cr_expect(child.taken() == Quota() && parent.taken() == kOne && root.taken() == kOne);
}

Test(account, refuses_when_a_single_resource_is_missing) {
  for (const Quota scarce :
       {Quota{0, 4096, 2, 3}, Quota{1, 4095, 2, 3}, Quota{1, 4096, 1, 3}, Quota{1, 4096, 2, 2}}) {
    Account account;
    account.open(nullptr, scarce);
    cr_expect(account.take(kOne).error() == Error::quota_exceeded);
    cr_expect(account.taken() == Quota());
  }
}

Test(account, charge_that_outlives_its_process_counts_in_the_parents_account) {
  Account root, parent, child;
  root.open(nullptr, kOne * 4);
  parent.open(&root, kOne * 2);
  child.open(&parent, kOne * 2);
  {
    auto charge = Charge::take(child, kOne);
    cr_assert(charge.ok());
    charge.value().move_up_from(child);
    child = Account();
    cr_expect(parent.taken() == kOne);
  }
  cr_expect(parent.taken() == Quota() && root.taken() == Quota());
}

Test(account, is_never_above_its_limit_and_empty_in_the_end) {
  const auto seed = test::any_seed();
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  Tree tree;
  tree.root.open(nullptr, kOne * 40);
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t place = below(Tree::kPlaces);
    Account& account = tree.accounts[place];
    if (!tree.lives[place]) {
      const std::size_t parent = below(Tree::kPlaces);
      account.open(tree.lives[parent] ? &tree.accounts[parent] : &tree.root, kOne * below(20));
      tree.lives[place] = true;
    } else if (below(8) == 0) {
      tree.end(place);
    } else if (below(3) != 0) {
      if (auto charge = Charge::take(account, kOne))
        tree.charges.push_back(std::move(charge.value()));
    } else if (!tree.charges.empty()) {
      std::swap(tree.charges[below(tree.charges.size())], tree.charges.back());
      tree.charges.pop_back();
    }
    cr_assert(tree.root.taken() == kOne * tree.charges.size(), "seed %lu, step %d", seed, step);
    for (std::size_t i = 0; i < Tree::kPlaces; ++i)
      cr_assert(!tree.lives[i] || tree.accounts[i].taken().fits_in(tree.accounts[i].limit()),
                "seed %lu, step %d", seed, step);
  }
  tree.charges.clear();
  cr_expect(tree.root.taken() == Quota());
}

// On another core, descendants of a process together have the share that it has here.
Test(account, descendants_on_another_core_share_what_their_ancestor_may_have) {
  Account root, half, quarter;
  root.open(nullptr, {.memory = 100});
  half.open(&root, {.memory = 50});
  quarter.open(&half, {.memory = 25});
  cr_expect_eq(root.share_left(1), Account::kAll);
  cr_expect_eq(quarter.share_of({.memory = 1'000}), Account::kAll / 4);
  cr_expect_eq(quarter.share_left(1), Account::kAll / 4);
  auto charge = Charge::take(half, {});
  charge.value().add_share(1, 3 * Account::kAll / 8);
  cr_expect_eq(half.share_left(1), Account::kAll / 8);
  cr_expect_eq(quarter.share_left(1), Account::kAll / 8, "its parent has no more");
  cr_expect_eq(quarter.share_left(2), Account::kAll / 4);
  charge.value() = Charge();
  cr_expect_eq(quarter.share_left(1), Account::kAll / 4);
  cr_expect_eq(root.share_left(1), Account::kAll);
}
