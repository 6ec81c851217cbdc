import type { Client } from '@fairway/client';
import { Pod, Service, ServiceAccount } from '@fairway/kinds/core/v1';

/**
 * An application that knows of no prefix: absolute links, a redirect to its whole address, a cookie, a login of
 * its own, a WebSocket. It says what it was asked, and by which pod.
 */
const source = String.raw`
const { createServer } = require('node:http');
const { createHash } = require('node:crypto');
const page = '<!doctype html><link rel="icon" href="data:,"><h1>shop</h1><img src="/logo.svg">' +
  '<p id="said"></p><p id="heard"></p><form method="post" action="/login"><button>log in</button></form>' +
  '<script src="/app.js"></script>';
const script = 'fetch("/said").then((r) => r.json()).then((s) => { said.textContent = s.host });' +
  'const socket = new WebSocket("ws://" + location.host + "/chat");' +
  'socket.onopen = () => socket.send("hello"); socket.onmessage = (e) => { heard.textContent = e.data };';
const logo = '<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16"><rect width="16" height="16"/></svg>';
const server = createServer((request, response) => {
  const { url, method, headers } = request;
  const send = (type, text) => response.setHeader('content-type', type).end(text);
  if (url === '/login') {
    const location = 'http://' + headers.host + '/';
    return response.writeHead(303, { location, 'set-cookie': 'session=1; Path=/; HttpOnly' }).end();
  }
  if (url === '/app.js') return send('text/javascript', script);
  if (url === '/logo.svg') return send('image/svg+xml', logo);
  if (url === '/') return send('text/html', page);
  let body = '';
  request.on('data', (chunk) => (body += chunk)).on('end', () => {
    const { host, cookie, authorization } = headers;
    const way = headers['x-forwarded-uri'];
    const pod = require('node:os').hostname();
    send('application/json', JSON.stringify({ pod, method, url, host, cookie, authorization, way, body }));
  });
});
server.on('upgrade', ({ headers }, socket) => {
  const key = headers['sec-websocket-key'] + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';
  const accept = createHash('sha1').update(key).digest('base64');
  socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
    'Sec-WebSocket-Accept: ' + accept + '\r\n\r\n');
  socket.on('error', () => {}).on('data', (frame) => {
    const size = frame[1] & 127;
    const mask = frame.subarray(2, 6);
    const text = Buffer.from(frame.subarray(6, 6 + size).map((byte, index) => byte ^ mask[index % 4]));
    socket.write(Buffer.concat([Buffer.from([0x81, text.length]), text]));
  });
});
server.listen(8080);
`;

/** Runs it in two pods that are processes, behind the service `web`, until both are ready. */
export async function runHostedApplication(client: Client): Promise<void> {
  await client.waitFor(ServiceAccount, 'default', (found) => found !== undefined);
  await client.create(Service, {
    metadata: { name: 'web' },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
  });
  const names = ['web-a', 'web-b'];
  for (const name of names) {
    await client.create(Pod, {
      metadata: { name, labels: { app: 'web' } },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'app',
            image: 'host',
            command: ['node', '-e', source],
            ports: [{ containerPort: 8080 }],
            readinessProbe: { httpGet: { port: 8080, path: '/said' }, periodSeconds: 1 },
          },
        ],
      },
    });
  }
  for (const name of names) await client.waitFor(Pod, name, { condition: 'Ready' });
}

/** What the application was asked. */
export interface Said {
  readonly pod: string;
  readonly method: string;
  readonly url: string;
  readonly host: string;
  readonly cookie?: string;
  readonly authorization?: string;
  readonly way?: string;
  readonly body: string;
}
