// boot_files.hh — the programs that came with the boot image, as the monitor sees them.

#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "sprat/first_process.hh"
#include "sprat/result.hh"

namespace sprat::monitor {

// A module with its command line: "hello core=2 one two".
struct BootFile {
  const FirstProcess::ModuleEntry* entry;
  std::size_t number;  // among the modules
  //@ since monitor
  const std::byte* bytes = nullptr;  // not null: it is core 0's (remote_files.hh), and mapped there
  //@ end

  std::string_view command_line() const;
  std::string_view name() const;  // the first word

  // The core on which it is to be started; none if the command line does not say.
  bool names_core(std::uint32_t core_id) const;
  bool names_a_core() const;
};

// Returns the module of that name.  not_found
Result<BootFile> find_file(const FirstProcess& process, std::string_view name);

// Its bytes, mapped for reading when they are asked for the first time.
//   not_found        the kernel did not hand it over
//   out_of_memory    it is larger than 2 MiB, or there is no memory for tables
Result<std::span<const std::byte>> contents(const BootFile& file);

}  // namespace sprat::monitor
