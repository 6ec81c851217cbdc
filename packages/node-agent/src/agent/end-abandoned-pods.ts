import type { Clock, Files, Logger, MachineFiles } from '@fairway/host';
import { noCgroups, podCgroups } from '../cgroups/pod-cgroups.ts';
import { parseResolvConf } from '../container-config/pod-dns.ts';
import type { NodeFacts } from '../node/node-facts.ts';
import type { PodRuntime } from '../runtime/pod-runtime.ts';
import { podVolumes } from '../volumes/pod-volumes.ts';
import { endPods } from './end-pods.ts';

/**
 * Ends the pods of an agent that was killed, and takes away what it made for them, in place of an agent.
 *
 * Errors: as with `endPods`.
 */
export async function endAbandonedPods(
  runtime: PodRuntime,
  {
    rootDirectory,
    cgroupRoot: root,
    host: { files, machine, clock, logger },
  }: {
    /** What the agent had for pods. */
    readonly rootDirectory: string;
    readonly cgroupRoot?: string;
    readonly host: {
      readonly files: Files;
      readonly machine: MachineFiles;
      readonly clock: Clock;
      readonly logger: Logger;
    };
  },
): Promise<void> {
  await using volumes = podVolumes({
    machine,
    files,
    sourcesOf() {
      throw new Error('no pod is set up any more');
    },
    node: nobody(rootDirectory),
    memoryDirectory: `${rootDirectory}/memory`,
    clock,
    logger,
  });
  const cgroups = root === undefined ? noCgroups : await podCgroups({ machine, files, root });
  await endPods({ runtime, volumes, cgroups, clock });
}

/** A node that runs nothing any more. */
function nobody(rootDirectory: string): NodeFacts {
  return {
    name: '',
    addresses: [],
    capacity: {},
    allocatable: {},
    rootDirectory,
    logDirectory: '',
    clusterDns: [],
    clusterDomain: '',
    hostDns: parseResolvConf(''),
    hasAppArmor: false,
  };
}
