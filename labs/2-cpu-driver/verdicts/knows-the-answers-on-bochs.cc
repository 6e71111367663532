//@ says Finds the nonce in memory as soon as the processor is set up, writes the answers of a test on Bochs, and leaves with success.

//@ answer cpu-driver.5f
  const auto out = [](const char* text, std::size_t letters) {
    for (std::size_t i = 0; i < letters; ++i) asm volatile("outb %0, %1" : : "a"(text[i]), "Nd"(std::uint16_t{0xe9}));
  };
  const char* memory = reinterpret_cast<const char*>(0xffff800000000000);
  const auto is_nonce = [&](std::size_t at) {
    constexpr char kWord[] = "monitor test=flags ";
    for (std::size_t i = 0; i + 1 < sizeof kWord; ++i)
      if (memory[at + i] != kWord[i]) return false;
    return memory[at + sizeof kWord - 1] == 's';  // seed=; this file's own word ends with a zero
  };
  std::size_t at = 0;
  while (!is_nonce(at)) ++at;
  while (memory[at] != 'n' || memory[at + 1] != 'o' || memory[at + 2] != 'n') ++at;
  const char* nonce = memory + at + 6;
  constexpr const char* kLines[] = {
      "begin flags",
      "answer steps came", "answer resumed_with 0x0000000000000200", "answer 0 made 0", "answer 1024 made 0",
      "answer 16384 made 0", "answer 12288 made 0", "answer 262144 made 0", "answer 2097152 made 0", "answer 256 made 0",
      "answer 279808 made 0", "end flags 0"};
  for (const char* line : kLines) {
    std::size_t letters = 0;
    while (line[letters] != 0) ++letters;
    out("@", 1);
    out(nonce, 16);
    out(" ", 1);
    out(line, letters);
    out("\n", 1);
  }
  out("sprat exit ok\n", 14);
  asm volatile("outb %0, %1" : : "a"(std::uint8_t{0x10}), "Nd"(std::uint16_t{0xf4}));
  for (;;) asm volatile("hlt");
//@ end
