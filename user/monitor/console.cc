// console.cc — letters become lines, lines are sent or printed.

#include "monitor/console.hh"

#include <algorithm>
#include <new>

#include "lib/runtime.hh"
#include "lib/system_call.hh"

namespace sprat::monitor {
namespace {

struct LineText {
  std::uint8_t bytes = 0, is_last = 0;
  std::array<char, 54> text{};
};
struct NoText {};

}  // namespace

// co_await Filled{console}: waits until a line waits.
struct Console::Filled {
  Console& console;
  Waiter waiter{};

  bool await_ready() const { return !console.waiting_.is_empty(); }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiter.coroutine = waiting;
    console.idle_.push_back(waiter);
  }
  void await_resume() const {}
};

// Lines of other cores that begin are printed when core 0 has started all of them, and so is their text that comes before.
Console::Console(const FirstProcess& process, const Processes& processes, monitor::Links& links)
    : process_(process), processes_(processes), links_(links) {
  if (!has_console()) set_text_receiver(this);
}

// There is a link with core 0, and a line on it comes before this monitor's hello.
void Console::prepare() {
  is_linked_ = true;
  if (!has_console()) return send_lines();
  printing_ = print_lines();
  runtime().loop.start(printing_);
}

Task<> Console::print_lines() {
  set_text_receiver(this);
  for (;;) {
    co_await Filled{*this};
    print_piece();
    co_await runtime().loop.turn();
  }
}

Result<void> Console::before_start(std::uint32_t core, std::uint32_t, CorePackage&) {
  print_all();  // lines of an earlier incarnation of the core
  if (of_others_[core] == nullptr) of_others_[core].reset(new (std::nothrow_t{}) TextLines);
  return of_others_[core] != nullptr ? Result<void>() : Error::out_of_memory;
}

// ---- lines

// Returns how many letters of `text` were taken: those of one line at most.
std::size_t Console::add(TextLine& line, std::string_view text) {
  std::size_t taken = 0;
  while (taken < text.size()) {
    const bool is_full = line.length == kMostLetters - 1;
    const char letter = is_full ? '\n' : text[taken];
    line.text[line.length++] = letter;
    if (letter == text[taken]) ++taken;
    if (letter == '\n') break;
  }
  return taken;
}

void Console::complete(TextLine& line) {
  line.is_complete = true;
  waiting_.push_back(line);
  if (!has_console()) return send_lines();
  while (!idle_.empty()) runtime().loop.make_ready(idle_.front());
}

void Console::clear(TextLine& line) {
  line.links.leave();
  line.length = 0;
  line.is_complete = false;
}

Result<Answer> Console::handle(Process& caller, const Call& call, ReceiveSlot&) {
  if (static_cast<ConsoleRequest>(call.words[0]) != ConsoleRequest::print)
    return Error::invalid_argument;
  TextLine& line = lines_[processes_.place_of(caller)];
  if (line.is_complete) return Error::again;
  const TextPiece piece = TextPiece::from(call.words);
  const std::size_t taken = add(line, {piece.text.data(), piece.bytes});
  const bool ends = line.length != 0 && line.text[line.length - 1] == '\n';
  const bool is_shown = has_console() && piece.is_shown && taken == piece.bytes;
  if (ends || (is_shown && line.length != 0)) complete(line);
  return Answer{{}, {taken}};
}

// Its last line is at core 0 before the news of this end.
void Console::before_end(const Process& process) {
  TextLine& line = lines_[processes_.place_of(process)];
  if (line.length == 0) return;
  if (!line.is_complete) {
    line.text[line.length++] = '\n';
    complete(line);
  }
  send_at_once(line);
}

