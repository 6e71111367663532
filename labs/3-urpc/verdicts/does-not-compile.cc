//@ says A word that is none.

//@ answer urpc.1a
    advance to the next line;
//@ end
