// A TCP door on 127.0.0.1: raw bytes both ways, one client at a time. A second connection is held
// until the first one has left; nothing is read from it before.
import net from 'node:net';

const HIGH_WATER = 1 << 24; // bytes that a client may leave unread

export class Door {
  /** @param {string} name for messages @param {(bytes: Buffer) => void} onBytes */
  constructor(name, onBytes) {
    this.name = name;
    this.onBytes = onBytes;
    this.client = null;
    this.waiting = [];
    this.server = net.createServer({ pauseOnConnect: true }, (socket) => this.connected(socket));
  }

  /** @param {number} port 0 = choose @returns {Promise<number>} the port it listens on */
  listen(port) {
    return listenOn(this.server, port, this.name);
  }

  connected(socket) {
    socket.setNoDelay(true);
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.closed(socket));
    this.waiting.push(socket);
    this.admit();
  }

  admit() {
    if (this.client !== null || this.waiting.length === 0) return;
    this.client = this.waiting.shift();
    this.client.on('data', this.onBytes);
    this.client.resume();
  }

  closed(socket) {
    this.waiting = this.waiting.filter((it) => it !== socket);
    if (this.client === socket) this.client = null;
    this.admit();
  }

  /** Bytes for the client; without one, or with one that does not read, they are lost. */
  write(bytes) {
    const { client } = this;
    if (client !== null && client.writable && client.writableLength < HIGH_WATER) {
      client.write(bytes);
    }
  }

  close() {
    this.server.close();
    for (const socket of this.waiting) socket.destroy();
    this.client?.destroy();
  }
}

/** Listens, or rejects with one sentence that names the door. @returns {Promise<number>} */
export function listenOn(server, port, name) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const why = error.code === 'EADDRINUSE' ? 'is in use' : `cannot be opened (${error.code})`;
      reject(new Error(`port ${port} for the ${name} door ${why}`));
    });
    server.listen(port, '127.0.0.1', () => resolve(server.address().port));
  });
}
