import { type ApiServer, parseAddressRange } from '@fairway/apiserver';
import type { Host } from '@fairway/host';
import type { NamesOptions } from '@fairway/network';
import { type Informers, keepRunning } from '@fairway/reconcile';

/** The number of the address of names among those of services, as kubeadm has it. */
const numberAmongServices = 10;

/** Where pods ask for names; undefined where the range of services has no such address. */
export function namesAddress(serviceCidr: string): string | undefined {
  const { family, size, at } = parseAddressRange(serviceCidr);
  return family === 'IPv4' && size >= numberAmongServices ? at(numberAmongServices - 1) : undefined;
}

/** Answers pods that ask for names, until `signal`. */
export async function startNames(
  { clock, random, logger, files }: Host,
  names: {
    readonly apiServer: Pick<ApiServer, 'handlerFor'>;
    /** Shared with others of this process. */
    readonly informers: Promise<Informers>;
    readonly clusterDomain: string;
    readonly serviceAddress: string;
    /** Whether the service of names leads here. */
    readonly isOwn: boolean;
    readonly listen: NamesOptions['listen'];
  },
  signal: AbortSignal,
): Promise<void> {
  const { apiServer, informers, isOwn, ...rest } = names;
  const { runNames } = await import('@fairway/network');
  const { parseResolvConf } = await import('@fairway/node-agent');
  const options = {
    ...rest,
    handlerFor: apiServer.handlerFor,
    clock,
    random,
    logger,
    keepsService: isOwn,
    async upstreams() {
      const bytes = await files.read('/etc/resolv.conf');
      const { servers } = parseResolvConf(new TextDecoder().decode(bytes));
      return servers.map((server) => ({ address: server, port: 53 }));
    },
  };
  await keepRunning(async () => runNames({ ...options, informers: await informers }, signal), {
    clock,
    signal,
    onFailure: (error) =>
      logger.error('names of the cluster are not answered, which is tried again', { error }),
  });
}
