// load_test.cc — by how much a busy computer lengthens the ceilings.

#include "machine/load.hh"

#include <criterion/criterion.h>

namespace sprat::grading {

Test(load, lengthens_ceilings_by_what_each_processor_has_to_do) {
  cr_expect_eq(load_factor_at(0, 2), 1);
  cr_expect_eq(load_factor_at(4, 2), 3);
  cr_expect_eq(load_factor_at(1, 0), 2, "the number of processors may be unknown");
}

Test(load, that_code_under_test_makes_lengthens_no_ceiling_without_end) {
  cr_expect_eq(load_factor_at(500, 2), 8);
  cr_expect_eq(load_factor_at(1e9, 1), 8);
}

}  // namespace sprat::grading
