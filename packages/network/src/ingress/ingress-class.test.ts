import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { IngressClass } from '@fairway/kinds/networking/v1';
import { ingressClass, isServedHere } from './ingress-class.ts';

const classes = (...all: readonly IngressClass[]) => {
  return (name: string) => all.find(({ metadata }) => metadata?.name === name);
};

test('an ingress is served here whose class has our controller, or that has none while ours is the default', () => {
  const other: IngressClass = { metadata: { name: 'nginx' }, spec: { controller: 'k8s.io/nginx' } };
  const own: IngressClass = {
    metadata: { name: 'mine' },
    spec: { controller: 'fairway.dev/ingress' },
  };
  const find = classes(ingressClass, other, own);
  const named = (ingressClassName: string) => ({ spec: { ingressClassName } });
  const annotated = (name: string) => ({
    metadata: { annotations: { 'kubernetes.io/ingress.class': name } },
  });
  assert.equal(isServedHere(named('fairway'), find), true);
  assert.equal(isServedHere(named('mine'), find), true);
  assert.equal(isServedHere(named('nginx'), find), false);
  assert.equal(isServedHere(named('unknown'), find), false);
  assert.equal(isServedHere(annotated('fairway'), find), true);
  assert.equal(isServedHere(annotated('nginx'), find), false);
  assert.equal(isServedHere({}, find), true);
  const notDefault = { ...ingressClass, metadata: { name: 'fairway' } };
  assert.equal(isServedHere({}, classes(notDefault)), false);
  assert.equal(isServedHere({}, classes(other)), false);
});
