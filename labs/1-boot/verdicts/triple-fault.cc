//@ says Takes an exception with an empty interrupt table.

//@ answer boot.2a
        pushl   $0
        pushl   $0
        lidt    (%esp)
        int3
//@ end
