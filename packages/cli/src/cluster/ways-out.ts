import type { Dial } from '@fairway/apiserver';
import type { CertifiedKey } from '@fairway/certificates';
import { DisposalStack, type Host } from '@fairway/host';
import { BackendConnections } from '../cluster-access/backend-connections.ts';
import { ExtensionConnections } from '../cluster-access/extension-connections.ts';
import { KubeletConnections, type KubeletTrust } from '../cluster-access/kubelet-connections.ts';
import {
  type KubeletFlags,
  preferredAddressTypes,
  readKubeletTrust,
} from '../cluster-access/kubelet-flags.ts';
import type { OpenPodPort } from '../cluster-access/pod-road.ts';
import { type ProxyClientFlags, readProxyClient } from '../cluster-access/proxy-client-flags.ts';
import { WebhookConnections } from '../cluster-access/webhook-connections.ts';

/** How nodes are reached where no flag says. */
export interface KubeletAccess extends KubeletTrust {
  /** Which of their addresses are taken, the first ones first; absent: as with a kube-apiserver. */
  readonly addressTypes?: readonly string[];
}

interface WaysOutOptions {
  readonly kubelets?: KubeletFlags;
  readonly proxyClient?: ProxyClientFlags;
}

/** What a cluster has where its flags say nothing. */
interface WaysOutDefaults {
  readonly kubelets?: KubeletAccess;
  /** As whom the servers behind APIServices are asked. */
  readonly proxyClient?: CertifiedKey;
}

/** The ways out of an API server, with connections that are kept until they are disposed of. */
export interface WaysOut extends AsyncDisposable {
  readonly dial: Required<Dial>;
  /** Which addresses of nodes are taken; undefined: as with a kube-apiserver. */
  readonly kubeletAddressTypes: readonly string[] | undefined;
}

/** Errors: `CommandError` for files that flags name. */
export async function openWaysOut(
  host: Host,
  openPodPort: OpenPodPort,
  { kubelets: flags = {}, proxyClient = {} }: WaysOutOptions,
  byDefault: WaysOutDefaults,
): Promise<WaysOut> {
  const client = await readProxyClient(host, proxyClient, byDefault.proxyClient);
  const { addressTypes, ...trust } = byDefault.kubelets ?? {};
  const kubeletAddressTypes = preferredAddressTypes(flags) ?? addressTypes;
  const kubeletTrust = await readKubeletTrust(host, flags, trust);
  const opened = new DisposalStack();
  const webhooks = opened.use(new WebhookConnections(host, openPodPort));
  const backends = opened.use(new BackendConnections(host, openPodPort));
  const extensions = opened.use(new ExtensionConnections(host, openPodPort, client));
  const kubelets = opened.use(new KubeletConnections(host, kubeletTrust));
  return {
    dial: {
      kubelet: (endpoint) => kubelets.dial(endpoint),
      backend: (endpoint) => backends.dial(endpoint),
      extension: (endpoint) => extensions.dial(endpoint),
      webhook: (endpoint) => webhooks.dial(endpoint),
    },
    kubeletAddressTypes,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}
