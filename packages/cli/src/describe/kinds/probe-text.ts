import type { Shown } from '@fairway/kind-rules/shown';
import type { Probe } from '@fairway/kinds/core/v1';
import { hostPort } from '@fairway/protocol';

/** `http-get http://:8080/live delay=5s timeout=1s period=10s #success=1 #failure=3` */
export function probeText(probe: Shown<Probe>): string {
  const { initialDelaySeconds = 0, timeoutSeconds = 0, periodSeconds = 0 } = probe;
  const { successThreshold = 0, failureThreshold = 0 } = probe;
  const pace = `delay=${initialDelaySeconds}s timeout=${timeoutSeconds}s period=${periodSeconds}s`;
  return `${actionText(probe)} ${pace} #success=${successThreshold} #failure=${failureThreshold}`;
}

function actionText({ exec, httpGet, tcpSocket, grpc }: Shown<Probe>): string {
  if (exec !== undefined) return `exec [${(exec.command ?? []).join(' ')}]`;
  if (httpGet !== undefined) {
    const { scheme = '', host = '', port = 0, path = '' } = httpGet;
    const start = scheme === '' ? '' : `${scheme.toLowerCase()}:`;
    const slash = path === '' || path.startsWith('/') ? '' : '/';
    return `http-get ${start}//${hostPort(host, port)}${slash}${escapedPath(path)}`;
  }
  if (tcpSocket !== undefined) return `tcp-socket ${tcpSocket.host ?? ''}:${tcpSocket.port ?? 0}`;
  if (grpc !== undefined) return `grpc <pod>:${grpc.port ?? 0} ${grpc.service ?? ''}`;
  return 'unknown';
}

/** As Go escapes the path of a URL. */
function escapedPath(path: string): string {
  return path.replaceAll(/[^\w.~$&+,/:;=@-]/gu, (character) =>
    [...Buffer.from(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
      .join(''),
  );
}
