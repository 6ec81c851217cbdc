import { playStories } from './stories/play-stories.ts';

playStories('cronjob: ');
