// ring_test.cc — exercise 1: send and receive on a ring with epochs.

#include "lab/trial.hh"
