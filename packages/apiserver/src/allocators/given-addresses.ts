import type { Node, Service } from '@fairway/kinds/core/v1';
import type { Store } from '@fairway/store';
import { decodeStored } from '../storage/object-bytes.ts';
import { resourcePrefix } from '../storage/storage-key.ts';

/** What a cluster was given at its first start and keeps, whatever ranges it is started with. */
export interface GivenAddresses {
  /** Of the pods of the node, once it has been one. */
  readonly nodePodCidr?: string;
  /** Of the service `kubernetes`. */
  readonly serviceAddress?: string;
}

/** Reads them from the store of a cluster, which need not be served yet. */
export async function readGivenAddresses(store: Store, nodeName: string): Promise<GivenAddresses> {
  const find = async (plural: string, name: string): Promise<unknown> => {
    const entry = await store.get(`${resourcePrefix({ group: '', plural })}${name}`);
    return entry === undefined ? undefined : decodeStored(entry.value);
  };
  const node = (await find('nodes', nodeName)) as Node | undefined;
  const service = (await find('services', 'default/kubernetes')) as Service | undefined;
  const nodePodCidr = node?.spec?.podCIDR;
  const serviceAddress = service?.spec?.clusterIP;
  return {
    ...(nodePodCidr === undefined ? {} : { nodePodCidr }),
    ...(serviceAddress === undefined ? {} : { serviceAddress }),
  };
}
