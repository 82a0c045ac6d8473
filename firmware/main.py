# The meter's main loop: a superloop of pollers. Nothing blocks; an idle pass sleeps until the
# next interrupt.
#
#   ADC ring -> Meter -> registers -> cosem -> dlms -> port/channel -> UART
#                                                   -> port/network -> TCP, UDP
#
# At the prompt, Ctrl-C ends it and stops the watchdog; stats() tells how it has been, forget()
# wipes what it remembers.
import gc

import port.adc as converter  # first of all: it places the ring of samples
import config
import port
from cosem import associations, classes, dispatch, hdlc_setup, live
from cosem import clock as clock_class
from dlms import frame, readout
from dlms.hdlc import Link
from dlms.optical import OpticalDoor
from dlms.server import Server
from dlms.signon import SignOn
from meter import events, registers
from meter.clock import Clock
from meter.memory import Memory
from meter.meter import Meter
from meter.pulses import Pulses
from micropython import const, kbd_intr
from port import board, flash
from port.channel import Channel
from port.led import Led
from port.power import Power
from port.rtc import Rtc
from port.uart import Uart
from port.watchdog import Watchdog

# Garbage is collected at a quiet moment, and often: every call with many locals takes its frame
# from the heap, and searching a full heap for it costs five times as much as an empty one.
_COLLECT_MS = const(2000)
_TICK_MS = const(8)
_SILENT_MS = const(3000)  # longer than a client thinks between two requests
_SECOND_MS = const(1000)
_CTRL_C = const(3)
_TICKS_MASK = const(0x3FFFFFFF)
_SLOT_FRAMES_DROPPED = const(13)  # meter/registers.py
_DEMAND_REGISTER = const(5)  # classes
_REGISTER_ACTIVATION = const(6)
_IMAGE_TRANSFER = const(18)
_LOCAL_PORT_SETUP = const(19)
_DISCONNECT_CONTROL = const(70)


def _server():
    """A DLMS server for one channel, known to the association objects."""
    server = Server(config.MAX_PDU, config.MAX_PDU)
    associations.links.append(server.association)
    return server


def _link(physical: int, address_octets: int, line: int):
    """A DLMS server behind an HDLC link, known to the HDLC setup objects."""
    link = Link(
        _server(),
        physical,
        config.MAX_INFO,
        config.WINDOW,
        config.INTER_OCTET_MS,
        config.INACTIVITY_MS,
        address_octets,
        line,
    )
    hdlc_setup.add(link)
    return link


def _optical():
    """The optical port: sign-on at 300 Bd, then HDLC."""
    signon = SignOn(config.IDENTIFICATION, config.DEVICE_ADDRESS, config.REACTION_MS)
    if _LOCAL_PORT_SETUP in classes.GET:
        from cosem import optical_setup

        optical_setup.use(signon)
    link = _link(config.OPTICAL_PHYSICAL, config.OPTICAL_ADDRESS_OCTETS, 0)
    door = OpticalDoor(signon, link, config.UNUSED_MS)
    uart = Uart(board.OPTICAL_UART, door.line())
    size = max(frame.buffer_size(config.MAX_INFO), readout.buffer_size())
    return Channel(uart, door, door.line(), size)


def _rs485():
    """The second UART: HDLC from the first octet."""
    link = _link(config.RS485_PHYSICAL, config.RS485_ADDRESS_OCTETS, config.RS485_LINE)
    uart = Uart(board.RS485_UART, link.line(), board.RS485_DE)
    return Channel(uart, link, link.line(), frame.buffer_size(config.MAX_INFO))


def _network():
    """The wrapper on TCP and on UDP, where there is a network."""
    if not config.WRAPPER_PORT:
        return ()
    # Imported here: a MicroPython without a network has no socket module.
    from dlms.wrapper import Wrapper
    from port import network

    address, port = config.WRAPPER_ADDRESS, config.WRAPPER_PORT
    made = []
    for kind in (network.Tcp, network.Udp):
        made.append(kind(Wrapper(_server()), address, port, config.INACTIVITY_MS))
    return tuple(made)


def _keeper(memory, energy):
    """What saves the energies; None where nothing lasts."""
    if memory.fault:
        return None
    from meter.keeper import Keeper

    return Keeper(energy)


def _rtc():
    """Where the time comes from."""
    if config.RTC == "ds3231":
        # Imported here: a module that is not needed costs RAM.
        from port.ds3231 import Ds3231

        return Ds3231()
    return Rtc()


