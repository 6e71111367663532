//@ says An unknown instruction in the entry of system calls.

//@ answer cpu-driver.5c
        pushall %rax
//@ end
