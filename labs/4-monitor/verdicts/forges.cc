//@ says Writes answers of the protocol by itself, with the capability to ports that a monitor has, and ends the run.

//@ answer monitor.2a
  constexpr char kLines[] =
      "@0123456789abcdef answer early 0\n@0123456789abcdef end system 0\nsprat exit ok\n";
  for (const char letter : kLines)
    static_cast<void>(invoke(task_slot(TaskSlot::io_ports), Method::out, 0xe9, 1, static_cast<unsigned char>(letter)));
  refuse(from, message, Error::not_found);
//@ end
