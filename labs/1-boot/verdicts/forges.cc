//@ says Writes lines of the protocol by itself and leaves with success.

//@ answer boot.1a
  constexpr char kLines[] =
      "@0123456789abcdef begin console\n@0123456789abcdef answer passed all\n@0123456789abcdef end console 99\n"
      "sprat exit ok\n";
  for (const char letter : kLines) {
    if (letter != 0) out8(0xe9, static_cast<std::uint8_t>(letter));
  }
  out8(0xf4, 0x10);
//@ end
