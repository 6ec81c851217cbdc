import type { Service } from '@fairway/kinds/core/v1';
import type { EndpointSlice } from '@fairway/kinds/discovery/v1';
import { type ClusterZone, clusterAddresses } from '../src/names/cluster-zone.ts';
import { endpointsOf } from '../src/service-slices.ts';
import { canonicalAddress } from '../src/names/reverse-name.ts';

/** A zone of some objects that does not change. */
export function zoneOf(
  services: readonly Service[],
  slices: readonly EndpointSlice[] = [],
): ClusterZone {
  const isAt = (address: string) => (each: string) => canonicalAddress(each) === address;
  return {
    domain: 'cluster.local',
    serverAddresses: ['10.0.0.10'],
    serial: () => 7,
    hasNamespace: (name) => ['shop', 'default', 'kube-system'].includes(name),
    service: (namespace, name) =>
      services.find(({ metadata }) => metadata?.name === name && metadata.namespace === namespace),
    slicesOf: (namespace, name) =>
      slices.filter(
        ({ metadata }) =>
          metadata?.namespace === namespace &&
          metadata.labels?.['kubernetes.io/service-name'] === name,
      ),
    servicesAt: (address) =>
      services.filter((service) => clusterAddresses(service).some(isAt(address))),
    slicesAt: (address) =>
      slices.filter((slice) =>
        endpointsOf(slice).some(({ addresses }) => addresses.some(isAt(address))),
      ),
  };
}

/** A shop: a service, one on both families, a headless one with hostnames, names for others. */
export const shop: ClusterZone = zoneOf(
  [
    service('web', {
      clusterIP: '10.0.0.20',
      ports: [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
      ],
    }),
    service('dual', { clusterIPs: ['10.0.0.21', 'fd00::21'], ports: [{ port: 443 }] }),
    service('db', { clusterIP: 'None', ports: [{ name: 'sql', port: 5432 }] }),
    service('bare', { clusterIP: 'None' }),
    service('idle', { clusterIP: 'None', ports: [{ port: 1 }] }),
    service('out', { type: 'ExternalName', externalName: 'Example.com.' }),
    service('to-web', { type: 'ExternalName', externalName: 'web.shop.svc.cluster.local' }),
    service('to-number', { type: 'ExternalName', externalName: '192.0.2.1' }),
    service('to-long', { type: 'ExternalName', externalName: `${'x'.repeat(64)}.com` }),
    service('loop', { type: 'ExternalName', externalName: 'loop.shop.svc.cluster.local' }),
  ],
  [
    slice('web', [{ addresses: ['10.244.0.5'] }], [{ name: 'http', port: 8080, protocol: 'TCP' }]),
    slice(
      'db',
      [
        { addresses: ['10.244.0.7'], hostname: 'db-0' },
        { addresses: ['10.244.0.8'], hostname: 'db-1', conditions: { ready: true } },
        { addresses: ['10.244.0.9'], conditions: { ready: false } },
      ],
      [{ name: 'sql', port: 5432, protocol: 'TCP' }],
    ),
    slice('bare', [{ addresses: ['10.244.0.11'] }], []),
    slice('dual', [{ addresses: ['FD00:0::5'] }], [{ port: 8443 }], 'IPv6'),
    slice('idle', [{ addresses: ['10.244.0.12'], conditions: { ready: false } }], [{ port: 1 }]),
  ],
);

function service(name: string, spec: Service['spec']): Service {
  return { metadata: { name, namespace: 'shop' }, ...(spec === undefined ? {} : { spec }) };
}

function slice(
  name: string,
  endpoints: NonNullable<EndpointSlice['endpoints']>,
  ports: NonNullable<EndpointSlice['ports']>,
  addressType: EndpointSlice['addressType'] = 'IPv4',
): EndpointSlice {
  const labels = { 'kubernetes.io/service-name': name };
  return { metadata: { name, namespace: 'shop', labels }, addressType, endpoints, ports };
}
