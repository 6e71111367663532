# symbol_table.awk — from `nm --numeric-sort --demangle` to the assembly of a table of Symbol (debug/backtrace.hh).
# Functions only. A name is shortened to the form that a person would write: no parameters, no template arguments, no
# result type.

function plain(name) {
  gsub(/\(anonymous namespace\)::/, "", name)
  gsub(/operator(<=>|<<|>>|<=|>=|<|>|\(\)|->)/, "operator", name)
  while (sub(/<[^<>]*>/, "", name)) {}
  sub(/\(.*/, "", name)
  sub(/ \[.*/, "", name)
  sub(/.* /, "", name)
  return name == "" ? "(lambda)" : name
}

BEGIN {
  print "        .section .symbols, \"a\", @progbits"
  print "        .globl symbol_table_begin, symbol_table_end"
  print "        .balign 8"
  print "symbol_table_begin:"
}

# Behind the last function there is nothing that has a name.
$3 == "text_end" {
  printf "        .quad 0x%s, name_%d\n", $1, count
  names[count++] = "(not in a function)"
}

$2 ~ /^[tTwW]$/ && $3 != "text_end" && $1 != last {
  last = $1
  name = $0
  sub(/^[^ ]+ [^ ]+ /, "", name)
  printf "        .quad 0x%s, name_%d\n", $1, count
  names[count++] = plain(name)
}

END {
  print "symbol_table_end:"
  for (i = 0; i < count; ++i) printf "name_%d: .asciz \"%s\"\n", i, names[i]
  print "        .section .note.GNU-stack, \"\", @progbits"
}
