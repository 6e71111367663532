// scope.cc — the QEMU plugin: counts what the guest really did, as README.md defines it.
//
// QEMU asks at every translation what to call later; from then on it calls before each execution of
// an instruction and after each of its accesses to memory, on the thread of the vCPU (or on the one
// thread that runs them all in turn).
#include <dlfcn.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scope/counts.hh"
#include "scope/directory.hh"
#include "scope/instruction.hh"
#include "scope/live_file.hh"
#include "scope/options.hh"
#include "scope/qemu_plugin.hh"
#include "scope/report.hh"
#include "scope/trace.hh"
#include "scope/translated.hh"
#include "scope/witness.hh"

namespace sprat::scope {
namespace {

constexpr int kLimitReachedStatus = 99;
constexpr std::uint64_t kStepsBetweenLooks = 256;
constexpr int kNewestApi = 6;  // version 7 passes other arguments to callbacks

class Scope {
 public:
  Scope(const Options& options, std::optional<Trust> trust, unsigned vcpus)
      : options_(options),
        trust_(std::move(trust)),
        live_(options.live),
        directory_(vcpus),
        trace_(vcpus),
        vcpus_(vcpus) {
    for (unsigned vcpu = 0; trust_ && vcpu < vcpus; ++vcpu) witnesses_.emplace_back(*trust_);
  }

  bool is_ready() const { return live_.is_open(); }

  // Before each execution: the counters of the vCPU. Now and then it looks at the total first.
  VcpuCounts& before_step(unsigned vcpu) {
    Vcpu& self = vcpus_[vcpu];
    if (self.counts.steps() >= self.next_look) look(self);
    return self.counts;
  }

  // Before each straight line of instructions.
  void before_block(unsigned vcpu, std::uint64_t address) {
    vcpus_[vcpu].counts.block(address);
    if (trust_) witnesses_[vcpu].untrusted();
  }
  void before_block(unsigned vcpu, const TrustedBlock& block) {
    vcpus_[vcpu].counts.block(block.begin);
    witnesses_[vcpu].trusted(block);
  }

  void before_word(unsigned vcpu, std::uint16_t word) {
    before_step(vcpu).plain();
    witnesses_[vcpu].word(word);
  }

  const std::optional<Trust>& trust() const { return trust_; }

  // One for each place where a straight line of the trusted program begins and ends, however often it is translated.
  const TrustedBlock* keep(TrustedBlock block) {
    const std::lock_guard lock(blocks_mutex_);
    const auto key = std::pair(block.begin, block.places.size());
    return &blocks_.try_emplace(key, std::move(block)).first->second;
  }

  void before_halt(unsigned vcpu) {
    before_step(vcpu).halt();
    note(vcpu, Trace::kHalted);
  }

  void before_interrupts_on(unsigned vcpu) { before_step(vcpu).interrupts_on(); }

  // Before a marker that names an event.
  void before_event(unsigned vcpu, std::uint16_t id) {
    before_step(vcpu).plain();
    note(vcpu, id);
  }

  // After each access, for each line of memory it touched.
  void accessed(unsigned vcpu, std::uint64_t address, std::uint64_t physical_address,
                unsigned bytes, bool is_store) {
    if (trust_) witnesses_[vcpu].accessed(*trust_, address, physical_address, bytes, is_store);
    trace_.accessed(vcpu, physical_address);
    const Moves moves = is_store ? directory_.write(vcpu, physical_address)
                                 : directory_.read(vcpu, physical_address);
    vcpus_[vcpu].counts.moved(moves);
    vcpus_[vcpu].counts.touched_data(physical_address >> kLineBits);
  }

  // Before the first instruction that is executed of a line of code.
  void before_line(unsigned vcpu, std::uint64_t line) { vcpus_[vcpu].counts.touched_code(line); }

  void publish() { live_.store(steps_of_all()); }

