// world.hh — the code under test beside the model: each request goes to both, and their answers must agree.

#pragma once

#include <string>
#include <vector>

#include "capability_model.hh"
#include "lab/trial.hh"

namespace lab {

using sprat::grading::Trial;

class World {
 public:
  // Memory of `mib` MiB at a random place, all zeros, no capabilities.
  World(Trial& trial, unsigned mib);

  Trial& trial() { return trial_; }
  CapabilityModel& model() { return model_; }

  // Memory that nothing uses yet: `bytes` at a multiple of `alignment`.
  std::uint64_t new_memory(std::uint64_t bytes, std::uint64_t alignment);

  // A slot, or `count` consecutive ones, that nothing uses yet.
  std::uint64_t new_slots(std::uint64_t count = 1);

  // Puts a capability at the end of the order, without asking the code under test; returns its slot. A slot of 0 means
  // a new one.
  std::uint64_t put(Capability capability);

  // Likewise: an object of this type in new memory, of `bytes` where the type does not decide.
  std::uint64_t put_new(Type type, std::uint64_t bytes = kPageBytes);

  // Likewise: a copy of the capability in `original`, with its place beside it.
  std::uint64_t put_copy(std::uint64_t original, Rights keep = sprat::kAllRights,
                         std::uint64_t slot = 0);

  // Takes a capability away without asking the code under test.
  void drop(std::uint64_t slot);

  // Each asks for the operation, fails the test if the answer is not as the model's, and returns whether it was `ok`.
  bool mint(std::uint64_t source, std::uint64_t target, Rights keep = sprat::kAllRights,
            std::uint64_t badge_or_first = 0, std::uint64_t count = 0);
  bool copy(std::uint64_t source, std::uint64_t target);
  bool retype(std::uint64_t source, Type type, unsigned size_bits, std::uint64_t count,
              std::uint64_t target, std::uint64_t targets);
  bool retype(std::uint64_t source, Type type, unsigned size_bits, std::uint64_t count) {
    return retype(source, type, size_bits, count, new_slots(count), count);
  }
  bool remove(std::uint64_t slot);
  bool revoke(std::uint64_t slot);
  bool map(std::uint64_t table, std::uint64_t first_entry, std::uint64_t source, Rights rights);

  // Asks until nothing is left to take apart.
  void settle();

  // A question whose answer must be one of the faults, or "ok" if there are none.
  bool expect(const std::string& question, const std::string& meaning, const Faults& faults);

  // Any question; the answer.
  std::string ask(const std::string& question);

  // The capabilities in derivation order. Fails the test if they are not in one consistent list.
  std::vector<Capability> order();

  // Fails the test unless exactly the capabilities of the model exist, in an order that shows for each one
  // its ancestors.
  void check();

  // A capability as it is shown: type, extent, rights.
  std::string name(std::uint64_t slot) const;

  // Fails the test, with the last requests.
  [[noreturn]] void wrong(const std::string& expected, const std::string& came,
                          const std::string& explain = "");

 private:
  void check_order(const std::vector<Capability>& order);

  Trial& trial_;
  CapabilityModel model_;
  std::uint64_t base_;
  std::uint64_t end_;
  std::uint64_t next_memory_;
  std::uint64_t next_slot_ = 0;
  std::uint64_t last_slot_ = 0;
  std::optional<std::uint64_t> end_of_order_ = 0;  // slot of the capability there, if known
  std::string questions_;                          // all of them, to be asked again by hand
  std::vector<std::string> meanings_;              // of the requests
};

// Splits at blanks; hexadecimal numbers.
std::vector<std::string> words_of(const std::string& text);
std::uint64_t number_of_word(const std::string& word);

}  // namespace lab
