/** Owns how a person is shown: initials, colour, and what the workspace takes them for. */
import type { PersonView, User } from '@sallyport/testkit/slack';

const HUES = 8;

export interface FaceView {
  id: string;
  name: string;
  initials: string;
  /** 0..7: which of the page's colours the face has. */
  hue: number;
}

export interface PersonCard extends FaceView {
  /** "Full member", "Guest", "Deactivated", "Other company", … */
  standing: string;
  isFull: boolean;
}

/** A person's face. Slack's own voice and unknown ids have one too. */
export function faceOf(id: string, people: PersonView['people']): FaceView {
  const name = nameOf(id, people);
  return { id, name, initials: initialsOf(name), hue: hueOf(id, people) };
}

/** A person with what the workspace takes them for, seen from the team. */
export function personCard(user: User, team: string, people: PersonView['people']): PersonCard {
  const standing = standingOf(user, team);
  return { ...faceOf(user.id, people), standing, isFull: standing === FULL };
}

/** The name shown for an id; the id itself for somebody unknown. */
export function nameOf(id: string, people: PersonView['people']): string {
  if (id === 'slackbot' || id === 'USLACKBOT') return 'Workspace';
  const user = people[id];
  if (user === undefined) return id;
  return user.real_name === '' ? user.name : user.real_name;
}

const FULL = 'Full member';

function standingOf(user: User, team: string): string {
  if (user.deleted) return 'Deactivated';
  if (user.is_bot) return 'Bot';
  if (user.is_stranger || user.team_id !== team) return 'Other company';
  if (user.is_ultra_restricted) return 'Single-channel guest';
  return user.is_restricted ? 'Guest' : FULL;
}

function initialsOf(name: string): string {
  const words = name.split(/[\s.-]+/u).filter((word) => word !== '');
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map(
    (word) => Array.from(word ?? '')[0] ?? '',
  );
  return letters.join('').toUpperCase() || '?';
}

/** By the order in which the workspace names its people, so that neighbours differ. */
function hueOf(id: string, people: PersonView['people']): number {
  const place = Object.keys(people).indexOf(id);
  return place === -1 ? HUES - 1 : place % HUES;
}