  // Writes the report, once. The vCPUs may still be running.
  void finish(bool limit_reached) {
    const std::lock_guard lock(finish_mutex_);
    if (finished_) return;
    finished_ = true;
    publish();
    std::vector<VcpuReport> reports;
    for (std::size_t vcpu = 0; vcpu < vcpus_.size(); ++vcpu) {
      const VcpuCounts& counts = vcpus_[vcpu].counts;
      reports.push_back({counts.counts(), counts.regions(), counts.kernel(), {}});
      if (trust_) reports.back().witness = witnesses_[vcpu].report();
    }
    bool written = replace_file(options_.out, to_json(reports, limit_reached));
    if (!options_.trace.empty())
      written = replace_file(options_.trace, trace_.to_text()) && written;
    if (limit_reached) ::_exit(written ? kLimitReachedStatus : EXIT_FAILURE);
  }

 private:
  struct Vcpu {
    VcpuCounts counts;
    std::uint64_t next_look = 0;  // in steps of this vCPU
  };

  void note(unsigned vcpu, std::uint16_t event) {
    if (!options_.trace.empty()) trace_.happened(vcpu, steps_of_all(), event);
  }

  std::uint64_t steps_of_all() const {
    std::uint64_t total = 0;
    for (const Vcpu& vcpu : vcpus_) total += vcpu.counts.steps();
    return total;
  }

  // Publishes the total and ends the run at the limit: exactly there with one vCPU; with n of them,
  // each of the others may have made up to kStepsBetweenLooks steps more.
  void look(Vcpu& self) {
    const std::uint64_t total = steps_of_all();
    live_.store(total);
    std::uint64_t pause = kStepsBetweenLooks;
    if (options_.limit) {
      if (total >= *options_.limit) finish(true);
      pause = std::clamp<std::uint64_t>((*options_.limit - total) / vcpus_.size(), 1,
                                        kStepsBetweenLooks);
    }
    self.next_look = self.counts.steps() + pause;
  }

  const Options options_;
  const std::optional<Trust> trust_;
  LiveFile live_;
  Directory directory_;
  Trace trace_;
  std::vector<Vcpu> vcpus_;
  std::vector<Witness> witnesses_;  // of each vCPU, if there is a trusted program
  std::mutex blocks_mutex_;
  std::map<std::pair<std::uint64_t, std::size_t>, TrustedBlock> blocks_;
  std::mutex finish_mutex_;
  bool finished_ = false;
};

// Never destroyed: QEMU may exit on one thread while vCPUs run on others.
Scope* the_scope = nullptr;

// Callbacks of execution. The facts of the instruction that each needs travel in the pointer itself.

void before_plain(unsigned vcpu, void*) { the_scope->before_step(vcpu).plain(); }
void before_locked(unsigned vcpu, void*) { the_scope->before_step(vcpu).locked(); }
void before_string(unsigned vcpu, void* address) {
  the_scope->before_step(vcpu).string(reinterpret_cast<std::uintptr_t>(address));
}
void before_halt(unsigned vcpu, void*) { the_scope->before_halt(vcpu); }
void before_interrupts_on(unsigned vcpu, void*) { the_scope->before_interrupts_on(vcpu); }
void before_block(unsigned vcpu, void* address) {
  the_scope->before_block(vcpu, reinterpret_cast<std::uintptr_t>(address));
}
void before_trusted_block(unsigned vcpu, void* block) {
  the_scope->before_block(vcpu, *static_cast<const TrustedBlock*>(block));
}

// The region, and whether the marker is a stranger.
constexpr std::uint64_t kStranger = 0x10000;

void before_region_begin(unsigned vcpu, void* datum) {
  const auto id = reinterpret_cast<std::uintptr_t>(datum);
  the_scope->before_step(vcpu).region_begin(static_cast<std::uint16_t>(id), id < kStranger);
}
void before_region_end(unsigned vcpu, void* datum) {
  const auto id = reinterpret_cast<std::uintptr_t>(datum);
  the_scope->before_step(vcpu).region_end(static_cast<std::uint16_t>(id), id < kStranger);
}
void before_word(unsigned vcpu, void* word) {
  the_scope->before_word(vcpu, static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(word)));
}

void before_event(unsigned vcpu, void* id) {
  the_scope->before_event(vcpu, static_cast<std::uint16_t>(reinterpret_cast<std::uintptr_t>(id)));
}

void before_line(unsigned vcpu, void* line) {
  the_scope->before_line(vcpu, reinterpret_cast<std::uintptr_t>(line));
}

void after_access(unsigned vcpu, qemu_plugin_meminfo_t info, std::uint64_t address, void*) {
  const unsigned bytes = 1U << qemu_plugin_mem_size_shift(info);
  const auto touch = [&](std::uint64_t byte) {
    const qemu_plugin_hwaddr* const place = qemu_plugin_get_hwaddr(info, byte);
    if (place == nullptr || qemu_plugin_hwaddr_is_io(place)) return;
    the_scope->accessed(vcpu, byte, qemu_plugin_hwaddr_phys_addr(place), bytes,
                        qemu_plugin_mem_is_store(info));
  };
  // Accesses are no longer than a line, so they touch one or, when they straddle a boundary, two.
  const std::uint64_t last = address + bytes - 1;
  touch(address);
  if (address >> kLineBits != last >> kLineBits) touch(last);
}

// The straight line, if all of it is the trusted program's.
const TrustedBlock* trusted_part(const qemu_plugin_tb* block) {
  const auto& trust = the_scope->trust();
  if (!trust) return nullptr;
  TrustedBlock result;
  result.begin = qemu_plugin_tb_vaddr(block);
  const std::size_t count = qemu_plugin_tb_n_insns(block);
  for (std::size_t index = 0; index < count; ++index) {
    const qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, index);
    const std::uint64_t address = qemu_plugin_insn_vaddr(instruction);
    const Bytes bytes(instruction);
    if (!trust->holds(address, bytes.all())) return nullptr;
    result.places.push_back(address);
    if (index + 1 == count) add_places_behind(result, address, bytes.all());
  }
  return the_scope->keep(std::move(result));
}

