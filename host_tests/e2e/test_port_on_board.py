"""The port room on the emulated RP2040: what only registers, interrupts and a DMA can show."""

import json
import socket
import threading
import time

import pytest
from prompt import Prompt

_HELPERS = """
import json, time, uctypes
from machine import mem32
uart = loop.channels[1]._uart
adc = loop.adc
buf = bytearray(64)
def listen(ms):
    seen = []
    count = 0
    start = time.ticks_ms()
    while time.ticks_diff(time.ticks_ms(), start) < ms:
        count += uart.readinto(buf)
        flags = uart.errors()
        if flags:
            seen.append(flags)
        time.sleep_ms(1)
    return [count, seen]
"""


@pytest.fixture(scope="module")
def prompt(board):
    with board.control() as control:
        control.wait(1)  # main.py has made its loop
    with Prompt(board.doors["prompt"]) as made:
        made.run(_HELPERS)
        yield made


@pytest.fixture
def line(board):
    """The far end of the RS-485 door."""
    with socket.create_connection(("127.0.0.1", board.doors["rs485"]), timeout=60) as made:
        yield made


def _answer(prompt, source):
    return json.loads(prompt.run(source))


@pytest.mark.parametrize(
    "far_end, flag",
    [
        ({"auto": True}, 0),
        ({"baud": 9600, "bits": 8, "parity": "even"}, 0x80),
        ({"baud": 9600, "bits": 7, "parity": "odd"}, 0),
        ({"auto": True}, 0),
    ],
)
def test_framing_errors_are_told(board, prompt, line, far_end, flag):
    # A parity bit of 0 stands where 8N1 has its stop bit: half of these characters.
    with board.control() as control:
        control.ask("far_end", port="rs485", **far_end)
        before = control.ask("uart", port="rs485")
        line.sendall(bytes(range(0x30, 0x50)))
        count, seen = _answer(prompt, "print(json.dumps(listen(120)))")
        after = control.ask("uart", port="rs485")
        control.ask("far_end", port="rs485", auto=True)
    errors = after["framing_errors"] - before["framing_errors"]
    assert count == 32
    assert bool(errors) == bool(flag)
    _all_seen(seen, errors, flag)


def _all_seen(seen, errors, flag):
    # Each error is told once; two of neighbours may fall between two looks.
    assert set(seen) <= {flag}
    assert errors / 2 <= len(seen) <= errors


def test_parity_errors(board, prompt, line):
    with board.control() as control:
        control.ask("far_end", port="rs485", baud=9600, bits=7, parity="odd")
        prompt.run("uart.set_line(5)")
        line.sendall(b"0123456789")
        count, seen = _answer(prompt, "print(json.dumps(listen(60)))")
        control.ask("far_end", port="rs485", auto=True)
        line.sendall(b"0123456789")
        right = _answer(prompt, "print(json.dumps(listen(60)))")
        prompt.run("uart.set_line(0x15)")
    assert count == 10
    _all_seen(seen, 10, 0x100)
    assert right == [10, []]


_SEND = """
import gc
data = bytes([k * 7 & 255 for k in range(2000)])
at = longest = 0
levels = []
gc.collect()  # 20 ms, which would fall into any call
start = time.ticks_us()
while at < len(data):
    before = time.ticks_us()
    at += uart.write(memoryview(data)[at:])
    longest = max(longest, time.ticks_diff(time.ticks_us(), before))
    levels.append(mem32[0x40014000 + 8 * 3] >> 9 & 1)
    time.sleep_ms(3)
while not uart.idle():
    pass
took = time.ticks_diff(time.ticks_us(), start)
levels.append(mem32[0x40014000 + 8 * 3] >> 9 & 1)
print(json.dumps([longest, took, min(levels[:-1]), levels[-1]]))
"""


def test_sending_never_waits_and_leaves_no_gap(board, prompt, line):
    time.sleep(0.2)  # the door has admitted this client
    longest_us, took_us, driven, released = _answer(prompt, _SEND)
    got = b""
    while len(got) < 2000:
        got += line.recv(4096)
    assert got == bytes(k * 7 & 255 for k in range(2000))
    assert longest_us < 3000  # copying 512 octets; the line needs 533 ms for them
    assert took_us == pytest.approx(2000 * 10 / 9600 * 1e6, rel=0.01)
    assert (driven, released) == (1, 0)  # driver enable, GPIO3's output level


def test_idle_is_the_end_of_the_last_bit(board, prompt, line):
    took_us = _answer(
        prompt,
        "start = time.ticks_us()\n"
        "uart.write(b'0123456789')\n"
        "while not uart.idle(): pass\n"
        "print(time.ticks_diff(time.ticks_us(), start))",
    )
    assert took_us == pytest.approx(100 / 9600 * 1e6, rel=0.06)
    assert line.recv(64) == b"0123456789"


@pytest.mark.parametrize(
    "code, baud", list(enumerate((300, 600, 1200, 2400, 4800, 9600, 19200, 115200)))
)
def test_lines(board, prompt, code, baud):
    with board.control() as control:
        for mark, bits, parity in ((0, 7, "even"), (0x10, 8, "none")):
            prompt.run(f"uart.set_line({code | mark})")
            state = control.ask("uart", port="rs485")
            assert state["baud"] == pytest.approx(baud, rel=0.005)
            assert (state["bits"], state["parity"]) == (bits, parity)
    prompt.run("uart.set_line(0x15)")


