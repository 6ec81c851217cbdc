import type { RemoteProcess } from '@fairway/client/streams';
import { DisposalStack, type TerminalSize } from '@fairway/host';
import type { CommandContext } from '../command-context.ts';

/** What of this process a process elsewhere gets. */
export interface Hold {
  /** What is typed or piped in. */
  readonly hasInput: boolean;
  /** The terminal, key by key, and its size. */
  readonly hasTerminal: boolean;
  /** A line for the errors when keys are taken. */
  readonly greeting?: string;
}

/**
 * Stands in for a process in a container until it ends: its output is printed to the byte, and it gets what is typed.
 * Answers its exit code.
 *
 * Errors: those of the process; the reason of the signal, after which the terminal is as before.
 */
export async function holdProcess(
  { input, output, terminal }: Pick<CommandContext, 'input' | 'output' | 'terminal'>,
  remote: RemoteProcess,
  { hasInput, hasTerminal, greeting }: Hold,
): Promise<number> {
  await using stack = new DisposalStack();
  stack.use(remote);
  if (hasTerminal) {
    const keys = terminal.takeKeys();
    stack.defer(() => keys[Symbol.dispose]());
    // One whose process is over needs no size.
    const resize = (size: TerminalSize): void => void remote.resize(size).catch(() => {});
    const resizing = terminal.onResize(resize);
    stack.defer(() => resizing[Symbol.dispose]());
    const size = terminal.size();
    if (size !== undefined) resize(size);
  }
  // In a terminal whose keys are taken nothing else goes back to the start of the line.
  if (greeting !== undefined) {
    await output.passOn('err', Buffer.from(`${greeting}${hasTerminal ? '\r\n' : '\n'}`));
  }
  const passOn = async (from: AsyncIterable<Uint8Array>, to: 'out' | 'err'): Promise<void> => {
    for await (const bytes of from) await output.passOn(to, bytes);
  };
  // It may go on for ever, after the process as well: the end of this program is its end.
  if (hasInput) void typeInto(remote, input);
  const [{ code }] = await Promise.all([
    remote.exited,
    passOn(remote.stdout, 'out'),
    passOn(remote.stderr, 'err'),
  ]);
  return code;
}

/** Never fails: whether the process is still there, its end tells. */
async function typeInto(remote: RemoteProcess, input: AsyncIterable<Uint8Array>): Promise<void> {
  try {
    for await (const bytes of input) await remote.stdin.write(bytes);
    await remote.stdin.end();
  } catch {
    await remote.stdin.end().catch(() => {});
  }
}
