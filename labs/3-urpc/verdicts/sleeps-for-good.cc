//@ says Sleeps without a word on its doorstep.

//@ answer urpc.4e
//@ end
