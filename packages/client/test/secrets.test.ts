import assert from 'node:assert/strict';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { test } from 'node:test';
import { inspect } from 'node:util';
import * as fc from 'fast-check';
import { type ConnectOptions, connect } from '@fairway/client/connect';
import { type Host, type Logger } from '@fairway/host';
import { nodejsHost } from '@fairway/host/nodejs';
import { MemoryFiles } from '@fairway/host/testing';
import type { ResourceDescriptor } from '@fairway/protocol';
import { type SmallServer, pem, serveHttps } from './small-server.ts';

const Pod: ResourceDescriptor = {
  group: '',
  version: 'v1',
  kind: 'Pod',
  plural: 'pods',
  isNamespaced: true,
};

/** What a token may be made of, long enough to be in nothing by chance. */
const secretText = fc.stringMatching(/^[A-Za-z0-9._~+-]{24,64}$/);

/** Where a kubeconfig can keep one. */
const users: Readonly<Record<string, (secret: string) => object>> = {
  token: (token) => ({ token }),
  password: (password) => ({ username: 'jane', password }),
  'token of a plugin': () => ({
    exec: {
      command: 'login',
      apiVersion: 'client.authentication.k8s.io/v1',
      interactiveMode: 'Never',
    },
  }),
  'token of OpenID Connect': (secret) => ({
    'auth-provider': {
      name: 'oidc',
      config: {
        'idp-issuer-url': 'https://127.0.0.1:1',
        'client-id': 'fairway',
        'refresh-token': secret,
      },
    },
  }),
};

for (const [place, userOf] of Object.entries(users)) {
  test(`a client prints no ${place}: itself, its errors, its log, its diagnostics`, async () => {
    await using server = await serveHttps((request, response) => {
      if (request.url?.endsWith('/cut') === true) return void request.socket.destroy();
      if (request.url?.endsWith('/refused') === true) response.statusCode = 401;
      response.end('{"kind":"Pod"}');
    });
    await fc.assert(
      fc.asyncProperty(secretText, async (secret) => {
        const printed: unknown[] = [];
        const listen = (message: unknown): void => void printed.push(message);
        for (const channel of channels) subscribe(channel, listen);
        try {
          await useClient(
            { host: machine({ server, user: userOf(secret), secret, print: listen }) },
            listen,
          );
        } finally {
          for (const channel of channels) unsubscribe(channel, listen);
        }
        assert.ok(printed.length >= 4, 'something was printed');
        for (const each of printed) {
          const texts = [inspect(each, { depth: 20, showHidden: true }), String(each)];
          for (const text of [...texts, JSON.stringify(each) ?? '']) {
            assert.ok(!text.includes(secret), text);
            assert.ok(!text.includes(btoa(`jane:${secret}`)), text);
          }
        }
      }),
      { numRuns: 10 },
    );
  });
}

const channels = ['fairway:client:request', 'fairway:client:response'];

/** Goes well, is refused, is cut; prints all that somebody could print. */
async function useClient(options: ConnectOptions, print: (value: unknown) => void): Promise<void> {
  await using client = await connect({ ...options, isRetryWanted: false, onRetry: print });
  print(client);
  print(client.target);
  print(await client.target.credentials.current().catch((error: unknown) => error));
  for (const name of ['well', 'refused', 'cut']) {
    print(await client.get(Pod, name).catch((error: unknown) => error));
  }
}

function machine(about: {
  readonly server: SmallServer;
  readonly user: object;
  readonly secret: string;
  readonly print: (value: unknown) => void;
}): Host {
  const { server, user, secret, print } = about;
  const kubeconfig = {
    'current-context': 'a',
    contexts: [{ name: 'a', context: { cluster: 'a', user: 'a' } }],
    clusters: [
      {
        name: 'a',
        cluster: { server: server.url, 'certificate-authority-data': btoa(pem('authority.pem')) },
      },
    ],
    users: [{ name: 'a', user }],
  };
  const credential = {
    kind: 'ExecCredential',
    apiVersion: 'client.authentication.k8s.io/v1',
    status: { token: secret },
  };
  const log = (message: string, fields?: unknown): void => print([message, fields]);
  const logger: Logger = { debug: log, info: log, warn: log, error: log };
  const real = nodejsHost();
  return {
    ...real,
    logger,
    files: new MemoryFiles({ '/home/a/.kube/config': JSON.stringify(kubeconfig) }),
    processes: {
      run: async () => ({
        exitCode: 0,
        output: new TextEncoder().encode(JSON.stringify(credential)),
      }),
    },
    environment: { ...real.environment, variables: { HOME: '/home/a' }, platform: 'linux' },
  };
}
