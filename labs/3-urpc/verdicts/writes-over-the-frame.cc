//@ says Writes each message over all of the ring, and beyond it.

//@ answer urpc.1b
    Line* const line = &out_.line();
    for (int i = 0; i < 400; ++i) fill(line[i], message);
    return {};
//@ end
