import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkFeatureGates } from './feature-gates.ts';

test('checkFeatureGates() grants what is so by default', () => {
  checkFeatureGates(['WatchList=true', 'kube:AllAlpha=false', 'HPAScaleToZero=false', '']);
});

test('checkFeatureGates() refuses every other wish by the name of the gate', () => {
  const refusals: readonly (readonly [string, RegExp])[] = [
    ['WatchList=false', /^Fairway cannot switch WatchList off: it is on, as in .*; leave it out$/],
    ['kube:HPAScaleToZero=true', /^Fairway cannot switch HPAScaleToZero on: it is off, as in/],
    ['AllBeta=true', /cannot switch AllBeta on/],
    ['PodSecurity=true', /^"PodSecurity" is no feature gate of Kubernetes 1\.36$/],
    ['WatchList', /^"" of WatchList is neither true nor false$/],
    ['WatchList=yes', /^"yes" of WatchList is neither true nor false$/],
  ];
  for (const [entry, message] of refusals) {
    assert.throws(() => checkFeatureGates([entry]), { name: 'RangeError', message });
  }
});
