// Translation of ARMv6-M code to JavaScript, one run of instructions at a time.
//
// A translated block is a function of no arguments that runs from its first instruction to its
// last one, or to a branch on the way, and returns the address to go on at. Inside,
//   r0..r14  registers as signed 32-bit locals, read at the start, written back at the end
//   fn, fz   N is fn < 0, Z is fz === 0;  fc  carry, 0 or 1;  fv  V is fv < 0
//   cyc      cycles of rounds done so far, k more since then (known while translating)
// and from outside: R registers, T = [cycle limit, cycles spent], S8/S16/S32 RAM, F8/F16/F32
// flash, CP code marks of RAM, L8..L32 and W8..W32 all other memory, K the core.
// Cycle counts: Cortex-M0+ manual, table 3-1, with the RP2040's one-cycle multiplier.

import { ROWS } from './thumb.mjs';

const MAX_INSTRUCTIONS = 64;
const RAM = 0x20000000;
const RAM_SIZE = 0x42000;
export const LINE_SHIFT = 6; // granularity of the code marks
const FLASH_MASK = 0x1fffff; // the 2 MB chip repeats through its 16 MB window
const PC = 15;
const VIEW = { 8: '', 16: '>>>1', 32: '>>>2' };
const OPERAND = { 8: '&255', 16: '&65535', 32: '' };

class Block {
  /** @param {(address: number) => number} fetch half-words @param {number} start */
  constructor(fetch, start) {
    this.fetch = fetch;
    this.start = start;
    this.at = start; // address of the instruction being translated
    this.next = start;
    this.k = 0;
    this.count = 0;
    this.open = true;
    this.used = new Set();
    this.written = new Set();
    this.flags = false;
    this.code = [];
    this.lines = new Set(); // code lines covered, address >> LINE_SHIFT
    this.seen = new Set();
  }

  /** The code at an address is part of the block. */
  cover(address) {
    this.lines.add(address >>> LINE_SHIFT);
  }

  emit(text) {
    this.code.push(text);
  }

  /** A register as an operand; the program counter reads two instructions on. */
  get(n) {
    if (n === PC) return String((this.at + 4) | 0);
    this.used.add(n);
    return `r${n}`;
  }

  set(n, expression) {
    this.used.add(n);
    this.written.add(n);
    this.emit(`r${n}=${expression};`);
  }

  /** N and Z from a register just written. */
  nz(expression) {
    this.flags = true;
    this.emit(`fn=fz=${expression};`);
  }

  leave(target) {
    this.emit(`{pc=${target};cyc+=${this.k};break L;}`);
  }

  /** To a known address: back to the start is a round of the loop while there is time. */
  jump(target) {
    if ((target | 0) === (this.start | 0)) {
      this.emit(`{cyc+=${this.k};if(T[1]+cyc<T[0])continue L;pc=${target};break L;}`);
    } else this.leave(target);
  }

  end(target) {
    this.leave(target);
    this.open = false;
  }

  load(n, address, size, signed = false) {
    this.k += 2;
    const view = VIEW[size];
    const fast = `S${size}[t${view}]`;
    const flash = `F${size}[(a&${FLASH_MASK})${view}]`;
    const slow = `L${size}(a,cyc+${this.k})`;
    this.emit(`a=${address}|0;t=(a-${RAM})>>>0;`);
    const value = `(t<${RAM_SIZE}?${fast}:(a>>>24)===16?${flash}:${slow})`;
    this.set(n, signed ? `${value}<<${32 - size}>>${32 - size}` : `${value}|0`);
  }

  store(address, value, size) {
    this.k += 2;
    const view = VIEW[size];
    this.emit(`a=${address}|0;t=(a-${RAM})>>>0;`);
    this.emit(`if(t<${RAM_SIZE}&&CP[t>>>${LINE_SHIFT}]===0)S${size}[t${view}]=${value};`);
    this.emit(`else if(W${size}(a,${value}${OPERAND[size]},cyc+${this.k}))`);
    this.leave(this.next);
  }

  /** Several words up from `base` (in variable a). @param {string[]} names locals to fill */
  loadMany(names) {
    const span = 4 * (names.length - 1);
    this.emit(`t=(a-${RAM})>>>0;if(t<${RAM_SIZE - span}){t>>>=2;`);
    this.emit(names.map((name, i) => `${name}=S32[t+${i}];`).join(''));
    this.emit('}else{');
    this.emit(names.map((name, i) => `${name}=L32(a+${4 * i}|0,cyc+${this.k})|0;`).join(''));
    this.emit('}');
  }

