// print.hh — messages for people: as text in traces, and as a table in the handout.

#pragma once

#include "interfaces/fragments.hh"
#include "sprat/text.hh"

namespace sprat {

// An enum is printed by name where a function name_of says it.
template <class Type>
concept HasName = requires(Type value) {
  { name_of(value) } -> std::convertible_to<std::string_view>;
};

// Bytes as they are in a program's text: "two words\x0a".
inline void print_text(Write write, std::string_view text) {
  write("\"");
  for (const char& letter : text) {
    const bool is_plain = letter >= ' ' && letter <= '~' && letter != '"' && letter != '\\';
    if (is_plain) {
      write({&letter, 1});
    } else {
      format(write, "\\x{}{}",
             slice("0123456789abcdef", static_cast<unsigned char>(letter) / 16, 1),
             slice("0123456789abcdef", static_cast<unsigned char>(letter) % 16, 1));
    }
  }
  write("\"");
}

template <Travels Type>
void print_value(Write write, const Type& value) {
  if constexpr (kIsBytes<Type>) {
    print_text(write, value.text());
  } else if constexpr (kIsByteArray<Type>) {
    print_text(write, {reinterpret_cast<const char*>(value.data()), value.size()});
  } else if constexpr (HasName<Type>) {
    format(write, "{}", name_of(value));
  } else if constexpr (std::same_as<Type, bool>) {
    format(write, "{}", value);
  } else if constexpr (std::constructible_from<Argument, Type>) {
    format(write, "{}", value);
  } else {
    format(write, "{}", number_of(value));
  }
}

// add(a=1, b=2)
template <const auto& kMessage>
void print_message(Write write, const BodyOf<kMessage>& body) {
  format(write, "{}(", kMessage.name);
  all_fields<kMessage>([&]<std::size_t kIndex>() {
    constexpr auto kField = nth<kIndex>(kMessage.fields);
    format(write, "{}{}=", kIndex == 0 ? "" : ", ", kField.name);
    print_value(write, body.*kField.member);
    return true;
  });
  write(")");
}

// A line of a conversation: "#3 add(a=1, b=2)", where 3 is the number of the call; of a message of several lines
// "#3 echo[1]", and of the last one "#3 echo[2].". A line that does not belong to the interface is "#3 ?".
template <const auto& kInterface, std::size_t kLineWords>
void print_line(Write write, const urpc::Message<kLineWords>& line) {
  const LineHeader header(line.header);
  format(write, "#{} ", header.get<line_header::call>());
  const auto print_if = [&]<const auto & kMessage>() {
    if (header.get<line_header::message>() != kMessage.number) return false;
    if (!is_whole(header)) {
      format(write, "{}[{}]{}", kMessage.name, header.get<line_header::fragment>(),
             header.get<line_header::last>() != 0 ? "." : "");
    } else if (const auto body = decode<kMessage, kLineWords>(line.words)) {
      print_message<kMessage>(write, body.value());
    } else {
      format(write, "{} ?", kMessage.name);
    }
    return true;
  };
  if (!kInterface.any(print_if) && !print_if.template operator()<failed>()) write("?");
}

// ---- the table

template <class Type>
void print_type(Write write, const char* name, unsigned width) {
  if constexpr (kIsBytes<Type>) {
    format(write, "`{}` bytes, at most {}", name, Type::kMaxSize);
  } else if constexpr (kIsByteArray<Type>) {
    format(write, "`{}` {} bytes", name, width / 8);
  } else {
    format(write, "`{}` {} {}", name, width, width == 1 ? "bit" : "bits");
  }
}

// A row for each message, in Markdown: number, name, fields, lines, and by which one it is answered.
template <const auto& kInterface>
void print_table(Write write) {
  format(write, "| {} | message | carries | lines | answered by |\n|---|---|---|---|---|\n",
         kInterface.name);
  kInterface.any([&]<const auto & kMessage>() {
    format(write, "| {} | `{}` | ", kMessage.number, kMessage.name);
    all_fields<kMessage>([&]<std::size_t kIndex>() {
      if (kIndex != 0) write(", ");
      print_type<FieldType<kMessage, kIndex>>(write, nth<kIndex>(kMessage.fields).name,
                                              nth<kIndex>(kMessage.fields).width);
      return true;
    });
    if (std::same_as<BodyOf<kMessage>, Nothing>) write("nothing");
    constexpr std::size_t kFewest = lines_for(kMessage.fixed_words), kMost = lines_of<kMessage>();
    format(write, " | {}", kFewest);
    if (kMost != kFewest) format(write, " to {}", kMost);
    write(" | ");
    if constexpr (kKindOf<kMessage> == Kind::rpc) format(write, "`{}`", kMessage.reply.name);
    if constexpr (kKindOf<kMessage> == Kind::notice) write("—");
    write(" |\n");
    return false;
  });
}

}  // namespace sprat
