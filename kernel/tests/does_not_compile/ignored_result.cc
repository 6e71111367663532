// expect: nodiscard

#include "sprat/result.hh"

using namespace sprat;

Result<int> answer();
void test() {
BROKEN answer();
}
