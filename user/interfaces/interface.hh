// interface.hh — the messages between two programs, declared once, as data. How many lines a message takes, how it is
// written into them and read from them, how it is printed, and its row in the handout's table follow from that.
//
//   struct Summands { std::uint32_t a, b; };
//   struct Sum { std::uint64_t sum; };
//
//   inline constexpr Reply  sum{"sum", 1, field("sum", &Sum::sum)};
//   inline constexpr Rpc    add{"add", 2, sum, field("a", &Summands::a), field("b", &Summands::b)};
//   inline constexpr Notice stop{"stop", 3};
//
//   inline constexpr Interface<sum, add, stop> interface{"calculator"};
//
// An Rpc is answered by its Reply, a Notice is not answered. In the words of a message, fields lie in the order of
// their declaration; one that would not fit into the rest of a word begins the next, and so does each string of bytes:
//
//   field("right", …, 3)  field("slot", …, 12)  field("address", …)  field("text", …)       (Bytes<40>)
//
//   word 0  ┌─────┬──────┬──────────────────┐    word 1 ┌─────────┬────────┬──────┐    words 2 to 6 ┌──────┐
//           │right│ slot │ 0                │           │ address │ length │ 0    │                 │ text │
//           └─────┴──────┴──────────────────┘           └─────────┴────────┴──────┘                 └──────┘

#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "interfaces/field.hh"

namespace sprat {

// The body of a message that carries nothing.
struct Nothing {
  constexpr bool operator==(const Nothing&) const = default;
};

// Where a field begins.
struct FieldPlace {
  std::size_t word = 0;
  unsigned shift = 0;
};

// The compiler names these when a declaration is wrong: they are not constexpr, so reaching one ends compilation.
void message_without_a_name();
void member_with_two_fields();
void only_the_last_field_may_have_any_length();
void message_number_is_reserved();
void messages_with_the_same_number();
void messages_with_the_same_name();
void reply_is_not_in_this_interface();
void interface_without_a_name();
void too_many_or_no_calls_at_once();

// Whether the aggregate Body has so many members: so many initializers it takes, whatever they are, and not one more.
struct Anything {
  template <class Type>
  constexpr operator Type() const;
};
template <class Body, std::size_t kMembers>
consteval bool has_members() {
  const auto takes = []<std::size_t... kIndex>(std::index_sequence<kIndex...>) {
    return requires { Body{(static_cast<void>(kIndex), Anything())...}; };
  };
  return takes(std::make_index_sequence<kMembers>()) &&
         !takes(std::make_index_sequence<kMembers + 1>());
}

// The fields of a message: as std::tuple, which takes compilers several times as long.
template <std::size_t kIndex, class Field>
struct NumberedField {
  Field field;
};
template <class Indices, class... Fields>
struct FieldList;
template <std::size_t... kIndex, class... Fields>
struct FieldList<std::index_sequence<kIndex...>, Fields...> : NumberedField<kIndex, Fields>... {};

template <std::size_t kIndex, class Field>
constexpr const Field& nth(const NumberedField<kIndex, Field>& numbered) {
  return numbered.field;
}

template <class BodyType, class... Fields>
struct MessageType {
  using Body = BodyType;
  static constexpr std::size_t kFields = sizeof...(Fields);
  static_assert(has_members<Body, kFields>(), "each member of the body needs a field");

  constexpr MessageType(const char* message_name, unsigned message_number, Fields... list)
      : name(message_name), number(static_cast<std::uint8_t>(message_number)), fields{{list}...} {
    if (std::string_view(name).empty()) message_without_a_name();
    if (message_number != number) message_number_is_reserved();
    std::size_t index = 0;
    FieldPlace next;
    (lay_out(list, index++, next), ...);
    fixed_words = next.word + (next.shift != 0);
    expect_one_field_each(std::make_index_sequence<kFields>());
  }

  // With all that may come.
  constexpr std::size_t most_words() const { return fixed_words + (most_bytes + 7) / 8; }

  const char* name;
  std::uint8_t number;
  FieldList<std::index_sequence_for<Fields...>, Fields...> fields;
  std::array<FieldPlace, kFields> places{};
  std::size_t fixed_words = 0;  // before the bytes of a field of any length
  std::size_t most_bytes = 0;   // of such a field

 private:
  template <class Field>
  constexpr void lay_out(const Field& field, std::size_t index, FieldPlace& next) {
    using Value = typename Field::Type;
    if (kIsBytes<Value> && index + 1 != kFields) only_the_last_field_may_have_any_length();
    if (next.shift != 0 &&
        (!(Number<Value> || kIsBytes<Value>) || next.shift + field.width > kWordBits))
      next = {next.word + 1, 0};
    places[index] = next;
    if constexpr (kIsBytes<Value>) most_bytes = Value::kMaxSize;
    const unsigned end = next.shift + field.width;
    next = {next.word + end / kWordBits, end % kWordBits};
    if (kIsByteArray<Value> && next.shift != 0) next = {next.word + 1, 0};
  }

