import { legacyTokenIssuer } from '@fairway/access';
import type { ApiServer } from '@fairway/apiserver';
import type { LoadBalancerAddresses } from '@fairway/controllers';
import type { Host } from '@fairway/host';
import type { EnsuredCertificates } from '@fairway/certificates';
import type { NetworkRange } from '@fairway/kind-rules/nodes';
import type { Informers } from '@fairway/reconcile';
import type { ServiceAccountKeyFiles } from '../cluster-access/service-account-key-files.ts';
import type { ServiceAccountOptions } from '../cluster-access/service-account-flags.ts';
import { podNetworksDefault } from './pod-networks.ts';
import type { ComponentState } from './component-state.ts';

/** Loads them once the API answers, so that the first request need not wait, and runs them until `signal`. */
export async function startControllers(
  { clock, random, logger }: Host,
  {
    apiServer,
    certificates,
    rootCertificates,
    keyFiles,
    informers,
    controllers,
    podNetworks = podNetworksDefault(),
    loadBalancers,
    serviceAccounts,
    state,
  }: {
    readonly controllers?: readonly string[];
    readonly podNetworks?: NetworkRange;
    readonly serviceAccounts?: ServiceAccountOptions;
    readonly apiServer: ApiServer;
    readonly certificates: EnsuredCertificates;
    /** By which clients know the API server, in PEM. */
    readonly rootCertificates: string;
    readonly keyFiles: ServiceAccountKeyFiles;
    /** Shared with others of this process. */
    readonly informers: Promise<Informers>;
    readonly loadBalancers: LoadBalancerAddresses;
    readonly state: ComponentState;
  },
  signal: AbortSignal,
): Promise<void> {
  const { runControllers } = await import('@fairway/controllers');
  const { authority } = certificates;
  const { handlerFor } = apiServer;
  state.problem = undefined;
  await runControllers(
    {
      handlerFor,
      clock,
      random,
      logger,
      informers: await informers,
      authorityCertificate: authority.certificate,
      authorityKey: authority.key,
      rootCertificates,
      podNetworks,
      loadBalancerAddresses: loadBalancers,
      legacyTokens: {
        issue: legacyTokenIssuer(() => keyFiles.keys),
        areGivenToEveryAccount: serviceAccounts?.hasLegacyTokens === true,
      },
      ...(controllers === undefined ? {} : { controllers }),
    },
    signal,
  );
}
