/**
 * What a reverse proxy in Node.js does at least: one that knows one backend, and keeps connections to it.
 * `node plain-proxy.ts ADDRESS PORT` prints its port.
 */
import { Agent, createServer, request as ask } from 'node:http';
import { printPort } from './print-port.ts';

const [, , host = '', port = ''] = process.argv;
const agent = new Agent({ keepAlive: true });
printPort(
  createServer((request, response) => {
    const { method, url: path, headers, socket } = request;
    const sent = { ...headers, 'x-forwarded-for': socket.remoteAddress ?? '' };
    const options = { agent, host, port: Number(port), method, path, headers: sent };
    const outgoing = ask(options, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    outgoing.on('error', () => response.writeHead(502).end());
    request.pipe(outgoing);
  }),
);
