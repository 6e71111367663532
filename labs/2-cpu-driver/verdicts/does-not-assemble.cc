//@ says An unknown instruction in the entry of system calls.

//@ answer cpu-driver.1c
        pushall %rax
//@ end
