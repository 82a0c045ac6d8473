// One power-up of the RP2040: the package's chip with its weak parts replaced, started from the
// stand-in boot ROM, and run on the simulated clock.
import { RP2040 } from 'rp2040js';
import { Adc } from './adc.mjs';
import { BootRom, bootEntry } from './bootrom.mjs';
import { ChipReset, Resets, RingOscillator } from './chipparts.mjs';
import { SimClock } from './clock.mjs';
import { Core } from './core.mjs';
import { Dma } from './dma.mjs';
import { Gpio } from './gpio.mjs';
import { Rtc } from './rtc.mjs';
import { Uart } from './uart.mjs';
import { UsbSerial } from './usb.mjs';
import { Watchdog } from './watchdog.mjs';

const UART_LINES = [
  { irq: 20, txDreq: 20, rxDreq: 21 },
  { irq: 21, txDreq: 22, rxDreq: 23 },
];
// Bits of the reset controller (datasheet 2.14.3).
const RESET_ADC = 0;
const RESET_DMA = 2;
const RESET_RTC = 15;
const RESET_UART0 = 22;
const RESET_UART1 = 23;

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** The package's chip on our clock, without its 16 MB of flash being wiped at each start. */
function bareChip(clock) {
  const chip = new RP2040(clock);
  chip.logger = SILENT;
  return chip;
}

function useFlash(chip, bytes) {
  chip.flash = bytes;
  chip.flash16 = new Uint16Array(bytes.buffer);
  chip.flashView = new DataView(bytes.buffer);
}

export class Chip {
  /**
   * @param {object} world what outlives a power-up
   * @param {import('./flash.mjs').Flash} world.flash
   * @param {import('./converter.mjs').Converter} world.converter
   * @param {import('./converter.mjs').Generator} world.random for the ring oscillator's bit
   * @param {import('./watchdog.mjs').Survivor} world.survivor
   * @param {{translated?: boolean}} [world.core] options of the core
   * @param {(bytes: Uint8Array) => void} world.onPrompt what the board wrote to its USB port
   * @param {number} baseNanos simulated time at which this power-up begins
   */
  constructor(world, baseNanos) {
    this.baseNanos = baseNanos;
    this.clock = new SimClock();
    this.busyNanos = 0;
    this.idleNanos = 0;
    this.resetWanted = false;
    this.rp = bareChip(this.clock);
    useFlash(this.rp, world.flash.bytes);
    this.rp.core = new Core(this.rp, world.core);
    world.flash.onChange = (start, end) => this.rp.core.flashChanged(start, end);
    this.rom = new BootRom(world.flash);
    this.fit(world);
    this.usb = new UsbSerial(this.rp.usbCtrl, world.onPrompt);
    this.gpio = new Gpio(this.rp);
    this.start(world.survivor);
  }

  /** Replaces what the package models too simply. */
  fit(world) {
    const { rp } = this;
    rp.dma = new Dma(rp, 'DMA');
    rp.uart = UART_LINES.map((lines, n) => new Uart(rp, `UART${n}`, lines));
    rp.uart.forEach((uart) => { uart.clkPeriChanged = () => {}; });
    rp.adc = new Adc(rp, 'ADC', world.converter, this.baseNanos);
    const rtc = new Rtc(rp, 'RTC');
    const askReset = () => {
      this.resetWanted = true;
      rp.core.leave();
    };
    Object.assign(rp.peripherals, {
      0x4000c: new Resets(rp, 'RESETS', {
        [RESET_ADC]: rp.adc, [RESET_DMA]: rp.dma, [RESET_RTC]: rtc,
        [RESET_UART0]: rp.uart[0], [RESET_UART1]: rp.uart[1],
      }),
      0x40034: rp.uart[0],
      0x40038: rp.uart[1],
      0x4004c: rp.adc,
      0x40058: new Watchdog(rp, 'WATCHDOG', world.survivor, askReset),
      0x4005c: rtc,
      0x40060: new RingOscillator(rp, 'ROSC', world.random),
      0x40064: new ChipReset(rp, 'VREG_AND_CHIP_RESET'),
      0x50000: rp.dma,
    });
  }

  start(survivor) {
    const { rp } = this;
    rp.bootrom.set(this.rom.words());
    rp.onBreak = (n) => this.romCall(n);
    rp.core.reset();
    const { pc, sp } = bootEntry(survivor.scratch);
    rp.core.SP = sp;
    rp.core.PC = pc;
  }

  romCall(n) {
    const { core } = this.rp;
    const cost = this.rom.call(n, this.rp);
    core.charge(typeof cost === 'number' ? cost * core.cycleNanos : cost.nanos);
  }

  /** Runs until the chip's clock reads `until` (or a few cycles later), or a reset is wanted. */
  run(until) {
    const { clock, rp } = this;
    while (clock.nanos < until && !this.resetWanted) {
      const from = clock.nanos;
      if (rp.core.waiting) {
        this.sleep(until);
        this.idleNanos += clock.nanos - from;
      } else {
        rp.core.slice(until);
        this.busyNanos += clock.nanos - from;
      }
    }
  }

  /** WFI and WFE: time jumps from alarm to alarm, until one of them wakes the processor. */
  sleep(until) {
    const { clock } = this;
    const { core } = this.rp;
    while (core.waiting && clock.nanos < until && !this.resetWanted) {
      clock.advanceTo(Math.min(clock.nextNanos, until));
      if (core.pendingSystick) core.wake();
    }
  }
}
