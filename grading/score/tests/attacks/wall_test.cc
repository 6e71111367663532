// wall_test.cc — attacks on the grader by code that is compiled and by code that runs: the outcome that each must have,
// behind every wall. Where it does no harm, the same attack is shown to succeed without a wall: else it would show
// nothing.

#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <fmt/format.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <optional>

#include "machine/config.hh"
#include "machine/identity.hh"
#include "machine/landlock.hh"
#include "machine/run_directory.hh"
#include "machine/subject.hh"
#include "score/files.hh"
#include "score/job.hh"
#include "score/walled_build.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSecret = "secret_0f1e2d";  // in every file that must not be seen
constexpr const char* kPasswd = "root:x:0";

std::vector<Wall> walls() {
  std::vector<Wall> found;
  if (Wall::found().kind() == WallKind::namespaces) found.push_back(Wall::of(WallKind::namespaces));
  if (geteuid() == 0) found.push_back(Wall::of(WallKind::user));
  if (geteuid() != 0 && landlock_version() != 0) found.push_back(Wall::of(WallKind::landlock));
  cr_assert(!found.empty());
  return found;
}

fs::path attacker() {
  return fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "host" / "attacker";
}

// Prints a row of the table; fails the test when the outcome is not the wanted one.
void row(Wall wall, const std::string& attack, const std::string& wanted, const std::string& came) {
  static const auto begin = std::chrono::steady_clock::now();
  const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin;
  fmt::print(stderr, "{:>6.1f} {:<11} {:<46.46} {:<9} {}\n", passed.count(), name_of(wall.kind()),
             attack, wanted, came);
  cr_expect_eq(came, wanted, "%s: %s: %s instead of %s", name_of(wall.kind()).data(),
               attack.c_str(), came.c_str(), wanted.c_str());
}

// A folder of ours with a result, a secret, and a port that listens, which are the targets of attacks. And a process of
// ours.
class Target {
 public:
  Target() {
    setenv("SPRAT_SEED", "42", 1);
    write_file(secret(), kSecret);
    write_file(result(), "{}");
    fs::permissions(folder_.path(), fs::perms(0755));
    fs::permissions(result(), fs::perms(0666));
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<const sockaddr*>(&address), size);
    listen(listener_, 8);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    victim_ = fork();
    if (victim_ == 0) {
      char seed[] = "SPRAT_SEED=42";
      char* const environment[] = {seed, nullptr};
      execle("/bin/sleep", "sleep", "1000", nullptr, environment);
      _exit(127);
    }
  }
  ~Target() {
    close(listener_);
    kill(victim_, SIGKILL);
    waitpid(victim_, nullptr, 0);
  }

  fs::path folder() const { return folder_.path(); }
  fs::path secret() const { return folder_.path() / "secret"; }
  fs::path result() const { return folder_.path() / "result.json"; }
  std::string port() const { return std::to_string(port_); }
  std::string victim() const { return std::to_string(victim_); }
  bool whole() const {
    return read_file(result()) == "{}" && waitpid(victim_, nullptr, WNOHANG) == 0;
  }

 private:
  RunDirectory folder_;
  int listener_ = -1;
  int port_ = 0;
  pid_t victim_ = -1;
};

