import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { admin, startTestServer } from '@fairway/apiserver/testing';
import { type Client, createClient, createDiscovery } from '@fairway/client';
import { DisposalStack } from '@fairway/host';
import { ManualClock, seededRandom } from '@fairway/host/testing';
import type { KubernetesObject } from '@fairway/protocol';
import { listenForTest } from '@fairway/serving/testing';
import { parseAllDocuments } from 'yaml';

/** The objects of described-objects.yaml on an API server of which nobody else takes care. */
export interface DescribedServer extends AsyncDisposable {
  readonly url: string;
  readonly client: Client;
}

export const describedObjects = join(import.meta.dirname, 'described-objects.yaml');

export async function serveDescribedObjects(): Promise<DescribedServer> {
  await using started = new DisposalStack();
  const { api } = started.use(await startTestServer());
  const transport = api.handlerFor(admin);
  const { port } = started.use(await listenForTest(transport));
  const client = createClient({ transport, clock: new ManualClock(), random: seededRandom(1) });
  await createAll(client, await readFile(describedObjects, 'utf8'));
  const all = started.move();
  const url = `http://127.0.0.1:${port}`;
  return { url, client, [Symbol.asyncDispose]: () => all[Symbol.asyncDispose]() };
}

async function createAll(client: Client, text: string): Promise<void> {
  const discovery = createDiscovery(client);
  const uids = new Map<string, string>();
  for (const document of parseAllDocuments(text)) {
    const named = JSON.stringify(document.toJS()).replaceAll(
      /UID-OF-(\w+)/g,
      (_, name: string) => uids.get(name) ?? name,
    );
    const { status, ...object } = JSON.parse(named) as Written;
    const [group = '', version = ''] = object.apiVersion.split('/').slice(-2);
    const suffix = object.apiVersion.includes('/') ? `${version}.${group}` : group;
    const kind = await discovery.find(`${object.kind}.${suffix}`);
    if (kind === undefined) throw new Error(`no ${object.kind} in ${object.apiVersion}`);
    const { metadata } = await client.create(kind, object);
    const { name = '', uid = '', namespace } = metadata ?? {};
    uids.set(name, uid);
    if (object.kind === 'CustomResourceDefinition') {
      await client.waitFor(kind, name, { condition: 'Established' });
    }
    if (status === undefined) continue;
    const where = namespace === undefined ? {} : { namespace };
    await client.subresource(kind, name, 'status', where).patch({ merge: { status } });
  }
}

interface Written extends KubernetesObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly status?: unknown;
}
