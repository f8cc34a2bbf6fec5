/** The post step of the GitHub Action: revokes the token at the end of the job, whether it went well or not. */
import { secret } from '@sallyport/platform';
import type { Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { makeForms } from '../oauth/forms.ts';
import { revokeToken } from '../oauth/revoke-token.ts';
import { brokerAddress, isTokenText } from '../settings.ts';
import type { Inputs } from './inputs.ts';
import type { Workflow } from './workflow.ts';

const REVOKE_MS = 15_000;

/** Ends well in any case: the token ends by itself within minutes. */
export async function giveBack({ revoke }: Inputs, { env, out }: Shell, workflow: Workflow): Promise<ExitCode> {
  const token = env.STATE_token ?? '';
  if (!revoke || !isTokenText(token)) return EXIT.done;
  const revoked = await revokeToken(makeForms(brokerAddress(env), AbortSignal.timeout(REVOKE_MS)), secret(token));
  if (revoked.ok) out.note('the token is revoked');
  else workflow.warning(`the token could not be revoked, it ends by itself: ${revoked.error.message}`);
  return EXIT.done;
}
