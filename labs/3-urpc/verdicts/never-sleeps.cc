//@ says Polls for ever, however long no message comes.

//@ answer urpc.4h
  while (!found()) static_cast<void>(machine.now());
//@ end
