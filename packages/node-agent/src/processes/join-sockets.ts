import type { Socket } from 'node:net';

/** Hands on what comes from either to the other, and the end of each direction on its own. */
export function joinSockets(one: Socket, other: Socket): void {
  for (const [from, to] of [
    [one, other],
    [other, one],
  ] as const) {
    from.on('error', () => to.destroy()).on('close', () => to.destroySoon());
    from.pipe(to);
  }
}
