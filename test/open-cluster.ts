import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectedClient, connect } from '@fairway/client/connect';
import type { Logger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import {
  type Cluster,
  type ClusterOptions,
  startCluster,
} from '../packages/cli/src/cluster/start-cluster.ts';

/** A whole cluster on a free port in a folder of its own, and its administrator. */
export interface OpenCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly admin: ConnectedClient;
  readonly directory: string;
}

export async function openCluster(
  options: { readonly logger?: Logger } & Pick<ClusterOptions, 'simulatedNodes'> = {},
): Promise<OpenCluster> {
  const directory = await mkdtemp(join(tmpdir(), 'fairway-test-'));
  const { logger, simulatedNodes } = options;
  const host = nodejsHost(logger === undefined ? {} : { logger });
  const cluster = await startCluster(host, {
    ...(simulatedNodes === undefined ? {} : { simulatedNodes }),
    dataDirectory: directory,
    isInMemory: true,
    listen: { host: '127.0.0.1', port: 0 },
    extraNames: [],
    serviceClusterIpRange: '10.0.0.0/24',
    kubeconfig: join(directory, 'kubeconfig'),
  });
  const admin = await connect({ kubeconfig: cluster.kubeconfig });
  return {
    cluster,
    admin,
    directory,
    async [Symbol.asyncDispose]() {
      await admin.close();
      await cluster.stop({ graceMs: 0 });
      await rm(directory, { recursive: true });
    },
  };
}
