/** `sallyport token`: exchanges the caller's token for one that opens a resource; waits for people if told to. */
import { secret } from '@sallyport/platform';
import type { Command } from 'commander';
import { z } from 'zod';
import { KUBERNETES_TOKEN } from '../credentials/kubernetes.ts';
import { define, type Run, type Shell } from '../define.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { askMs, durationText, flag, requestId, required, scopes, variableName } from '../fields.ts';
import { FORMATS, forFormat, inFormat } from '../formats/formats.ts';
import { getToken } from '../get-token.ts';
import type { IssuedToken } from '../oauth/token-answer.ts';
import { type Output, plain } from '../output.ts';
import { writeSecretFile } from '../secret-file.ts';
import type { Wish } from '../ways/choose-way.ts';

const given = z
  .object({
    audience: required(2_000),
    scope: scopes.optional(),
    wait: askMs.optional(),
    request: requestId.optional(),
    reason: required(2_000).optional(),
    duration: durationText.optional(),
    output: required(4_096).optional(),
    subjectToken: required(16_384).optional(),
    subjectTokenFile: required(4_096).optional(),
    subjectTokenEnv: variableName.optional(),
    tokenAudience: required(2_000).optional(),
    via: z.enum(['exchange', 'ciba', 'device'], { error: 'must be exchange, ciba or device' }).optional(),
    federate: flag,
    format: z.enum(FORMATS, { error: `must be ${FORMATS.join(', ')}` }).optional(),
    cancelOnExit: flag,
    json: flag,
  })
  .superRefine(({ federate, format, json }, ctx) => {
    const message = !federate ? 'goes with --federate' : json ? 'is another form than --json' : undefined;
    if (format !== undefined && message !== undefined) ctx.addIssue({ code: 'custom', path: ['format'], message });
  })
  .superRefine(({ subjectToken, subjectTokenFile, subjectTokenEnv }, ctx) => {
    const named = [subjectToken, subjectTokenFile, subjectTokenEnv].filter((one) => one !== undefined);
    if (named.length < 2) return;
    const message = 'names a second credential: keep one of --subject-token, --subject-token-file, --subject-token-env';
    ctx.addIssue({ code: 'custom', path: [subjectToken === undefined ? 'subjectTokenFile' : 'subjectToken'], message });
  });
type Given = z.output<typeof given>;

const DESCRIPTION =
  'The token alone goes to stdout, everything else to stderr. Without --wait nobody is asked: it answers what is ' +
  'approved already. With --wait people are asked, and it waits until they decide; started again, it joins the same ' +
  'request.';

const MORE = `
The credential is the first of these that is there; stderr says which one it is:
  1. --subject-token, --subject-token-file or --subject-token-env
  2. SALLYPORT_TOKEN, or the file that SALLYPORT_TOKEN_FILE names; for GitLab:
     id_tokens: { SALLYPORT_TOKEN: { aud: <the broker> } }
  3. GitHub Actions: asked for, in a job with permissions: id-token: write
  4. Buildkite: asked for by buildkite-agent
  5. Kubernetes: the projected token ${KUBERNETES_TOKEN}
  6. none of these, on a terminal: sign in with a browser, if the broker serves it

Exit codes:
  0   here it is                            6   nobody could approve it
  2   usage                                 7   not allowed
  3   nobody has decided yet                69  broker unreachable
  4   denied, canceled or ended             70  bug
  5   nobody decided in time                78  configuration, or no credential
  130 stopped by Ctrl-C; the request stays open unless --cancel-on-exit
`;

/** Adds the command. */
export function tokenCommand(parent: Command, run: Run): void {
  define(parent, run, {
    usage: 'token',
    summary: 'get a token for a resource, and wait for approval if need be',
    description: DESCRIPTION,
    options: [
      ['--audience <uri>', "the resource's audience, or its id (required)"],
      ['--scope <scopes>', 'scopes separated by spaces; may be left out when one grant or --request says them'],
      ['--wait <duration>', 'ask people and wait for them, like 10m; 0: ask, and do not wait'],
      ['--request <request>', 'take it from this request'],
      ['--reason <text>', 'why; the approvers read it, if they have to be asked'],
      ['--duration <duration>', 'how long the access is wanted, like 30m, if it has to be asked for'],
      [
        '--federate',
        'a token for AWS, Google Cloud, Vault, Kubernetes: good for minutes, and for nothing of the broker',
      ],
      ['--format <format>', 'with --federate: token (as usual), kubernetes-exec, or google-executable'],
      ['--output <file>', 'write the token there, readable by you alone, and nothing to stdout'],
      ['--cancel-on-exit', 'ended before anybody decided: take the request back'],
      ['--subject-token <token>', 'the credential; - reads it from stdin. Others on this machine can see arguments'],
      ['--subject-token-file <file>', 'the credential is in this file, read anew each time'],
      ['--subject-token-env <name>', 'the credential is in this environment variable'],
      ['--token-audience <uri>', 'audience of a credential made on demand; the broker itself unless said otherwise'],
      ['--via <way>', 'exchange (as usual), ciba, or device: sign in with a browser'],
    ],
    examples: [
      'TOKEN=$(sallyport token --audience https://orders-db.acme.test --scope "orders:write" \\',
      '    --reason "Deploy of $CI_COMMIT_SHA" --wait 10m)',
      'sallyport token --audience orders-db --request req_01h8xgjwbwbaq4z5y9x2v3k7ma --output ./token',
      'sallyport token --audience orders-db --scope orders:read --via device',
      'sallyport token --federate --audience https://vault.acme.test --scope vault:orders:read |',
      '    vault write -field=token auth/sallyport/login role=orders-read jwt=-',
    ],
    more: MORE,
    given,
    act: token,
  });
}

async function token(asked: Given, shell: Shell): Promise<ExitCode> {
  const out = forFormat(asked.format, shell.out);
  const found = await getToken(wishOf(asked), { ...shell, out });
  return found.ok ? deliver(found.value, asked, out) : out.fail(found.error);
}

async function deliver(token: IssuedToken, asked: Given, out: Output): Promise<ExitCode> {
  const { audience, output, json, format = 'token' } = asked;
  const { access_token: value, expires_in: seconds, scope, grant_id: grant } = token;
  const text = inFormat(format, value);
  if (output !== undefined) {
    const trouble = await writeSecretFile(output, secret(json ? JSON.stringify(token) : text));
    if (trouble !== undefined) return out.fail(trouble);
  }
  const facts = [scope, seconds === undefined ? undefined : `${seconds} s`, grant].filter((fact) => fact !== undefined);
  out.aside(plain(`a token for ${audience}: ${facts.join(', ')}`));
  if (output === undefined) out.result(token, [text]);
  return EXIT.done;
}

function wishOf(asked: Given): Wish {
  const { audience, scope, request, reason, duration, via, wait, tokenAudience, cancelOnExit, federate } = asked;
  return {
    ask: { audience, scopes: scope, requestId: request, reason, duration, federate },
    said: asked,
    via,
    waitMs: wait,
    tokenAudience,
    cancelOnExit,
  };
}
