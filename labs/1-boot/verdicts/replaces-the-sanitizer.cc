//@ says Has a function of its own in the place of the one that reports an error of memory.

//@ answer boot.1a
  asm(R"(
  .pushsection .text
  .weak __asan_report_store8
  __asan_report_store8:
  ret
  .popsection
  )");
//@ end
