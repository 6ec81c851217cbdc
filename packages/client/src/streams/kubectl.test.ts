import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { connect as connectTcp } from 'node:net';
import { test } from 'node:test';
import { skipWithoutKubectl } from '../../../../test/installed-kubectls.ts';
import { type PodServer, type Program, servePod } from '../../test/pod-server.ts';
import { finished, forwardedPort } from '../../../../test/kubectl-process.ts';

const upper: Program = async ({ stdin, stdout, stderr, command }) => {
  await stderr(`${command.join(' ')}\n`);
  for await (const bytes of stdin) await stdout(Buffer.from(bytes).toString().toUpperCase());
  await stdout('x'.repeat(1_000_000));
  return 7;
};

// The peer is the codec's proof: what kubectl reads and writes is SPDY/3.1.
for (const webSockets of ['true', 'false']) {
  // Before, kubectl did not ask for WebSockets, whatever it was told.
  const skip = await skipWithoutKubectl(webSockets === 'true' ? 30 : 0);
  test(`kubectl exec runs a program of ours, WebSocket: ${webSockets}`, { skip }, async () => {
    await using server = await servePod({ program: upper });
    const { kubectl, environment } = kubectlFor(server, webSockets);
    const child = spawn('kubectl', [...kubectl, 'exec', '-i', 'web-0', '--', 'up', 'per'], {
      env: environment,
    });
    child.stdin.end('hello');
    const [out, err, code] = await finished(child);
    assert.equal(out.slice(0, 5), 'HELLO', err);
    assert.equal(out.length, 1_000_005);
    assert.match(err, /up per\n[^]*exit code 7/);
    assert.equal(code, 7);
    const way = webSockets === 'true' ? 'websocket v5.channel.k8s.io' : 'SPDY/3.1';
    assert.ok(
      server.asked.every((each) => each.startsWith(way)),
      String(server.asked),
    );
  });

  test(
    `kubectl port-forward leads to a port of ours, WebSocket: ${webSockets}`,
    { skip },
    async () => {
      await using server = await servePod({ ports: () => (stream) => void stream.pipe(stream) });
      const { kubectl, environment } = kubectlFor(server, webSockets);
      const child = spawn('kubectl', [...kubectl, 'port-forward', 'web-0', ':80'], {
        env: environment,
      });
      try {
        const port = await forwardedPort(child);
        for (const text of ['one', 'two'.repeat(300_000)]) {
          const socket = connectTcp(port, '127.0.0.1');
          socket.end(text);
          let answer = '';
          for await (const chunk of socket) answer += String(chunk);
          assert.ok(answer === text, `${answer.length} characters came back`);
        }
      } finally {
        child.kill();
      }
    },
  );
}

function kubectlFor(
  server: PodServer,
  webSockets: string,
): { kubectl: readonly string[]; environment: Record<string, string | undefined> } {
  return {
    kubectl: [
      '--kubeconfig=/dev/null',
      `--server=${server.url}`,
      '--insecure-skip-tls-verify',
      '--token=t',
    ],
    environment: {
      PATH: process.env['PATH'],
      HOME: '/nonexistent',
      KUBECTL_REMOTE_COMMAND_WEBSOCKETS: webSockets,
      KUBECTL_PORT_FORWARD_WEBSOCKETS: webSockets,
    },
  };
}
