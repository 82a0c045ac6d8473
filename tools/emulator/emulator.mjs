#!/usr/bin/env node
// The emulated board of Microcosem: command line, doors, end.
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Board, LINES } from './board.mjs';
import { Control } from './control.mjs';
import { loadFrontEnd } from './converter.mjs';
import { Door } from './door.mjs';
import { Flash } from './flash.mjs';
import { USAGE, UsageError, parseOptions } from './options.mjs';

const FLASH_SIZE = 2 << 20; // the Pico's W25Q16JV
const BOOT2_SIZE = 256;
const HERE = path.dirname(fileURLToPath(import.meta.url));
const FRONT_END_FILE = path.join(HERE, '../../boards/METER_PICO/front_end.toml');

/** @returns {Buffer} a firmware image, or throws the sentence that says what is wrong with it */
function readImage(file) {
  let image;
  try {
    image = fs.readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read the image ${file} (${error.code})`);
  }
  if (image.length < BOOT2_SIZE || image.length > FLASH_SIZE) {
    throw new UsageError(`${file} is no firmware image: ${image.length} bytes`);
  }
  if (image.toString('latin1', 0, 4) === 'UF2\n') {
    throw new UsageError(`${file} is a UF2 file; the .bin beside it is needed`);
  }
  return image;
}

/** The flash with its file, the image in its place at the start. */
function makeFlash(options) {
  const flash = new Flash(FLASH_SIZE, { charged: !options['fast-flash'] });
  const image = readImage(options.image);
  try {
    if (options.flash !== undefined) flash.open(options.flash);
    flash.load(image);
  } catch (error) {
    throw new UsageError(`cannot use the flash file ${options.flash} (${error.code})`);
  }
  return flash;
}

function makeBoard(options) {
  const flash = makeFlash(options);
  const frontEnd = loadFrontEnd(options['front-end'] ?? FRONT_END_FILE);
  const pace = options['real-time'] ? 'real' : options.patient ? 'patient' : 'free';
  const board = new Board({ flash, frontEnd, seed: options.seed, pace });
  if (options['ideal-adc']) Object.assign(board.converter, { wideCodes: false, noise: false });
  return board;
}

/** The three byte doors. @returns {Record<string, Door>} by name */
function makeDoors(board) {
  const doors = {};
  for (const line of LINES) {
    doors[line] = new Door(line, (bytes) => board.farEnds[line].send(bytes));
    board.onLine[line] = (bytes) => doors[line].write(bytes);
  }
  doors.prompt = new Door('prompt', (bytes) => board.chip?.usb.send(bytes));
  board.onPrompt = (bytes) => doors.prompt.write(bytes);
  return doors;
}

async function openDoors(doors, options) {
  const ports = {};
  for (const name of ['optical', 'rs485', 'prompt', 'control']) {
    ports[name] = await doors[name].listen(options[name]);
  }
  return ports;
}

async function main(words) {
  const options = parseOptions(words);
  if (options.help) {
    console.log(USAGE);
    return;
  }
  const board = makeBoard(options);
  const doors = makeDoors(board);
  const stop = () => {
    board.stop();
    board.flash.close();
    process.exit(0);
  };
  doors.control = new Control(board, stop);
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const ports = await openDoors(doors, options);
  board.powerOn();
  board.start();
  console.log(JSON.stringify(ports));
}

main(process.argv.slice(2)).catch((error) => {
  const expected = error instanceof UsageError || /^port \d+/.test(error.message);
  console.error(expected ? `emulator: ${error.message}` : error);
  process.exit(expected ? 2 : 1);
});
