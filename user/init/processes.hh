// processes.hh — the processes of this core: made by init from boot files, and their memory back when they end.

#pragma once

#include "init/boot_files.hh"
#include "lib/caps.hh"
#include "lib/processes.hh"
#include "lib/startup.hh"

namespace sprat::init {

inline constexpr std::size_t kMaxProcesses = 32;
inline constexpr unsigned kProcessBits = 20;  // a process lives from 2^20 bytes of RAM

// Between these a program's segments must be.
inline constexpr VirtualAddress kProgramBegin{1 << 20};
inline constexpr VirtualAddress kProgramEnd{kFirstProcessStackTop.value() -
                                            kFirstProcessStackBytes};

struct Process {
  std::uint64_t number = 0;  // 0: none is here
  ProcessName name{};
  bool may_power_off = false;
  Cap<Type::ram> ram;  // all that it is made of; kept for the next process when it has ended
  Cap<Type::dispatcher> dispatcher;
  Cap<Type::notification> end;  // to be signalled when it ends
  Cap<Type::endpoint> service;  // what it offers to others
  //@ since urpc
  Cap<Type::notification>
      bell;  // is signalled by its line, and when something changes about its channels
  Cap<Type::endpoint> endpoint;  // by which others of this core send it lines
  bool listens = false;          // others may connect to it
  bool connects = false;         // it connects to others, and so will hardly listen
  //@ end
};

//@ since urpc
class Broker;

//@ end
class Processes {
 public:
  explicit Processes(const FirstProcess& process) : process_(process) {}

  // Makes the endpoint and the notification that processes speak to init by. Once, before anything else.
  Result<void> prepare();

  // Makes and runs a process from `file`. It gets the ports and the interrupt of the serial line if `has_console`, and is
  // told `command_line`. Gives its number.
  //   out_of_memory   no RAM, slot or place is left
  //   the errors of parse_elf, for a file that is no program
  Result<std::uint64_t> start(const BootFile& file, std::string_view command_line,
                              bool has_console);

  // Takes back all that the process has.  not_found
  Result<void> end(std::uint64_t number);

  // Says which processes have been stopped by the kernel and why, and ends them. `bits`: the notifications that came.
  void report(std::uint64_t bits);

  // The n-th process there is, from 0, or null; the process of that number, or null.
  Process* nth(std::size_t n);
  Process* find(std::uint64_t number);

  // The endpoint that a process of this name offers, or one that names nothing.
  CapRef<Type::endpoint> find_service(const ProcessName& name) const;

  //@ since urpc
  // Who is to know when a process is about to go.
  void set_broker(Broker& broker) { broker_ = &broker; }

  // The first process of this name that listens, or null.
  Process* find_listener(const ProcessName& name);

  // Whether a process of this name has just begun, and may still listen.
  bool may_listen(const ProcessName& name) const;

  // Its place, below kMaxProcesses.
  std::size_t place_of(const Process& process) const {
    return static_cast<std::size_t>(&process - list_.data());
  }
  //@ end

  // Every place for a process has one notification.
  static constexpr std::uint64_t kReports = (std::uint64_t{1} << kMaxProcesses) - 1;

  // RAM that was taken for processes, running or not, in bytes.
  std::uint64_t bytes() const;

 private:
  Result<void> build(Process& place, std::size_t index, const BootFile& file,
                     std::string_view command_line, bool has_console);
  void clear(Process& process);

  const FirstProcess& process_;
  Cap<Type::endpoint> endpoint_;
  Cap<Type::notification> notification_;
  std::uint64_t last_number_ = 0;
  //@ since urpc
  Broker* broker_ = nullptr;
  //@ end
  std::array<Process, kMaxProcesses> list_{};
};

}  // namespace sprat::init
