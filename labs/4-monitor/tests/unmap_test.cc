// unmap_test.cc — exercise 4: pages of a process that spans cores, and their limits.

#include <algorithm>

#include "process.hh"

using namespace lab;
using sprat::grading::bare;

namespace {

using Pages = PageQuestions;
constexpr auto kNone = Mapping::none, kReadOnly = Mapping::read_only, kWritable = Mapping::writable;

std::string tell(std::uint64_t cores) { return "tell " + bare(cores); }
std::string again(std::uint64_t cores) { return "again " + bare(cores); }

// Any page, and the first and the last one more often.
std::size_t any_page(Trial& trial) {
  const std::size_t choice = trial.below(4);
  return choice == 0 ? 0 : choice == 1 ? kPages - 1 : trial.below(kPages);
}
std::size_t another_page(Trial& trial, std::size_t page) {
  return (page + 1 + trial.below(kPages - 1)) % kPages;
}

// Different cores, the first and the last one often among them.
std::vector<std::uint64_t> any_cores(Trial& trial, std::size_t count) {
  std::vector<std::uint64_t> cores;
  for (std::uint64_t core = 0; core < kCores; ++core) cores.push_back(core);
  std::ranges::shuffle(cores, trial.random());
  for (const std::uint64_t edge : {std::uint64_t{0}, kCores - 1})
    if (trial.below(2) == 0) std::swap(*std::ranges::find(cores, edge), cores[edge % count]);
  cores.resize(count);
  return cores;
}

void give(Pages& pages, std::uint64_t core, std::size_t page, Mapping mapping) {
  const std::string number = bare(static_cast<std::uint64_t>(mapping));
  pages.expect("a core wants a page", "send " + number + " given " + number,
               pages.want(core, page));
}

// A whole limit, to which all cores answer.
void limit(Pages& pages, std::size_t page, Mapping mapping, std::uint64_t told,
           std::uint64_t waiting = 0) {
  pages.expect("a limit begins", tell(told), pages.begin(page, mapping));
  if (told != 0) pages.limited(page, told);
  pages.expect("the limit ends", again(waiting), pages.end(page));
}

std::uint64_t set_of(const std::vector<std::uint64_t>& cores) {
  std::uint64_t set = 0;
  for (const std::uint64_t core : cores) set |= only(core);
  return set;
}

}  // namespace

LAB_TEST(unmap, wanted_page_is_given_as_all_cores_may_map_it, "host") {
  for (int round = 0; round < 10; ++round) {
    Pages pages(trial);
    const auto cores = any_cores(trial, 3);
    const std::size_t page = any_page(trial), other = another_page(trial, page);
    give(pages, cores[0], page, kWritable);
    limit(pages, page, kReadOnly, only(cores[0]));
    give(pages, cores[1], page, kReadOnly);
    give(pages, cores[1], other, kWritable);
    limit(pages, page, kNone, only(cores[0]) | only(cores[1]));
    pages.expect("a page that is limited to none is wanted", "error no_rights",
                 pages.want(cores[2], page));
    limit(pages, page, kWritable, 0);
    pages.expect("the frame of a page cannot be sent", "send 2 error out_of_memory",
                 pages.want(cores[2], page, false));
    limit(pages, page, kNone, 0);  // the core has not got it
    limit(pages, other, kNone, only(cores[1]));
  }
}

LAB_TEST(unmap, limit_tells_the_cores_that_may_do_more_and_no_others, "host") {
  for (const std::size_t count : {std::size_t{1}, std::size_t{2}, std::size_t{63},
                                  static_cast<std::size_t>(3 + trial.below(20))}) {
    Pages pages(trial);
    const auto cores = any_cores(trial, count);
    const std::size_t page = any_page(trial);
    std::uint64_t readers = 0, writers = 0;
    Mapping most = kWritable;
    for (unsigned turn = 0; turn < 60; ++turn) {
      const bool all = trial.below(8) == 0;
      for (const std::uint64_t core : cores) {
        if (most == kNone || (!all && trial.below(count + 1) != 0)) continue;
        give(pages, core, page, most);
        (most == kReadOnly ? readers : writers) |= only(core);
        (most == kReadOnly ? writers : readers) &= ~only(core);
      }
      if (trial.below(2) == 0) continue;
      most = static_cast<Mapping>(trial.below(3));
      const std::uint64_t told = most == kNone       ? readers | writers
                                 : most == kReadOnly ? writers
                                                     : 0;
      limit(pages, page, most, told);
      if (most == kReadOnly) readers |= writers;
      if (most == kNone) readers = 0;
      if (most != kWritable) writers = 0;
    }
  }
}

