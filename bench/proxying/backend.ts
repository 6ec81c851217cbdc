import { createServer } from 'node:http';

/** A program of the cluster, which answers every request with 1 KB. */
const body = Buffer.alloc(1024, 'x');
const [host = ''] = process.argv.slice(2);
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'text/plain', 'content-length': body.length });
  response.end(body);
});
server.keepAliveTimeout = 60_000;
server.listen(0, host, () => process.send?.(server.address()));
