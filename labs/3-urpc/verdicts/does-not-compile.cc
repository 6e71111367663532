//@ says A text that is not C++.

//@ answer urpc.1a
    advance to the next line;
//@ end