LAB_TEST(unmap, one_limit_of_a_page_is_in_progress_at_a_time, "host") {
  for (int round = 0; round < 10; ++round) {
    Pages pages(trial);
    const auto cores = any_cores(trial, 3);
    const std::size_t page = any_page(trial), other = another_page(trial, page);
    for (const std::uint64_t core : cores) give(pages, core, page, kWritable);
    give(pages, cores[0], other, kWritable);
    pages.expect("a limit begins", tell(set_of(cores)), pages.begin(page, kReadOnly));
    pages.expect("a second limit of that page", "error busy",
                 pages.begin(page, trial.below(2) == 0 ? kNone : kWritable));
    limit(pages, other, kNone, only(cores[0]));
    pages.limited(page, set_of(cores));
    pages.expect("the limit ends", again(0), pages.end(page));
    give(pages, cores[1], page, kReadOnly);  // as the first limit says
    limit(pages, page, kReadOnly, 0);
    limit(pages, page, kNone, set_of(cores));
  }
}

LAB_TEST(unmap, core_that_wants_a_page_in_the_middle_of_a_limit_is_told_at_its_end, "host") {
  for (int round = 0; round < 10; ++round) {
    Pages pages(trial);
    const auto cores = any_cores(trial, 4);
    const std::size_t page = any_page(trial), other = another_page(trial, page);
    give(pages, cores[0], page, kWritable);
    pages.expect("a limit begins", tell(only(cores[0])), pages.begin(page, kReadOnly));
    pages.expect("another one begins", tell(0), pages.begin(other, kNone));
    for (const std::uint64_t core : {cores[1], cores[0], cores[1]})
      pages.expect("a core wants a page in the middle of its limit", "error busy",
                   pages.want(core, page));
    pages.expect("a core wants the other page", "error busy", pages.want(cores[2], other));
    pages.limited(page, only(cores[0]));
    pages.expect("the first limit ends", again(only(cores[0]) | only(cores[1])), pages.end(page));
    pages.expect("the second limit ends", again(only(cores[2])), pages.end(other));
    give(pages, cores[1], page, kReadOnly);
    // Each is told once.
    limit(pages, page, kNone, only(cores[0]) | only(cores[1]));
    limit(pages, other, kWritable, 0);
    give(pages, cores[3], other, kWritable);
  }
}

LAB_TEST(unmap, core_that_has_not_answered_is_told_by_the_next_limit, "host") {
  for (int round = 0; round < 10; ++round) {
    Pages pages(trial);
    const auto cores = any_cores(trial, 6);
    const std::size_t page = any_page(trial);
    const std::uint64_t all = set_of(cores);
    for (const std::uint64_t core : cores) give(pages, core, page, kWritable);
    const std::uint64_t failed = only(cores[0]) | only(cores[1]), first = only(cores[2]);
    pages.expect("a limit begins", tell(all), pages.begin(page, kReadOnly));
    pages.limited(page, all & ~failed);
    pages.expect("it ends, with two cores that have failed", again(0), pages.end(page));
    pages.expect("the next limit begins", tell(failed), pages.begin(page, kReadOnly));
    pages.expect("it is given up", again(0), pages.end(page));
    limit(pages, page, kReadOnly, failed);
    pages.expect("a limit to none begins", tell(all), pages.begin(page, kNone));
    pages.limited(page, first);
    pages.expect("it ends, with five cores that have failed", again(0), pages.end(page));
    limit(pages, page, kNone, all & ~first);
    limit(pages, page, kNone, 0);
  }
}

