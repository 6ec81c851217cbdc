import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { skipWithoutContainerd } from '@fairway/node-agent/testing';
import { churnPods } from './pod-churn/churn-pods.ts';

const skip = await skipWithoutContainerd();

test(
  'pods become what they are to be and leave nothing, whoever is killed meanwhile',
  { skip },
  async () => {
    const seed = 7;
    const { problems, log } = await churnPods({
      seed,
      rounds: 6,
      podsMax: 6,
      network: randomInt(192, 255),
    });
    assert.deepEqual(problems, [], `seed ${seed}; the cluster said:\n${log}`);
  },
);
