import { CommandError } from '../command-error.ts';

/** Reads `--cascade`, which may stand alone. Errors: `CommandError`. */
export function readCascade(
  value: string | boolean = 'background',
): 'Background' | 'Foreground' | 'Orphan' {
  const found = value === true ? 'Background' : cascades[String(value)];
  if (found !== undefined) return found;
  throw new CommandError(
    `invalid cascade value (${value}). Must be "background", "foreground", or "orphan"`,
  );
}

const cascades: Readonly<Record<string, 'Background' | 'Foreground' | 'Orphan'>> = {
  background: 'Background',
  foreground: 'Foreground',
  orphan: 'Orphan',
  // As older scripts have it.
  true: 'Background',
  false: 'Orphan',
};
