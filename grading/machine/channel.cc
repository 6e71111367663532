// channel.cc — reading pipes without ever waiting for them.

#include "machine/channel.hh"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

#include "machine/config.hh"

namespace sprat::grading {

Channel::Channel(std::size_t limit_bytes) : limit_(limit_bytes) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) throw MachineError("no more pipes; raise ulimit -n");
  reader_ = ends[0];
  writer_ = ends[1];
  fcntl(reader_, F_SETFL, O_NONBLOCK);
  fcntl(writer_, F_SETPIPE_SZ, 1 << 20);  // a smaller pipe will do where that is refused
}

Channel::Channel(int descriptor, std::size_t limit_bytes)
    : reader_(descriptor), limit_(limit_bytes) {
  fcntl(reader_, F_SETFL, O_NONBLOCK);
}

Channel::~Channel() {
  close_child_end();
  if (reader_ >= 0) close(reader_);
}

void Channel::close_child_end() {
  if (writer_ >= 0) close(writer_);
  writer_ = -1;
}

std::string_view Channel::pump() {
  const std::size_t before = text_.size();
  std::array<char, 65536> buffer;
  while (reader_ >= 0) {
    ssize_t got = read(reader_, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) break;
    if (got <= 0) {
      close(reader_);
      reader_ = -1;
      break;
    }
    last_output_ = Clock::now();
    std::size_t room = limit_ - text_.size();
    text_.append(buffer.data(), std::min(room, static_cast<std::size_t>(got)));
    if (static_cast<std::size_t>(got) > room) {
      flooded_ = true;
      break;  // its writer may be faster than we are
    }
  }
  return std::string_view(text_).substr(before);
}

}  // namespace sprat::grading
