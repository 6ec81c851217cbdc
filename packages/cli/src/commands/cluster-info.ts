import { styleText } from 'node:util';
import { type KubernetesObject, type ResourceDescriptor, formatProxyName } from '@fairway/protocol';
import type { CommandContext } from '../command-context.ts';
import type { ClusterFlags } from '../connection/cluster-flags.ts';
import { openClient } from '../connection/open-client.ts';
import { visibleText } from '../output/visible-text.ts';

/** Shows where the control plane is, and the services that belong to the cluster itself. */
export async function clusterInfo(context: CommandContext, flags: ClusterFlags): Promise<void> {
  const { output, signal } = context;
  await using client = await openClient(context, flags);
  const found = await client
    .list(services, {
      namespace: 'kube-system',
      labelSelector: 'kubernetes.io/cluster-service=true',
      signal,
    })
    .all();
  const style = (name: string, color: 'green' | 'yellow'): string =>
    output.hasColors
      ? styleText(color, visibleText(name), { validateStream: false })
      : visibleText(name);
  const line = (name: string, address: string): string =>
    `${style(name, 'green')} is running at ${style(address, 'yellow')}\n`;
  const { server } = client.target;
  await output.writeStyled(line('Kubernetes control plane', server));
  for (const service of found.items) {
    const { labels = {}, name = '' } = service.metadata ?? {};
    await output.writeStyled(
      line(labels['kubernetes.io/name'] ?? name, addressOf(service, server)),
    );
  }
}

interface Service extends KubernetesObject {
  readonly spec?: {
    readonly ports?: readonly { readonly name?: string; readonly port: number }[];
  };
  readonly status?: {
    readonly loadBalancer?: {
      readonly ingress?: readonly { readonly ip?: string; readonly hostname?: string }[];
    };
  };
}

const services: ResourceDescriptor<Service> = {
  group: '',
  version: 'v1',
  kind: 'Service',
  plural: 'services',
  isNamespaced: true,
};

function addressOf({ metadata, spec, status }: Service, server: string): string {
  const ports = spec?.ports ?? [];
  const ingress = status?.loadBalancer?.ingress ?? [];
  if (ingress.length > 0) {
    return ingress
      .flatMap(({ ip, hostname }) => ports.map(({ port }) => `http://${ip ?? hostname}:${port}`))
      .join(' ');
  }
  const [port] = ports;
  const scheme = port?.name === 'https' || port?.port === 443 ? 'https' : '';
  const { namespace = '', name = '' } = metadata ?? {};
  const id = formatProxyName({ scheme, name, port: port?.name ?? '' });
  return `${server}/api/v1/namespaces/${namespace}/services/${id}/proxy`;
}
