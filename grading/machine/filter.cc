// filter.cc — a BPF program, an instruction at a time.

#include "machine/filter.hh"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>

namespace sprat::grading {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_X86_64;
constexpr std::uint32_t kOtherAbi = 0x4000'0000;  // calls of x32 begin here
#else
constexpr std::uint32_t kArchitecture = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t kOtherAbi = 0x8000'0000;
#endif

constexpr std::uint32_t kNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                      CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

constexpr int kRefused[] = {SYS_connect,
                            SYS_setsid,
                            SYS_setpgid,
                            SYS_accept,
                            SYS_accept4,
                            SYS_unshare,
                            SYS_setns,
                            SYS_mount,
                            SYS_umount2,
                            SYS_pivot_root,
                            SYS_chroot,
                            SYS_open_tree,
                            SYS_move_mount,
                            SYS_fsopen,
                            SYS_fsconfig,
                            SYS_fsmount,
                            SYS_fspick,
                            SYS_mount_setattr,
                            SYS_ptrace,
                            SYS_process_vm_readv,
                            SYS_process_vm_writev,
                            SYS_pidfd_getfd,
                            SYS_kcmp,
                            SYS_add_key,
                            SYS_request_key,
                            SYS_keyctl,
                            SYS_bpf,
                            SYS_perf_event_open,
                            SYS_userfaultfd,
                            SYS_io_uring_setup,
                            SYS_shmget,
                            SYS_msgget,
                            SYS_semget,
                            SYS_mq_open,
                            SYS_setpriority,
                            SYS_sched_setscheduler,
                            SYS_sched_setattr,
                            SYS_ioprio_set,
                            SYS_quotactl,
                            SYS_swapon,
                            SYS_reboot,
                            SYS_init_module,
                            SYS_finit_module,
                            SYS_kexec_load};
constexpr int kSignals[] = {
    SYS_kill,      SYS_tkill, SYS_rt_sigqueueinfo, SYS_rt_tgsigqueueinfo, SYS_pidfd_send_signal,
    SYS_pidfd_open};

class Writer {
 public:
  void load(std::size_t offset) {
    add(BPF_LD | BPF_W | BPF_ABS, static_cast<std::uint32_t>(offset));
  }
  void load_call() { load(offsetof(seccomp_data, nr)); }
  void load_argument(unsigned index) { load(offsetof(seccomp_data, args) + 8 * index); }

  void answer_unless_equal(std::uint32_t value, std::uint32_t answer) {
    jump(BPF_JEQ, value, 1, 0);
    add(BPF_RET | BPF_K, answer);
  }
  void answer_if(std::uint16_t comparison, std::uint32_t value, std::uint32_t answer) {
    jump(comparison, value, 0, 1);
    add(BPF_RET | BPF_K, answer);
  }
  // Skips so many instructions unless the loaded value is this one.
  void skip_unless(std::uint32_t value, std::uint8_t count) { jump(BPF_JEQ, value, 0, count); }
  void answer(std::uint32_t answer) { add(BPF_RET | BPF_K, answer); }

  std::vector<sock_filter> filter;

 private:
  void add(unsigned code, std::uint32_t value) {
    filter.push_back({static_cast<std::uint16_t>(code), 0, 0, value});
  }
  void jump(unsigned comparison, std::uint32_t value, std::uint8_t then, std::uint8_t otherwise) {
    filter.push_back(
        {static_cast<std::uint16_t>(BPF_JMP | comparison | BPF_K), then, otherwise, value});
  }
};

}  // namespace

std::vector<sock_filter> call_filter(const Allowance& allowance) {
  constexpr std::uint32_t kNo = SECCOMP_RET_ERRNO | EPERM;
  Writer write;
  write.load(offsetof(seccomp_data, arch));
  write.answer_unless_equal(kArchitecture, kNo);
  write.load_call();
  write.answer_if(BPF_JGE, kOtherAbi, kNo);
  if (allowance.listening) {
    // The thread that waits for a person to look at Bochs' display would ask again at once, and busy a processor.
    for (const int call : {SYS_accept, SYS_accept4})
      write.answer_if(BPF_JEQ, static_cast<std::uint32_t>(call), SECCOMP_RET_KILL_THREAD);
  }
  for (const int call : kRefused) write.answer_if(BPF_JEQ, static_cast<std::uint32_t>(call), kNo);
  // Its flags cannot be seen; the C library then takes `clone`.
  write.answer_if(BPF_JEQ, SYS_clone3, SECCOMP_RET_ERRNO | ENOSYS);
  write.skip_unless(SYS_clone, 4);
  write.load_argument(0);
  write.answer_if(BPF_JSET, kNamespaces, kNo);
  write.load_call();
  // Limits of another process: the first argument is 0 for the calling one.
  write.skip_unless(SYS_prlimit64, 4);
  write.load_argument(0);
  write.answer_unless_equal(0, kNo);
  write.load_call();
  if (allowance.listening) {
    write.skip_unless(SYS_socket, 4);
    write.load_argument(0);
    write.answer_unless_equal(AF_INET, kNo);
    write.load_call();
    // Its socket is bound to no port that is known: as if it had been, says the answer.
    write.answer_if(BPF_JEQ, SYS_bind, SECCOMP_RET_ERRNO | 0);
  } else {
    write.answer_if(BPF_JEQ, SYS_socket, kNo);
  }
  if (!allowance.signals) {
    for (const int call : kSignals) write.answer_if(BPF_JEQ, static_cast<std::uint32_t>(call), kNo);
    write.skip_unless(SYS_tgkill, 4);
    write.load_argument(0);
    write.answer_unless_equal(static_cast<std::uint32_t>(getpid()), kNo);
    write.load_call();
  }
  write.answer(SECCOMP_RET_ALLOW);
  return write.filter;
}

int filter_file(const std::vector<sock_filter>& filter) {
  const int file = memfd_create("filter", 0);
  const auto size = static_cast<ssize_t>(filter.size() * sizeof(sock_filter));
  if (file < 0 || write(file, filter.data(), static_cast<std::size_t>(size)) != size) return -1;
  lseek(file, 0, SEEK_SET);
  return file;
}

bool enforce(const std::vector<sock_filter>& filter) {
  sock_fprog program = {static_cast<unsigned short>(filter.size()),
                        const_cast<sock_filter*>(filter.data())};
  return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

}  // namespace sprat::grading
