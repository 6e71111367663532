// remote_files.hh — the programs that came with the boot image, for cores whose package does not have them: core 0 copies a file
// into a frame, once, and the monitor that wants it adopts the frame.
//
//   monitor 2                       monitor 0
//      ├── file_wanted: "hello" ──▶│ copies the file into a frame
//      │◀────────── file: a frame ─┤
//
// Core 0 outlives all others, and files never change: both sides keep what they have.

#pragma once

#include "monitor/boot_files.hh"
#include "monitor/links.hh"

namespace sprat::monitor {

// Of kind file_wanted, which says the name, and of kind file.
struct FileMessage {
  ProcessName name{};
  std::uint64_t frame = 0;  // physical address
  std::uint64_t bytes = 0;
  std::uint64_t status = 0;  // status_of
};

class RemoteFiles {
 public:
  RemoteFiles(const FirstProcess& process, Links& links) : process_(process), links_(links) {}

  // Returns the file of that name: this core's own, or core 0's.
  //   again       core 0 is being asked; it has answered when this is asked again some time later
  //   not_found   no program of that name was booted along
  //   the errors of adopting and mapping it
  Result<BootFile> find(const ProcessName& name);

  // From the monitor of another core: it wants a file, or has answered.
  void give(std::uint32_t to, const FileMessage& question);
  void read(const FileMessage& answer);

  // Takes out of `census` all that files take, for good.
  void discount(Census& census) const;

 private:
  struct File {
    ProcessName name{};
    Result<void> state = Error::again;
    FirstProcess::ModuleEntry entry{};
    Cap<Type::frame> frame;
  };

  Result<std::uint64_t> copy(const BootFile& file);
  Result<void> adopt(File& file, const FileMessage& answer);
  File* find_known(const ProcessName& name);

  const FirstProcess& process_;
  Links& links_;
  std::array<File, kMaxModules> files_{};               // of core 0, as this core knows them
  std::array<Cap<Type::frame>, kMaxModules> copies_{};  // on core 0, by module
};

}  // namespace sprat::monitor
