// Enough of a chip for one peripheral on its own: a clock, interrupt lines, request lines, RAM.
import { SimClock } from '../clock.mjs';

export function fakeChip() {
  const ram = new DataView(new ArrayBuffer(0x1000));
  const chip = {
    clock: new SimClock(),
    clkSys: 125e6,
    clkPeri: 48e6,
    logger: { debug() {}, info() {}, warn() {}, error() {} },
    interrupts: new Set(),
    requests: new Set(),
    peripheral: null, // answers reads above the RAM
    ram,
    setInterrupt(irq, on) { chip.interrupts[on ? 'add' : 'delete'](irq); },
    dma: {
      setDREQ: (line) => chip.requests.add(line),
      clearDREQ: (line) => chip.requests.delete(line),
    },
    readUint8: (at) => ram.getUint8(at),
    readUint16: (at) => (at < 0x1000 ? ram.getUint16(at, true) : chip.peripheral(at)),
    readUint32: (at) => (at < 0x1000 ? ram.getUint32(at, true) : chip.peripheral(at)),
    writeUint8: (at, value) => ram.setUint8(at, value),
    writeUint16: (at, value) => ram.setUint16(at, value, true),
    writeUint32: (at, value) => ram.setUint32(at, value, true),
  };
  return chip;
}
