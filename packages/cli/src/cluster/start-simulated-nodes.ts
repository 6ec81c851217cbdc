import type { ApiServer } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { Stage } from '@fairway/node-agent';
import type { Informers } from '@fairway/reconcile';

/** Nodes that a cluster pretends to have. */
export interface SimulatedNodes {
  /** Those by number; beside them, every node that says that it is one. */
  readonly count: number;
  /** What their pods do; the usual where absent. */
  readonly stages?: readonly Stage[];
}

/** Loads what pretends nodes, where a cluster has some, and runs it until `signal`. */
export async function startSimulatedNodes(
  { clock, random, logger }: Pick<Host, 'clock' | 'random' | 'logger'>,
  nodes: SimulatedNodes | undefined,
  {
    apiServer: { handlerFor },
    informers,
  }: {
    readonly apiServer: Pick<ApiServer, 'handlerFor'>;
    /** Shared with others of this process. */
    readonly informers: Promise<Informers>;
  },
  signal: AbortSignal,
): Promise<void> {
  if (nodes === undefined) return;
  const { runSimulatedNodes } = await import('@fairway/node-agent');
  await runSimulatedNodes(
    { handlerFor, clock, random, logger, informers: await informers, ...nodes },
    signal,
  );
}
