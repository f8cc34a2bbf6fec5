/** Owns which way is taken, and with which credential: what was asked for, else the exchange, else signing in where somebody sits. */
import { ok, type Result } from '@sallyport/core';
import type { Secret } from '@sallyport/platform';
import type { Credential, SaidCredential } from '../credentials/credential.ts';
import { findCredential } from '../credentials/find-credential.ts';
import type { Shell } from '../define.ts';
import type { Forms } from '../oauth/forms.ts';
import { type Metadata, readMetadata } from '../oauth/metadata.ts';
import { plain } from '../output.ts';
import { isCi } from '../settings.ts';
import type { Trouble } from '../trouble.ts';
import { backchannelWay } from './backchannel.ts';
import { deviceWay, type SignIn } from './device.ts';
import { exchangeWay } from './exchange.ts';
import type { TokenAsk, Way } from './way.ts';

export type Via = 'exchange' | 'ciba' | 'device';

export interface Wish {
  readonly ask: TokenAsk;
  /** Absent: exchange; on a terminal without any credential, device. */
  readonly via?: Via | undefined;
  /** How long to wait, in ms. Absent: people are not asked, 0: they are, and nobody waits. */
  readonly waitMs?: number | undefined;
  readonly said: SaidCredential;
  /** For credentials that are made on demand; the broker's issuer unless said otherwise. */
  readonly tokenAudience?: string | undefined;
  readonly cancelOnExit: boolean;
}

export interface Chosen {
  readonly way: Way;
  /** The token that asked, once it has. */
  readonly bearer: () => Secret<string> | undefined;
  readonly waitMs: number;
}

/** A person has to find a browser first. */
const SIGN_IN_MS = 15 * 60_000;

/** Chooses, and says on stderr which credential it is. */
export async function chooseWay(wish: Wish, forms: Forms, shell: Shell): Promise<Result<Chosen, Trouble>> {
  if (wish.via === 'device') return signingIn(wish, forms, shell, await readMetadata(forms));
  const audience = wish.tokenAudience ?? forms.broker.issuer;
  const found = await findCredential({ ...shell, said: wish.said, audience, signal: forms.signal });
  if (!found.ok) return found.error.code === 'no_credential' ? orSigningIn(found, wish, forms, shell) : found;
  shell.out.aside(plain(`credential: ${found.value.source}`));
  const { credential, bearer } = remembering(found.value);
  const waitMs = wish.waitMs ?? 0;
  if (wish.via !== 'ciba') {
    return ok({ way: exchangeWay(forms, credential, wish.ask, wish.waitMs !== undefined), bearer, waitMs });
  }
  const metadata = await readMetadata(forms);
  const way = metadata.ok ? backchannelWay(forms, metadata.value, credential, wish.ask) : metadata;
  return way.ok ? ok({ way: way.value, bearer, waitMs }) : way;
}

/** Without a credential: somebody at a terminal may sign in, if the broker serves that. A job never waits for a person it does not have. */
async function orSigningIn(
  none: Result<never, Trouble>,
  wish: Wish,
  forms: Forms,
  shell: Shell,
): Promise<Result<Chosen, Trouble>> {
  if (wish.via !== undefined || shell.stderr.isTTY !== true || isCi(shell.env)) return none;
  const metadata = await readMetadata(forms);
  if (metadata.ok && metadata.value.deviceEndpoint === undefined) return none;
  return signingIn(wish, forms, shell, metadata);
}

function signingIn(
  wish: Wish,
  forms: Forms,
  { out }: Shell,
  metadata: Result<Metadata, Trouble>,
): Result<Chosen, Trouble> {
  if (!metadata.ok) return metadata;
  const way = deviceWay(forms, metadata.value, wish.ask, (signIn) => signInLines(signIn).forEach(out.note));
  return way.ok ? ok({ way: way.value, bearer: () => undefined, waitMs: wish.waitMs ?? SIGN_IN_MS }) : way;
}

function signInLines({ page, code, shortcut }: SignIn): readonly string[] {
  return [
    plain(`To sign in, open ${page} and enter the code ${code}`),
    ...(shortcut === undefined ? [] : [plain(`or open ${shortcut} and compare the code`)]),
  ];
}

/** Keeps the last token a credential gave: reading how many have approved must not make another one. */
function remembering(credential: Credential): Pick<Chosen, 'bearer'> & { readonly credential: Credential } {
  let last: Secret<string> | undefined;
  return {
    bearer: () => last,
    credential: {
      source: credential.source,
      token: async () => {
        const given = await credential.token();
        if (given.ok) last = given.value;
        return given;
      },
    },
  };
}