  storeMany(names) {
    const span = 4 * (names.length - 1);
    const marks = `(CP[t>>>${LINE_SHIFT}]|CP[(t+${span})>>>${LINE_SHIFT}])===0`;
    this.emit(`t=(a-${RAM})>>>0;if(t<${RAM_SIZE - span}&&${marks}){t>>>=2;`);
    this.emit(names.map((name, i) => `S32[t+${i}]=${name};`).join(''));
    this.emit('}else{');
    this.emit(names.map((name, i) => `W32(a+${4 * i}|0,${name},cyc+${this.k});`).join(''));
    this.emit('}');
  }

  // Arithmetic with flags; operands are plain names or numbers

  add(d, a, b) {
    this.flags = true;
    this.emit(`x=${a};y=${b};z=(x+y)|0;fc=(z>>>0)<(x>>>0)?1:0;fv=(x^z)&(y^z);fn=fz=z;`);
    this.k += 1;
    if (d >= 0) this.set(d, 'z');
  }

  sub(d, a, b) {
    this.flags = true;
    this.emit(`x=${a};y=${b};z=(x-y)|0;fc=(x>>>0)>=(y>>>0)?1:0;fv=(x^y)&(x^z);fn=fz=z;`);
    this.k += 1;
    if (d >= 0) this.set(d, 'z');
  }

  /** a + b + carry; a subtraction with borrow is an addition of ~b. */
  addCarry(d, a, b) {
    this.flags = true;
    this.emit(`x=${a};y=${b};w=(x>>>0)+(y>>>0)+fc;z=w|0;`);
    this.emit('fc=w>4294967295?1:0;fv=(x^z)&(y^z);fn=fz=z;');
    this.k += 1;
    this.set(d, 'z');
  }

  logic(d, expression) {
    this.k += 1;
    if (d < 0) {
      this.nz(`(${expression})|0`);
      return;
    }
    this.set(d, `(${expression})|0`);
    this.nz(`r${d}`);
  }
}

/** @returns {boolean} false when the instruction cannot be part of a block */
function translateOne(b) {
  const op = b.fetch(b.at);
  const row = ROWS.find(([mask, value]) => (op & mask) === value);
  return row !== undefined && row[2](b, op) !== false;
}

function translateAll(b, most) {
  while (b.open && b.count < most) {
    b.at = b.next;
    if (b.seen.has(b.at)) break;
    b.next = b.at + 2;
    const before = b.code.length;
    if (!translateOne(b)) {
      b.code.length = before;
      b.next = b.at;
      break;
    }
    b.seen.add(b.at);
    b.cover(b.at);
    b.cover(b.at + 2);
    b.count += 1;
  }
  if (b.open) b.jump(b.next);
}

function source(b) {
  const used = [...b.used];
  const loads = used.map((n) => `r${n}=R[${n}]|0`);
  const flagsIn = b.flags ? ['fn=K.N?-1:0', 'fz=K.Z?0:1', 'fc=K.C?1:0', 'fv=K.V?-1:0'] : [];
  const locals = [...loads, ...flagsIn, 'pc=0', 'cyc=0', 'a=0', 't=0', 'w=0', 'x=0', 'y=0', 'z=0'];
  const stores = [...b.written].map((n) => `R[${n}]=r${n};`).join('');
  const flagsOut = b.flags ? 'K.N=fn<0;K.Z=fz===0;K.C=fc!==0;K.V=fv<0;' : '';
  return `return function(){let ${locals.join(',')};\nL:for(;;){\n${b.code.join('\n')}\n}\n` +
    `${stores}${flagsOut}T[1]+=cyc;return pc;};`;
}

/**
 * Translates the code from `start`.
 * @param {(address: number) => number} fetch reads a half-word
 * @param {number} start
 * @param {number} most instructions in the block
 * @returns {{text: string, lines: Set<number>, count: number}|null} null: nothing to translate
 */
export function translate(fetch, start, most = MAX_INSTRUCTIONS) {
  const b = new Block(fetch, start);
  translateAll(b, most);
  return b.count === 0 ? null : { text: source(b), lines: b.lines, count: b.count };
}