// Returns whether a straight line at `address` is the firmware's that begins the machine: it is in the first MiB, or behind
// the 16 MiB in which loaders put a kernel, where SeaBIOS moves to; and no other code was translated yet. That firmware is half
// of the instructions of a short run.
bool is_firmware(std::uint64_t address) {
  static std::atomic<bool> has_begun = false;  // of the guest
  constexpr std::uint64_t kKernelBegin = 1 << 20, kKernelEnd = 16 << 20, kFirmwareEnd = 1ULL << 32;
  if (has_begun) return false;
  const bool is_low = address < kKernelBegin;
  if (is_low || (address >= kKernelEnd && address < kFirmwareEnd)) return true;
  has_begun = true;
  return false;
}

void on_translation(qemu_plugin_id_t, qemu_plugin_tb* block) {
  if (is_firmware(qemu_plugin_tb_vaddr(block))) return;
  const auto call_before = [](qemu_plugin_insn* instruction, qemu_plugin_vcpu_udata_cb_t callback,
                              std::uint64_t datum) {
    qemu_plugin_register_vcpu_insn_exec_cb(
        instruction, callback, QEMU_PLUGIN_CB_NO_REGS,
        reinterpret_cast<void*>(static_cast<std::uintptr_t>(datum)));
  };
  const TrustedBlock* const trusted = trusted_part(block);
  if (trusted != nullptr) {
    qemu_plugin_register_vcpu_tb_exec_cb(block, before_trusted_block, QEMU_PLUGIN_CB_NO_REGS,
                                         const_cast<TrustedBlock*>(trusted));
  } else {
    qemu_plugin_register_vcpu_tb_exec_cb(
        block, before_block, QEMU_PLUGIN_CB_NO_REGS,
        reinterpret_cast<void*>(static_cast<std::uintptr_t>(qemu_plugin_tb_vaddr(block))));
  }
  const bool may_mark = trusted != nullptr || !the_scope->trust();
  CodeLines lines;
  const std::size_t count = qemu_plugin_tb_n_insns(block);
  for (std::size_t index = 0; index < count; ++index) {
    qemu_plugin_insn* const instruction = qemu_plugin_tb_get_insn(block, index);
    const Instruction what = classify(Bytes(instruction).all());
    switch (what.kind) {
      case Kind::plain: call_before(instruction, before_plain, 0); break;
      case Kind::locked: call_before(instruction, before_locked, 0); break;
      case Kind::string:
        call_before(instruction, before_string, qemu_plugin_insn_vaddr(instruction));
        break;
      case Kind::halt: call_before(instruction, before_halt, 0); break;
      case Kind::interrupts_on: call_before(instruction, before_interrupts_on, 0); break;
      case Kind::region_begin:
        call_before(instruction, before_region_begin, what.region | (may_mark ? 0 : kStranger));
        break;
      case Kind::region_end:
        call_before(instruction, before_region_end, what.region | (may_mark ? 0 : kStranger));
        break;
      case Kind::event:
        call_before(instruction, may_mark ? before_event : before_plain, what.region);
        break;
      case Kind::word: {
        const bool is_said = trusted != nullptr &&
                             the_scope->trust()->words().holds(qemu_plugin_insn_vaddr(instruction));
        call_before(instruction, is_said ? before_word : before_plain, what.region);
        break;
      }
    }
    if (what.kind == Kind::region_begin || what.kind == Kind::region_end) {
      lines.forget();
    } else {
      const auto [first, second] = lines.enter(instruction);
      if (first) call_before(instruction, before_line, *first);
      if (second) call_before(instruction, before_line, *second);
    }
    qemu_plugin_register_vcpu_mem_cb(instruction, after_access, QEMU_PLUGIN_CB_NO_REGS,
                                     QEMU_PLUGIN_MEM_RW, nullptr);
  }
}

