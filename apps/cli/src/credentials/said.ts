/** The credential named on the command line: a token, a file, a variable, or stdin. */
import { ok, type Result } from '@sallyport/core';
import type { Secret } from '@sallyport/platform';
import type { Surroundings } from '../surroundings.ts';
import type { Trouble } from '../trouble.ts';
import { type Credential, type Place, tokenIn, unusable } from './credential.ts';
import { tokenInFile } from './token-file.ts';

const STDIN_CHARACTERS_MAX = 65_536;

export const said: Place = async ({ said: { subjectToken, subjectTokenFile, subjectTokenEnv }, env, stdin }) => {
  if (subjectToken === '-') return fixed('the token on stdin', tokenIn(await textOf(stdin), 'stdin'));
  if (subjectToken !== undefined) return fixed('--subject-token', tokenIn(subjectToken, '--subject-token'));
  if (subjectTokenFile !== undefined)
    return ok({ source: subjectTokenFile, token: () => tokenInFile(subjectTokenFile) });
  if (subjectTokenEnv === undefined) return undefined;
  const text = env[subjectTokenEnv];
  return text === undefined
    ? { ok: false, error: unusable(`${subjectTokenEnv} is not set`, 'It was named by --subject-token-env.') }
    : fixed(subjectTokenEnv, tokenIn(text, subjectTokenEnv));
};

function fixed(source: string, token: Result<Secret<string>, Trouble>): Result<Credential, Trouble> {
  return token.ok ? ok({ source, token: async () => token }) : token;
}

/** All of stdin; what is beyond the bound makes it no token. */
async function textOf(stdin: Surroundings['stdin']): Promise<string> {
  let text = '';
  for await (const chunk of stdin) {
    text += String(chunk);
    if (text.length > STDIN_CHARACTERS_MAX) break;
  }
  return text;
}