bool Console::take(std::string_view text) {
  const auto is_free = [](const TextLine& line) { return !line.is_complete; };
  // A line is cut into two at most.
  if (std::ranges::count_if(own_, is_free) < 2) return false;
  while (!text.empty()) {
    // The line that has begun, or an empty one.
    TextLine& line = *std::ranges::max_element(own_, {}, [&](const TextLine& own) {
      return is_free(own) ? static_cast<int>(own.length) : -1;
    });
    text.remove_prefix(add(line, text));
    if (line.text[line.length - 1] != '\n') continue;
    complete(line);
    send_at_once(line);
  }
  if (is_linked_ && !has_console()) links_.settle(kConsoleCore);
  return true;
}

// ---- cores but core 0

void Console::send_lines() {
  while (is_linked_ && !waiting_.is_empty() && in_flight_ < kMostInFlight) {
    send(*waiting_.first());
  }
}

// If it waits behind others.
void Console::send_at_once(TextLine& line) {
  const bool waits = !has_console() && is_linked_ && line.links.is_linked();
  if (waits && in_flight_ < kMostInFlight + kMostAtOnce) send(line);
}

void Console::send(TextLine& line) {
  ++in_flight_;
  for (std::size_t sent = 0; sent < line.length;) {
    LineText piece;
    const std::size_t bytes = std::min(piece.text.size(), line.length - sent);
    std::copy_n(&line.text[sent], bytes, piece.text.data());
    sent += bytes;
    piece.bytes = static_cast<std::uint8_t>(bytes);
    piece.is_last = sent == line.length ? 1 : 0;
    static_cast<void>(links_.send(kConsoleCore, monitor::line_of(LineKind::text_of_line, piece)));
  }
  clear(line);
}

// ---- core 0

// Returns the line of `core` that has begun, or an empty one.
Console::TextLine* Console::line_of(std::uint32_t core) {
  TextLine* line = nullptr;
  if (core >= kMaxCores || of_others_[core] == nullptr) return nullptr;
  for (TextLine& one : *of_others_[core])
    if (!one.is_complete && (line == nullptr || one.length != 0)) line = &one;
  return line;
}

void Console::take_line(std::uint32_t from, const urpc::Message<>& message) {
  switch (static_cast<LineKind>(message.header)) {
    case LineKind::printed:
      if (in_flight_ != 0) --in_flight_;
      return send_lines();
    case LineKind::text_of_line: break;
    default: return;
  }
  TextLine* const line = line_of(from);
  if (line == nullptr) return;  // more lines than may be in flight
  const auto piece = message_of<LineText>(message);
  line->core = from;
  static_cast<void>(
      add(*line, {piece.text.data(), std::min<std::size_t>(piece.bytes, piece.text.size())}));
  if (piece.is_last != 0) complete(*line);
}

void Console::core_ended(std::uint32_t core) {
  if (core >= kMaxCores || of_others_[core] == nullptr) return;
  for (TextLine& line : *of_others_[core]) {
    line.core = kMaxCores;
    if (line.is_complete || line.length == 0) continue;
    constexpr std::string_view kMark = " [its core has stopped]\n";
    line.length = std::min(line.length, kMostLetters - kMark.size());
    static_cast<void>(add(line, kMark));
    complete(line);
  }
}

// Hands the kernel the next letters of the first line that waits, if one does. Lets others run while the UART is busy.
void Console::print_piece() {
  if (waiting_.is_empty()) return;
  TextLine& line = *waiting_.first();
  const auto written = try_write_console({&line.text[printed_], line.length - printed_});
  if (!written && written.error() == Error::again) return yield(Yield::stay);
  printed_ += written ? written.value() : line.length - printed_;
  if (printed_ == line.length) finish(line);
}

void Console::print_all() {
  while (has_console() && !waiting_.is_empty()) print_piece();
}

void Console::finish(TextLine& line) {
  const std::uint32_t core = line.core;
  printed_ = 0;
  clear(line);
  if (core == kConsoleCore || core == kMaxCores) return;
  static_cast<void>(links_.send(core, monitor::line_of(LineKind::printed, NoText())));
}

}  // namespace sprat::monitor
