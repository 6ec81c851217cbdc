import { ConnectionError, callWithin } from '@fairway/client';
import { ApiError } from '@fairway/protocol';
import type { Facts, Finding, Step, Tools } from './step.ts';
import { withoutRemedy } from './without-remedy.ts';

/** What all steps found, in the order of the layers. */
export interface Examination {
  readonly steps: readonly ExaminedStep[];
  /** Of the first step that failed; 0 when none did. */
  readonly exitCode: number;
  readonly facts: Facts;
}

export interface ExaminedStep extends Finding {
  readonly name: string;
  readonly elapsedMs: number;
}

/** A step makes this many exchanges one after the other at most. */
const exchangesMax = 4;

interface RunOptions {
  /** Milliseconds that a step of this name may take; others have their exchanges. */
  readonly limits?: Readonly<Record<string, number>>;
  /** Called after each step, with what is known by then. */
  readonly onExamined?: (step: ExaminedStep, facts: Facts) => Promise<void>;
}

/** Goes through the layers from the outside in. A step that lacks what an earlier one did not find is not tried. */
export async function runSteps(
  tools: Tools,
  steps: readonly Step[],
  { limits = {}, onExamined }: RunOptions = {},
): Promise<Examination> {
  const { clock } = tools.host;
  const examined: ExaminedStep[] = [];
  let facts: Facts = {};
  let failed: Step | undefined;
  for (const each of steps) {
    tools.signal.throwIfAborted();
    const startedAt = clock.elapsed();
    const timeoutMs = limits[each.name] ?? tools.stepTimeoutMs * exchangesMax;
    const outcome = each.needs.some((need) => facts[need] === undefined)
      ? { finding: notTried(failed) }
      : await within(tools, { each, facts, timeoutMs });
    if (outcome.finding.status === 'failed') failed ??= each;
    facts = { ...facts, ...outcome.facts };
    const elapsedMs = Math.round(clock.elapsed() - startedAt);
    const step = { name: each.name, ...outcome.finding, elapsedMs };
    examined.push(step);
    await onExamined?.(step, facts);
  }
  return { steps: examined, exitCode: failed?.exitCode ?? 0, facts };
}

async function within(
  tools: Tools,
  {
    each,
    facts,
    timeoutMs,
  }: { readonly each: Step; readonly facts: Facts; readonly timeoutMs: number },
): Promise<{ readonly finding: Finding; readonly facts?: Facts }> {
  const { clock } = tools.host;
  const { signal } = tools;
  try {
    return await callWithin({ clock, timeoutMs, signal, what: each.name }, (ending) =>
      each.probe({ ...tools, signal: ending }, facts),
    );
  } catch (error) {
    const finding = signal.aborted ? undefined : failureOf(each, error);
    if (finding === undefined) throw error;
    return { finding };
  }
}

/** An expected failure that the step leaves as it is. */
function failureOf({ name }: Step, error: unknown): Finding | undefined {
  const tried = `the step ${name}`;
  if (error instanceof ConnectionError) {
    const { remedy, problem } = error;
    const slow = '`fairway doctor --step-timeout 30s`  # if it is only slow';
    return {
      status: 'failed',
      tried,
      found: withoutRemedy(error),
      remedies: [...(problem === 'timeout' ? [slow] : []), ...(remedy === '' ? [] : [remedy])],
      details: { problem },
    };
  }
  if (!(error instanceof ApiError)) return undefined;
  const { message, code } = error;
  return { status: 'failed', tried, found: `the server refused: ${message}`, details: { code } };
}

function notTried(failed: Step | undefined): Finding {
  if (failed === undefined) {
    return { status: 'skipped', tried: '', found: 'what it is about was not told by the server' };
  }
  return { status: 'not-tried', tried: '', found: `${failed.name} comes before it` };
}
