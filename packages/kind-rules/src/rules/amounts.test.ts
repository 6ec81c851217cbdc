import { equal, throws } from 'node:assert/strict';
import { test } from 'node:test';
import { ApiError } from '@fairway/protocol';
import { compareAmounts } from './amounts.ts';

test('compareAmounts() answers 400 to text that is no quantity', () => {
  throws(
    () => compareAmounts('many', '1'),
    (error) => {
      equal(error instanceof ApiError && error.status.code, 400);
      return true;
    },
  );
});