// Asks the question, up to so many times while answers come; returns the last answer, or the verdict of a program that
// gives none.
std::string asked(Wall wall, const std::string& question, std::vector<std::string> arguments = {},
                  int times = 1) {
  Subject subject({.program = attacker(),
                   .arguments = std::move(arguments),
                   .cpu_seconds = 5,
                   .answer_seconds = 2,
                   .wall = wall});
  std::optional<std::string> answer;
  for (int i = 0; i < times && subject.verdict() == Verdict::ok; ++i) {
    if (i > 0) usleep(10'000);  // what the program says unasked may be there then
    answer = subject.ask(question);
  }
  if (!answer && subject.explanation().find("processes and threads") != std::string::npos)
    return "too many";
  return answer ? *answer : std::string(name_of(subject.verdict()));
}

// Whether code under test is still there, and answers, after it has tried to end everything.
std::string after_the_end_of_all(Wall wall) {
  Subject subject({.program = attacker(), .cpu_seconds = 5, .answer_seconds = 2, .wall = wall});
  const bool answers = subject.ask("end_all") && subject.ask("own_environment SPRAT_SEED");
  return answers && subject.finish() == Verdict::ok ? "graded" : name_of(subject.verdict()).data();
}

bool a_process_stays(const std::string& name) {
  for (const auto& entry : fs::directory_iterator("/proc")) {
    std::ifstream file(entry.path() / "comm");
    std::string word;
    if (file >> word && word == name) return true;
  }
  return false;
}

// A tree of one source and a Makefile, and a place to build it in.
class Tree {
 public:
  explicit Tree(const std::string& source) {
    write("kernel/a.cc", source);
    write("labs/7-toy/tests/oracle.hh", std::string("#define ANSWER \"") + kSecret + "\"\n");
    write("Makefile",
          "artifacts:\n\tmkdir -p build/graded/kernel\n\t$(CXX) -std=c++20 -c -o "
          "build/graded/kernel/a.o kernel/a.cc\n");
  }

  void write(const std::string& file, const std::string& text) const {
    fs::create_directories((path() / file).parent_path());
    write_file(path() / file, text);
  }
  fs::path path() const { return folder_.path() / "tree"; }

  // `leaks`: something that must not be seen is in the artifacts or the output. Else whether it could be built:
  // `builds`, `fails`, or `stopped` at a limit.
  std::string built(Wall wall) const {
    const WalledBuild place(folder_.path() / "place");
    Job job = place.job(path(), wall, "g++", 1, 30, folder_.path() / "log", WalledBuild::kAll);
    // A bomb needs no more to show that it is stopped.
    job.confinement->limits.cpu_seconds = 3;
    job.confinement->limits.memory_bytes = std::size_t{256} << 20;
    job.confinement->limits.disk_bytes = job.confinement->limits.file_bytes = 64 << 20;
    const JobEnd end = run(job);
    for (const fs::path& file : {place.artifacts() / "a.o", job.log}) {
      const std::string text = read_file(file).value_or("");
      if (text.find(kSecret) != std::string::npos || text.find(kPasswd) != std::string::npos)
        return "leaks";
    }
    if (end.ok()) return "builds";
    const std::string log = read_file(job.log).value_or("");
    const bool at_limit =
        end.how != JobEnd::How::exited || log.find("Killed") != log.npos ||
        log.find("CPU time limit") != log.npos || log.find("SIGXFSZ") != log.npos ||
        log.find("File size limit") != log.npos || log.find("File too large") != log.npos;
    return at_limit ? "stopped" : "fails";
  }

 private:
  RunDirectory folder_;
};

}  // namespace

