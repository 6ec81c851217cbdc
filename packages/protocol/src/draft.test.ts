import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompleteDraft, DeepReadonly, Draft, ObjectDraft } from './draft.ts';
import type { KubernetesObject } from './object-meta.ts';

interface Ship extends KubernetesObject {
  readonly spec: {
    readonly port: string;
    readonly crew: readonly { readonly name: string }[];
    readonly berths?: Readonly<Record<string, number>>;
  };
}

interface LooseShip {
  spec: { port: string; crew: { name: string }[] };
}

const ship = (): unknown => ({ spec: { port: 'Iolcus', crew: [{ name: 'Jason' }] } });

/** True only for types that are the same, also in what is `readonly`. */
type IsSame<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

test('CompleteDraft can be changed at any depth, and misses nothing that is required', () => {
  const draft = ship() as CompleteDraft<Ship>;
  draft.spec.port = 'Colchis';
  draft.spec.crew.push({ name: 'Medea' });
  draft.spec.berths = { a: 1 };
  draft.spec.berths['b'] = 2;
  // @ts-expect-error: the API requires a port
  draft.spec = { crew: [] };
  const whole: Ship = draft;
  assert.equal(whole.spec.crew.length, 0);
});

test('DeepReadonly can be changed at no depth, and is what it was for those who only read', () => {
  const held = ship() as DeepReadonly<LooseShip>;
  const readOnly: IsSame<
    DeepReadonly<LooseShip>,
    {
      readonly spec: { readonly port: string; readonly crew: readonly { readonly name: string }[] };
    }
  > = true;
  const asBefore: IsSame<CompleteDraft<DeepReadonly<LooseShip>>, LooseShip> = true;
  // @ts-expect-error: no element can be added
  const push: unknown = held.spec.crew.push;
  const wide: DeepReadonly<Ship> = ship() as Ship;
  const back: Ship = wide;
  assert.deepEqual(
    [readOnly, asBefore, typeof push, back.spec.port],
    [true, true, 'function', 'Iolcus'],
  );
});

test('Draft and ObjectDraft may miss every field', () => {
  const part: Draft<Ship['spec']> = {};
  part.crew = [{}];
  part.berths = { a: 1 };
  part.berths['b'] = 2;
  const draft: ObjectDraft<Ship> = {};
  draft.metadata = {};
  draft.metadata.name = 'argo';
  draft.spec = part;
  assert.deepEqual(draft.spec.crew, [{}]);
});
