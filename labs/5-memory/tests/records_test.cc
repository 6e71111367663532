// records_test.cc — exercise 2: a server always has records for the next split, made of its own RAM between two requests; and
// blocks have numbers.

#include <map>
#include <set>
#include <sstream>

#include "buddy.hh"

using namespace lab;

namespace {

constexpr std::size_t kChunk = 127;  // records of one chunk
constexpr std::size_t kHalfEmpty = 64;
constexpr std::uint64_t kFirstHalf = 128, kNumbersOfChunk = 2 * kChunk;

// A server, and the blocks that its client has.
class Server {
 public:
  struct Step {
    std::vector<std::string> result;
    std::string request, refill;  // operations
  };

  explicit Server(Trial& trial) : trial_(trial) {
    Step step = ask("new");
    if (step.result != std::vector<std::string>{"ok"}) wrong("ok");
    chunks_ = 1;
    mappings_ = mappings;
  }

  Step ask(const std::string& question) {
    question_ = "records " + question;
    answer_ = trial_.ask(question_);
    std::istringstream words(answer_);
    Step step;
    std::string word;
    while (words >> word && word != "request") step.result.push_back(word);
    while (words >> word && word != "refill") step.request += word + " ";
    while (words >> word && word != "state") step.refill += word + " ";
    std::string count, bytes, name, all, slots, mapped;
    if (!(words >> count >> bytes >> name >> all >> name >> slots >> name >> mapped))
      wrong("an answer");
    const auto number = [](const std::string& text) {
      return std::strtoull(text.c_str(), nullptr, 16);
    };
    records = number(count), bytes_free = number(bytes), capabilities = number(all),
    slots_taken = number(slots);
    mappings = number(mapped);
    return step;
  }

  void add(std::uint64_t base, unsigned bits) {
    if (ask("add " + bare(base) + " " + bare(bits)).result != std::vector<std::string>{"ok"})
      wrong("ok");
    bytes_ += bytes_of(bits);
    roots_.push_back({base, bits});
  }

  // Returns whether there was a block.
  bool allocate(unsigned bits) {
    const std::size_t before = records;
    last = ask("allocate " + bare(bits));
    if (last.result.size() != 4 || last.result[0] != "block") {
      if (last.result.size() != 2 || last.result[1] != "out_of_memory")
        wrong("a block, or out_of_memory");
      check_refill(before);
      return false;
    }
    const auto at = [&](std::size_t i) {
      return std::strtoull(last.result[i].c_str(), nullptr, 16);
    };
    if (!blocks.emplace(at(3), Block{at(1), static_cast<unsigned>(at(2))}).second)
      wrong("a number that no other block has");
    used_ += bytes_of(bits);
    check_refill(before);
    return true;
  }

  void release(std::uint64_t number) {
    const std::size_t before = records;
    last = ask("release " + bare(number));
    if (last.result != std::vector<std::string>{"ok"})
      wrong("ok: the block of that number is the client's");
    used_ -= bytes_of(blocks.at(number).bits);
    blocks.erase(number);
    check_refill(before);
  }

  // All bytes are free, the client's, or in chunks.
  std::uint64_t bytes_of_chunks() const { return bytes_ - used_ - bytes_free; }
  std::size_t chunks() const { return chunks_; }
  const std::vector<Block>& roots() const { return roots_; }
  std::string find(std::uint64_t number) { return trial_.ask("records find " + bare(number)); }
  std::string root_of(std::uint64_t address) {
    return trial_.ask("records root-of " + bare(address));
  }
  void fail_at(std::size_t n) {
    trial_.expect_equal("fail", "done", trial_.ask("records fail " + bare(n)));
  }

  [[noreturn]] void wrong(const std::string& expected) {
    trial_.wrong(expected, answer_, "After the question:  " + question_);
  }

  std::size_t records = 0, capabilities = 0, slots_taken = 0, mappings = 0;
  std::uint64_t bytes_free = 0;
  std::map<std::uint64_t, Block> blocks;
  Step last;

 private:
  // A chunk more has its two objects and one mapping, all at once or not at all.
  void check_refill(std::size_t before) {
    if (mappings > mappings_ + 1 || mappings < mappings_) wrong("one chunk more at most");
    const bool is_made = mappings != mappings_;
    mappings_ = mappings;
    chunks_ += is_made ? 1 : 0;
    if (last.request.find("map") != std::string::npos)
      wrong("no chunk is made while a request is handled");
    if (!is_made && bytes_of_chunks() != bytes_in_chunks_)
      wrong("a chunk that was not made keeps no bytes");
    bytes_in_chunks_ = bytes_of_chunks();
    if (is_made && records < kChunk) wrong(std::to_string(kChunk) + " records more");
    if (before >= kHalfEmpty + 16 && is_made) wrong("no chunk before the reserve is half empty");
  }

  Trial& trial_;
  std::uint64_t bytes_ = 0, used_ = 0, bytes_in_chunks_ = 0;
  std::size_t chunks_ = 0, mappings_ = 0;
  std::vector<Block> roots_;
  std::string question_, answer_;
};

std::uint64_t any_number(Trial& trial, const Server& server) {
  auto place = server.blocks.begin();
  std::advance(place, trial.below(server.blocks.size()));
  return place->first;
}

constexpr std::uint64_t kBase = std::uint64_t{1} << 30;

}  // namespace