Test(wall, code_that_runs_gets_nowhere, .timeout = 300) {
  struct Attack {
    std::string question;
    std::string wanted;
    bool works_without = true;
  };
  const Target target;
  const std::vector<Attack> attacks = {
      {"read " + target.secret().string(), "refused"},
      {"read /etc/passwd", "refused"},
      {"read /etc/hostname", "refused"},
      {"read /proc/self/../" + target.victim() + "/cmdline", "refused"},
      {"environments SPRAT_SEED", "refused"},
      {"own_environment SPRAT_SEED", "refused", false},
      {"own_environment USER", "refused", false},
      {"memory_of " + target.victim(), "refused"},
      {"limit " + target.victim(), "refused"},
      {"slow_down " + target.victim(), "refused"},
      {"trace " + target.victim(), "refused"},
      {"signal " + target.victim(), "refused", false},
      {"connect " + target.port(), "refused"},
      {"fill", "refused", false},
      {"raise_a_limit", "refused", false},
      {"namespace", "refused", false},
      {"mount", "refused", false},
      {"change_root", "refused", geteuid() == 0},
      {"root", "refused", geteuid() == 0},
      {"shared_memory", "refused", false},
      {"open_to_write /dev/vda", "refused", false},
      {"open_to_write /proc/sysrq-trigger", "refused", false},
      {"open_to_write /proc/sys/kernel/core_pattern", "refused", false},
      {"write /var/tmp/sprat-attack", "refused", false},
      {"write " + target.result().string(), "refused", false},
      {"fork", "too many", false},
      {"threads", "too many", false},
      {"flood", "flood", false},
  };
  for (const Attack& attack : attacks)
    if (attack.works_without)
      row(Wall::of(WallKind::none), attack.question, "done",
          asked(Wall::of(WallKind::none), attack.question));
  for (Wall wall : walls()) {
    for (const Attack& attack : attacks)
      row(wall, attack.question, attack.wanted, asked(wall, attack.question));
    row(wall, "exits before main()", "early_exit", asked(wall, "x", {"exits-before"}));
    row(wall, "answers before it is asked", "forged", asked(wall, "x", {"answers-before"}, 500));
    row(wall, "kills its parent, and all it can", "graded", after_the_end_of_all(wall));
    cr_expect(target.whole(), "%s: the result or a process of ours was reached",
              name_of(wall.kind()).data());
    cr_expect(!fs::exists("/var/tmp/sprat-attack"));
  }
}

// The same, as an ordinary user, not root: in a folder of that user, by copies of this program and of the attacker.
Test(wall, stands_for_an_ordinary_user_too, .timeout = 300) {
  if (!Identity::available()) cr_skip_test("only root can be another user");
  RunDirectory scratch;
  const uid_t user = scratch.identity();
  const fs::path self = fs::read_symlink("/proc/self/exe");
  const fs::path test = scratch.path() / "b" / "test" / "wall";
  for (const char* folder : {"b/test", "b/host", "tmp"})
    fs::create_directories(scratch.path() / folder);
  fs::copy_file(self, test);
  fs::copy_file(attacker(), scratch.path() / "b" / "host" / "attacker");
  fs::permissions(scratch.path(), fs::perms(0755));
  chown((scratch.path() / "tmp").c_str(), user, user);
  const std::string temporary = "TMPDIR=" + (scratch.path() / "tmp").string();
  const std::string path = std::string("PATH=") + std::getenv("PATH");
  const pid_t child = fork();
  if (child == 0) {
    if (chdir(scratch.path().c_str()) != 0 || !Identity::become(user)) _exit(126);
    execle(test.c_str(), test.c_str(), "-j1", nullptr,
           std::array{temporary.c_str(), path.c_str(), static_cast<const char*>(nullptr)}.data());
    _exit(127);
  }
  int status = -1;
  waitpid(child, &status, 0);
  cr_expect_eq(status, 0, "attacks as user %u ended with status %d; the table above says which",
               user, status);
}

