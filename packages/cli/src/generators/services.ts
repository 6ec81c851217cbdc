import type { DynamicObject } from '@fairway/client';
import { CommandError } from '../command-error.ts';
import type { Generator } from './generator.ts';

interface ServiceFlags {
  readonly tcp?: readonly string[];
  readonly clusterip?: string;
  readonly nodePort?: string;
  readonly externalName?: string;
}

/** `create service clusterip` */
export const clusterIpService: Generator<ServiceFlags> = ({ name, flags }) => {
  const { clusterip: clusterIP } = flags;
  // A headless service needs none.
  if (flags.tcp === undefined && clusterIP !== 'None') throw new CommandError(noPort);
  const address = clusterIP === undefined || clusterIP === '' ? {} : { clusterIP };
  return service(name, { ...address, ...portsOf(flags), type: 'ClusterIP' });
};

/** `create service nodeport` */
export const nodePortService: Generator<ServiceFlags> = ({ name, flags }) => {
  if (flags.tcp === undefined) throw new CommandError(noPort);
  return service(name, { ...portsOf(flags), type: 'NodePort' });
};

/** `create service loadbalancer` */
export const loadBalancerService: Generator<ServiceFlags> = ({ name, flags }) => {
  if (flags.tcp === undefined) throw new CommandError(noPort);
  return service(name, { ...portsOf(flags), type: 'LoadBalancer' });
};

/** `create service externalname` */
export const externalNameService: Generator<ServiceFlags> = ({ name, flags }) => {
  const { externalName = '' } = flags;
  if (externalName === '') throw new CommandError('required flag(s) "external-name" not set');
  return service(name, { externalName, ...portsOf(flags), type: 'ExternalName' });
};

const noPort =
  'at least one tcp port specifier must be provided, such as --tcp=80 or --tcp=80:8080';

function service(name: string, spec: object): DynamicObject {
  const labels = { app: name };
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name, labels },
    spec: { ...spec, selector: labels },
  };
}

function portsOf({ tcp = [], nodePort }: ServiceFlags): object {
  if (tcp.length === 0) return {};
  const own = nodePort === undefined ? 0 : portNumber('--node-port', nodePort);
  return {
    ports: tcp.map((text) => {
      const [port = '', target = port, ...rest] = text.split(':');
      if (rest.length > 0) throw new CommandError(`--tcp ${text} is no PORT or PORT:TARGET`);
      return {
        name: text.replace(':', '-'),
        port: portNumber('--tcp', port),
        protocol: 'TCP',
        targetPort: targetPort(target),
        ...(own === 0 ? {} : { nodePort: own }),
      };
    }),
  };
}

function targetPort(text: string): number | string {
  if (/^\d+$/.test(text)) return portNumber('--tcp', text);
  if (/^(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?$/.test(text)) return text;
  throw new CommandError(
    `--tcp ${JSON.stringify(text)} is neither a port nor the name of one: names have at most 15 lower-case letters, digits and '-'`,
  );
}

function portNumber(flag: string, text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new CommandError(`${flag} ${JSON.stringify(text)} is no port: they go from 1 to 65535`);
}
