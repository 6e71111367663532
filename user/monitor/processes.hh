// processes.hh — the processes of this core: made by the monitor from boot files, and all that they have given back when they end.
//
// All that the monitor keeps on behalf of a process stands in its record here, or in the table of a part (part.hh) under the number of
// the process. `clear` is the one way in which a process goes, at whatever moment: it empties the record as a whole.

#pragma once

#include "lib/caps.hh"
#include "lib/processes.hh"
#include "lib/startup.hh"
#include "monitor/account.hh"
#include "monitor/authority.hh"
#include "monitor/boot_files.hh"
#include "monitor/part.hh"

namespace sprat::monitor {

inline constexpr std::size_t kMaxProcesses = 32;
inline constexpr std::size_t kMaxWaiters = 4;  // for the end of one process
inline constexpr unsigned kProcessBits = 20;   // a process lives from 2^20 bytes of RAM

// The cost of each process: all slots that its record may take.
inline constexpr Quota kCostOfProcess{.processes = 1,
                                      .memory = std::uint64_t{1} << kProcessBits,
                                      .channels = 0,
                                      .slots = 5 + kMaxWaiters};

// Between these a program's segments must be.
inline constexpr VirtualAddress kProgramBegin{1 << 20};
inline constexpr VirtualAddress kProgramEnd{kFirstProcessStackTop.value() -
                                            kFirstProcessStackBytes};

// Whether both are notifications of the same bits of the same dispatcher.
inline bool is_same(const Identity& a, const Identity& b) {
  return a.base == b.base && a.badge == b.badge;
}

// Notifications that are to be signalled when a process ends.
class EndWaiters {
 public:
  // Adds one, if it is not there yet.
  //   quota_exceeded   kMaxWaiters others that are still there wait
  Result<void> add(Cap<Type::notification> end);

  // Signals them.
  void signal() const;

  std::uint32_t count() const;

 private:
  std::array<Cap<Type::notification>, kMaxWaiters> waiters_;
};

struct Process {
  std::uint64_t number = 0;  // 0: none is here
  ProcessName name{};
  std::array<char, 120> text{};  // the command line of the next child, as it comes piece by piece
  Account account;
  Charge charge;  // for the record itself
  Cap<Type::dispatcher> dispatcher;
  EndWaiters waiters;
  Cap<Type::endpoint> service;  // its endpoint for others
};

//@ since memory
class Memory;

// The number of a server of the core; the numbers of other processes are smaller.
inline constexpr std::uint64_t kServerNumber = std::uint64_t{1} << 31;
//@ end
//@ since monitor
// Bytes that a process has, or had: [begin, end).
struct RamOfProcess {
  Process* process = nullptr;  // its record; null: it is of none
  std::uint64_t begin = 0, end = 0;
};
//@ end

// How a process is to be started.
struct Order {
  std::string_view command_line;
  Account& account;  // of the parent
  Quota quota;       // at most
  bool is_shell =
      false;  // it gets the ports and the interrupt of the serial line, and authority over the core
  //@ since monitor
  std::uint32_t home_core = 0, home_process = 0;  // Startup
  //@ end
  //@ since memory
  bool is_server = false;  // a part of the system: no process can name it
  //@ end
};

class Processes {
 public:
  Processes(const FirstProcess& process, const Parts& parts) : process_(process), parts_(parts) {}

  // Makes the endpoint and the notification that processes speak to the monitor by. Once, before anything else.
  Result<void> prepare();
  //@ since memory
  // Processes get RAM from its server; it must outlive this. Before any is started.
  void set_memory(Memory& memory) { memory_ = &memory; }
  const Memory& memory() const { return *memory_; }
  //@ end

  // Returns the account of all processes of this core.
  Account& account() { return account_; }

  // Makes and runs a process from `file`. Gives its number.
  //   quota_exceeded  its parent may not have one more
  //   out_of_memory   no RAM, slot or place is left
  //   the errors of parse_elf, for a file that is no program
  Result<std::uint64_t> start(const BootFile& file, const Order& order);

  // Returns an endpoint that stands for the process of that number.  out_of_memory: no slot is left
  Result<Cap<Type::endpoint>> endpoint_over(std::uint64_t number) const;

  // Takes back all resources of the process, and signals its waiters.
  void end(Process& process);

  // Says which processes have been stopped by the kernel and why, and ends them. `bits`: the notifications that came.
  void report(std::uint64_t bits);

  // Returns the n-th process there is, from 0, or null; the process of that number, or null.
  //@ since memory
  // The server of this core is neither: no other process can name it.
  //@ end
  Process* nth(std::size_t n);
  Process* find(std::uint64_t number);
  // The same by the badge of a call, which processes cannot choose: the server as well.
  Process* find_caller(std::uint64_t number);

  //@ since monitor
  // Processes are made and do not run yet: their core is in no view, and no protocol of the monitors includes it. Until let_run().
  void hold() { are_held_ = true; }
  void let_run();

  // Returns the RAM of a process, running or left over, that the byte at `address` is in.
  RamOfProcess ram_at(std::uint64_t address);

  // A process that ended has left frames that other cores have: its RAM is not used again before they are revoked there, and
  // reclaim() has succeeded.
  bool is_left_over(std::size_t place) const { return is_left_over_[place]; }
  void reclaim(std::size_t place);

  //@ end
  // Returns the endpoint that a process of this name offers, or one that names nothing.
  CapRef<Type::endpoint> find_service(const ProcessName& name) const;

  // Returns the record at `place`, of a process or not.
  Process* at(std::size_t place) { return &list_[place]; }

  // Returns the place of `process`, below kMaxProcesses.
  std::size_t place_of(const Process& process) const {
    return static_cast<std::size_t>(&process - list_.data());
  }

  // Every place for a process has one notification.
  static constexpr std::uint64_t kReports = (std::uint64_t{1} << kMaxProcesses) - 1;

  // RAM that was taken for processes, running or not, in bytes.
  std::uint64_t bytes() const { return pieces() << kProcessBits; }

  // Adds the number of entries in these tables. Pieces of RAM that are kept for the next process count as free.
  void count(Census& census) const;

 private:
  bool is_free(std::size_t place) const;
  std::uint64_t next_number(const Order& order);
  Result<void> build(Process& process, const BootFile& file, const Order& order);
  Result<void> run(const Process& process) const;
  void clear(Process& process);
  //@ since memory
  const Process* parent_of(const Order& order) const;
  //@ end
  Result<void> take_back_ram(std::size_t place);
  std::uint64_t pieces() const;

  const FirstProcess& process_;
  const Parts& parts_;
  Cap<Type::endpoint> endpoint_;
  Cap<Type::notification> notification_;
  std::uint64_t last_number_ = 0;
  Account account_;
  // By place: a process, and the RAM that all of it is made of, which stays for the next one.
  std::array<Process, kMaxProcesses> list_{};
  std::array<Cap<Type::ram>, kMaxProcesses> ram_{};
  //@ since monitor
  bool are_held_ = false;
  std::array<std::uint64_t, kMaxProcesses> ram_begin_{};
  std::array<bool, kMaxProcesses> is_left_over_{};
  //@ end
  //@ since memory
  Memory* memory_ = nullptr;
  std::array<std::uint64_t, kMaxProcesses>
      last_at_{};  // the number of the process that was there last
  //@ end
};

}  // namespace sprat::monitor
