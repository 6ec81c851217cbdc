import { styleText } from 'node:util';
import type { Client } from '@fairway/client';
import { type LogOptions, logBytes } from '@fairway/client/streams';
import type { CommandContext } from '../command-context.ts';
import { styledText } from '../output/visible-text.ts';
import { prefixing, wholeLines } from './whole-lines.ts';

/** The log of one container. */
export interface ContainerLog {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
}

/** How logs are printed. */
export interface LogPrinting {
  readonly client: Client;
  readonly context: CommandContext;
  /** What of each log. */
  readonly part: LogOptions;
  /** Each line says which container it is from. */
  readonly hasPrefix: boolean;
  /** What is wrong with one log is told in its place, and keeps nobody from the others. */
  readonly ignoresErrors: boolean;
}

const colors = ['cyan', 'green', 'magenta', 'yellow', 'blue', 'red'] as const;

/** Prints logs one after the other. */
export async function printInTurn(
  printing: LogPrinting,
  logs: readonly ContainerLog[],
): Promise<void> {
  const { signal } = printing.context;
  for (const [index, log] of logs.entries()) await printLog(printing, { log, index, signal });
}

/** Prints all logs as they come, line by line. The first one that fails ends the others. */
export async function printTogether(
  printing: LogPrinting,
  logs: readonly ContainerLog[],
): Promise<void> {
  const failing = new AbortController();
  const signal = AbortSignal.any([failing.signal, printing.context.signal]);
  await Promise.all(
    logs.map((log, index) =>
      printLog(printing, { log, index, signal }).catch((error: unknown) => {
        failing.abort(error);
        throw error;
      }),
    ),
  );
}

async function printLog(
  { client, context, part, hasPrefix, ignoresErrors }: LogPrinting,
  {
    log: { namespace, pod, container },
    index,
    signal,
  }: { readonly log: ContainerLog; readonly index: number; readonly signal: AbortSignal },
): Promise<void> {
  const { output } = context;
  const write = output.hasColors
    ? styledWriter(output)
    : (bytes: Uint8Array) => output.write(bytes);
  const name = `[pod/${pod}/${container}]`;
  const color = colors[index % colors.length] ?? 'cyan';
  const shown = output.hasColors ? styleText(color, name, { validateStream: false }) : name;
  const withPrefix = hasPrefix ? prefixing(`${shown} `) : (bytes: Uint8Array) => bytes;
  try {
    const bytes = logBytes(client, pod, { ...part, container, namespace, signal });
    for await (const lines of wholeLines(bytes)) await write(withPrefix(lines));
  } catch (error) {
    if (!ignoresErrors || signal.aborted) throw error;
    await output.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

/** Leaves programs their colours, and nothing else that steers a terminal. */
function styledWriter({
  writeStyled,
}: Pick<CommandContext['output'], 'writeStyled'>): (bytes: Uint8Array) => Promise<void> {
  const decoder = new TextDecoder();
  return (bytes) => writeStyled(styledText(decoder.decode(bytes, { stream: true })));
}
