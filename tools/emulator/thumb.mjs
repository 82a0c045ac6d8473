// The instructions of ARMv6-M, each with what it puts into a block of translated code
// (translate.mjs has the names that such code uses). ARMv6-M manual A5.2 for the encodings.
const SP = 13;
const LR = 14;
const PC = 15;

const CONDITIONS = [
  'fz===0', 'fz!==0', 'fc!==0', 'fc===0', 'fn<0', 'fn>=0', 'fv<0', 'fv>=0',
  'fc!==0&&fz!==0', 'fc===0||fz===0', '(fn^fv)>=0', '(fn^fv)<0',
  'fz!==0&&(fn^fv)>=0', 'fz===0||(fn^fv)<0',
];

const registers = (list, count = 8) => {
  const out = [];
  for (let n = 0; n < count; n++) if (list & (1 << n)) out.push(n);
  return out;
};

// Immediate shifts; 0 stands for 32, except for LSLS, where it moves.

function shiftImmediate(b, op) {
  const [kind, amount, m, d] = [(op >> 11) & 3, (op >> 6) & 31, (op >> 3) & 7, op & 7];
  b.flags = true;
  const x = b.get(m);
  if (kind === 0) {
    if (amount > 0) b.emit(`fc=(${x}>>>${32 - amount})&1;`);
    b.logic(d, `${x}<<${amount}`);
  } else {
    b.emit(`fc=(${x}>>${(amount || 32) - 1})&1;`);
    if (kind === 1) b.logic(d, amount === 0 ? '0' : `${x}>>>${amount}`);
    else b.logic(d, `${x}>>${amount || 31}`);
  }
}

function addSubThree(b, op) {
  const operand = op & 0x400 ? String((op >> 6) & 7) : b.get((op >> 6) & 7);
  const a = b.get((op >> 3) & 7);
  if (op & 0x200) b.sub(op & 7, a, operand);
  else b.add(op & 7, a, operand);
}

function immediateEight(b, op) {
  const [kind, d, value] = [(op >> 11) & 3, (op >> 8) & 7, op & 255];
  if (kind === 0) b.logic(d, String(value));
  else if (kind === 1) b.sub(-1, b.get(d), value);
  else if (kind === 2) b.add(d, b.get(d), value);
  else b.sub(d, b.get(d), value);
}

/** Shift by the low byte of a register; the carry is the last bit out, kept when none went. */
function shiftRegister(b, d, m, kind) {
  b.flags = true;
  b.emit(`x=${b.get(d)};y=${b.get(m)}&255;`);
  // Shifts by 32 are the identity in JavaScript, so they are told apart here.
  b.emit({
    lsl: 'if(y){fc=y>32?0:(x>>>((32-y)&31))&1;x=y>31?0:x<<y;}',
    lsr: 'if(y){fc=y>32?0:(x>>>(y-1))&1;x=y>31?0:x>>>y;}',
    asr: 'if(y){if(y>31){fc=(x>>>31)&1;x>>=31;}else{fc=(x>>>(y-1))&1;x>>=y;}}',
    ror: 'if(y){y&=31;x=y?(x>>>y)|(x<<(32-y)):x;fc=(x>>>31)&1;}',
  }[kind]);
  b.logic(d, 'x');
}

const DATA = [
  (b, d, m) => b.logic(d, `${b.get(d)}&${b.get(m)}`),
  (b, d, m) => b.logic(d, `${b.get(d)}^${b.get(m)}`),
  (b, d, m) => shiftRegister(b, d, m, 'lsl'),
  (b, d, m) => shiftRegister(b, d, m, 'lsr'),
  (b, d, m) => shiftRegister(b, d, m, 'asr'),
  (b, d, m) => b.addCarry(d, b.get(d), b.get(m)),
  (b, d, m) => b.addCarry(d, b.get(d), `~${b.get(m)}`),
  (b, d, m) => shiftRegister(b, d, m, 'ror'),
  (b, d, m) => b.logic(-1, `${b.get(d)}&${b.get(m)}`),
  (b, d, m) => b.sub(d, '0', b.get(m)),
  (b, d, m) => b.sub(-1, b.get(d), b.get(m)),
  (b, d, m) => b.add(-1, b.get(d), b.get(m)),
  (b, d, m) => b.logic(d, `${b.get(d)}|${b.get(m)}`),
  (b, d, m) => b.logic(d, `Math.imul(${b.get(d)},${b.get(m)})`),
  (b, d, m) => b.logic(d, `${b.get(d)}&~${b.get(m)}`),
  (b, d, m) => b.logic(d, `~${b.get(m)}`),
];

const dataProcessing = (b, op) => DATA[(op >> 6) & 15](b, op & 7, (op >> 3) & 7);

function addHigh(b, op) {
  const d = (op & 7) | ((op >> 4) & 8);
  const sum = `(${b.get(d)}+${b.get((op >> 3) & 15)})`;
  b.k += d === PC ? 2 : 1;
  if (d === PC) b.end(`${sum}&-2`);
  else b.set(d, d === SP ? `${sum}&-4` : `${sum}|0`);
}

