//@ says Writes each message over all of the ring, and beyond it.

//@ answer urpc.1c
    Line* const line = &out_.line();
    for (int i = 0; i < 400; ++i) fill(line[i], message);
    out_.advance();
//@ end
