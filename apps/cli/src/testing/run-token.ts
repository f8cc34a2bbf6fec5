/** Runs `sallyport token` against answers of the token endpoint. */
import { problem } from './answers.ts';
import { type Canned, type CannedOptions, withBroker } from './canned-broker.ts';
import { type Stage, stage } from './stage.ts';

export const ASK = ['token', '--audience', 'https://orders-db.acme.test', '--scope', 'orders:write'];
export const WAIT = [...ASK, '--wait', '10m'];

/** Nobody may read the request, unless other views are given. */
export function runToken(
  args: readonly string[],
  answers: readonly Canned[],
  { views = [problem(404, 'request_unknown')], onAsked, onViewed, ...more }: Stage & CannedOptions = {},
) {
  const options = {
    views,
    ...(onAsked === undefined ? {} : { onAsked }),
    ...(onViewed === undefined ? {} : { onViewed }),
  };
  return withBroker(
    answers,
    async (broker) => ({
      ...(await stage(args, { ...more, env: { ...broker.env, ...more.env } })),
      asked: broker.asked,
      viewed: broker.viewed,
    }),
    options,
  );
}

/** The last words of the grant types that were asked with, in order. */
export function grantTypes(asked: readonly { readonly form: URLSearchParams }[]): readonly (string | undefined)[] {
  return asked.map(({ form }) => form.get('grant_type')?.split(':').at(-1));
}
