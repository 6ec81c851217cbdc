/**
 * Says where JSON is broken, in the words that Kubernetes clients know from its API: `invalid
 * character 'b' looking for beginning of object key string`.
 *
 * Undefined when nothing is wrong. Works on bytes, as that API does: a character outside ASCII is
 * named by its first byte. Source: RFC 8259 for what is JSON.
 */
export function describeJsonSyntaxError(json: Uint8Array): string | undefined {
  const input: Input = { json, at: 0 };
  /** One entry for each container that is open, true for an object. */
  const open: boolean[] = [];
  let expects: 'value' | 'value or ]' | 'key' | 'key or }' | 'more' = 'value';
  for (;;) {
    skipBlanks(input);
    const byte = json[input.at];
    if (byte === undefined) return expects === 'more' && open.length === 0 ? undefined : ended;
    if (expects === 'more') {
      const isObject = open.at(-1);
      if (isObject === undefined) return wrong(byte, 'after top-level value');
      if (byte === comma) expects = isObject ? 'key' : 'value';
      else if (byte === (isObject ? closeBrace : closeBracket)) open.pop();
      else return wrong(byte, isObject ? 'after object key:value pair' : 'after array element');
      input.at += 1;
    } else if (expects === 'key' || expects === 'key or }') {
      if (expects === 'key or }' && byte === closeBrace) {
        open.pop();
        input.at += 1;
        expects = 'more';
      } else {
        const problem = readKey(input);
        if (problem !== undefined) return problem;
        expects = 'value';
      }
    } else if (byte === openBrace || byte === openBracket) {
      open.push(byte === openBrace);
      input.at += 1;
      expects = byte === openBrace ? 'key or }' : 'value or ]';
    } else if (byte === closeBracket && expects === 'value or ]') {
      open.pop();
      input.at += 1;
      expects = 'more';
    } else {
      const problem = readScalar(input);
      if (problem !== undefined) return problem;
      expects = 'more';
    }
  }
}

interface Input {
  readonly json: Uint8Array;
  at: number;
}

const [comma, colon, quote, backslash, minus] = [0x2c, 0x3a, 0x22, 0x5c, 0x2d];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];
const ended = 'unexpected end of JSON input';

function readKey(input: Input): string | undefined {
  const first = input.json[input.at] ?? 0;
  if (first !== quote) return wrong(first, 'looking for beginning of object key string');
  const problem = readString(input);
  if (problem !== undefined) return problem;
  skipBlanks(input);
  const byte = input.json[input.at];
  if (byte === undefined) return ended;
  if (byte !== colon) return wrong(byte, 'after object key');
  input.at += 1;
  return undefined;
}

function readScalar(input: Input): string | undefined {
  const byte = input.json[input.at] ?? 0;
  if (byte === quote) return readString(input);
  if (byte === minus || isDigit(byte)) return readNumber(input);
  const literal = literals.get(byte);
  if (literal === undefined) return wrong(byte, 'looking for beginning of value');
  for (const expected of literal) {
    const found = input.json[input.at];
    if (found === undefined) return ended;
    if (found !== expected.charCodeAt(0)) {
      return wrong(found, `in literal ${literal} (expecting '${expected}')`);
    }
    input.at += 1;
  }
  return undefined;
}

const literals: ReadonlyMap<number, string> = new Map([
  [0x74, 'true'],
  [0x66, 'false'],
  [0x6e, 'null'],
]);

function readString(input: Input): string | undefined {
  const { json } = input;
  for (input.at += 1; ; input.at += 1) {
    const byte = json[input.at];
    if (byte === undefined) return ended;
    if (byte < 0x20) return wrong(byte, 'in string literal');
    if (byte === quote) break;
    if (byte !== backslash) continue;
    input.at += 1;
    const escaped = json[input.at];
    if (escaped === undefined) return ended;
    if (!'"\\/bfnrtu'.includes(String.fromCharCode(escaped))) {
      return wrong(escaped, 'in string escape code');
    }
    if (escaped !== 0x75) continue;
    for (let count = 0; count < 4; count += 1) {
      input.at += 1;
      const digit = json[input.at];
      if (digit === undefined) return ended;
      if (!/[0-9a-fA-F]/.test(String.fromCharCode(digit))) {
        return wrong(digit, String.raw`in \u hexadecimal character escape`);
      }
    }
  }
  input.at += 1;
  return undefined;
}

function readNumber(input: Input): string | undefined {
  const { json } = input;
  if (json[input.at] === minus) input.at += 1;
  if (json[input.at] === 0x30) input.at += 1;
  else if (!skipDigits(input)) return missingDigit(input, 'in numeric literal');
  if (json[input.at] === 0x2e) {
    input.at += 1;
    if (!skipDigits(input)) return missingDigit(input, 'after decimal point in numeric literal');
  }
  if (json[input.at] === 0x65 || json[input.at] === 0x45) {
    input.at += 1;
    if (json[input.at] === 0x2b || json[input.at] === minus) input.at += 1;
    if (!skipDigits(input)) return missingDigit(input, 'in exponent of numeric literal');
  }
  return undefined;
}

function skipDigits(input: Input): boolean {
  const start = input.at;
  while (isDigit(input.json[input.at] ?? 0)) input.at += 1;
  return input.at > start;
}

function missingDigit(input: Input, where: string): string {
  const byte = input.json[input.at];
  return byte === undefined ? ended : wrong(byte, where);
}

function skipBlanks(input: Input): void {
  for (;;) {
    const byte = input.json[input.at];
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
    input.at += 1;
  }
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function wrong(byte: number, where: string): string {
  return `invalid character ${quoteByte(byte)} ${where}`;
}

function quoteByte(byte: number): string {
  if (byte === 0x27) return String.raw`'\''`;
  if (byte === quote) return `'"'`;
  if (byte === backslash) return String.raw`'\\'`;
  const name = controlNames.get(byte);
  if (name !== undefined) return `'\\${name}'`;
  const isPrintable = (byte >= 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  if (isPrintable) return `'${String.fromCharCode(byte)}'`;
  const digits = byte.toString(16);
  return byte < 0x80 ? `'\\x${digits.padStart(2, '0')}'` : `'\\u${digits.padStart(4, '0')}'`;
}

const controlNames: ReadonlyMap<number, string> = new Map([
  [7, 'a'],
  [8, 'b'],
  [9, 't'],
  [10, 'n'],
  [11, 'v'],
  [12, 'f'],
  [13, 'r'],
]);