Test(wall, no_process_outlives_its_run, .timeout = 60) {
  const Target target;
  std::vector<Wall> all = walls();
  all.push_back(Wall::of(WallKind::none));
  for (Wall wall : all) {
    write_file(target.result(), "{}");
    cr_expect_eq(asked(wall, "stay " + target.result().string()), "done");
    write_file(target.result(), "{}");
    usleep(100'000);
    row(wall, "a daemon that rewrites the result", "gone",
        a_process_stays(target.folder().filename()) ? "stays" : "gone");
    cr_expect_eq(read_file(target.result()).value_or(""), "{}");
  }
}

Test(wall, code_that_is_compiled_sees_nothing, .timeout = 300) {
  const Target target;
  const std::string secret = target.secret().string();
  const auto string_of = [](const std::string& file) {
    return "asm(\".section .rodata\\n.incbin \\\"" + file + "\\\"\\n.text\");\n";
  };
  struct Attack {
    std::string name, source, wanted, without;
  };
  const std::vector<Attack> attacks = {
      {"#include of a file by its path", "#include \"" + secret + "\"\n", "fails", "leaks"},
      {"#include of the tests' answers",
       "#include \"labs/7-toy/tests/oracle.hh\"\nconst char* a = ANSWER;", "fails", "fails"},
      {"#include of them from above",
       "#include \"../../tree/labs/7-toy/tests/oracle.hh\"\nconst char* a = ANSWER;\n", "fails",
       "leaks"},
      {"#include of /etc/passwd", "#include \"/etc/passwd\"\n", "fails", "leaks"},
      {"#include of an environment", "#include \"/proc/self/environ\"\n", "no leak", ""},
      {".incbin of /etc/passwd", string_of("/etc/passwd"), "fails", "leaks"},
      {".incbin of a file of ours", string_of(secret), "fails", "leaks"},
      {".include in assembly", "asm(\".include \\\"" + secret + "\\\"\");\n", "fails", "leaks"},
      {"__has_include as a probe",
       "#if __has_include(\"" + secret + "\")\n#error secret_0f1e2d is there\n#endif\n", "no leak",
       "leaks"},
      {"#embed", "const char a[] = {\n#embed \"" + secret + "\"\n};\n", "fails", ""},
      {"#pragma that loads a plugin", "#pragma GCC optimize(\"-fplugin=" + secret + "\")\nint a;\n",
       "builds", "builds"},
      {"a source that is a device", "#include \"/dev/zero\"\n", "no leak", ""},
      {"bomb of includes that takes memory",
       "#if __INCLUDE_LEVEL__ == 0\n#define A 0,0,0,0,0,0,0,0,\n#define B A A A A A A A A\n"
       "#define C B B B B B B B B\n#define SELF \"a.cc\"\nint a[] = {\n#include SELF\n};\n"
       "#elif __INCLUDE_LEVEL__ < 40\nC C C C C C C C\n#include SELF\n#include SELF\n#endif\n",
       "stopped", ""},
      {"bomb of templates",
       "template <unsigned long N> struct T { static constexpr auto a = T<2 * N>::a + T<2 * N + "
       "1>::a; };\n"
       "template <unsigned long N> requires(N > (1UL << 30)) struct T<N> { static constexpr auto a "
       "= 1UL; };\nauto x = T<1>::a;\n",
       "stopped", ""},
      {"bomb of macros",
       "#define A B B B B B B B B\n#define B C C C C C C C C\n#define C D D D D D D D D\n#define D "
       "E E E E E E E E\n"
       "#define E F F F F F F F F\n#define F G G G G G G G G\n#define G H H H H H H H H\n#define H "
       "I I I I I I I I\n#define I int;\nA\n",
       "stopped", ""},
      {"object of 10 GB", "asm(\".section .rodata\\n.space 10000000000, 1\\n.text\");\n", "stopped",
       ""},
  };
  const Wall none = Wall::of(WallKind::none);
  for (const Attack& attack : attacks)
    if (!attack.without.empty())
      row(none, attack.name, attack.without, Tree(attack.source).built(none));
  for (Wall wall : walls()) {
    for (const Attack& attack : attacks) {
      // Bombs meet the same limits behind every wall.
      if (attack.wanted == "stopped" && wall.kind() != walls().front().kind()) continue;
      const std::string came = Tree(attack.source).built(wall);
      const bool no_leak = attack.wanted == "no leak" && came != "leaks";
      row(wall, attack.name, attack.wanted, no_leak ? "no leak" : came);
    }
    const Tree link("int a;\n");
    fs::create_symlink(secret, link.path() / "kernel" / "b.hh");
    link.write("kernel/a.cc", "#include \"b.hh\"\n");
    row(wall, "a symbolic link among the sources", "fails", link.built(wall));
    const Tree pipe("#include \"b.hh\"\n");
    mkfifo((pipe.path() / "kernel" / "b.hh").c_str(), 0666);
    row(wall, "a pipe among the sources", "fails", pipe.built(wall));
  }
}

}  // namespace sprat::grading
