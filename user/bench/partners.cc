// partners.cc — LRPC and turns with a dispatcher that lives in another address space and does nothing else.

#include <cstring>

#include "bench/markers.hh"
#include "bench/measure.hh"
#include "bench/measurements.hh"
#include "lib/runtime.hh"
#include "lib/upcalls.hh"

namespace sprat::bench {
namespace {

static_assert(REGION_LRPC_CALL == static_cast<int>(Region::lrpc_call));

extern "C" {
extern const char partner_code[], partner_code_end[];  // partner.S
extern const char partner_waits[], partner_takes_turns[];
extern const char partner_answers[], partner_answers_marked[];
extern const char partner_home[], partner_secret[];  // an address, and an offset
}

const VirtualAddress kCode{reinterpret_cast<std::uint64_t>(partner_home)};
const VirtualAddress kFrame = kCode + kPageSize;
constexpr VirtualAddress kWindow = kOwnMappings;

// A frame of one page, filled by `fill` through this program's own address space.
template <class Fill>
Cap<Type::frame> make_page(Fill fill) {
  auto frame = must(runtime().ram.make<Type::frame>(12), "a page for the partner");
  must(runtime().space.map(kWindow, frame, kPageSize, kWrite), "mapping it here");
  fill(reinterpret_cast<std::byte*>(kWindow.value()));
  must(runtime().space.unmap(kWindow), "unmapping it here");
  return frame;
}

class Partner {
 public:
  // Runs it, from `run` on; calls are answered at `lrpc`. Both lie in partner.S.
  Partner(const char* run, const char* lrpc);

  CapAddress endpoint() const { return endpoint_.address(); }

  // Returns its reply to these words.
  Words answer_to(Words words) const {
    words[0] += secret_;
    return words;
  }

 private:
  const std::uint64_t secret_ = now() * 0x9e3779b97f4a7c15;
  Cap<Type::cnode> cspace_;
  Cap<Type::page_table_4> root_;
  AddressSpace space_;
  Cap<Type::frame> code_, frame_;
  Cap<Type::dispatcher> dispatcher_;
  Cap<Type::endpoint> endpoint_;
};

Partner::Partner(const char* run, const char* lrpc)
    : cspace_(must(runtime().ram.make<Type::cnode>(), "the partner's CSpace")),
      root_(must(runtime().ram.make<Type::page_table_4>(), "the partner's address space")),
      space_(root_, runtime().slots, runtime().ram),
      code_(make_page([](std::byte* page) {
        std::memcpy(page, partner_code, static_cast<std::size_t>(partner_code_end - partner_code));
      })),
      frame_(make_page([&](std::byte* page) {
        auto& frame = *reinterpret_cast<DispatcherFrame*>(page);
        const auto address = [](const char* code) {
          return kCode.value() + static_cast<std::uint64_t>(code - partner_code);
        };
        frame.entries[static_cast<std::size_t>(Upcall::run)] = address(run);
        frame.entries[static_cast<std::size_t>(Upcall::lrpc)] = address(lrpc);
        std::memcpy(page + reinterpret_cast<std::uint64_t>(partner_secret), &secret_,
                    sizeof secret_);
      })),
      dispatcher_(must(runtime().ram.make<Type::dispatcher>(), "the partner's dispatcher")),
      endpoint_(must(retype<Type::endpoint>(dispatcher_), "the partner's endpoint")) {
  must(space_.map(kCode, code_, kPageSize, kExecute), "the partner's code");
  must(space_.map(kFrame, frame_, kPageSize, kWrite), "the partner's frame");
  must(invoke(dispatcher_.address(), Method::configure, cspace_.address().raw(),
              root_.address().raw(), frame_.address().raw(), kFrame.value(), 0),
       "the partner's parts");
  must(invoke(dispatcher_.address(), Method::run), "running the partner");
  yield(Yield::stay);  // until it waits
}

}  // namespace

void measure_calls() {
  const Partner partner(partner_waits, partner_answers);
  const Partner marked(partner_waits, partner_answers_marked);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    const Words words{i, 2, 3, 4, 5};
    const auto answer =
        measured_call<Region::lrpc_round_trip>(SystemCall::lrpc, partner.endpoint().raw(), words);
    if (answer.status != kStatusOk) end_with_error("a call", error_of(answer.status));
    if (answer.words != partner.answer_to(words)) end_with_error("the answer", Error::malformed);
    static_cast<void>(
        measured_call<Region::lrpc_call>(SystemCall::lrpc, marked.endpoint().raw(), words));
  }
}

// There and back. Disabled, this program resumes in place; enabled, by its upcall `run`.
void measure_turns() {
  const Partner partner(partner_takes_turns, partner_answers);
  const auto stay = static_cast<std::uint64_t>(Yield::stay);
  for (std::size_t i = 0; i < kRepetitions; ++i) {
    own_frame().is_disabled = 1;
    static_cast<void>(measured_call<Region::turns_in_place>(SystemCall::yield, stay));
    own_frame().is_disabled = 0;
    static_cast<void>(measured_call<Region::turns_by_upcall>(SystemCall::yield, stay));
  }
}

}  // namespace sprat::bench
