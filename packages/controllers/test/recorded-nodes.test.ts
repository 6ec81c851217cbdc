import { playStories } from './stories/play-stories.ts';

playStories('node without a heartbeat: ');
