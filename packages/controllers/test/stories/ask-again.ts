import { makeCertificateRequest } from '@fairway/certificates/testing';
import { type KubernetesObject, formatTime } from '@fairway/protocol';
import type { Stage } from './stage.ts';
import type { RequestAction, StoryRequest } from './story.ts';
import { fillIn, unify } from './unify.ts';
import { pathOf } from './watched-world.ts';

/** Asks what was asked then; answers what is otherwise about the answer. */
export async function askAgain(
  stage: Stage,
  { request, response }: RequestAction,
): Promise<string | undefined> {
  const path = fillIn(request.path, stage.bindings);
  const body = await bodyOf(stage, request);
  const answer = await stage.server.request(request.method, path, {
    ...(request.headers === undefined ? {} : { headers: request.headers }),
    ...(body === undefined ? {} : { body }),
  });
  const asked = `${request.method} ${path}`;
  if (answer.status !== response.code) {
    return `${response.code} expected: ${asked} answers ${answer.status} ${answer.text.slice(0, 600)}`;
  }
  const warnings = JSON.stringify([answer.headers['warning'] ?? []].flat());
  const expectedWarnings = JSON.stringify(response.headers?.warning ?? []);
  if (warnings !== expectedWarnings) {
    return `${asked} warns ${warnings}, and ${expectedWarnings} was expected`;
  }
  if (response.body === undefined) return undefined;
  const outcome = unify(response.body, withoutManagedFields(answer.json), stage.bindings);
  if ('bindings' in outcome) return undefined;
  const { path: place, expected, found } = outcome.difference;
  const [wanted, given] = [expected, found].map((each) => JSON.stringify(each));
  return `${asked} answers at ${place}\n    expected ${wanted}\n    found    ${given}`;
}

/** Fills in what the recording masks: names, the uid of an owner, a request for a certificate. */
async function bodyOf(
  { server, bindings, namespace }: Stage,
  { method, path, body }: StoryRequest,
): Promise<unknown> {
  if (body === undefined) return undefined;
  let whole: KubernetesObject = fillIn(body, bindings);
  if (method === 'PUT' && body.metadata === undefined) {
    const found = await server.expect(200, 'GET', path.replace(/\/approval$/, ''));
    whole = { ...found.json, ...whole };
  }
  const ownerReferences = await Promise.all(
    (whole.metadata?.ownerReferences ?? []).map(async (owner) => {
      if (owner.uid !== '<uid>') return owner;
      const place = pathOf({ ...owner, metadata: {} }, namespace);
      const answer = await server.request('GET', `${place}/${owner.name}`);
      const uid = answer.status === 200 ? answer.json.metadata.uid : undefined;
      return { ...owner, uid: uid ?? '00000000-0000-4000-8000-000000000001' };
    }),
  );
  if (ownerReferences.length > 0) {
    whole = { ...whole, metadata: { ...whole.metadata, ownerReferences } };
  }
  const text = JSON.stringify(whole).replaceAll('"<time>"', `"${formatTime(server.clock.now())}"`);
  if (!text.includes('<base64 pem>')) return JSON.parse(text);
  const { request } = await makeCertificateRequest({ subject: 'O=rec-team, CN=cert-carol' });
  return JSON.parse(text.replaceAll('<base64 pem>', Buffer.from(request).toString('base64')));
}

function withoutManagedFields(json: KubernetesObject): unknown {
  const { managedFields: _, ...metadata } = json.metadata ?? {};
  return json.metadata === undefined ? json : { ...json, metadata };
}