  template <std::size_t... kIndex>
  constexpr void expect_one_field_each(std::index_sequence<kIndex...>) const {
    (expect_only<kIndex>(std::make_index_sequence<kIndex>()), ...);
  }
  template <std::size_t kThis, std::size_t... kEarlier>
  constexpr void expect_only(std::index_sequence<kEarlier...>) const {
    if ((is_same_member(nth<kThis>(fields), nth<kEarlier>(fields)) || ...))
      member_with_two_fields();
  }
  template <class One, class Other>
  static constexpr bool is_same_member(const One& one, const Other& other) {
    if constexpr (std::same_as<One, Other>) {
      return one.member == other.member;
    } else {
      return false;
    }
  }
};

enum class Kind : std::uint8_t { reply, rpc, notice };

// Reply(name, number, fields...)
template <class Body, class... Fields>
struct Reply : MessageType<Body, Fields...> {
  static constexpr Kind kKind = Kind::reply;
  using MessageType<Body, Fields...>::MessageType;
};
template <class Body, class... Types>
Reply(const char*, unsigned, FieldOf<Body, Types>...) -> Reply<Body, FieldOf<Body, Types>...>;
Reply(const char*, unsigned) -> Reply<Nothing>;

// Notice(name, number, fields...)
template <class Body, class... Fields>
struct Notice : MessageType<Body, Fields...> {
  static constexpr Kind kKind = Kind::notice;
  using MessageType<Body, Fields...>::MessageType;
};
template <class Body, class... Types>
Notice(const char*, unsigned, FieldOf<Body, Types>...) -> Notice<Body, FieldOf<Body, Types>...>;
Notice(const char*, unsigned) -> Notice<Nothing>;

// Rpc(name, number, reply, fields...)
template <class ReplyType, class Body, class... Fields>
struct Rpc : MessageType<Body, Fields...> {
  static constexpr Kind kKind = Kind::rpc;
  constexpr Rpc(const char* rpc_name, unsigned rpc_number, const ReplyType& its_reply,
                Fields... list)
      : MessageType<Body, Fields...>(rpc_name, rpc_number, list...), reply(its_reply) {}

  const ReplyType& reply;
};
template <class ReplyBody, class... ReplyFields, class Body, class... Types>
Rpc(const char*, unsigned, const Reply<ReplyBody, ReplyFields...>&, FieldOf<Body, Types>...)
    -> Rpc<Reply<ReplyBody, ReplyFields...>, Body, FieldOf<Body, Types>...>;
template <class ReplyBody, class... ReplyFields>
Rpc(const char*, unsigned, const Reply<ReplyBody, ReplyFields...>&)
    -> Rpc<Reply<ReplyBody, ReplyFields...>, Nothing>;

template <const auto& kMessage>
using BodyOf = typename std::remove_cvref_t<decltype(kMessage)>::Body;

template <const auto& kMessage>
inline constexpr Kind kKindOf = std::remove_cvref_t<decltype(kMessage)>::kKind;

// As numbers, which compilers put into the code where they load members of an object from memory.
template <const auto& kMessage>
inline constexpr std::uint8_t kNumberOf = kMessage.number;
template <const auto& kMessage>
inline constexpr std::size_t kFixedWords = kMessage.fixed_words;
template <const auto& kMessage>
inline constexpr std::size_t kMostWords = kMessage.most_words();

// The answer to an Rpc that failed.
struct Failure {
  Error error;
  constexpr bool operator==(const Failure&) const = default;
};
inline constexpr unsigned kFailedNumber = 255;
inline constexpr Reply failed{"failed", kFailedNumber, field("error", &Failure::error, kLastError)};

// So many calls can be on their way at once: each has a number, and each end keeps books of it.
inline constexpr std::size_t kMostCalls = 64;

template <const auto&... kMessages>
struct Interface {
  consteval explicit Interface(const char* interface_name, std::size_t calls_at_once = 8)
      : name(interface_name), calls(calls_at_once) {
    if (std::string_view(name).empty()) interface_without_a_name();
    if (calls == 0 || calls > kMostCalls) too_many_or_no_calls_at_once();
    expect_names_and_numbers_of_their_own({Label{kMessages.name, kMessages.number}...});
    (expect_reply<kMessages>(), ...);
  }

  template <const auto& kMessage>
  static consteval bool has() {
    return (std::same_as<Identity<kMessage>, Identity<kMessages>> || ...);
  }

  // Calls visit.operator()<kMessage>() for each message, in their order, until one returns true. Returns whether one
  // did.
  template <class Visit>
  static constexpr bool any(Visit visit) {
    return (visit.template operator()<kMessages>() || ...);
  }

  const char* name;
  std::size_t calls;  // that can be on their way at once

 private:
  template <const auto& kMessage>
  struct Identity {};

  struct Label {
    const char* name;
    unsigned number;
  };
  static consteval void expect_names_and_numbers_of_their_own(
      const std::array<Label, sizeof...(kMessages)>& labels) {
    for (std::size_t own = 0; own < labels.size(); ++own) {
      if (labels[own].number == kFailedNumber) message_number_is_reserved();
      for (std::size_t other = 0; other < own; ++other) {
        if (labels[own].number == labels[other].number) messages_with_the_same_number();
        if (std::string_view(labels[own].name) == labels[other].name) messages_with_the_same_name();
      }
    }
  }

  template <const auto& kMessage>
  static consteval void expect_reply() {
    if constexpr (kKindOf<kMessage> == Kind::rpc) {
      if (!has<kMessage.reply>()) reply_is_not_in_this_interface();
    }
  }
};

}  // namespace sprat
