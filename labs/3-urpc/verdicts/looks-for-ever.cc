//@ says Looks at the same word for ever: a conversation on the host that has no end.

//@ answer urpc.3c
    for (;;) static_cast<void>(in_.line().control.load(std::memory_order_relaxed));
//@ end
