/** How `%f` and `%e` write numbers, which the specification and Kubernetes do differently. */
export interface NumberStyle {
  /** Ints may be given where doubles are asked for. */
  readonly takesInts: boolean;
  fixed(value: number, digits: number): string;
  scientific(value: number, digits: number): string;
}

/** As the specification says. */
export const plainNumbers: NumberStyle = {
  takesInts: true,
  fixed: (value, digits) => infinite(value, 'Infinity') ?? fixed(value, digits),
  scientific: (value, digits) => infinite(value, 'Infinity') ?? scientific(value, digits),
};

/** `%e` has these digits however many are asked for: cel-go takes the precision for a width. */
const scientificDigits = 6;

/**
 * As cel-go writes them in English, of version 3 of the library and before: `1,000.5`, `1.500000 × 10⁰³`.
 * Source: cel-go, ext/formatting.go and its tests; golang.org/x/text, internal/number.
 */
export const englishNumbers: NumberStyle = {
  takesInts: false,
  fixed: (value, digits) => {
    const written = infinite(value, '∞');
    if (written !== undefined) return written;
    const [whole = '', fraction] = fixed(value, digits).split('.');
    const grouped = whole.replaceAll(/(\d)(?=(?:\d{3})+$)/g, '$1,');
    return fraction === undefined ? grouped : `${grouped}.${fraction}`;
  },
  scientific: (value, width) => {
    const written = infinite(value, '∞') ?? raised(scientific(value, scientificDigits));
    return written.padStart(width);
  },
};

const narrowSpace = '\u202f';
const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** `1.5e-03` with its exponent raised. */
function raised(text: string): string {
  const [mantissa, exponent = ''] = text.split('e');
  const digits = exponent.replace('+', '').replace('-', '⁻');
  const small = digits.replaceAll(/\d/g, (digit) => superscripts[Number(digit)] as string);
  return `${mantissa}${narrowSpace}×${narrowSpace}10${small}`;
}

function infinite(value: number, name: string): string | undefined {
  if (Number.isNaN(value)) return 'NaN';
  if (Number.isFinite(value)) return undefined;
  return value > 0 ? name : `-${name}`;
}

/** As Go rounds: to the nearest, and what lies in the middle to the even digit. */
function fixed(value: number, digits: number): string {
  if (Math.abs(value) >= 1e21)
    return `${BigInt(value)}${digits > 0 ? `.${'0'.repeat(digits)}` : ''}`;
  if (digits > 100) return value.toFixed(100) + '0'.repeat(digits - 100);
  const rounded = value.toFixed(digits);
  const exact = value.toFixed(100);
  const kept = exact.slice(0, exact.indexOf('.') + 1 + digits);
  const isMiddle = /^50*$/.test(exact.slice(kept.length));
  const isEven = /[02468]\.?$/.test(kept);
  return isMiddle && isEven ? kept.replace(/\.$/, '') : rounded;
}

function scientific(value: number, digits: number): string {
  const [mantissa, exponent = ''] = value.toExponential(Math.min(digits, 100)).split('e');
  return `${mantissa}e${exponent[0]}${exponent.slice(1).padStart(2, '0')}`;
}
