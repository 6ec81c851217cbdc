import { type KubernetesObject, apiVersionOf } from '@fairway/protocol';
import type { Call } from '../calls/call.ts';

/** How a parameter of the query is read, in the order in which the API writes them. */
type Parameters = readonly (readonly [
  name: string,
  read: 'boolean' | 'text' | 'texts' | 'numbers',
])[];

const attachParameters: Parameters = [
  ['stdin', 'boolean'],
  ['stdout', 'boolean'],
  ['stderr', 'boolean'],
  ['tty', 'boolean'],
  ['container', 'text'],
];

const parameters: Readonly<Record<string, Parameters>> = {
  PodExecOptions: [...attachParameters, ['command', 'texts']],
  PodAttachOptions: attachParameters,
  PodPortForwardOptions: [['ports', 'numbers']],
};

/**
 * What opens a connection, as an object that admission can look at. Source: core/v1 PodExecOptions,
 * PodAttachOptions, PodPortForwardOptions, PodProxyOptions, ServiceProxyOptions, NodeProxyOptions.
 */
export function connectOptions({ resource, target, request }: Call): KubernetesObject {
  const spoken = resource.subresources.get(target.subresource) ?? resource;
  const query = new URLSearchParams(request.query);
  const said = (parameters[spoken.kind] ?? []).map(([name, read]) => [
    name,
    readers[read](query.getAll(name)),
  ]);
  const options = Object.fromEntries(said.filter(([, value]) => value !== undefined)) as object;
  const { rest } = target;
  const path = spoken.kind.endsWith('ProxyOptions') && rest !== '' ? { path: rest } : {};
  return { kind: spoken.kind, apiVersion: apiVersionOf(spoken), ...options, ...path };
}

const readers: Readonly<Record<Parameters[number][1], (values: readonly string[]) => unknown>> = {
  // Also `1` and a name alone.
  boolean: ([value]) => (value === undefined || /^(false|0|)$/i.test(value) ? undefined : true),
  text: ([value]) => (value === undefined || value === '' ? undefined : value),
  texts: (values) => (values.length === 0 ? undefined : values),
  numbers: (values) => {
    const numbers = values.flatMap((value) => value.split(',')).map(Number);
    return numbers.length === 0 ? undefined : numbers;
  },
};
