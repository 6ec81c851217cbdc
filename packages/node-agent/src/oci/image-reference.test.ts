import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ImageNameError, fullImageName, parseImageReference } from './image-reference.ts';

const sha256 = `sha256:${'0a'.repeat(32)}`;

describe('parseImageReference()', () => {
  for (const [name, full] of [
    ['busybox', 'docker.io/library/busybox:latest'],
    ['team/app:v1', 'docker.io/team/app:v1'],
    ['index.docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['localhost/app', 'localhost/app:latest'],
    ['localhost:5000/a/b_c/d--e:V1.2-x', 'localhost:5000/a/b_c/d--e:V1.2-x'],
    ['[2001:db8::1]:5000/app', '[2001:db8::1]:5000/app:latest'],
    ['Registry/app', 'Registry/app:latest'],
    [`ghcr.io/a/b@${sha256}`, `ghcr.io/a/b@${sha256}`],
    [`b:v1@${sha256}`, `docker.io/library/b:v1@${sha256}`],
  ] as const) {
    test(`${name} is ${full}`, () => {
      assert.equal(fullImageName(parseImageReference(name)), full);
    });
  }

  for (const [name, message] of [
    ['', /^invalid reference format$/],
    ['app:', /^invalid reference format$/],
    ['/app', /^invalid reference format$/],
    ['a//b', /^invalid reference format$/],
    ['https://ghcr.io/app', /^invalid reference format$/],
    ['app v1', /^invalid reference format$/],
    ['../etc/passwd', /^invalid reference format$/],
    [`app:${'v'.repeat(129)}`, /^invalid reference format$/],
    [`a@${sha256}@${sha256}`, /^invalid reference format$/],
    ['app@sha256:00', /^invalid reference format$/],
    [
      'BusyBox',
      /^invalid reference format: repository name \(library\/BusyBox\) must be lowercase$/,
    ],
    ['0a'.repeat(32), /cannot specify 64-byte hexadecimal strings$/],
    ['a'.repeat(250), /must not be more than 255 characters$/],
    [`app@sha256:${'0'.repeat(40)}`, /^invalid checksum digest length$/],
    [`app@sha256:${'0A'.repeat(32)}`, /^invalid checksum digest format$/],
    [`app@md5:${'0'.repeat(32)}`, /^unsupported digest algorithm$/],
  ] as const) {
    test(`refuses ${JSON.stringify(name.slice(0, 80))}`, () => {
      assert.throws(
        () => parseImageReference(name),
        (error) => error instanceof ImageNameError && message.test(error.message),
      );
    });
  }
});
