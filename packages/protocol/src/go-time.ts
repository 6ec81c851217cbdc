/** What came of reading a time. */
export type GoTime =
  | {
      readonly kind: 'time';
      /** As the API writes it: in UTC, with the digits of its precision; undefined for no time. */
      readonly text: string | undefined;
    }
  /** `problem` is in the words of the API. */
  | { readonly kind: 'malformed'; readonly problem: string };

/**
 * Reads a Time (`seconds`) or MicroTime (`micros`) as the API does, and says what is wrong with it
 * as the API does.
 *
 * Source: Go, `time.Parse` with the layouts of apimachinery's `metav1.Time` and `MicroTime`.
 */
export function readGoTime(text: string, precision: keyof typeof layouts): GoTime {
  if (precision === 'seconds' && plainTime.test(text) && text !== zeroTime) {
    return { kind: 'time', text };
  }
  const { layout, steps } = layouts[precision];
  const state: State = { rest: text, offsetMinutes: 0, fraction: '' };
  const numbers: Record<string, number> = {};
  const quoted = quote(text);
  for (const step of steps) {
    const before = state.rest;
    const problem = step.read(state, numbers);
    if (problem === 'mismatch') {
      const found = step.isLiteral ? state.rest : before;
      const why = `cannot parse ${quote(found)} as ${quote(step.name)}`;
      return malformed(`parsing time ${quoted} as ${quote(layout)}: ${why}`);
    }
    if (problem !== undefined) return malformed(`parsing time ${quoted}: ${problem}`);
  }
  if (state.rest !== '') {
    return malformed(`parsing time ${quoted}: extra text: ${quote(state.rest)}`);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = numbers;
  const utc = new Date(0);
  utc.setUTCFullYear(year, month - 1, day);
  if (utc.getUTCDate() !== day) return malformed(`parsing time ${quoted}: day out of range`);
  utc.setUTCHours(hour, minute - state.offsetMinutes, second);
  if (utc.getUTCFullYear() < 0 || utc.getUTCFullYear() > 9999) {
    return malformed(`parsing time ${quoted}: year out of range`);
  }
  const written = `${utc.toISOString().slice(0, 19)}Z`;
  const isZero = written === zeroTime && /^0*$/.test(state.fraction);
  if (isZero) return { kind: 'time', text: undefined };
  if (precision === 'seconds') return { kind: 'time', text: written };
  return { kind: 'time', text: `${written.slice(0, -1)}.${state.fraction}Z` };
}

/** What most times are: nothing about it depends on the month, and it is written already. */
const plainTime = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\d|2[0-8])T([01]\d|2[0-3])(:[0-5]\d){2}Z$/;

const zeroTime = '0001-01-01T00:00:00Z';

function malformed(problem: string): GoTime {
  return { kind: 'malformed', problem };
}

interface State {
  rest: string;
  offsetMinutes: number;
  /** Digits after the second. */
  fraction: string;
}

/** One piece of a layout. `read` takes it off the text: `mismatch`, or what is out of range. */
interface Step {
  readonly name: string;
  readonly isLiteral?: true;
  readonly read: (state: State, numbers: Record<string, number>) => string | undefined;
}

const literal = (name: string): Step => ({
  name,
  isLiteral: true,
  read: (state) => {
    if (!state.rest.startsWith(name)) return 'mismatch';
    state.rest = state.rest.slice(name.length);
    return undefined;
  },
});

/** Digits, and the least and the greatest number that they may be. */
const number = (
  name: string,
  { pattern, unit, min, max }: { pattern: RegExp; unit: string; min: number; max: number },
): Step => ({
  name,
  read: (state, numbers) => {
    const digits = pattern.exec(state.rest)?.[0];
    if (digits === undefined) return 'mismatch';
    state.rest = state.rest.slice(digits.length);
    numbers[unit] = Number(digits);
    return Number(digits) < min || Number(digits) > max ? `${unit} out of range` : undefined;
  },
});

const two = /^\d\d/;
const date: readonly Step[] = [
  number('2006', { pattern: /^\d{4}/, unit: 'year', min: 0, max: 9999 }),
  literal('-'),
  number('01', { pattern: two, unit: 'month', min: 1, max: 12 }),
  literal('-'),
  // How many the month has is known when all is read.
  number('02', { pattern: two, unit: 'day', min: 0, max: 99 }),
  literal('T'),
  number('15', { pattern: /^\d\d?/, unit: 'hour', min: 0, max: 23 }),
  literal(':'),
  number('04', { pattern: two, unit: 'minute', min: 0, max: 59 }),
  literal(':'),
  number('05', { pattern: two, unit: 'second', min: 0, max: 59 }),
];

/** A fraction that the layout does not have is taken, and lost. */
const optionalFraction: Step = {
  name: '05',
  read: (state) => {
    const [taken = '', digits = ''] = /^[.,](\d+)/.exec(state.rest) ?? [];
    state.rest = state.rest.slice(taken.length);
    state.fraction = digits;
    return undefined;
  },
};

const microseconds: Step = {
  name: '.000000',
  read: (state) => {
    const [taken = '', digits] = /^[.,](\d{6})/.exec(state.rest) ?? [];
    if (digits === undefined) return 'mismatch';
    state.rest = state.rest.slice(taken.length);
    state.fraction = digits;
    return undefined;
  },
};

const zone: Step = {
  name: 'Z07:00',
  read: (state) => {
    if (state.rest.startsWith('Z')) {
      state.rest = state.rest.slice(1);
      return undefined;
    }
    const [taken = '', sign, hours, minutes] = /^([+-])(\d\d):(\d\d)/.exec(state.rest) ?? [];
    if (sign === undefined) return 'mismatch';
    state.rest = state.rest.slice(taken.length);
    // As there, 24 hours and 60 minutes too.
    if (Number(hours) > 24) return 'time zone offset hour out of range';
    if (Number(minutes) > 60) return 'time zone offset minute out of range';
    state.offsetMinutes = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
    return undefined;
  },
};

const layouts = {
  seconds: { layout: '2006-01-02T15:04:05Z07:00', steps: [...date, optionalFraction, zone] },
  micros: { layout: '2006-01-02T15:04:05.000000Z07:00', steps: [...date, microseconds, zone] },
} as const;

const quotedCharactersMax = 1_000;

/** As Go quotes a value in errors of its time package. */
function quote(text: string): string {
  const clipped = text.slice(0, quotedCharactersMax);
  const escaped = clipped.replaceAll(/["\\]|[^ -~]/gu, (character) =>
    character === '"' || character === '\\'
      ? `\\${character}`
      : [...new TextEncoder().encode(character)]
          .map((byte) => `\\x${byte.toString(16).padStart(2, '0')}`)
          .join(''),
  );
  return `"${escaped}"`;
}
