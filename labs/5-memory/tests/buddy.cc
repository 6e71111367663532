// buddy.cc — see buddy.hh.

#include "buddy.hh"

#include <algorithm>
#include <sstream>

namespace lab {

namespace {

std::uint64_t number(const std::vector<std::string>& words, std::size_t at) {
  return at < words.size() ? std::strtoull(words[at].c_str(), nullptr, 16) : 0;
}

std::string text_of(std::uint64_t base, unsigned bits) {
  return sprat::grading::hex(bytes_of(bits)) + " bytes at " + sprat::grading::hex(base);
}

}  // namespace

Buddy::Buddy(Trial& trial, std::size_t records) : trial_(trial), records_(records) {
  trial.expect_equal("new", "done", trial.ask("buddy new " + bare(records)));
}

void Buddy::wrong(const std::string& expected, const std::string& came) const {
  trial_.wrong(expected, came,
               "After the question:  " + question_ + "\nwith the answer:  " + answer_);
}

void Buddy::fail_at(std::size_t n) {
  trial_.expect_equal("fail", "done", trial_.ask("buddy fail " + bare(n)));
}

void Buddy::add(std::uint64_t base, unsigned bits, bool is_borrowed) {
  const std::uint64_t slot = next_slot_++;
  capabilities_[slot] = {base, bits};
  roots_[base] = {bits, is_borrowed, slot};
  root_blocks_[base] = {base, bits};
  const auto result =
      ask("add " + bare(base) + " " + bare(bits) + (is_borrowed ? " 1 " : " 0 ") + bare(slot));
  if (result != std::vector<std::string>{"ok"}) wrong("ok", "another result");
}

void Buddy::remove(std::uint64_t base) {
  const Root root = roots_.at(base);
  const bool is_right = is_free(base, root.bits);
  if (is_right) {
    roots_.erase(base);
    root_blocks_.erase(base);
    capabilities_.erase(root.slot);
  }
  const auto result = ask("remove " + bare(base));
  const std::vector<std::string> expected =
      is_right ? std::vector<std::string>{"ok"} : std::vector<std::string>{"error", "in_use"};
  if (result != expected) wrong(is_right ? "ok: all of it is free" : "in_use", "another result");
}

void Buddy::expect_error(const std::string& call, const std::string& error) {
  const auto result = ask(call);
  if (result != std::vector<std::string>{"error", error}) wrong("error " + error, "another result");
}

Block Buddy::allocate(unsigned bits, std::size_t client) {
  const unsigned largest = largest_free();
  const std::size_t records = records_left();
  // The model as it is before; the result is compared with the state afterwards.
  std::vector<Tree> trees;
  for (const auto& [base, root] : roots_) list_trees(base, root.bits, root.is_borrowed, trees);
  question_ = "buddy allocate " + bare(bits) + " " + bare(client);
  answer_ = trial_.ask(question_);
  std::istringstream text(answer_);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  const bool has_failed = std::ranges::find(words, "failed") != words.end();
  const bool is_block = words.size() > 6 && words[0] == "block";
  if (!is_block) {
    const std::string error = words.size() > 1 && words[0] == "error" ? words[1] : "no result";
    const bool may_lack = largest < bits || records < largest - bits;
    if (error == "out_of_memory" ? !may_lack : !(error == "no_capability" && has_failed))
      wrong(may_lack ? "out_of_memory" : "a block of " + bare(bits) + " (hex) bits", error);
    ask("");
    return {};
  }
  const Block block{number(words, 1), static_cast<unsigned>(number(words, 2))};
  const std::uint64_t slot = number(words, 3);
  if (block.bits != bits || block.base % bytes_of(bits) != 0)
    wrong("an aligned block of " + bare(bits) + " (hex) bits", text_of(block.base, block.bits));
  if (number(words, 4) != client) wrong("a block of client " + bare(client), "of another owner");
  if (has_failed) wrong("the error of the split that failed", "a block");
  if (!is_free(block.base, bits)) wrong("bytes that no client has", text_of(block.base, bits));
  const auto is_in = [&](const Tree& tree) {
    return tree.base <= block.base && block.base - tree.base < bytes_of(tree.bits);
  };
  const auto tree = std::ranges::find_if(trees, is_in);
  if (tree == trees.end()) wrong("a block of RAM that was added", text_of(block.base, bits));
  for (const Tree& other : trees) {
    const auto rank = [](const Tree& it) {
      const bool is_free_loan = it.is_borrowed && it.largest == it.bits;
      return std::pair(is_free_loan, it.largest);
    };
    if (other.largest >= bits && rank(other) < rank(*tree))
      wrong("a block of the tree at " + bare(other.base) +
                ", whose largest free block is smaller, or which is no free loan",
            text_of(block.base, bits));
  }
  const Block best = best_in(*tree, bits);
  if (block.base < best.base || block.base - best.base >= bytes_of(best.bits))
    wrong("a part of the smallest free block that suffices, the first of them: " +
              text_of(best.base, best.bits),
          text_of(block.base, bits));
  uses_[block.base] = {bits, client, slot};
  blocks_[block.base] = block;
  ask("");
  Capability& capability = at(slot);
  if (capability.base != block.base || capability.bits != bits || capability.is_split ||
      capability.is_handed_out)
    wrong("a block with its own capability, of which nothing has been made",
          "slot " + bare(slot) + " has a capability to " +
              text_of(capability.base, capability.bits) +
              (capability.is_split ? ", which is split" : ""));
  capability.is_handed_out = true;
  return block;
}

void Buddy::release(std::uint64_t base) {
  const Use use = uses_.at(base);
  at(use.slot).is_handed_out = false;
  uses_.erase(base);
  blocks_.erase(base);
  if (ask("release " + bare(base)) != std::vector<std::string>{"ok"}) wrong("ok", "another result");
}

// With an empty question, the answer is the last one.
std::vector<std::string> Buddy::ask(const std::string& question) {
  if (!question.empty()) {
    question_ = "buddy " + question;
    answer_ = trial_.ask(question_);
  }
  std::istringstream text(answer_);
  std::vector<std::string> words;
  for (std::string word; text >> word;) words.push_back(word);
  std::vector<std::string> result;
  std::size_t i = 0;
  while (i < words.size() && words[i] != "split" && words[i] != "merge" && words[i] != "state")
    result.push_back(words[i++]);
  while (i < words.size() && words[i] != "state") {
    const bool is_split = words[i] == "split",
               has_failed = is_split && i + 8 < words.size() && words[i + 8] == "failed";
    is_split ? follow_split(words, i + 1, has_failed) : follow_merge(words, i + 1);
    i += is_split ? 8 + has_failed : 4;
  }
  compare(words, i + 1);
  return result;
}

Buddy::Capability& Buddy::at(std::uint64_t slot) {
  const auto found = capabilities_.find(slot);
  if (found == capabilities_.end())
    wrong("a slot that has a capability", "slot " + bare(slot) + " is empty");
  return found->second;
}

void Buddy::follow_split(const std::vector<std::string>& words, std::size_t i, bool has_failed) {
  const std::uint64_t slot = number(words, i), low = number(words, i + 3),
                      high = number(words, i + 5);
  const Capability parent = at(slot);
  if (parent.base != number(words, i + 1) || parent.bits != number(words, i + 2))
    wrong("a split of " + text_of(parent.base, parent.bits) + ", to which slot " + bare(slot) +
              " has the capability",
          "of another block");
  if (parent.is_split || parent.is_handed_out)
    wrong("a split of a block of which nothing has been made", "of a block in use");
  if (parent.bits == kLeastBits) wrong("no split of the smallest block", "one");
  const std::uint64_t half = bytes_of(parent.bits - 1);
  if (number(words, i + 4) != parent.base || number(words, i + 6) != parent.base + half)
    wrong("halves of " + text_of(parent.base, parent.bits), "other halves");
  if (high != low + 1 || capabilities_.contains(low) || capabilities_.contains(high))
    wrong("two neighbouring slots of a record, both empty",
          "slots " + bare(low) + " and " + bare(high));
  if (has_failed) return;
  if (splits_ == records_) wrong("a record of the reserve for each split", "one more");
  ++splits_;
  capabilities_[slot].is_split = true;
  capabilities_[low] = {parent.base, parent.bits - 1};
  capabilities_[high] = {parent.base + half, parent.bits - 1};
}

void Buddy::follow_merge(const std::vector<std::string>& words, std::size_t i) {
  Capability& parent = at(number(words, i));
  if (!parent.is_split)
    wrong("a merge of a block that is split", "of " + text_of(parent.base, parent.bits));
  for (const std::size_t half : {0u, 1u}) {
    const std::uint64_t slot = number(words, i + 1 + half);
    const Capability& capability = at(slot);
    const std::uint64_t base = parent.base + half * bytes_of(parent.bits - 1);
    if (capability.base != base || capability.bits != parent.bits - 1)
      wrong("the two halves of " + text_of(parent.base, parent.bits),
            text_of(capability.base, capability.bits));
    if (capability.is_split || capability.is_handed_out)
      wrong("a merge of halves of which nothing is left",
            text_of(base, parent.bits - 1) + " is in use or split");
  }
  for (const std::size_t half : {0u, 1u}) capabilities_.erase(number(words, i + 1 + half));
  parent.is_split = false;
  --splits_;
}

void Buddy::compare(const std::vector<std::string>& words, std::size_t i) {
  Counts counts{};
  for (const auto& [base, root] : roots_) count(base, root.bits, counts);
  std::uint64_t bytes = 0, pieces = 0;
  for (unsigned bits = kLeastBits; bits <= kMostBits; ++bits) {
    bytes += counts[bits] << bits;
    if (bits >= kPieceBits) pieces += counts[bits] << (bits - kPieceBits);
  }
  if (words.size() != i + 5 + kClients + counts.size()) wrong("a state", "none");
  const std::size_t of_counts = i + 5 + kClients;
  for (unsigned bits = 0; bits <= kMostBits; ++bits)
    if (number(words, of_counts + bits) != counts[bits])
      wrong(std::to_string(counts[bits]) + " free blocks of " + std::to_string(bits) +
                " bits: free halves of one block are one block",
            std::to_string(number(words, of_counts + bits)));
  if (number(words, i) != bytes) wrong(sprat::grading::hex(bytes) + " bytes free", "0x" + words[i]);
  if (number(words, i + 1) != records_left())
    wrong(std::to_string(records_left()) + " records in the reserve",
          std::to_string(number(words, i + 1)));
  if (number(words, i + 2) != largest_free())
    wrong("the largest free block has " + bare(largest_free()) + " (hex) bits", words[i + 2]);
  if (number(words, i + 3) != pieces)
    wrong(std::to_string(pieces) + " whole pieces free", std::to_string(number(words, i + 3)));
  const std::uint64_t loan = number(words, i + 4);
  const auto is_free_loan = [&](const auto& root) {
    return root.second.is_borrowed && is_free(root.first, root.second.bits);
  };
  const bool has_loan = std::ranges::any_of(roots_, is_free_loan);
  const auto its = roots_.find(loan);
  if (has_loan ? its == roots_.end() || !is_free_loan(*its) : loan != 1)
    wrong(has_loan ? "a free loan" : "no free loan", words[i + 4]);
  for (std::size_t client = 0; client < kClients; ++client) {
    std::uint64_t its_bytes = 0;
    for (const auto& [base, use] : uses_)
      its_bytes += use.client == client ? bytes_of(use.bits) : 0;
    if (number(words, i + 5 + client) != its_bytes)
      wrong("client " + bare(client) + " has " + bare(its_bytes) + " (hex) bytes",
            words[i + 5 + client]);
  }
}

bool Buddy::is_free(std::uint64_t base, unsigned bits) const {
  auto next = uses_.lower_bound(base);
  if (next != uses_.end() && next->first - base < bytes_of(bits)) return false;
  if (next == uses_.begin()) return true;
  --next;
  return next->first + bytes_of(next->second.bits) <= base;
}

void Buddy::count(std::uint64_t base, unsigned bits, Counts& counts) const {
  if (is_free(base, bits)) {
    ++counts[bits];
  } else if (const auto use = uses_.find(base); use == uses_.end() || use->second.bits < bits) {
    count(base, bits - 1, counts);
    count(base + bytes_of(bits - 1), bits - 1, counts);
  }
}

unsigned Buddy::largest_in(std::uint64_t base, unsigned bits) const {
  Counts counts{};
  count(base, bits, counts);
  while (bits != 0 && counts[bits] == 0) --bits;
  return bits;
}

unsigned Buddy::largest_free() const {
  unsigned largest = 0;
  for (const auto& [base, root] : roots_) largest = std::max(largest, largest_in(base, root.bits));
  return largest;
}

void Buddy::list_trees(std::uint64_t base, unsigned bits, bool is_borrowed,
                       std::vector<Tree>& trees) const {
  if (bits <= kPieceBits || is_free(base, bits))
    return trees.push_back({base, bits, largest_in(base, bits), is_borrowed});
  if (const auto use = uses_.find(base); use != uses_.end() && use->second.bits >= bits) return;
  list_trees(base, bits - 1, is_borrowed, trees);
  list_trees(base + bytes_of(bits - 1), bits - 1, is_borrowed, trees);
}

// The smallest free block of the tree of 2^bits bytes or more; of several the first.
Block Buddy::best_in(const Tree& tree, unsigned bits) const {
  for (unsigned size = bits; size <= tree.bits; ++size) {
    for (std::uint64_t base = tree.base; base != tree.base + bytes_of(tree.bits);
         base += bytes_of(size)) {
      if (!is_free(base, size)) continue;
      const std::uint64_t parent = base & ~(bytes_of(size + 1) - 1);
      if (size == tree.bits || !is_free(parent, size + 1)) return {base, size};
    }
  }
  return {};
}

}  // namespace lab
