// attacker.cc — code under test that attacks what tests it. Each question is an attack, with its target behind a blank; the
// answer is `done` when the attack has succeeded.

#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <functional>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

namespace {

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

bool reads(const std::string& file) { return !content_of(file).empty(); }

bool writes(const std::string& file) {
  std::ofstream out(file, std::ios::app);
  out << "{\"score\": 100}";
  return static_cast<bool>(out.flush());
}

std::vector<std::string> processes() {
  std::vector<std::string> found;
  DIR* folder = opendir("/proc");
  if (folder == nullptr) return {std::to_string(getppid())};
  while (const dirent* entry = readdir(folder))
    if (std::strspn(entry->d_name, "0123456789") == std::strlen(entry->d_name))
      found.emplace_back(entry->d_name);
  closedir(folder);
  return found;
}

bool finds_in_environments(const std::string& name) {
  for (const std::string& process : processes())
    if (content_of("/proc/" + process + "/environ").find(name) != std::string::npos) return true;
  return false;
}

void stay(const std::string& file) {
  if (fork() != 0) return;
  setsid();
  if (fork() != 0) _exit(0);
  // Its name is that of the folder, by which the test finds it.
  const std::string folder = file.substr(0, file.rfind('/'));
  prctl(PR_SET_NAME, folder.substr(folder.rfind('/') + 1).c_str());
  for (;;) {
    writes(file);
    usleep(20'000);
  }
}

bool fills_the_disk() {
  std::size_t written = 0;
  const std::string block(1 << 20, 'x');
  for (const char* folder : {".", "/tmp", "/var/tmp", "/dev/shm", "/dev", "/"}) {
    for (int file = 0; file != 40; ++file) {
      std::ofstream out(std::string(folder) + "/attack" + std::to_string(file));
      for (int blocks = 0; blocks != 4 && out.write(block.data(), 1 << 20).flush(); ++blocks)
        written += block.size();
    }
    for (int file = 0; file != 40; ++file)
      unlink((std::string(folder) + "/attack" + std::to_string(file)).c_str());
  }
  return written > (32 << 20);
}

bool connects(const std::string& port) {
  const int one = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return connect(one, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool raises_a_limit() {
  const rlimit more = {RLIM_INFINITY, RLIM_INFINITY};
  return setrlimit(RLIMIT_FSIZE, &more) == 0;
}

const std::map<std::string, std::function<bool(const std::string&)>> kAttacks = {
    {"read", reads},
    {"write", writes},
    {"open_to_write", [](const std::string& file) { return open(file.c_str(), O_WRONLY) >= 0; }},
    {"own_environment",
     [](const std::string& name) { return std::getenv(name.c_str()) != nullptr; }},
    {"environments", finds_in_environments},
    {"memory_of",
     [](const std::string& process) {
       return open(("/proc/" + process + "/mem").c_str(), O_RDWR) >= 0;
     }},
    {"trace",
     [](const std::string& process) {
       return ptrace(PTRACE_ATTACH, std::stoi(process), nullptr, nullptr) == 0;
     }},
    {"signal", [](const std::string& process) { return kill(std::stoi(process), SIGKILL) == 0; }},
    {"end_all",
     [](const std::string&) {
       kill(getppid(), SIGKILL);
       kill(-1, SIGKILL);
       return true;
     }},
    {"limit",
     [](const std::string& process) {
       const rlimit none = {0, 0};
       return prlimit(std::stoi(process), RLIMIT_CORE, &none, nullptr) == 0;
     }},
    {"slow_down",
     [](const std::string& process) {
       return setpriority(PRIO_PROCESS, static_cast<id_t>(std::stoi(process)), 19) == 0;
     }},
    {"stay",
     [](const std::string& file) {
       stay(file);
       usleep(100'000);
       return true;
     }},
    {"fork",
     [](const std::string&) {
       for (;;) fork();
       return true;
     }},
    {"threads",
     [](const std::string&) {
       for (;;) try {
           std::thread([] { pause(); }).detach();
         } catch (const std::system_error&) {
         }
       return true;
     }},
    {"fill", [](const std::string&) { return fills_the_disk(); }},
    {"connect", connects},
    {"raise_a_limit", [](const std::string&) { return raises_a_limit(); }},
    {"namespace", [](const std::string&) { return unshare(CLONE_NEWUSER) == 0; }},
    {"mount", [](const std::string&) { return mount("none", "/", "tmpfs", 0, "") == 0; }},
    {"change_root", [](const std::string&) { return chroot(".") == 0; }},
    {"root", [](const std::string&) { return setuid(0) == 0 || getuid() == 0; }},
    {"shared_memory",
     [](const std::string&) { return shmget(IPC_PRIVATE, 4096, IPC_CREAT | 0600) >= 0; }},
    {"close",
     [](const std::string&) {
       close(1);
       return true;
     }},
    {"flood",
     [](const std::string&) {
       for (;;) std::cout << "0123456789";
       return true;
     }},
};

// Before main() there is no question; the program's argument says what happens there.
[[gnu::constructor]] void before_main() {
  const std::string words = content_of("/proc/self/cmdline");
  if (words.find("exits-before") != std::string::npos) _exit(0);
  if (words.find("answers-before") != std::string::npos) {
    [[maybe_unused]] const ssize_t written = ::write(1, "done\n", 5);
  }
}

}  // namespace

int main() {
  std::signal(SIGXFSZ, SIG_IGN);
  for (std::string question; std::getline(std::cin, question);) {
    const std::size_t blank = question.find(' ');
    const auto attack = kAttacks.find(question.substr(0, blank));
    const std::string target = blank == std::string::npos ? "" : question.substr(blank + 1);
    const bool succeeds = attack != kAttacks.end() && attack->second(target);
    std::cout << (succeeds ? "done" : "refused") << std::endl;
  }
}