bool is_usable(const qemu_info_t& info, std::string& why_not) {
  const unsigned vcpus = static_cast<unsigned>(info.system.max_vcpus);
  if (!info.system_emulation || std::string_view(info.target_name) != "x86_64") {
    why_not = "it watches whole x86-64 machines only; load it into qemu-system-x86_64";
  } else if (info.version.cur > kNewestApi) {
    why_not = "this QEMU has plugin API " + std::to_string(info.version.cur) +
              ", the scope knows versions 1 to " + std::to_string(kNewestApi) +
              "; use an older QEMU";
  } else if (vcpus > kMaxVcpus) {
    why_not =
        "it watches up to " + std::to_string(kMaxVcpus) + " vCPUs; give -smp a smaller number";
  }
  return why_not.empty();
}

}  // namespace
}  // namespace sprat::scope

// QEMU reads this before it installs the plugin. Up to 8.x it knows API version 1 only; from 9.0 on
// it refuses 1 and takes 2. Inside the QEMU that asks one can tell them apart, so that one file
// fits all: qemu_plugin_n_vcpus went away when 2 came.
int qemu_plugin_version = ::dlsym(RTLD_DEFAULT, "qemu_plugin_n_vcpus") != nullptr ? 1 : 2;

int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t* info, int argc, char** argv) {
  using namespace sprat::scope;
  std::string error;
  const auto options = parse_options({argv, static_cast<std::size_t>(argc)}, error);
  if (!options || !is_usable(*info, error)) {
    std::fprintf(stderr, "scope: %s\n", error.c_str());
    return -1;
  }
  api_version = info->version.cur;
  std::optional<Trust> trust;
  if (!options->trust.empty()) {
    std::ifstream file(options->trust, std::ios::binary);
    trust = Trust::parse(std::string(std::istreambuf_iterator<char>(file), {}));
    if (!trust) {
      std::fprintf(stderr, "scope: %s does not say which program is trusted\n",
                   options->trust.c_str());
      return -1;
    }
  }
  auto scope = std::make_unique<Scope>(*options, std::move(trust),
                                       static_cast<unsigned>(info->system.max_vcpus));
  if (!scope->is_ready()) return -1;
  the_scope = scope.release();

  qemu_plugin_register_vcpu_tb_trans_cb(id, on_translation);
  qemu_plugin_register_vcpu_idle_cb(id, [](qemu_plugin_id_t, unsigned) { the_scope->publish(); });
  qemu_plugin_register_atexit_cb(
      id, [](qemu_plugin_id_t, void*) { the_scope->finish(false); }, nullptr);
  return 0;
}
