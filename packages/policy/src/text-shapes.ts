/** The shapes of single texts in a policy: ids, references, durations, addresses; each with the words said when it does not fit. */
import { isPrincipalId, isScope, parseDuration } from '@sallyport/core';
import { z } from 'zod';

const ID = /^[A-Za-z0-9][A-Za-z0-9@._+-]{0,63}$/;
const GROUP = /^[A-Za-z0-9][A-Za-z0-9@._+/-]{0,127}$/;
const CLIENT_ID = /^[\x21-\x7e]{1,128}$/;
const SHA256_HEX = /^[0-9a-f]{64}$/;
const SLACK_ID = /^[A-Za-z0-9_-]{1,64}$/;
const DURATION = /^(?=\d)(?:\d{1,6}d)?(?:\d{1,6}h)?(?:\d{1,6}m)?(?:\d{1,8}s)?$/;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/;
const PRINCIPAL_ID = /^[A-Za-z0-9][A-Za-z0-9@._+-]{0,117}$/;
const REFERENCE =
  /^(?:anyone|manager|group:[A-Za-z0-9][A-Za-z0-9@._+/-]{0,127}|(?:person|workload):[A-Za-z0-9][A-Za-z0-9@._+-]{0,117})$/;
const VISIBLE = /^[^\p{C}\p{Z}]{1,512}$/u;
const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s#]+$/;
const FREE_TEXT = /^(?=.*\S)[^\p{Cc}\p{Co}\p{Cs}\u2028\u2029]{1,200}$/u;

/** A text that must pass `fits`; the pattern is for editors, the sentence for people. */
function text(what: string, fits: (text: string) => boolean, pattern?: RegExp) {
  const shape = z.string({ error: what }).refine(fits, { error: what });
  return pattern === undefined ? shape : shape.meta({ pattern: pattern.source });
}

const matching = (pattern: RegExp, what: string) => text(what, (value) => pattern.test(value), pattern);

export const id = matching(ID, 'an id: letters, digits and @ . _ + -, at most 64, beginning with a letter or digit');
export const principalId = text(
  'an id: letters, digits and @ . _ + -, at most 118, beginning with a letter or digit',
  isPrincipalId,
  PRINCIPAL_ID,
);
export const group = matching(GROUP, 'a group name: letters, digits and @ . _ + / -, at most 128');
export const clientId = matching(CLIENT_ID, 'a client id: 1 to 128 visible ASCII characters, no space');
export const sha256Hex = matching(SHA256_HEX, 'a SHA-256 as 64 lower-case hex digits');
export const slackId = matching(SLACK_ID, "Slack's own id, such as U0123ABCD or C0123ABCD, not a name");
const DURATION_WORDS =
  'a duration: whole numbers with d, h, m, s, in that order, longer than zero, such as 8h, 1h30m, 45s';

/** A duration of at most `max`, itself a duration. */
export function durationUpTo(max: string) {
  const longest = parseDuration(max);
  return text(DURATION_WORDS, (value) => parseDuration(value) !== undefined, DURATION).refine(
    (value) => longest !== undefined && (parseDuration(value) ?? 0) <= longest,
    { error: `at most ${max}` },
  );
}

const QUIET_HOURS = /^(?:[01]\d|2[0-3]):[0-5]\d-(?:[01]\d|2[0-3]):[0-5]\d$/;
export const quietHours = matching(QUIET_HOURS, 'two times of the day, such as 22:00-07:00').refine(
  (value) => value.slice(0, 5) !== value.slice(6),
  { error: 'two different times of the day' },
);
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]{1,63}$/;
export const timeZone = text(
  'a time zone such as Europe/Berlin',
  (value) => ZONE.test(value) && isTimeZone(value),
  ZONE,
);
const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;
export const time = text(
  'a time with its zone, such as 2031-08-01T09:00Z (RFC 3339)',
  (value) => TIME.test(value) && !Number.isNaN(Date.parse(value)),
  TIME,
);

export const scope = text('a scope: 1 to 128 visible ASCII characters but " and \\ (RFC 6749)', isScope, SCOPE);
export const reference = matching(REFERENCE, 'one of group:NAME, person:ID, workload:ID, manager, anyone');
export const freeText = matching(FREE_TEXT, 'a text of 1 to 200 characters on one line');
export const token = matching(VISIBLE, '1 to 512 visible characters, no space');
export const audienceUri = text(
  'an absolute URI without fragment (RFC 8707), at most 512 characters',
  (value) => value.length <= 512 && ABSOLUTE.test(value) && VISIBLE.test(value) && URL.canParse(value),
  ABSOLUTE,
);
export const httpUrl = text(
  'an https URL without user, query and fragment, at most 512 characters',
  (value) => value.length <= 512 && VISIBLE.test(value) && isPlainHttpUrl(value),
  /^https?:\/\//,
);

/** As `httpUrl`, but a query is fine. */
export const keyUrl = text(
  'an https URL without user and fragment, at most 512 characters',
  (value) => value.length <= 512 && VISIBLE.test(value) && isPlainHttpUrl(value.replace(/\?[^#]*$/, '')),
  /^https?:\/\//,
);

function isTimeZone(value: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: value }).resolvedOptions().timeZone !== undefined;
  } catch {
    return false;
  }
}

/** No user, query, fragment, not even an empty one: `iss` is compared byte for byte, and discovery appends to it. */
function isPlainHttpUrl(value: string): boolean {
  if (!/^https?:\/\/[^?#@\\]+$/.test(value) || !URL.canParse(value)) return false;
  const url = new URL(value);
  return url.hostname !== '' && url.username === '' && url.password === '';
}
