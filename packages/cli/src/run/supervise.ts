import type { AttachedProcess, ReceivedSignal, Signals } from '@fairway/host';

/**
 * Starts a program and stays until it ends: signals are its business meanwhile. Answers its exit
 * code, which after signal n is 128 + n.
 */
export async function supervise(
  signals: Signals,
  start: () => Promise<AttachedProcess>,
): Promise<number> {
  const early: ReceivedSignal[] = [];
  let program: AttachedProcess | undefined;
  using _ = signals.take((signal) => {
    // What the terminal sends, it sends to the program too.
    if (signal.isFromTerminal) return;
    if (program === undefined) early.push(signal);
    else program.signal(signal.name);
  });
  program = await start();
  for (const { name } of early) program.signal(name);
  const end = await program.ended;
  return end.kind === 'exited' ? end.code : 128 + end.signal;
}
