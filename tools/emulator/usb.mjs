// The board's USB serial port (the MicroPython prompt), from the host's side.
//
// The package's USBCDC enumerates the device; its answer to every offered OUT buffer, though, is
// an empty packet each 10 us while there is nothing to send, which would keep an idle board awake.
// Here an OUT buffer waits until there are bytes for it, as a polling host leaves it.
import { USBCDC } from 'rp2040js';

const PACKET_MICROS = 50; // a 64-byte bulk packet at full speed, about 19 in a 1 ms frame

export class UsbSerial {
  /**
   * @param {object} controller the package's USB controller
   * @param {(bytes: Uint8Array) => void} deliver what the board wrote
   */
  constructor(controller, deliver) {
    this.controller = controller;
    this.cdc = new USBCDC(controller);
    this.cdc.onSerialData = deliver;
    this.offered = 0; // size of the OUT buffer that waits; 0 = none
    this.queue = [];
    controller.onEndpointRead = (endpoint, size) => this.offer(endpoint, size);
  }

  get silent() {
    return this.queue.length === 0;
  }

  /** @param {Uint8Array} bytes for the board */
  send(bytes) {
    for (const byte of bytes) this.queue.push(byte);
    this.pump();
  }

  offer(endpoint, size) {
    if (endpoint !== this.cdc.outEndpoint) return;
    this.offered = size;
    this.pump();
  }

  pump() {
    if (this.offered === 0 || this.queue.length === 0) return;
    const packet = Uint8Array.from(this.queue.splice(0, this.offered));
    this.offered = 0;
    this.controller.endpointReadDone(this.cdc.outEndpoint, packet, PACKET_MICROS);
  }
}
