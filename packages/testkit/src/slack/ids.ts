/** Makes Slack-looking random identifiers. */
import { randomBytes, randomInt } from 'node:crypto';

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';
const LETTERS = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789';

/** `prefix` and n capitals or digits, as in `V0AB12…`, `Ev0…`. */
export function slackId(prefix: string, length = 9): string {
  return prefix + pick(CAPITALS, length);
}

/** A short id like those Slack gives to blocks and actions an app left unnamed. */
export function blockName(): string {
  return pick(LETTERS, 5);
}

/** Unguessable, for URLs and tickets: 32 hex digits. */
export function secretId(): string {
  return randomBytes(16).toString('hex');
}

/** `1700000000.ab12cd34`: the hash of a view, new with every change. */
export function viewHash(nowMs: number): string {
  return `${Math.floor(nowMs / 1000)}.${randomBytes(4).toString('hex')}`;
}

/** `1718.4242.0123…`: looks like Slack's trigger ids. */
export function triggerId(nowMs: number): string {
  return `${nowMs}.${randomInt(1e9, 9e9)}.${secretId()}`;
}

function pick(alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
