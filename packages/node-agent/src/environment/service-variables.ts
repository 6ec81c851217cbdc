import type { Service } from '@fairway/kinds/core/v1';
import { hostPort } from '@fairway/protocol';

/**
 * The variables by which the programs of a pod find services; those without an address of their own
 * have none. Source: Kubernetes documentation, "Discovering services".
 */
export function serviceVariables(services: readonly Service[]): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const { metadata, spec } of services) {
    const address = spec?.clusterIP;
    if (!address || address === 'None') continue;
    const prefix = variableName(metadata?.name ?? '');
    variables[`${prefix}_SERVICE_HOST`] = address;
    for (const [index, { name, port, protocol = 'TCP' }] of (spec.ports ?? []).entries()) {
      const url = `${protocol.toLowerCase()}://${hostPort(address, port)}`;
      if (index === 0) {
        variables[`${prefix}_SERVICE_PORT`] = String(port);
        variables[`${prefix}_PORT`] = url;
      }
      if (name) variables[`${prefix}_SERVICE_PORT_${variableName(name)}`] = String(port);
      const link = `${prefix}_PORT_${port}_${protocol}`;
      variables[link] = url;
      variables[`${link}_PROTO`] = protocol.toLowerCase();
      variables[`${link}_PORT`] = String(port);
      variables[`${link}_ADDR`] = address;
    }
  }
  return variables;
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_');
}
