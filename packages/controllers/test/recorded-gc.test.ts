import { playStories } from './stories/play-stories.ts';

playStories('gc: ', {
  gaps: [
    { story: 'gc: background, foreground, orphan', why: 'there is no replica set controller' },
  ],
});