LAB_TEST(unmap, core_that_has_ended_has_no_page_and_waits_for_none, "host") {
  for (int round = 0; round < 10; ++round) {
    Pages pages(trial);
    const auto cores = any_cores(trial, 4);
    const std::uint64_t dead = cores[0], other = cores[1], late = cores[2];
    const std::uint64_t living = only(other) | only(late);
    // At rest; each page, whether it reads or writes.
    for (const std::size_t page : {std::size_t{0}, std::size_t{20}, kPages - 1}) {
      give(pages, other, page, kWritable);
      if (trial.below(2) == 0) limit(pages, page, kReadOnly, only(other));
      pages.want(dead, page);
    }
    pages.ended(dead);
    for (const std::size_t page : {std::size_t{0}, std::size_t{20}, kPages - 1})
      limit(pages, page, kNone, only(other));
    // In the middle of a limit: before its answer, or between that and the end.
    const std::size_t page = any_page(trial);
    limit(pages, page, kWritable, 0);
    for (const std::uint64_t core : {dead, other, late}) give(pages, core, page, kWritable);
    pages.expect("a limit begins", tell(only(dead) | living), pages.begin(page, kReadOnly));
    pages.expect("a core wants the page", "error busy", pages.want(dead, page));
    pages.expect("another one wants it", "error busy", pages.want(late, page));
    const bool has_answered = trial.below(2) == 0;
    pages.ended(dead);
    pages.limited(page, has_answered ? only(dead) | living : living);
    pages.expect("the limit ends", again(only(late)), pages.end(page));
    limit(pages, page, kNone, living);
    // The next dispatcher there begins without pages.
    limit(pages, page, kWritable, 0);
    give(pages, dead, page, kWritable);
    limit(pages, page, kNone, only(dead));
  }
}

LAB_TEST(unmap, frame_that_a_limit_overtakes_is_not_used, "host") {
  for (int round = 0; round < 10; ++round) {
    Pages pages(trial);
    const std::uint64_t core = any_cores(trial, 1)[0];
    const std::size_t page = any_page(trial), other = another_page(trial, page);
    const auto asks = [&](std::size_t which) {
      const std::string answer = pages.ask("ask", {core, which});
      if (!answer.starts_with("asked ")) pages.wrong("asked LIMITS", answer);
      return std::strtoull(answer.c_str() + 6, nullptr, 16);
    };
    const auto limited = [&](Mapping mapping, const std::string& expected) {
      pages.expect("a limit comes", expected,
                   pages.ask("limit", {core, page, static_cast<std::uint64_t>(mapping)}));
    };
    const auto arrives = [&](std::uint64_t asked, Mapping mapping, const std::string& expected) {
      pages.expect("a frame arrives", expected,
                   pages.ask("arrive", {core, page, static_cast<std::uint64_t>(mapping), asked}));
    };
    const auto first = asks(page), of_other = asks(other);
    limited(kNone, "may 0 unmap 0");  // it has nothing yet
    arrives(first, kWritable, "late 0");
    const auto second = asks(page);
    arrives(second, kWritable, "may 2");
    limited(kReadOnly, "may 1 unmap 1");
    const auto third = asks(page);
    limited(kReadOnly, "may 1 unmap 0");  // a limit that changes nothing counts, too
    arrives(third, kWritable, "late 1");
    pages.done("map", {core, page});
    limited(kWritable, "may 1 unmap 0");  // a limit allows no more than before
    limited(kNone, "may 0 unmap 1");
    arrives(asks(page), kReadOnly, "may 1");
    pages.expect("a frame of another page arrives", "may 2",
                 pages.ask("arrive", {core, other, 2, of_other}));
  }
}

// Lets processes on 2 to 8 cores touch and limit pages in any order, 30 of them and as many more as it takes for limits to overtake ten frames; if
// `with_ends`, dispatchers end or fail as well.
static void try_random_orders(Trial& trial, bool with_ends) {
  std::size_t overtaken = 0;
  for (std::size_t round = 0; round < 30 || overtaken < 10; ++round) {
    if (round == 1000)
      throw sprat::grading::MachineError("limits overtake too few frames in this test");
    Process process(trial, 2 + round % 7);
    for (unsigned turn = 0; turn < 150; ++turn) {
      if (trial.below(3) == 0) process.happen(with_ends);
      process.step();
    }
    process.expect_rest();
    overtaken += process.frames_late;
  }
}

LAB_TEST(unmap, touches_and_limits_meet_in_any_order, "host") { try_random_orders(trial, false); }

LAB_TEST(unmap, process_goes_on_when_dispatchers_end_or_fail, "host") {
  try_random_orders(trial, true);
}
