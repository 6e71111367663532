// pure_virtual.cc — for programs with abstract classes: the table of such a class names this function where a function is pure
// (clang++ makes that table). No program gets there.

extern "C" [[noreturn]] void __cxa_pure_virtual() { __builtin_trap(); }
