import { type Clock, sleep, timeLimit } from '@fairway/host';
import type { LifecycleHandler } from '@fairway/kinds/core/v1';
import type { DeepReadonly } from '@fairway/protocol';
import type { ContainerSpec } from '../pod-lifecycle/container-status.ts';
import { httpGet } from '../probes/http-get.ts';
import { reachFrom } from '../probes/reach.ts';
import type { RuntimeStreams } from '../runtime/runtime-streams.ts';

export interface HookScene {
  readonly runtime: RuntimeStreams;
  readonly clock: Clock;
  readonly container: ContainerSpec;
  readonly containerId: string;
  /** Of the pod; undefined while it has none. */
  readonly host: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** What is read of what a hook prints. */
const outputBytesMax = 10_240;

/**
 * Does what a container wants done after its start or before its end.
 *
 * Errors: when it fails, or takes longer than it may.
 */
export async function runHook(
  handler: DeepReadonly<LifecycleHandler>,
  scene: HookScene,
): Promise<void> {
  const { clock, runtime, container, containerId, host, timeoutMs, signal } = scene;
  if (handler.exec !== undefined) {
    const { command = [] } = handler.exec;
    const { exitCode } = await runtime.execToEnd(containerId, command, {
      timeoutMs,
      outputBytesMax,
    });
    if (exitCode !== 0) throw new Error(`command '${command.join(' ')}' exited with ${exitCode}`);
    return;
  }
  if (handler.sleep !== undefined) {
    return sleep(clock, Math.min(handler.sleep.seconds * 1_000, timeoutMs), signal);
  }
  if (handler.httpGet !== undefined) {
    if (host === undefined) throw new Error('the pod has no address yet');
    const late = (): Error => new Error('it took too long');
    using limit = timeLimit(clock, timeoutMs, { late, signal });
    const reach = reachFrom(runtime, containerId);
    const options = { userAgent: 'kube-lifecycle/1.36', signal: limit.signal, reach };
    // Whatever it answers, it was asked.
    await httpGet(handler.httpGet, { host, ports: container.ports }, options);
    return;
  }
  throw new Error('invalid handler: a hook runs a command, asks by HTTP or sleeps');
}
