import { playStories } from './stories/play-stories.ts';

const story = 'job: backoffLimitPerIndex, maxFailedIndexes, FailIndex';
const why =
  'their controller gathers what becomes of pods for a second, and was looked at in that second';

playStories('job: ', {
  gaps: [
    { story, object: 'Job/j', field: ['status', 'conditions'], why },
    { story, object: 'Job/j', field: ['status', 'terminating'], why },
    { story, event: 'MaxFailedIndexesExceeded', why },
  ],
});
