/** An amount of a resource. Source: Kubernetes API, resource.Quantity. */
export interface Quantity {
  /** In billionths, the finest that a quantity can say; finer ones were rounded away from zero. */
  readonly nanos: bigint;
  /** How it was written, and so will be again: `1Mi`, `1M`, `1e6`. */
  readonly format: 'BinarySI' | 'DecimalSI' | 'DecimalExponent';
}

/** Reads `100m`, `1.5Gi`, `12e6`; undefined for what `checkQuantity` complains about. */
export function parseQuantity(text: string): Quantity | undefined {
  const match = quantityPattern.exec(text);
  if (match === null) return undefined;
  const [, sign = '', whole = '', fraction = '', suffix = ''] = match;
  const scale = scaleOf(suffix);
  if (scale === undefined || whole + fraction === '') return undefined;
  const isBinary = scale.format === 'BinarySI';
  const digits = (whole + fraction).replace(/^0+/, '');
  const power = powerOf(scale, fraction);
  const isBeyond = magnitudeOf(digits, power) > magnitudeMax;
  if (isBeyond && !isBinary) return undefined;
  const size = isBeyond
    ? nanosMax
    : nanosOf(digits, power, isBinary ? 1024n ** BigInt(scale.exponent) : 1n);
  const capped = isBinary && size > nanosMax ? nanosMax : size;
  return { nanos: sign === '-' ? -capped : capped, format: scale.format };
}

/** Says what is wrong with a quantity, in the API's words. */
export function checkQuantity(text: string): string | undefined {
  const match = quantityPattern.exec(text);
  if (match === null || text === '') {
    return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
  }
  const [, , whole = '', fraction = '', suffix = ''] = match;
  const scale = scaleOf(suffix);
  if (scale === undefined) return "unable to parse quantity's suffix";
  const isBeyond = magnitudeOf(whole + fraction, powerOf(scale, fraction)) > magnitudeMax;
  return whole + fraction === '' || (isBeyond && scale.format !== 'BinarySI')
    ? 'unable to parse numeric part of quantity'
    : undefined;
}

/**
 * How the API keeps a quantity: as it was written where the digits need not be moved (`+1`, `1E3`,
 * `1.`, `1Ki`), else in canonical form. Undefined for what `checkQuantity` complains about.
 *
 * Source: apimachinery, resource.ParseQuantity.
 */
export function canonicalQuantity(text: string): string | undefined {
  if (shortQuantity.test(text)) return text;
  const quantity = parseQuantity(text);
  if (quantity === undefined) return undefined;
  return isKept(text) ? text : formatQuantity(quantity);
}

