// qemu_plugin.hh — the part of QEMU's plugin interface that the scope uses.
//
// Distributions do not package QEMU's own header, so the functions that the scope calls are declared here. All of
// it has the same binary interface in the plugin API versions 1 (QEMU 4.2 to 8.x) to 6, with one
// exception: how the bytes of an instruction are read changed with version 3. QEMU looks for the
// two symbols at the end of this file.
#pragma once

#include <cstddef>
#include <cstdint>

extern "C" {

struct qemu_plugin_tb;      // a translation block, valid during the translation callback
struct qemu_plugin_insn;    // an instruction of it, likewise
struct qemu_plugin_hwaddr;  // where an access went, valid during the memory callback

using qemu_plugin_id_t = std::uint64_t;
using qemu_plugin_meminfo_t = std::uint32_t;

// Whether a callback looks at registers (ours never do), and which accesses a memory callback wants
// to see.
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS = 0 };
enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_RW = 3 };

struct qemu_info_t {
  const char* target_name;  // "x86_64"
  struct {
    int min;  // oldest and
    int cur;  // newest API version this QEMU speaks
  } version;
  bool system_emulation;
  struct {
    int smp_vcpus;  // vCPUs at start
    int max_vcpus;  // vCPUs that may ever be
  } system;
};

using qemu_plugin_udata_cb_t = void (*)(qemu_plugin_id_t, void* userdata);
using qemu_plugin_vcpu_simple_cb_t = void (*)(qemu_plugin_id_t, unsigned vcpu);
using qemu_plugin_vcpu_udata_cb_t = void (*)(unsigned vcpu, void* userdata);
using qemu_plugin_vcpu_mem_cb_t = void (*)(unsigned vcpu, qemu_plugin_meminfo_t,
                                           std::uint64_t address, void* userdata);
using qemu_plugin_vcpu_tb_trans_cb_t = void (*)(qemu_plugin_id_t, qemu_plugin_tb*);

// When to be called: at each translation; when a vCPU halts; when QEMU exits, by whatever road but
// a fatal signal.
void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t, qemu_plugin_vcpu_tb_trans_cb_t);
void qemu_plugin_register_vcpu_idle_cb(qemu_plugin_id_t, qemu_plugin_vcpu_simple_cb_t);
void qemu_plugin_register_atexit_cb(qemu_plugin_id_t, qemu_plugin_udata_cb_t, void* userdata);

// During a translation: before each execution of the block; before each execution of an instruction;
// after each access it makes to memory.
void qemu_plugin_register_vcpu_tb_exec_cb(qemu_plugin_tb*, qemu_plugin_vcpu_udata_cb_t,
                                          qemu_plugin_cb_flags, void* userdata);
void qemu_plugin_register_vcpu_insn_exec_cb(qemu_plugin_insn*, qemu_plugin_vcpu_udata_cb_t,
                                            qemu_plugin_cb_flags, void* userdata);
void qemu_plugin_register_vcpu_mem_cb(qemu_plugin_insn*, qemu_plugin_vcpu_mem_cb_t,
                                      qemu_plugin_cb_flags, qemu_plugin_mem_rw, void* userdata);

// Questions about a block and its instructions. Their bytes are read by `qemu_plugin_insn_data`,
// which is `const void* (const qemu_plugin_insn*)` before API version 3 and copies from then on
// (see what_is in scope.cc).
std::uint64_t qemu_plugin_tb_vaddr(const qemu_plugin_tb*);
std::size_t qemu_plugin_tb_n_insns(const qemu_plugin_tb*);
qemu_plugin_insn* qemu_plugin_tb_get_insn(const qemu_plugin_tb*, std::size_t index);
std::size_t qemu_plugin_insn_size(const qemu_plugin_insn*);
std::uint64_t qemu_plugin_insn_vaddr(const qemu_plugin_insn*);
// Where QEMU itself has the guest's memory that holds the instruction: as good a name for a line as its physical address,
// which cannot be asked for. Null in memory of devices.
void* qemu_plugin_insn_haddr(const qemu_plugin_insn*);

// Questions about an access: log2 of its bytes; its direction (true for read-modify-write); its
// place, null if unknown.
unsigned qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t);
bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t);
qemu_plugin_hwaddr* qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t, std::uint64_t address);
bool qemu_plugin_hwaddr_is_io(const qemu_plugin_hwaddr*);
std::uint64_t qemu_plugin_hwaddr_phys_addr(const qemu_plugin_hwaddr*);

// The exports of a plugin: the API version it was made for, read before it is installed; and its
// installation, 0 for success.
[[gnu::visibility("default")]] extern int qemu_plugin_version;
[[gnu::visibility("default")]] int qemu_plugin_install(qemu_plugin_id_t, const qemu_info_t*,
                                                       int argc, char** argv);

}  // extern "C"
