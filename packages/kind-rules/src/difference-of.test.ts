import assert from 'node:assert/strict';
import { test } from 'node:test';

import { claimSpecAsGo } from './rules/claim-spec-as-go.ts';
import { differenceOf } from './difference-of.ts';

/** As a kube-apiserver 1.36 wrote it. */
const recorded = `@@ -6,7 +6,7 @@
  "Resources": {
   "Limits": null,
   "Requests": {
-   "storage": "1Gi"
+   "storage": "2Gi"
   }
  },
  "VolumeName": "",
`;

test('differenceOf writes the lines around a change, as Kubernetes does', () => {
  const [old, changed] = ['1Gi', '2Gi'].map((storage) =>
    claimSpecAsGo({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } }),
  );
  assert.equal(differenceOf(old ?? {}, changed ?? {}), recorded);
});

test('differenceOf counts lines that come and go', () => {
  assert.equal(
    differenceOf({ a: 1, b: [1, 2] }, { a: 1, b: [2] }),
    '@@ -1,7 +1,6 @@\n {\n  "a": 1,\n  "b": [\n-  1,\n   2\n  ]\n }\n',
  );
  assert.equal(differenceOf({}, { a: 1 }), '@@ -1,1 +1,3 @@\n-{}\n+{\n+ "a": 1\n+}\n');
});
