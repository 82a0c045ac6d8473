// The emulator's command line.

export const USAGE = `usage: emulator.mjs --image FILE [options]

  --image FILE     firmware image (.bin, linked for 0x10000000)
  --flash FILE     keep the flash in this file between runs
  --optical PORT   TCP port of the optical port's line (UART0); 0, the default, chooses one
  --rs485 PORT     TCP port of the RS-485 line (UART1)
  --prompt PORT    TCP port of the USB serial prompt
  --control PORT   TCP port of the control door
  --real-time      hold the simulated clock to the real one at most
  --patient        the same, but only while the lines are silent and nobody waits
  --seed N         seed of the converter's noise and of the random bit (default 1)
  --ideal-adc      no wide codes, no noise
  --fast-flash     flash operations take no simulated time
  --front-end FILE constants of the analogue front end (default: the board's front_end.toml)
  --help           this text

All doors are on 127.0.0.1. When they are open, one JSON line with their ports is printed.`;

const PORTS = ['optical', 'rs485', 'prompt', 'control'];
const FILES = ['image', 'flash', 'front-end'];
const SWITCHES = ['real-time', 'patient', 'ideal-adc', 'fast-flash', 'help'];

/** A bad command line, with the sentence that says so. */
export class UsageError extends Error {}

function number(name, text, highest) {
  if (!/^\d+$/.test(text) || Number(text) > highest) {
    throw new UsageError(`--${name} takes a number from 0 to ${highest}, not "${text}"`);
  }
  return Number(text);
}

function value(name, text) {
  if (text === undefined) throw new UsageError(`--${name} needs a value`);
  if (PORTS.includes(name)) return number(name, text, 65535);
  if (name === 'seed') return number(name, text, 0xffffffff);
  return text;
}

/** @param {string[]} words after the script's name @returns {object} by option name */
export function parseOptions(words) {
  const out = { optical: 0, rs485: 0, prompt: 0, control: 0, seed: 1 };
  const rest = words.flatMap((word) => (
    /^--[^=]+=/.test(word) ? [word.slice(0, word.indexOf('=')), word.slice(word.indexOf('=') + 1)]
      : [word]));
  while (rest.length > 0) {
    const word = rest.shift();
    const name = word.replace(/^--/, '');
    if (SWITCHES.includes(name) && word !== name) out[name] = true;
    else if ([...PORTS, ...FILES, 'seed'].includes(name) && word !== name) {
      out[name] = value(name, rest.shift());
    } else throw new UsageError(`unknown option "${word}"; --help lists them`);
  }
  if (!out.help && out.image === undefined) throw new UsageError('--image FILE is needed');
  return out;
}
