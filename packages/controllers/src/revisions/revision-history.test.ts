import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import {
  type AnyRevision,
  inRevisionOrder,
  keptTemplate,
  planRevision,
  surplusRevisions,
  templatePatch,
} from './revision-history.ts';

const templateOf = (image: string) => ({ spec: { containers: [{ name: 'main', image }] } });

function revisionOf(name: string, revision: number, image: string, created = ''): AnyRevision {
  const metadata = { name, creationTimestamp: created };
  return { metadata, revision, data: templatePatch(templateOf(image)) };
}

const nameOf = ({ metadata }: AnyRevision): string => metadata?.name ?? '';

test('a revision keeps the template as a patch that puts it back', () => {
  const template = templateOf('db:1');
  deepEqual(templatePatch(template), { spec: { template: { ...template, $patch: 'replace' } } });
  deepEqual(keptTemplate(revisionOf('a', 1, 'db:1')), template);
  equal(keptTemplate({ revision: 1 }), undefined);
  equal(keptTemplate({ revision: 1, data: { spec: 'x' } }), undefined);
});

test('a new template becomes the newest revision, one that was there before becomes it again', () => {
  const first = revisionOf('a', 1, 'db:1');
  const second = revisionOf('b', 2, 'db:2');
  deepEqual(planRevision(templateOf('db:1'), []), { action: 'create', number: 1 });
  deepEqual(planRevision(templateOf('db:3'), [second, first]), { action: 'create', number: 3 });
  deepEqual(planRevision(templateOf('db:2'), [second, first]), {
    action: 'keep',
    revision: second,
  });
  deepEqual(planRevision(templateOf('db:1'), [second, first]), {
    action: 'renumber',
    revision: first,
    number: 3,
  });
});

test('of two revisions with one number the younger one counts', () => {
  const old = revisionOf('z', 1, 'db:1', '2026-01-01T00:00:00Z');
  const young = revisionOf('a', 1, 'db:2', '2026-01-02T00:00:00Z');
  deepEqual(inRevisionOrder([young, old]).map(nameOf), ['z', 'a']);
  deepEqual(planRevision(templateOf('db:1'), [young, old]), {
    action: 'renumber',
    revision: old,
    number: 2,
  });
});

test('what nobody uses goes from the oldest on, down to the limit', () => {
  const all = [5, 3, 1, 4, 2].map((number) => revisionOf(`r${number}`, number, `db:${number}`));
  const isUsed = (revision: AnyRevision): boolean => ['r1', 'r5'].includes(nameOf(revision));
  const surplus = (limit: number): string[] => surplusRevisions(all, { isUsed, limit }).map(nameOf);
  deepEqual(surplus(2), ['r2']);
  deepEqual(surplus(0), ['r2', 'r3', 'r4']);
  deepEqual(surplus(10), []);
});
