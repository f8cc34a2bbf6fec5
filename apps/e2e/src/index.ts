/** End-to-end tests, the demo and what both stand on. */
export { playStory } from './demo/story.ts';