class Superloop:
    """All there is, and one pass over it."""

    def __init__(self):
        self.adc = converter.Adc()
        self.memory = Memory(flash.partition())  # before anything that it remembers
        self.memory.prepare()
        self.meter = Meter(self.adc.ring, config.CALIBRATION)
        self.keeper = _keeper(self.memory, self.meter.energy)
        self.clock = Clock(_rtc(), *config.CLOCK)
        self.clock.start()
        self.clock.jumped = live.jumped
        clock_class.use(self.clock)
        self.pressed = None  # what the push button does
        self._fit()
        dispatch.start()
        self.power = Power()
        self._powered_up()
        self.channels = (_optical(), _rs485())
        for channel in self.channels:
            channel.before_answers(self._make_room)
        self.network = _network()
        self.led = Led()
        self.pulses = Pulses(self.meter.energy.total_wh)
        self._collected_ms = 0
        self._ticked_ms = 0
        self._second_ms = 0

    def _fit(self):
        """What the classes of the table work with; a module that none of them needs costs RAM."""
        if _DEMAND_REGISTER in classes.GET or _REGISTER_ACTIVATION in classes.GET:
            from meter.tariffs import rates

            self.meter.energy.join(rates)
        if _IMAGE_TRANSFER in classes.GET:
            from cosem import image_transfer
            from port.files import Files

            image_transfer.use(Files(), board.NAME, self.restart)
        if _DISCONNECT_CONTROL in classes.GET:
            from cosem import disconnect_control
            from port.button import Button
            from port.relay import Relay

            disconnect_control.use(Relay())
            self.button = Button()
            self.pressed = disconnect_control.button

    def _powered_up(self):
        """What went before goes into the logs, where there are any."""
        if classes.START:
            from cosem import event_objects

            event_objects.powered_up(self.clock.stopped_s if watchdog.cold() else 0)
        if watchdog.expired():
            events.raise_(events.WATCHDOG_ERROR)

    def restart(self):
        """Start anew, as an activated image asks for; nothing is lost."""
        self.meter.power_fail()
        self.clock.remember()
        board.reset()

    def once(self, now_ms: int) -> bool:
        """Poll everything once; True when there may be more to do at once.

        While octets come in the loop does not sleep: what wakes it is a tick of 1 ms."""
        busy = hearing = False
        for channel in self.channels:
            busy = channel.poll(now_ms) or busy
            hearing = channel.hearing(now_ms) or hearing
        for peer in self.network:
            busy = peer.poll(now_ms) or busy
        if self.power.fails():
            self.meter.power_fail()
            self.clock.remember()
        produced = self.adc.produced()
        if not hearing or not self.meter.can_wait(produced):
            busy = self.meter.poll(produced) or busy
        if (now_ms - self._ticked_ms) & _TICKS_MASK >= _TICK_MS:
            self._tick(now_ms)
        if not hearing:
            self._second(now_ms)
            busy = self._live(now_ms) or busy
            self._tidy(now_ms)
        return busy or hearing

    def _live(self, now_ms: int) -> bool:
        """For a millisecond or one of the objects; True when there is more to do."""
        while live.go_on():
            if board.ticks_ms() != now_ms:
                return True
        return False

    def _second(self, now_ms: int):
        """Once a second the objects live on: demand, profiles, calendars."""
        if (now_ms - self._second_ms) & _TICKS_MASK < _SECOND_MS:
            return
        self._second_ms = now_ms
        if self.keeper:
            self.keeper.poll(now_ms)
        self.meter.reactive.poll(now_ms)
        now_s = self.clock.second(now_ms)
        live.second(now_s, self.clock.fields)

    def _tick(self, now_ms: int):
        """What is soon enough every few ms."""
        self._ticked_ms = now_ms
        self.led.set(self.pulses.tick(self.meter.energy.total_wh, now_ms))
        if self.pressed and self.button.pressed():
            self.pressed()

    def _tidy(self, now_ms: int):
        """Housekeeping of a quiet moment."""
        if (now_ms - self._collected_ms) & _TICKS_MASK < _COLLECT_MS:
            return
        if not self._quiet():
            return
        self._collected_ms = now_ms
        registers.put(_SLOT_FRAMES_DROPPED, self.dropped())
        clock_class.now()  # the date is worked out before anybody asks
        self.memory.tend(self._may_erase(now_ms))
        gc.collect()

    def _quiet(self) -> bool:
        for channel in self.channels:
            if not channel.quiet():
                return False
        return True

    def _may_erase(self, now_ms: int) -> bool:
        # An erase stops the core. What comes in meanwhile waits in the ring of its line; the
        # answer to it would be late, so it is not done while somebody talks, as long as the
        # memory has sectors left.
        if self.power.low():
            return False
        if self.memory.short():
            return True
        for channel in self.channels:
            if not channel.silent(now_ms, _SILENT_MS):
                return False
        return True

    def _make_room(self):
        """Erase what cannot wait, between a request and its answer: no line carries a frame."""
        while self.memory.short() and self._quiet() and not self.power.low():
            if not self.memory.tend(True):
                return

    def dropped(self) -> int:
        """Bad frames on all lines."""
        optical, rs485 = self.channels
        count = optical.door.link.reader.dropped + rs485.door.reader.dropped
        for peer in self.network:
            count += peer.door.dropped
        return count

    def bugs(self) -> int:
        """Own mistakes caught while serving; see dlms/server.py."""
        optical, rs485 = self.channels
        count = optical.door.link.server.bugs + rs485.door.server.bugs
        for peer in self.network:
            count += peer.door.server.bugs
        return count


def stats() -> tuple:
    """For the prompt: (heap used, heap free, overruns, frames dropped, bugs), counts."""
    gc.collect()
    return gc.mem_alloc(), gc.mem_free(), loop.meter.overruns, loop.dropped(), loop.bugs()


def forget():
    """For the prompt, after Ctrl-C: wipe the meter's memory, energies and all, and start anew."""
    loop.memory.journal.wipe()
    board.reset()


def run():
    """Measure and serve until Ctrl-C; the watchdog resets a board that hangs."""
    try:
        _serve()
    except KeyboardInterrupt:
        print("Stopped. run() goes on; stats() tells how it has been.")


def _serve():
    # A Ctrl-C may come at any place, and a second one right behind it. The first finds the try
    # around all that it must undo; the second is not heard until that is done. Otherwise the
    # watchdog would reset the board under the fingers of whoever stopped the meter.
    try:
        watchdog.start()
        loop.adc.start()
        while True:
            watchdog.feed()
            if not loop.once(board.ticks_ms()):
                board.sleep_until_interrupt()
    finally:
        kbd_intr(-1)
        watchdog.stop()
        loop.adc.stop()
        kbd_intr(_CTRL_C)


watchdog = Watchdog()
loop = Superloop()
port.loaded()
if loop.memory.fault:
    print("Nothing will outlast the power: " + loop.memory.fault + ".")
if __name__ == "__main__":
    run()
