import { spawnSync } from 'node:child_process';
import type { Terminal, TerminalSize } from './terminal.ts';

/** The terminal of this process, if it has one. */
export const nodejsTerminal: Terminal = {
  get hasInput() {
    return process.stdin.isTTY === true;
  },

  size,

  onResize(run) {
    const onResize = (): void => {
      const now = size();
      if (now !== undefined) run(now);
    };
    process.stdout.on('resize', onResize);
    return { [Symbol.dispose]: () => void process.stdout.off('resize', onResize) };
  },

  takeKeys() {
    const restore = (): void => void process.stdin.setRawMode(false);
    // Nothing else would come between this signal and the end.
    const quit = (): void => {
      restore();
      process.kill(process.pid, 'SIGQUIT');
    };
    process.stdin.setRawMode(true);
    leaveOutputAlone();
    process.on('exit', restore).once('SIGQUIT', quit);
    return {
      [Symbol.dispose]() {
        process.off('exit', restore).off('SIGQUIT', quit);
        restore();
      },
    };
  },
};

/**
 * Node.js leaves it to the terminal to put a carriage return before each line feed, which moves the cursor of programs
 * that have done so themselves. Its `setRawMode(false)` takes this back, too. Without `stty` most programs look right.
 */
function leaveOutputAlone(): void {
  if (process.platform === 'win32') return;
  spawnSync('stty', ['-opost'], { stdio: ['inherit', 'ignore', 'ignore'] });
}

function size(): TerminalSize | undefined {
  const { isTTY, columns: width, rows: height } = process.stdout;
  return isTTY === true ? { width, height } : undefined;
}