/** Most are written so, and kept. */
const shortQuantity = /^[1-9]\d{0,2}(?:m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?$/;

function isKept(text: string): boolean {
  const [, , whole = '', fraction = '', suffix = ''] = quantityPattern.exec(text) ?? [];
  const scale = scaleOf(suffix);
  if (scale === undefined) return false;
  const digits = (whole.replace(/^0+/, '') || '0') + fraction;
  if (scale.format === 'BinarySI') {
    const roomMin = digits.length + 3 * scale.exponent;
    return fraction === '' && roomMin <= 14 && Number(digits) % 8 !== 0;
  }
  const power = powerOf(scale, fraction);
  const isCanonical = power % 3 === 0 && !digits.endsWith('000') && !digits.startsWith('0');
  return isCanonical && digits.length <= 18 && power >= -9;
}

/** Negative when `left` is less, 0 when they say the same amount, however written. */
export function compareQuantities(left: Quantity, right: Quantity): number {
  return left.nanos < right.nanos ? -1 : left.nanos > right.nanos ? 1 : 0;
}

/** Adds two amounts; the sum is written as `left` is, unless that is zero. */
export function addQuantities(left: Quantity, right: Quantity): Quantity {
  const format = left.nanos === 0n ? right.format : left.format;
  return { nanos: left.nanos + right.nanos, format };
}

/** The amount below zero. */
export function negateQuantity({ nanos, format }: Quantity): Quantity {
  return { nanos: -nanos, format };
}

/** An amount in thousandths, rounded up; 0 for what is none. */
export function milliOf(amount: Quantity | string | number | undefined): number {
  return roundedUp(amount, 1_000_000n);
}

/** An amount in whole units, rounded up; 0 for what is none. */
export function wholeOf(amount: Quantity | string | number | undefined): number {
  return roundedUp(amount, one);
}

function roundedUp(amount: Quantity | string | number | undefined, unit: bigint): number {
  const quantity = typeof amount === 'object' ? amount : parseQuantity(String(amount ?? '0'));
  const nanos = quantity?.nanos ?? 0n;
  const whole = nanos / unit;
  return Number(nanos > whole * unit ? whole + 1n : whole);
}

/** Writes an amount as the API does: the largest suffix that leaves a whole number. */
export function formatQuantity({ nanos, format }: Quantity): string {
  const size = nanos < 0n ? -nanos : nanos;
  const sign = nanos < 0n ? '-' : '';
  const isBinary = format === 'BinarySI' && size >= 1024n * one && size % one === 0n;
  if (isBinary) return sign + formatBinary(size / one);
  return sign + formatDecimal(size, format === 'DecimalExponent');
}

const quantityPattern = /^([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]+[-+]?[0-9]*)?$/;
const one = 1_000_000_000n;
/** Only amounts in powers of 1024 have a largest one. */
const nanosMax = (2n ** 63n - 1n) * one;
/** How many digits an amount may have before the point, so that no text of a few bytes takes long. */
const magnitudeMax = 100;

const decimalSuffixes = ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'];
const binarySuffixes = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'];

interface Scale {
  /** Of 1024 for BinarySI, else of 10. */
  readonly exponent: number;
  readonly format: Quantity['format'];
}

function scaleOf(suffix: string): Scale | undefined {
  const decimal = decimalSuffixes.indexOf(suffix);
  if (decimal >= 0) return { exponent: 3 * (decimal - 3), format: 'DecimalSI' };
  const binary = binarySuffixes.indexOf(suffix);
  if (binary >= 0) return { exponent: binary, format: 'BinarySI' };
  if (!/^[eE][+-]?[0-9]{1,9}$/.test(suffix)) return undefined;
  return { exponent: Number(suffix.slice(1)), format: 'DecimalExponent' };
}

/** What ten is raised to, to make the digits of a number the amount, or the amount of its suffix. */
function powerOf({ exponent, format }: Scale, fraction: string): number {
  return (format === 'BinarySI' ? 0 : exponent) - fraction.length;
}

/** How many digits stand before the point. */
function magnitudeOf(digits: string, power: number): number {
  const start = /[1-9]/.exec(digits)?.index;
  return start === undefined ? 0 : digits.length - start + power;
}

/** Reads no more digits than can matter, so that a long text costs little. */
function nanosOf(digits: string, power: number, factor: bigint): bigint {
  if (digits === '') return 0n;
  if (magnitudeOf(digits, power) < -40) return 1n;
  const kept = digits.slice(0, digitsMax);
  const rest = /[1-9]/.test(digits.slice(digitsMax)) ? 1n : 0n;
  const scaled = (BigInt(kept) * 10n + rest) * factor;
  const shift = 9 + power + (digits.length - kept.length) - 1;
  return shift >= 0 ? scaled * 10n ** BigInt(shift) : divideUp(scaled, 10n ** BigInt(-shift));
}

/** All before the point, and nine behind it. */
const digitsMax = magnitudeMax + 20;

function divideUp(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor;
}

function formatDecimal(size: bigint, isExponent: boolean): string {
  if (size === 0n) return '0';
  let exponent = -9;
  let mantissa = size;
  while (mantissa % 1000n === 0n) {
    mantissa /= 1000n;
    exponent += 3;
  }
  // There is no suffix for what is larger.
  const suffix = isExponent ? undefined : decimalSuffixes[exponent / 3 + 3];
  if (suffix !== undefined) return `${mantissa}${suffix}`;
  return exponent === 0 ? String(mantissa) : `${mantissa}e${exponent}`;
}

function formatBinary(size: bigint): string {
  let mantissa = size;
  let exponent = 0;
  while (exponent < 6 && mantissa % 1024n === 0n) {
    mantissa /= 1024n;
    exponent += 1;
  }
  return `${mantissa}${binarySuffixes[exponent] ?? ''}`;
}
