import type { ServicePort } from '../src/service-rules/service-port.ts';

/** A port of a service that nobody is behind. */
export const examplePort: ServicePort = {
  key: 'shop/web/tcp/http',
  protocol: 'tcp',
  port: 80,
  clusterAddresses: ['10.0.0.20'],
  externalAddresses: [],
  loadBalancer: { addresses: [], sources: undefined },
  nodePort: undefined,
  affinitySeconds: undefined,
  internalBackends: [],
  externalBackends: [],
  allBackends: undefined,
};