function compareHigh(b, op) {
  b.sub(-1, b.get((op & 7) | ((op >> 4) & 8)), b.get((op >> 3) & 15));
}

function moveHigh(b, op) {
  const d = (op & 7) | ((op >> 4) & 8);
  const value = b.get((op >> 3) & 15);
  b.k += d === PC ? 2 : 1;
  if (d === PC) b.end(`${value}&-2`);
  else b.set(d, d === SP ? `${value}&-4` : value);
}

/** BX and BLX; the core looks at the target, for it may be an exception return. */
function branchExchange(b, op) {
  b.emit(`y=${b.get((op >> 3) & 15)};`);
  if (op & 0x80) b.set(LR, String((b.next | 1) | 0));
  b.k += 2;
  b.end('y');
}

/** A literal beside the code is a constant: a write to it would drop this block. */
function loadLiteral(b, op) {
  const address = ((b.at + 4) & ~3) + 4 * (op & 255);
  b.cover(address);
  b.k += 2;
  b.set((op >> 8) & 7, String(b.fetch(address) | (b.fetch(address + 2) << 16)));
}

const sum = (b, op) => `(${b.get((op >> 3) & 7)}+${b.get((op >> 6) & 7)})`;
const REGISTER_OFFSET = [
  (b, op) => b.store(sum(b, op), b.get(op & 7), 32),
  (b, op) => b.store(sum(b, op), b.get(op & 7), 16),
  (b, op) => b.store(sum(b, op), b.get(op & 7), 8),
  (b, op) => b.load(op & 7, sum(b, op), 8, true),
  (b, op) => b.load(op & 7, sum(b, op), 32),
  (b, op) => b.load(op & 7, sum(b, op), 16),
  (b, op) => b.load(op & 7, sum(b, op), 8),
  (b, op) => b.load(op & 7, sum(b, op), 16, true),
];

const registerOffset = (b, op) => REGISTER_OFFSET[(op >> 9) & 7](b, op);

/** Words (0110), bytes (0111) and half-words (1000) at an immediate offset. */
function immediateOffset(b, op) {
  const size = { 6: 32, 7: 8, 8: 16 }[op >> 12];
  const address = `(${b.get((op >> 3) & 7)}+${((op >> 6) & 31) * (size / 8)})`;
  if (op & 0x800) b.load(op & 7, address, size);
  else b.store(address, b.get(op & 7), size);
}

function stackOffset(b, op) {
  const address = `(${b.get(SP)}+${4 * (op & 255)})`;
  if (op & 0x800) b.load((op >> 8) & 7, address, 32);
  else b.store(address, b.get((op >> 8) & 7), 32);
}

function addressOf(b, op) {
  const offset = 4 * (op & 255);
  b.k += 1;
  if (op & 0x800) b.set((op >> 8) & 7, `(${b.get(SP)}+${offset})|0`);
  else b.set((op >> 8) & 7, String((((b.at + 4) & ~3) + offset) | 0));
}

function adjustStack(b, op) {
  b.k += 1;
  b.set(SP, `(${b.get(SP)}${op & 0x80 ? '-' : '+'}${4 * (op & 127)})|0`);
}

function extend(b, op) {
  const x = b.get((op >> 3) & 7);
  b.k += 1;
  b.set(op & 7, [`${x}<<16>>16`, `${x}<<24>>24`, `${x}&65535`, `${x}&255`][(op >> 6) & 3]);
}

function reverse(b, op) {
  const x = b.get((op >> 3) & 7);
  const kind = (op >> 6) & 3;
  if (kind === 2) return false;
  b.k += 1;
  const halves = `((${x}>>>8)&0xff00ff)|((${x}&0xff00ff)<<8)`;
  if (kind === 1) b.set(op & 7, halves);
  else if (kind === 0) {
    b.emit(`x=${halves};`);
    b.set(op & 7, '(x>>>16)|(x<<16)');
  } else b.set(op & 7, `(((${x}&255)<<8)|((${x}>>>8)&255))<<16>>16`);
  return true;
}

function push(b, op) {
  const list = [...registers(op & 255), ...(op & 0x100 ? [LR] : [])];
  if (list.length === 0) return false;
  b.k += 1 + list.length;
  const names = list.map((n) => b.get(n));
  b.emit(`a=(${b.get(SP)}-${4 * list.length})|0;`);
  b.storeMany(names);
  b.set(SP, 'a');
  return true;
}

function pop(b, op) {
  const list = registers(op & 255);
  const toPc = (op & 0x100) !== 0;
  const names = list.map((n) => b.get(n));
  list.forEach((n) => b.written.add(n));
  if (toPc) names.push('y');
  if (names.length === 0) return false;
  b.k += names.length + (toPc ? 3 : 1);
  b.emit(`a=${b.get(SP)};`);
  b.loadMany(names);
  b.set(SP, `(a+${4 * names.length})|0`);
  if (toPc) b.end('y');
  return true;
}

