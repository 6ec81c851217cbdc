import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type TestPod, type TestProcesses, until } from '@fairway/node-agent/testing';

/** A program that tells, on port 8080, who comes. */
export const tellsWhoComes = `exec python3 -c '
import socketserver
class Handler(socketserver.BaseRequestHandler):
    def handle(self): self.request.sendall(("from " + self.client_address[0]).encode())
socketserver.TCPServer.allow_reuse_address = True
socketserver.ThreadingTCPServer(("", 8080), Handler).serve_forever()
'`;

/** One that answers connections and datagrams on port 8080 with its name and what it is told, line by line. */
export function echoesAs(name: string): string {
  return `exec python3 -c '
import socketserver, threading
class Lines(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile: self.wfile.write(b"${name} " + line)
class Datagrams(socketserver.BaseRequestHandler):
    def handle(self): self.request[1].sendto(b"${name} " + self.request[0], self.client_address)
udp = socketserver.ThreadingUDPServer(("", 8080), Datagrams)
threading.Thread(target=udp.serve_forever).start()
socketserver.TCPServer.allow_reuse_address = True
tcp = socketserver.ThreadingTCPServer(("", 8080), Lines)
print("listens", flush=True)
tcp.serve_forever()
'`;
}

/** The process that holds the network of a runtime. */
export async function networkPid({ directory }: TestProcesses): Promise<number> {
  const text = await readFile(join(directory, 'pods/network/kept.json'), 'utf8');
  return (JSON.parse(text) as { readonly pid: number }).pid;
}

/** What a program at an address says to a pod, once it listens. */
export async function answered(
  fixture: TestProcesses,
  pod: TestPod,
  address: string,
): Promise<string> {
  const id = await pod.run('sleep 1000', { name: `asks-${address}` });
  return await until('it answers', async () => {
    const said = await output(fixture, id, `busybox nc -w 5 ${address} 8080 </dev/null`);
    return said === '' ? undefined : said;
  });
}

/** What a command in a container prints. */
export async function output(fixture: TestProcesses, id: string, script: string): Promise<string> {
  const bounds = { timeoutMs: 20_000, outputBytesMax: 10_000 };
  const { stdout } = await fixture.runtime.execToEnd(id, ['sh', '-c', script], bounds);
  return Buffer.from(stdout).toString();
}
