"""The memory the loader reported and the memory the kernel found free, from the kernel's own variables."""

import gdb

from sprat_gdb.frames import each_frame, is_main
from sprat_gdb.machine import register, size_text

INFORMATION = "'sprat::(anonymous namespace)::info'"


def items(bounded_list):
    """The items of a BoundedList."""
    return [bounded_list["items_"]["_M_elems"][i] for i in range(int(bounded_list["count_"]))]


def range_of(physical_range):
    return int(physical_range["begin"]["value_"]), int(physical_range["end"]["value_"])


def line(begin, end, text):
    return f"  {begin:#018x} .. {end:#018x}  {size_text(end - begin):>10}  {text}"


def free_regions():
    """main's `memory`, or None before main has computed it."""
    for frame in each_frame():
        if not is_main(frame):
            continue
        variable = gdb.lookup_symbol("memory", frame.block())[0]
        if variable is None or frame.find_sal().line <= variable.line:
            return None
        value = frame.read_var(variable)
        if value.is_optimized_out:
            return None
        return [range_of(region) for region in items(value["regions_"])]
    return None


def report():
    """The lines of `sprat memory`."""
    register("rip")  # says so when no machine is attached
    try:
        information = gdb.parse_and_eval(INFORMATION)
    except gdb.error:
        raise gdb.GdbError("the kernel's symbols are not loaded; use: file build/g++/kernel/sprat.elf") from None
    loader = items(information["memory"]) if register("cr0") >> 31 else []
    if not loader:
        raise gdb.GdbError(
            "the kernel has not read the loader's list yet; first: break sprat::boot::apply, continue"
        )
    lines = ["loader's list:"]
    for item in loader:
        begin, length = int(item["begin"]), int(item["length"])
        lines.append(line(begin, begin + length, "available" if item["available"] else "not ours"))
    modules = items(information["modules"])
    lines.append(f"modules: {len(modules)}")
    for module in modules:
        text = module["command_line"]
        lines.append(line(*range_of(module["memory"]), text["_M_str"].string("ascii", "replace", int(text["_M_len"]))))
    regions = free_regions()
    if regions is None:
        return lines + ["free memory: not known here; it is between free_memory() in main and main's end"]
    total = sum(end - begin for begin, end in regions)
    return lines + [f"free memory: {size_text(total)}"] + [line(*region, "free") for region in regions]
