import { playStories } from './stories/play-stories.ts';

playStories('service account token');
