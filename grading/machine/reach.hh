// reach.hh — folders of ours that another user can reach, whatever permissions the folders above them have.

#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <vector>

namespace sprat::grading {

// Where the calling process finds a folder: the folder's own path, and the path to use.
using Places = std::map<std::filesystem::path, std::filesystem::path>;

// Gives the calling process mounts of its own, in which each of these folders (absolute) can be reached by every user. /tmp
// holds nothing else there. Returns the paths; nothing, with errno set, when the system refuses. Root only.
std::optional<Places> make_reachable(const std::vector<std::filesystem::path>& folders);

}  // namespace sprat::grading
