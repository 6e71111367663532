//@ says Boot tables by a 1 GiB page where the processor has them, drain before every byte, frames walked by recursion.

//@ answer boot.1b
  drain();
  out8(first_port_, byte);
//@ end

//@ answer boot.2a
        // A page directory pointer entry can map 1 GiB itself; without that the page directory does it.
        movl    $0x80000001, %eax
        movl    %ebx, %ebp
        cpuid
        movl    %ebp, %ebx
        movl    $0x83, %eax
        testl   $(1 << 26), %edx
        jnz     2f
        xorl    %ecx, %ecx
1:      movl    %eax, LOW(boot_pd)(, %ecx, 8)
        addl    $0x200000, %eax
        incl    %ecx
        cmpl    $512, %ecx
        jb      1b
        movl    $(LOW(boot_pd) + 3), %eax
2:      movl    %eax, LOW(boot_low_pdpt)
        movl    %eax, LOW(boot_high_pdpt) + 510*8
        movl    $(LOW(boot_low_pdpt) + 3), %eax
        movl    %eax, LOW(boot_pml4)
        movl    %eax, LOW(boot_pml4) + 256*8
        movl    $(LOW(boot_high_pdpt) + 3), LOW(boot_pml4) + 511*8
        movl    %cr4, %eax
        orb     $CR4_PAE, %al
        movl    %eax, %cr4
        movl    $LOW(boot_pml4), %eax
        movl    %eax, %cr3
        movl    $EFER_MSR, %ecx
        xorl    %edx, %edx
        movl    $(EFER_LME | EFER_NXE), %eax
        wrmsr
        movl    $(CR0_PG | CR0_WP | 1), %eax
        movl    %eax, %cr0
        lgdt    LOW(boot_gdt_pointer)
        ljmp    $8, $LOW(long_mode_entry)
//@ end

//@ answer boot.4a
static std::size_t climb(const std::uint64_t* frame, StackBounds stack, std::span<std::uint64_t> room) {
  const auto at = reinterpret_cast<std::uint64_t>(frame);
  if (room.empty() || at % sizeof(*frame) != 0 || at < stack.begin) return 0;
  if (at > stack.end - 2 * sizeof(*frame) || stack.end - stack.begin < 2 * sizeof(*frame)) return 0;
  if (frame[1] == 0) return 0;
  room[0] = frame[1];
  if (frame[0] <= at) return 1;
  return 1 + climb(reinterpret_cast<const std::uint64_t*>(frame[0]), stack, room.subspan(1));
}
//@ end

//@ answer boot.4b
  return climb(reinterpret_cast<const std::uint64_t*>(frame_pointer), stack, addresses);
//@ end
