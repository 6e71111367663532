// places.hh — where these tests find what is built beside them.

#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "machine/config.hh"
#include "machine/landlock.hh"
#include "machine/wall.hh"

namespace places {

inline std::filesystem::path build_folder() {
  return std::filesystem::read_symlink("/proc/self/exe").parent_path().parent_path();
}
inline std::filesystem::path guest() { return build_folder() / "machine-guests/guest.elf"; }
inline std::filesystem::path scope() { return build_folder() / "host/scope.so"; }
inline std::filesystem::path kernel() { return build_folder() / "kernel/sprat.elf"; }
inline std::filesystem::path machine() { return build_folder() / "host/machine"; }
inline std::filesystem::path subject() { return build_folder() / "machine-guests/subject"; }

// The guest on an emulator, asked to do something, with limits that a good run does not come near.
inline sprat::grading::MachineConfig asked_to(sprat::grading::Emulator emulator,
                                              const std::string& action) {
  using sprat::grading::Emulator;
  sprat::grading::MachineConfig config;
  config.emulator = emulator;
  config.kernel = guest();
  config.command_line = "do=" + action + " nonce=00112233445566ff";
  config.cpus = 2;
  config.memory_mib = 64;
  if (emulator == Emulator::qemu_icount) config.scope = scope();
  if (emulator == Emulator::qemu_icount) config.guest_limit = 5'000'000;
  if (emulator == Emulator::bochs) config.guest_limit = 20'000'000;
  config.wall_seconds = emulator == Emulator::qemu ? 3 : 60;
  return config;
}

// Every wall that can stand here, and none.
inline std::vector<sprat::grading::Wall> walls() {
  using sprat::grading::Wall;
  using sprat::grading::WallKind;
  std::vector<Wall> walls = {Wall::of(WallKind::none)};
  if (Wall::found().kind() == WallKind::namespaces) walls.push_back(Wall::of(WallKind::namespaces));
  if (geteuid() == 0) walls.push_back(Wall::of(WallKind::user));
  if (sprat::grading::landlock_version() != 0) walls.push_back(Wall::of(WallKind::landlock));
  return walls;
}

inline std::string content_of(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline constexpr char kNonce[] = "00112233445566ff";

}  // namespace places
