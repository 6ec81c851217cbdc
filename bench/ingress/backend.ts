/** A program of a service: answers every request with 1 KiB. `node backend.ts ADDRESS` prints its port. */
import { createServer } from 'node:http';
import { printPort } from './print-port.ts';

const body = Buffer.alloc(1024, 'x');
const headers = { 'content-type': 'text/plain', 'content-length': body.length };
const server = createServer((_, response) => void response.writeHead(200, headers).end(body));
printPort(server, process.argv[2]);