function multiple(b, op) {
  const n = (op >> 8) & 7;
  const list = registers(op & 255);
  if (list.length === 0) return false;
  b.k += 1 + list.length;
  const names = list.map((m) => b.get(m));
  b.emit(`a=${b.get(n)};`);
  if (op & 0x800) {
    list.forEach((m) => b.written.add(m));
    b.loadMany(names);
    if (!list.includes(n)) b.set(n, `(a+${4 * list.length})|0`);
  } else {
    b.storeMany(names);
    b.set(n, `(a+${4 * list.length})|0`);
  }
  return true;
}

function conditionalBranch(b, op) {
  const condition = (op >> 8) & 15;
  if (condition >= 14) return false; // UDF and SVC: the core's business
  b.flags = true;
  b.k += 2;
  b.emit(`if(${CONDITIONS[condition]})`);
  b.jump((b.at + 4 + ((op << 24) >> 23)) >>> 0);
  b.k -= 1;
  return true;
}

/** Translation follows an unconditional branch, unless it leads to where it has been. */
function branch(b, op) {
  const target = (b.at + 4 + ((op << 21) >> 20)) >>> 0;
  b.k += 2;
  if (b.seen.has(target)) {
    b.jump(target);
    b.open = false;
  } else b.next = target;
}

/** CPSID and CPSIE: after an enabling one, interrupts are looked at. */
function changeMask(b, op) {
  if ((op & 0xffef) !== 0xb662) return false;
  const off = (op & 0x10) !== 0;
  b.k += 1;
  b.emit(`K.PM=${off};`);
  if (off) return true;
  b.emit('K.interruptsUpdated=true;');
  b.end(b.next);
  return true;
}

function longBranch(b, op, op2) {
  const s = (op >> 10) & 1;
  const i1 = ((op2 >> 13) & 1) ^ s ^ 1;
  const i2 = ((op2 >> 11) & 1) ^ s ^ 1;
  const offset = ((s ? -1 : 0) << 24) | (i1 << 23) | (i2 << 22) | ((op & 0x3ff) << 12) |
    ((op2 & 0x7ff) << 1);
  b.set(LR, String((b.next | 1) | 0));
  b.k += 3;
  b.end((b.at + 4 + offset) >>> 0);
}

const PRIMASK = 16;
const BARRIERS = [0x8f40, 0x8f50, 0x8f60]; // DSB, DMB, ISB

/** BL, the barriers, and MRS/MSR of PRIMASK; other wide instructions are left to the core. */
function wide(b, op) {
  const op2 = b.fetch(b.at + 2);
  b.next = b.at + 4;
  if ((op & 0xf800) === 0xf000 && (op2 & 0xd000) === 0xd000) longBranch(b, op, op2);
  else if (op === 0xf3bf && BARRIERS.includes(op2 & 0xfff0)) b.k += 3;
  else if (op === 0xf3ef && (op2 & 0xf0ff) === (0x8000 | PRIMASK)) {
    b.k += 3;
    b.set((op2 >> 8) & 15, 'K.PM?1:0');
  } else if ((op & 0xfff0) === 0xf380 && op2 === (0x8800 | PRIMASK)) {
    b.k += 3;
    b.emit(`K.PM=(${b.get(op & 15)}&1)!==0;K.interruptsUpdated=true;`);
    b.end(b.next);
  } else return false;
  return true;
}

/** [mask, value, translator]; a translator that answers false leaves the instruction alone. */
export const ROWS = [
  [0xf800, 0x1800, addSubThree],
  [0xe000, 0x0000, shiftImmediate],
  [0xe000, 0x2000, immediateEight],
  [0xfc00, 0x4000, dataProcessing],
  [0xff00, 0x4400, addHigh],
  [0xff00, 0x4500, compareHigh],
  [0xff00, 0x4600, moveHigh],
  [0xff07, 0x4700, branchExchange],
  [0xf800, 0x4800, loadLiteral],
  [0xf000, 0x5000, registerOffset],
  [0xe000, 0x6000, immediateOffset],
  [0xf000, 0x8000, immediateOffset],
  [0xf000, 0x9000, stackOffset],
  [0xf000, 0xa000, addressOf],
  [0xff00, 0xb000, adjustStack],
  [0xff00, 0xb200, extend],
  [0xfe00, 0xb400, push],
  [0xff00, 0xb600, changeMask],
  [0xff00, 0xba00, reverse],
  [0xfe00, 0xbc00, pop],
  [0xffff, 0xbf00, (b) => { b.k += 1; }],
  [0xf000, 0xc000, multiple],
  [0xf000, 0xd000, conditionalBranch],
  [0xf800, 0xe000, branch],
  [0xf000, 0xf000, wide],
];

