import { writeFile } from 'node:fs/promises';
import {
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
  createServer as createHttp,
} from 'node:http';
import { type ServerOptions, createServer as createHttps } from 'node:https';
import { type AddressInfo, type Server, type Socket, createServer as createTcp } from 'node:net';
import { join } from 'node:path';
import { DisposalStack, type Host } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import type { ClusterFlags } from '../src/connection/cluster-flags.ts';
import { allSteps } from '../src/doctor/all-steps.ts';
import { type NameService, systemNames } from '../src/doctor/name-service.ts';
import { type DoctorReport, reportOf } from '../src/doctor/report.ts';
import { runSteps } from '../src/doctor/run-steps.ts';
import type { Wish } from '../src/doctor/step.ts';
import { scratchFolder } from './command-line.ts';

/** How long an exchange may take where a case says nothing else. */
export const stepTimeoutMs = 10_000;

/** What is examined, and with what. */
export interface Case {
  /** Of the kubeconfig: fields of its one cluster, and of its one user. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>>;
  /** The whole kubeconfig instead. */
  readonly text?: string;
  readonly variables?: Readonly<Record<string, string>>;
  readonly flags?: ClusterFlags;
  readonly wishes?: readonly Wish[];
  readonly names?: NameService;
  readonly host?: Partial<Host>;
  readonly stepTimeoutMs?: number;
}

/** Examines the cluster of a kubeconfig that only this examination has. */
export async function examine(given: Case): Promise<DoctorReport> {
  await using folder = await scratchFolder();
  const file = join(folder.path, 'kubeconfig');
  const text = given.text ?? kubeconfig(given);
  await writeFile(file, text, { mode: 0o600 });
  const real = nodejsHost();
  const variables = { KUBECONFIG: file, ...given.variables };
  const environment = { ...real.environment, variables, workingDirectory: folder.path };
  await using open = new DisposalStack();
  const examination = await runSteps(
    {
      host: { ...real, environment, ...given.host },
      names: given.names ?? systemNames,
      flags: given.flags ?? {},
      wishes: given.wishes ?? [],
      stepTimeoutMs: given.stepTimeoutMs ?? stepTimeoutMs,
      open,
      signal: new AbortController().signal,
    },
    allSteps,
  );
  return reportOf(examination, 'fairway');
}

function kubeconfig({ cluster = {}, user = {} }: Case): string {
  return JSON.stringify({
    'current-context': 'dev',
    clusters: [{ name: 'dev', cluster }],
    users: [{ name: 'ann', user }],
    contexts: [{ name: 'dev', context: { cluster: 'dev', user: 'ann' } }],
  });
}

export interface SmallServer extends AsyncDisposable {
  readonly port: number;
}

/** Listens on a free port; cuts all connections at its end. */
export async function listenAt(server: Server, host = '127.0.0.1'): Promise<SmallServer> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    port,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

export const onConnection = (act: (socket: Socket) => void): Promise<SmallServer> =>
  listenAt(createTcp(act));
export const inTheClear = (answer: RequestListener = answerAsApi): Promise<SmallServer> =>
  listenAt(createHttp(answer));
export const overTls = (
  options: ServerOptions,
  answer: RequestListener = answerAsApi,
  host?: string,
): Promise<SmallServer> => listenAt(createHttps(options, answer), host);

/** What a cluster says to who asks for its version, and a refusal of everything else. */
export function answerAsApi(request: IncomingMessage, response: ServerResponse): void {
  if (request.url === '/version') {
    return sendJson(response, 200, { major: '1', minor: '36', gitVersion: 'v1.36.0' });
  }
  sendStatus(response, 401, 'Unauthorized');
}

export function sendStatus(response: ServerResponse, code: number, message: string): void {
  sendJson(response, code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', code, message });
}

function sendJson(response: ServerResponse, code: number, value: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

/** A token that says something of itself and that nobody has signed. */
export function makeToken(claims: object): string {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `${part({ alg: 'RS256' })}.${part(claims)}.c2lnbmF0dXJl`;
}
