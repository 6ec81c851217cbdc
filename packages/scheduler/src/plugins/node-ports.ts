import { type Plugin, passing } from './plugin.ts';

const refusal = passing("node(s) didn't have free ports for the requested pod ports");

/** Keeps two pods from the same port of a node. */
export const nodePorts: Plugin = {
  name: 'NodePorts',
  filter: ({ hostPorts }) =>
    hostPorts.length === 0
      ? undefined
      : {
          check: (node) => {
            for (const port of hostPorts) if (node.hasPort(port)) return refusal;
            return undefined;
          },
        },
  mayHelp: (event, { hostPorts }) => {
    if (event.kind === 'node added') return true;
    if (event.kind !== 'pod gone') return false;
    const freed = new Set(event.pod.hostPorts.map(({ protocol, port }) => `${protocol}/${port}`));
    return hostPorts.some(({ protocol, port }) => freed.has(`${protocol}/${port}`));
  },
};
