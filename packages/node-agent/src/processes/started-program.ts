import { createWriteStream } from 'node:fs';
import { errorMessage } from './error-message.ts';

/** With it such a program runs. */
export const programArgument = 'run';

/** The other end of `StartingProgram`: says what `run` says, and why it ends where that throws. */
export async function runStarted(
  { argv, exit }: Pick<NodeJS.Process, 'argv' | 'exit'>,
  run: (say: (what: object) => void) => Promise<void>,
): Promise<void> {
  // Whoever looks at all modules of the package starts nothing.
  if (argv[2] !== programArgument) return;
  const said = createWriteStream('', { fd: 3 });
  try {
    await run((what) => void said.write(`${JSON.stringify(what)}\n`));
    said.end();
  } catch (error) {
    said.end(`${errorMessage(error)}\n`, () => exit(1));
  }
}
