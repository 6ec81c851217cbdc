import type { Duplex } from 'node:stream';
import { gatewayOf } from '../pod-addresses.ts';
import type { Files } from '@fairway/host';
import { enteringCommand, namespacesOf, readKept } from './kept-network.ts';
import { EntranceConnection, askNetwork, notThere } from './network-client.ts';
import { type NamesAnswers, openNamesDoor } from './names-door.ts';
import { namesAddress, networkDirectory } from './network-plan.ts';

/** The network of pods that are processes, for whoever tells it of services and answers for its names. */
export interface ProcessNetwork {
  /** Where pods ask for names, apart from a service. */
  readonly namesAddress: string;
  /** The address that the node has among pods with addresses of these networks. */
  readonly gateway: (podCidrs: readonly string[]) => string;
  /** Errors: `RuntimeError`, `unavailable` as long as its program does not run. */
  readonly openEntrances: () => Promise<EntranceConnection>;
  /** A connection to a backend of an entrance. Errors: `RuntimeError` when there is none. */
  readonly enter: (key: string, client: string) => Promise<Duplex>;
  /** What brings a program of this machine into the network, before its command. Errors: as `openEntrances`. */
  readonly command: () => Promise<readonly string[]>;
  /** Has pods ask for names here. */
  readonly answerNames: (answers: NamesAnswers) => Promise<AsyncDisposable>;
}

/** That of the runtime with this folder, whether it runs or is to run. */
export function processNetwork(
  directory: string,
  { files, isRoot }: { readonly files: Files; readonly isRoot: boolean },
): ProcessNetwork {
  const network = networkDirectory(directory);
  return {
    namesAddress,
    gateway: ([podCidr = '']) => gatewayOf(podCidr),
    openEntrances: () => EntranceConnection.open(network),
    enter: (key, client) => askNetwork(network, { kind: 'enter', key, client }),
    async command() {
      const kept = await readKept(files, network);
      if (kept === undefined) throw notThere(undefined);
      return enteringCommand(namespacesOf(kept), isRoot);
    },
    answerNames: (answers) => openNamesDoor(directory, answers),
  };
}
