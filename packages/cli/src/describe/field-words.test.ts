import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fieldWords } from './field-words.ts';

test('fieldWords() parts names as kubectl 1.36 does', () => {
  for (const [name, words] of [
    ['spec', 'Spec'],
    ['podSelector', 'Pod Selector'],
    ['apiVersion', 'API Version'],
    ['uid', 'UID'],
    ['url', 'URL'],
    ['podCIDR', 'Pod CIDR'],
    ['nonResourceURLs', 'Non Resource URLs'],
    ['respectPDBs', 'Respect PDBs'],
    ['clusterIPs', 'Cluster I Ps'],
    ['aBCd', 'A B Cd'],
    ['x-kubernetes-int-or-string', 'X - Kubernetes - Int - Or - String'],
    ['openAPIV3Schema', 'openAPIV3Schema'],
    ['with.dot', 'with.dot'],
    ['größeMax', 'Größe Max'],
    ['', ''],
  ] as const) {
    assert.equal(fieldWords(name), words);
  }
});
