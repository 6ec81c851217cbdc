import { acceptUpgrade } from '../accept-upgrade.ts';
import type { HttpRequest } from '../http-message.ts';
import type { UpgradeAnswer } from '../upgrade.ts';
import { negotiateUpgrade } from './negotiate-upgrade.ts';
import type { ProcessStreams, Program, Scheduler } from './served-process.ts';
import { serveChannels } from './serve-channels.ts';
import { serveProcessStreams } from './serve-process-streams.ts';

const protocols = {
  // Before v5 the end of the input cannot be told; without that, it is the same.
  websocket: ['v5.channel.k8s.io', 'v4.channel.k8s.io'],
  spdy: ['v4.channel.k8s.io'],
} as const;

/**
 * The server's half of exec and attach: answers an upgrade with the streams of a process, or refuses
 * it when caller and server have no protocol in common.
 *
 * Source: Kubernetes remotecommand; KEP-4006.
 */
export function acceptProcess(
  request: HttpRequest,
  process: {
    readonly streams: ProcessStreams;
    readonly program: Program;
    readonly clock: Scheduler;
  },
): UpgradeAnswer {
  const negotiated = negotiateUpgrade(request, protocols);
  if (negotiated.kind === 'refused') return negotiated;
  const serve = negotiated.way === 'websocket' ? serveChannels : serveProcessStreams;
  return acceptUpgrade(negotiated.headers, (stream) => serve(stream, process));
}