LAB_TEST(records, reserve_is_filled_before_it_is_empty, "host") {
  Server server(trial);
  server.add(kBase, 24);
  for (int i = 0; i < 1'500; ++i) {
    if (!server.allocate(kLeastBits))
      server.wrong("a page: 16 MiB are not used up, and there are records");
    if (server.records < kHalfEmpty)
      server.wrong("a reserve that is not half empty, behind each request");
  }
  if (server.chunks() < 10) server.wrong("a chunk for each " + std::to_string(kChunk) + " splits");
}

LAB_TEST(records, chunks_are_made_of_the_servers_own_blocks, "host") {
  Server server(trial);
  server.add(kBase, 23);
  std::uint64_t before = 0;
  std::size_t chunks = server.chunks();
  for (int i = 0; i < 600; ++i) {
    if (trial.below(4) != 0 || server.blocks.empty())
      server.allocate(kLeastBits + static_cast<unsigned>(trial.below(2)));
    else
      server.release(any_number(trial, server));
    const std::uint64_t bytes = server.bytes_of_chunks();
    if (server.chunks() == chunks ? bytes != before : bytes - before != bytes_of(15) + bytes_of(14))
      server.wrong("each chunk takes 32 KiB for its records and 16 KiB for their slots");
    chunks = server.chunks();
    before = bytes;
  }
  while (!server.blocks.empty()) server.release(any_number(trial, server));
}

// Each operation of a refill fails once.
LAB_TEST(records, chunk_that_cannot_be_made_leaves_nothing_behind, "host") {
  for (std::size_t failing = 1; failing <= 12; ++failing) {
    Server server(trial);
    server.add(kBase, 22);
    std::size_t left = 200;
    for (; left != 0 && server.records >= kHalfEmpty; --left) {
      const std::size_t capabilities = server.capabilities, chunks = server.chunks();
      server.fail_at(failing);
      if (!server.allocate(kLeastBits)) server.wrong("a page");
      const bool has_failed = server.last.refill.find("failed") != std::string::npos;
      if (!has_failed) continue;
      if (server.chunks() != chunks) server.wrong("no chunk");
      std::size_t splits = 0;
      for (std::size_t at = server.last.request.find("retype"); at != std::string::npos;
           at = server.last.request.find("retype", at + 1))
        ++splits;
      if (server.capabilities != capabilities + 2 * splits)
        server.wrong("no capability is left of a chunk that was not made");
      break;
    }
    // The next request finds it half empty still.
    for (int i = 0; i < 20; ++i)
      if (!server.allocate(kLeastBits)) server.wrong("a page");
    if (server.records < kHalfEmpty) server.wrong("a chunk behind the next request");
  }
}

// Without room for a chunk, requests are answered as long as records are left.
LAB_TEST(records, server_without_room_for_a_chunk_goes_on, "host") {
  Server server(trial);
  // When the first refill is due, there is room for its slots, and not for its records.
  server.add(kBase, 18);
  server.add(kBase + bytes_of(20), 15);
  for (int pages = 0; server.allocate(kLeastBits); ++pages)
    if (pages == 72) server.wrong("72 pages, of 288 KiB");
  for (int i = 0; i < 100 && !server.blocks.empty(); ++i) {
    server.release(any_number(trial, server));
    if (!server.allocate(kLeastBits)) server.wrong("the page that was released");
  }
  while (!server.blocks.empty()) server.release(any_number(trial, server));
}

LAB_TEST(records, each_block_is_found_by_its_number, "host") {
  Server server(trial);
  for (std::uint64_t root = 0; root < 4; ++root)
    server.add(kBase + (root << 24), kPieceBits + static_cast<unsigned>(trial.below(2)));
  server.allocate(kPieceBits);
  for (int i = 0; i < 500; ++i) server.allocate(kLeastBits + static_cast<unsigned>(trial.below(3)));
  for (const auto& [number, block] : server.blocks) {
    const std::string right = "block " + bare(block.base) + " " + bare(block.bits);
    trial.expect_equal("the block number " + bare(number), right, server.find(number));
  }
}

// A client may ask for any number.
LAB_TEST(records, numbers_without_a_record_name_no_block, "host") {
  Server server(trial);
  server.add(kBase, 23);
  for (int i = 0; i < 300; ++i) {
    if (i % 50 == 0) {
      const std::uint64_t end = kFirstHalf + server.chunks() * kNumbersOfChunk;
      for (const std::uint64_t number :
           {end, end + 1, end + kNumbersOfChunk, std::uint64_t{1} << 32, ~std::uint64_t{0},
            end + trial.below(1'000'000)})
        trial.expect_equal("the block number " + bare(number) + ", of " + bare(end), "none",
                           server.find(number));
      for (const std::uint64_t number : {std::uint64_t{0}, kFirstHalf - 1, kFirstHalf, end - 1})
        if (server.find(number) == "none") trial.wrong("the record number " + bare(number), "none");
    }
    server.allocate(kLeastBits);
  }
}
