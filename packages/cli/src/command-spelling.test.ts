import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandSpelling, spellCommands } from './command-spelling.ts';

test('commandSpelling() says what runs the command where a package runner started it', () => {
  assert.equal(commandSpelling({}), 'fairway');
  assert.equal(commandSpelling({ npm_command: 'exec' }), 'npx fairway');
  const agents = {
    'npm/10.8.2 node/v20.20.2 linux x64': 'npx fairway',
    'pnpm/9.0.0 npm/? node/v22.18.0': 'pnpm exec fairway',
    'yarn/1.22.22 npm/? node/v22.18.0': 'yarn fairway',
    'bun/1.2.0 npm/? node/v22.6.0': 'bunx fairway',
  };
  for (const [agent, spelling] of Object.entries(agents)) {
    assert.equal(commandSpelling({ npm_config_user_agent: agent, npm_command: 'x' }), spelling);
  }
});

test('spellCommands() changes commands, and once', () => {
  const text = 'fairway is damaged: `fairway store check` says more, `kubectl` does not';
  const spelled = 'fairway is damaged: `npx fairway store check` says more, `kubectl` does not';
  assert.equal(spellCommands(text, 'npx fairway'), spelled);
  assert.equal(spellCommands(spelled, 'npx fairway'), spelled);
});
