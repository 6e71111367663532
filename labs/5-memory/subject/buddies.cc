// buddies.cc — questions to a buddy system. The test knows which RAM is free, and all capabilities.
//
//   buddy new RECORDS             an empty one, with so many records in its reserve   -> done
//   buddy fail N                  the Nth split from now on fails; 0: none does       -> done
//   buddy add BASE BITS IS-BORROWED SLOT
//   buddy remove BASE
//   buddy allocate BITS CLIENT
//   buddy release BASE
//   buddy trace STEP...           aBITS allocates, rN releases the block of the Nth allocation -> BASE or - of each allocation
//
// The others are answered by a result, the operations on capabilities in their order, and the state:
//
//   ok   or   error NAME   or   block BASE BITS SLOT CLIENT IS-BORROWED
//   split SLOT BASE BITS LOW-SLOT LOW-BASE HIGH-SLOT HIGH-BASE     merge SLOT LOW-SLOT HIGH-SLOT
//   state BYTES-FREE RECORDS LARGEST PIECES FREE-LOAN BYTES... COUNTS...     of clients; of free blocks, by size

#include <cstdlib>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "memory/buddy.hh"
#include "subjects.hh"

namespace subject {
namespace {

using namespace sprat;
using memory::Block, memory::Halves;

class System final : private memory::BlockMemory {
 public:
  explicit System(std::size_t records) : records_(records) {
    for (std::size_t i = 0; i < records; ++i)
      reserve_.add(records_[i], CapAddress(10 + i / 127, 2 + 2 * (i % 127)));
  }

  std::string add(std::uint64_t base, unsigned bits, bool is_borrowed, CapAddress slot) {
    auto root = std::make_unique<Block>();
    const auto added = buddy_.add(*root, base, bits, slot, is_borrowed);
    if (added) roots_[base] = std::move(root);
    return result(added);
  }

  std::string remove(std::uint64_t base) {
    const auto root = roots_.find(base);
    if (root == roots_.end()) return "error there-is-no-such-root";
    const auto removed = buddy_.remove(*root->second);
    if (removed) roots_.erase(root);
    return result(removed);
  }

  std::string allocate(unsigned bits, std::size_t client) {
    const auto made = buddy_.allocate(bits, owners_[client % kClients]);
    if (!made) return result(made.error());
    Block* const block = made.value();
    if (block == nullptr) return "block none";
    used_[block->base] = block;
    const auto owner =
        static_cast<std::size_t>(reinterpret_cast<memory::Owner*>(block->owner) - owners_.data());
    return "block " + hex(block->base) + " " + hex(block->bits) + " " +
           hex(block->capability.raw()) + " " + hex(owner) + (block->is_borrowed ? " 1" : " 0");
  }

  std::string release(std::uint64_t base) {
    const auto block = used_.extract(base);
    if (block.empty()) return "error there-is-no-such-block";
    buddy_.release(*block.mapped());
    return "ok";
  }

  // Many steps, without a word of each.
  std::string trace(Question& question) {
    std::string bases = "bases";
    while (!question.empty()) {
      const std::string step = question.word();
      const auto number = std::strtoull(step.c_str() + 1, nullptr, 16);
      if (step[0] == 'a') {
        const auto made = buddy_.allocate(static_cast<unsigned>(number), owners_[0]);
        allocated_.push_back(made ? made.value() : nullptr);
        bases += " " + (made && made.value() != nullptr ? hex(made.value()->base) : "-");
      } else if (number < allocated_.size() && allocated_[number] != nullptr) {
        buddy_.release(*std::exchange(allocated_[number], nullptr));
      }
    }
    calls_.clear();
    return bases;
  }

  std::string answer(const std::string& result) {
    std::string text = result + calls_ + " state " + hex(buddy_.bytes_free()) + " " +
                       hex(reserve_.count()) + " " + hex(buddy_.largest_free()) + " " +
                       hex(buddy_.pieces_free()) + " ";
    calls_.clear();
    const Block* const loan = buddy_.free_loan();
    text += loan == nullptr ? "1" : hex(loan->base);  // no block begins at 1
    for (const memory::Owner& owner : owners_) text += " " + hex(owner.bytes);
    for (const std::uint32_t count : buddy_.free_by_bits()) text += " " + hex(count);
    return text;
  }

  void fail_at(std::size_t split) { splits_until_failure_ = split; }

 private:
  static constexpr std::size_t kClients = 3;

  static std::string result(const Result<void>& done) {
    return done ? "ok" : std::string("error ") + name_of(done.error());
  }

  Result<void> split(const Block& block, const Halves& halves) override {
    calls_ += " split " + hex(block.capability.raw()) + " " + hex(block.base) + " " +
              hex(block.bits) + " " + hex(halves.low.capability.raw()) + " " +
              hex(halves.low.base) + " " + hex(halves.high.capability.raw()) + " " +
              hex(halves.high.base);
    if (splits_until_failure_ == 0 || --splits_until_failure_ != 0) return {};
    calls_ += " failed";
    return Error::no_capability;
  }

  void merge(const Block& block, const Halves& halves) override {
    calls_ += " merge " + hex(block.capability.raw()) + " " + hex(halves.low.capability.raw()) +
              " " + hex(halves.high.capability.raw());
  }

  std::vector<Halves> records_;
  memory::Reserve reserve_;
  memory::Buddy buddy_{*this, reserve_};
  std::array<memory::Owner, kClients> owners_;
  std::map<std::uint64_t, std::unique_ptr<Block>> roots_;
  std::map<std::uint64_t, Block*> used_;
  std::vector<Block*> allocated_;  // by trace()
  std::string calls_;
  std::size_t splits_until_failure_ = 0;
};

std::unique_ptr<System> system;

std::string ask_system(const std::string& kind, Question& question) {
  const std::uint64_t first = question.number(), second = question.number();
  if (kind == "allocate") return system->allocate(static_cast<unsigned>(first), second);
  if (kind == "release") return system->release(first);
  if (kind == "remove") return system->remove(first);
  const bool is_borrowed = question.number() != 0;
  return system->add(first, static_cast<unsigned>(second), is_borrowed,
                     CapAddress(question.number()));
}

}  // namespace

void answer_by_buddy(Question& question) {
  const std::string kind = question.word();
  if (kind == "new") {
    system = std::make_unique<System>(question.number());
    return say("done");
  }
  if (system == nullptr) return say("error there-is-no-buddy-system");
  if (kind == "fail") {
    system->fail_at(question.number());
    return say("done");
  }
  if (kind == "trace") return say(system->trace(question));
  if (kind != "add" && kind != "remove" && kind != "allocate" && kind != "release")
    return say("error unknown-question");
  say(system->answer(ask_system(kind, question)));
}

}  // namespace subject