def test_ring_lies_right(prompt):
    assert _answer(prompt, "print(uctypes.addressof(adc.ring))") % 32768 == 0


def test_count_goes_on_when_the_dma_starts_again(prompt):
    # The first channel is left with 1000 transfers; behind them the second one reloads it.
    first, end, octets = _answer(
        prompt,
        "adc._filling.dma.active(0)\n"
        "adc._filling.dma.config(count=1000, trigger=True)\n"
        "place = adc._filling.dma.write\n"
        "first = adc.produced()\n"
        "adc.start()\n"
        "time.sleep_ms(200)\n"
        "adc.stop()\n"
        "time.sleep_ms(1)\n"
        "print(json.dumps([first, adc.produced(), adc._filling.dma.write - place]))",
    )
    assert first == 2**29 - 1000
    assert end == pytest.approx(200 * 24 - 1000, abs=60)
    # No sample was lost or counted twice on the way: the place in the ring says the same.
    assert (octets // 2) % 16384 == (end - first) % 2**29


def test_sampling_costs_less_than_a_quarter_of_the_core(prompt):
    took_us = _answer(
        prompt,
        "from machine import disable_irq, enable_irq\n"
        "meter = loop.meter\n"
        # Ctrl-C may have come inside a poll, which the next one clears up, or near a window's end.
        "while meter.poll(adc.produced()):\n"
        "    pass\n"
        "meter._begin(0)\n"
        "meter._consumed = (adc.produced() - 3 * 128) % 2**29\n"
        "taken = meter._sums[0]\n"
        "state = disable_irq()\n"
        "start = time.ticks_us()\n"
        "meter.poll(adc.produced())\n"
        "took = time.ticks_diff(time.ticks_us(), start)\n"
        "enable_irq(state)\n"
        "assert meter._sums[0] == taken + 128\n"
        "print(took)",
    )
    assert took_us < 0.25 * 128 * 125  # 128 sets come in 16 ms


def test_a_pass_allocates_nothing(prompt):
    # With the heap locked an allocation raises MemoryError. The ends of windows may allocate.
    blocks = _answer(
        prompt,
        "from micropython import heap_lock, heap_unlock\n"
        "meter._begin(0)\n"
        "buf = bytearray(64)\n"
        "begin = (adc.produced() - 3 * 640) % 2**29\n"
        "meter._consumed = begin\n"
        "blocks = 0\n"
        "heap_lock()\n"
        "while meter.poll(adc.produced()):\n"
        "    blocks += 1\n"
        "    uart.readinto(buf)\n"
        "    uart.errors()\n"
        "    uart.idle()\n"
        "uart.write(b'0123456789')\n"
        "while not uart.idle():\n"
        "    pass\n"
        "heap_unlock()\n"
        "print(blocks)",
    )
    assert blocks == 4


_ERASE = """
uart.set_line(%d)
seen = b""
dirty = list(loop.memory.journal.owners).index(255)
while not uart._left - uart._source.count & 0x1fffffff:
    pass
loop.memory.journal._device.ioctl(6, dirty)
start = time.ticks_ms()
while time.ticks_diff(time.ticks_ms(), start) < 100:
    n = uart.readinto(buf)
    seen += buf[:n]
print(json.dumps([list(seen), uart.errors()]))
uart.set_line(0x15)
"""


@pytest.mark.parametrize("line_code, count", [(0x15, 100), (0x17, 900)])
def test_an_erase_loses_nothing_that_comes_in(board, prompt, line, line_code, count):
    # 45 ms are 43 characters at 9600 Bd and 518 at 115200; the FIFO of the UART holds 32.
    sent = bytes(k * 11 & 255 for k in range(count))
    with board.control() as control:
        before = control.ask("flash")
        later = threading.Timer(0.5, line.sendall, [sent])
        later.start()
        seen, errors = _answer(prompt, _ERASE % line_code)
        later.join()
        after = control.ask("flash")
    assert bytes(seen) == sent
    assert errors == 0
    assert after["erases"] == before["erases"] + 1
    assert after["erases_in_frames"] == before["erases_in_frames"] + 1


_NEAR = """
import gc, uctypes
from port import ring
left = {left}
def gap(size):
    made = bytearray(size)
    return size - (uctypes.addressof(made) & size - 1)
most = gap(32768)
gc.collect()
held = bytearray(most - left) if most > left else None
print(uctypes.addressof(ring.aligned(32768)) & 32767, gap(32768) > 0)
"""


@pytest.mark.parametrize("left", [16, 32, 64, 160, 1000])
def test_an_aligned_ring_is_found_in_a_heap_that_ends_shortly_below_its_place(prompt, left):
    prompt.fresh()
    assert prompt.run(_NEAR.format(left=left)) == "0 True\n"


def test_ring_is_there_once(prompt):
    """The last test here: it ends the loop. What aligned() tried and padded with is free again."""
    prompt.fresh()
    before, after = _answer(
        prompt,
        "import gc, json\nfrom port import board\n"
        "gc.collect()\nbefore = gc.mem_alloc()\n"
        "from port import adc\n"
        "gc.collect()\nprint(json.dumps([before, gc.mem_alloc()]))",
    )
    assert 32768 <= after - before < 32768 + 4096  # the ring, and the module itself
