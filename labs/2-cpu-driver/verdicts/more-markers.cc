//@ says Ends the region that measures calls and begins it again where the kernel looks up an endpoint, so that each call counts twice.

//@ answer cpu-driver.1b
  Slot* const slot = TRY(find_slot(root, address));
  if (slot->type != type) return slot->is_empty() ? Error::no_capability : Error::wrong_type;
  if (!slot->rights.has(rights)) return Error::no_rights;
#if !__STDC_HOSTED__
  if (type == Type::endpoint) {
    asm volatile(".byte 0x0f, 0x1f, 0x80; .word 30 | 0x8000; .byte 0x5e, 0x5a");
    asm volatile(".byte 0x0f, 0x1f, 0x80; .word 30; .byte 0x5e, 0x5a");
  }
#endif
  return slot;
//@ end
