// subject_program.cc — code under test that does what it is asked, well or badly.

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

namespace {

int out_of_bounds(const std::vector<int>& values, std::size_t index) {
  return values.data()[index];
}

void act(const std::string& question) {
  if (question == "overflow") std::cout << out_of_bounds({1, 2, 3}, 3) << std::endl;
  if (question == "null") std::cout << *static_cast<volatile int*>(nullptr) << std::endl;
  if (question == "undefined") {
    volatile int big = 0x7fffffff;
    std::cout << big + 1 << std::endl;
  }
  if (question == "exit") std::exit(0);
  if (question == "spin") {
    for (;;) asm volatile("");
  }
  if (question == "sleep") sleep(1000);
  if (question == "print") {
    for (;;) {
      std::cerr << "still here" << std::endl;
      usleep(50'000);
    }
  }
  if (question == "flood") {
    for (;;) std::cout << "0123456789";
  }
  if (question == "flood_log") {
    for (;;) std::cerr << "0123456789\n";
  }
  if (question == "grow") {
    for (;;) {
      auto* block = new std::vector<char>(1 << 20, 'x');  // kept for ever
      if (block->empty()) break;
    }
  }
  if (question == "too_much") {
    volatile std::size_t bytes = std::size_t{1} << 50;
    std::cout << (std::malloc(bytes) != nullptr) << std::endl;
  }
  if (question == "close_input") {
    close(0);
    sleep(1000);
  }
  if (question == "chatter") {
    std::cout << "one\ntwo" << std::endl;
    return;
  }
  if (question == "write_outside") {
    std::ofstream file("/var/tmp/sprat-subject-was-here");
    std::cout << (file ? "written" : "refused") << std::endl;
    return;
  }
  if (question == "look_around") {
    std::cout << (std::getenv("SPRAT_SEED") != nullptr ? "knows the seed" : "knows nothing")
              << std::endl;
    return;
  }
  std::cout << "you said " << question << std::endl;
}

}  // namespace

int main() {
  std::string question;
  while (std::getline(std::cin, question)) act(question);
}
