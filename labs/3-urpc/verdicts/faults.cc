//@ says Executes an invalid instruction when a message is sent.

//@ answer urpc.1b
    __builtin_trap();
//@ end
