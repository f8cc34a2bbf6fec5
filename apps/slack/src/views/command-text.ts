/** Owns what the slash command says: usage, help, the list of what is open. */
import { COMMAND } from '../action-ids.ts';
import { lengthText, principalName, what } from './names.ts';
import { type Drawn, statusLine } from './phase.ts';
import { asksFor } from './request-card.ts';
import type { Piece, Sentence } from './sentence.ts';

export const USAGE: Sentence = [
  'Use it like this: ',
  { code: `${COMMAND} [resource] [duration] [for <who>] [reason]` },
  ', ',
  { code: `${COMMAND} list` },
  ', ',
  { code: `${COMMAND} revoke <id>` },
  '.',
];

/** `/request-access help`. */
export function helpText(): Sentence {
  const line = (usage: string, meaning: string): readonly Piece[] => [{ code: `${COMMAND}${usage}` }, ` ${meaning}\n`];
  return [
    ...line('', 'opens the form'),
    ...line(' orders-db 30m', 'opens it with that resource and length chosen'),
    ...line(' orders-db 1h for payments-deploy rotate the keys', 'fills in whom it is for and why, too'),
    ...line(' list', 'shows your pending requests, your active access and what waits for you'),
    ...line(' revoke grt_…', 'ends an access now; with req_… it takes a pending request back'),
    ...line(' unlink', 'ends the link between your Slack account and you, if you made it yourself'),
    'A request goes to the people its rule names. Approved access ends by itself. The Home tab of this app has it all.',
  ];
}

/** `/request-access list`: what is one's own, then what waits for one; `more`: so many that are not listed. */
export function listSentence(open: readonly Drawn[], waiting: readonly Drawn[] = [], more = 0): Sentence {
  const own: Sentence = open.length === 0 ? ['You have no pending request and no active access.'] : ownLines(open);
  const others = waiting.flatMap((drawn): Piece[] => [
    '\nWaits for you: ',
    ...asksFor(drawn),
    ` ${drawn.case.request.id}`,
  ]);
  return [...own, ...others, more === 0 ? '' : `\nAnd ${more} more, in the Home tab of this app.`];
}

function ownLines(open: readonly Drawn[]): Sentence {
  return open.flatMap((drawn, index): Piece[] => {
    const { request, grant } = drawn.case;
    const { policy } = drawn.at;
    const forWhom = request.subject.kind === 'workload' ? ` for ${principalName(policy, request.subject)}` : '';
    return [
      `${index === 0 ? '' : '\n'}${what(policy, request.access)}${forWhom}, ${lengthText(request.duration)}. `,
      ...statusLine(drawn),
      ` ${grant?.id ?? request.id}`,
    ];
  });
}
