import { type NetworkRange, cutRange } from '@fairway/kind-rules/nodes';
import { CommandError } from '../command-error.ts';
import { attempt } from '../flag-values.ts';

/** The range that nodes get their networks from when nobody says otherwise, as with kubeadm and kind. */
const clusterCidrDefault = '10.244.0.0/16';
const maskSizeDefault = 24;

export function podNetworksDefault(): NetworkRange {
  return cutRange(clusterCidrDefault, maskSizeDefault);
}

export interface PodNetworkFlags {
  readonly clusterCidr?: string;
  readonly nodeCidrMaskSize?: string;
}

/** Reads `--cluster-cidr` and `--node-cidr-mask-size`. Errors: `CommandError`. */
export function readPodNetworks({ clusterCidr, nodeCidrMaskSize }: PodNetworkFlags): NetworkRange {
  const text = nodeCidrMaskSize ?? String(maskSizeDefault);
  if (!/^\d{1,3}$/.test(text)) {
    throw new CommandError(
      `cannot use --node-cidr-mask-size ${JSON.stringify(text)}: give a number of bits, as 24`,
    );
  }
  return attempt('--cluster-cidr', () => cutRange(clusterCidr ?? clusterCidrDefault, Number(text)));
}
