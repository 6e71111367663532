// tool.cc — see tool.hh.

#include "machine/tool.hh"

#include <poll.h>

#include "machine/channel.hh"

namespace sprat::grading {

ToolEnd run_tool(Command command, RunDirectory& directory) {
  Channel words(1 << 20);
  command.descriptors = {{words.child_end(), 1}, {words.child_end(), 2}};
  Process tool(command, Trusted(), directory);
  words.close_child_end();
  std::optional<ExitStatus> status;
  while (!(status = tool.ended())) {
    pollfd events[] = {{tool.ended_descriptor(), POLLIN, 0}, {words.descriptor(), POLLIN, 0}};
    poll(events, 2, 1000);
    words.pump();
  }
  words.pump();
  return {*status, words.text()};
}

}  // namespace sprat::grading
