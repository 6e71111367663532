//@ says An instruction that is none, in the entry of system calls.

//@ answer cpu-driver.1c
        pushall %rax
//@ end
