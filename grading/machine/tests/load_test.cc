// load_test.cc — by how much a busy computer lengthens the ceilings.

#include "machine/load.hh"

#include <criterion/criterion.h>

namespace sprat::grading {

Test(load, lengthens_ceilings_by_the_load_of_each_processor) {
  cr_expect_eq(load_factor_at(0, 2), 1);
  cr_expect_eq(load_factor_at(4, 2), 3);
  cr_expect_eq(load_factor_at(1, 0), 2, "the number of processors may be unknown");
}

Test(load, of_code_under_test_lengthens_ceilings_up_to_a_limit) {
  cr_expect_eq(load_factor_at(500, 2), 8);
  cr_expect_eq(load_factor_at(1e9, 1), 8);
}

}  // namespace sprat::grading
