/** One or more OIDC issuers behind one origin: they sign honestly, lie on demand, publish keys or fail to. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type JWTPayload, SignJWT } from 'jose';
import { type BuildkiteAsk, buildkiteClaims } from './buildkite-claims.ts';
import {
  discoveryDocument,
  jwksDocument,
  type PublishFault,
  providerMembers,
  sendFault,
  sendJson,
} from './documents.ts';
import { type GithubAsk, githubClaims } from './github-claims.ts';
import { type GitlabAsk, gitlabClaims } from './gitlab-claims.ts';
import { type IdTokenAsk, idTokenClaims } from './id-token-claims.ts';
import { generateIssuerJwk, type IssuerAlgorithm, type IssuerJwk, type IssuerKey, issuerKey } from './keys.ts';
import { type KubernetesAsk, kubernetesClaims } from './kubernetes-claims.ts';
import { type Lies, makeLies } from './lies.ts';
import { makeProvider, type Provider, type ProviderClient } from './provider.ts';
import { makeRequestCounter, type RequestCounter } from './requests.ts';

export interface IssuerSetup {
  /** One path segment: the issuer is `ORIGIN/NAME`. */
  readonly name: string;
  /** For a key made here; ES256 unless said. */
  readonly algorithm?: IssuerAlgorithm;
  /** Kept private keys, the signing one first; made if absent. */
  readonly keys?: readonly IssuerJwk[];
  /** Where people sign in: who may ask it to. Absent: it gives its tokens by hand only. */
  readonly clients?: readonly ProviderClient[];
}

export interface TestIssuer {
  readonly name: string;
  /** The `iss` of its tokens. */
  readonly url: string;
  readonly jwksUri: string;
  /** What a policy file says of it, to spread into an `issuers` entry. */
  readonly algorithms: readonly IssuerAlgorithm[];
  /** A well-signed token of exactly these claims. */
  sign(claims: JWTPayload): Promise<string>;
  /** An honest ID token. */
  idToken(ask: IdTokenAsk): Promise<string>;
  /** An honest CI job token: in GitHub's dialect, where none is named. */
  jobToken(ask: GithubAsk): Promise<string>;
  githubToken(ask: GithubAsk): Promise<string>;
  gitlabToken(ask: GitlabAsk): Promise<string>;
  kubernetesToken(ask: KubernetesAsk): Promise<string>;
  buildkiteToken(ask: BuildkiteAsk): Promise<string>;
  /** The claims of an honest token, to be changed and signed or lied about. */
  idClaims(ask: IdTokenAsk): JWTPayload;
  jobClaims(ask: GithubAsk): JWTPayload;
  readonly lies: Lies;
  /** From now on a new key signs; the old ones stay published. */
  rotate(): Promise<void>;
  /** Publishes only the key that signs. */
  dropOldKeys(): void;
  /** Its clock is so many seconds ahead (negative: behind). */
  skew(seconds: number): void;
  /** Publishing fails like this until called without a fault. */
  failJwks(fault?: PublishFault): void;
  /** Publishes this text as its keys, or its discovery document, until called without one. */
  publishJwks(text?: string): void;
  publishDiscovery(text?: string): void;
  failDiscovery(fault?: PublishFault): void;
  /** All its private keys, the signing one first: to keep them. */
  exportKeys(): readonly IssuerJwk[];
}

export interface Issuers {
  /** The issuer of that name; throws if there is none. */
  issuer(name: string): TestIssuer;
  /** The provider of the issuer of that name; throws if it has none. */
  provider(name: string): Provider;
  /** Answers discovery, keys and the attacker's own; false: not ours. */
  handle(req: IncomingMessage, res: ServerResponse): boolean;
  readonly requests: RequestCounter;
}

interface Publication {
  readonly path: string;
  readonly document: () => string;
  readonly fault: () => PublishFault | undefined;
}

/** Where the attacker's keys lie: whoever asks here followed a URL out of a token. */
export const ATTACKER_PATH = '/attacker/jwks';
const ELSEWHERE = '/elsewhere';

/** @param origin like `http://127.0.0.1:4000`: what the issuers' own URLs begin with */
export async function makeIssuers(origin: string, setups: readonly IssuerSetup[]): Promise<Issuers> {
  const attacker = issuerKey(await generateIssuerJwk('ES256'));
  const made = await Promise.all(setups.map((setup) => makeIssuer(origin, setup, attacker)));
  const publications = made.flatMap((one) => one.publications);
  const requests = makeRequestCounter();

  function handle(req: IncomingMessage, res: ServerResponse): boolean {
    const path = (req.url ?? '/').split('?', 1)[0] ?? '/';
    requests.record(path);
    if (path === ATTACKER_PATH) {
      sendJson(res, jwksDocument([attacker]));
      return true;
    }
    const redirected = publications.find((one) => path === ELSEWHERE + one.path);
    if (redirected !== undefined) {
      sendJson(res, redirected.document());
      return true;
    }
    const found = publications.find((one) => one.path === path);
    if (found === undefined) return false;
    const fault = found.fault();
    if (fault === undefined) sendJson(res, found.document());
    else sendFault(res, fault, `${origin}${ELSEWHERE}${path}`, found.document());
    return true;
  }

  return {
    handle,
    requests,
    issuer(name) {
      const found = made.find((one) => one.issuer.name === name);
      if (found === undefined) throw new Error(`there is no issuer ${name}`);
      return found.issuer;
    },
    provider(name) {
      const found = made.find((one) => one.issuer.name === name)?.provider;
      if (found === undefined) throw new Error(`nobody signs in at ${name}`);
      return found;
    },
  };
}

interface Made {
  readonly issuer: TestIssuer;
  readonly provider?: Provider;
  readonly publications: readonly Publication[];
}

async function makeIssuer(origin: string, setup: IssuerSetup, attacker: IssuerKey): Promise<Made> {
  const url = `${origin}/${setup.name}`;
  const algorithm = setup.algorithm ?? 'ES256';
  const first = setup.keys ?? [await generateIssuerJwk(algorithm)];
  let keys: readonly IssuerKey[] = first.map(issuerKey);
  let skewSeconds = 0;
  let jwksFault: PublishFault | undefined;
  let jwksText: string | undefined;
  let discoveryText: string | undefined;
  let discoveryFault: PublishFault | undefined;

  const key = (): IssuerKey => {
    const signing = keys[0];
    if (signing === undefined) throw new Error(`the issuer ${setup.name} has no key`);
    return signing;
  };
  const framing = () => ({ issuer: url, nowSeconds: Math.floor(Date.now() / 1000) + skewSeconds });
  const sign = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: key().alg, kid: key().kid, typ: 'JWT' }).sign(key().privateKey);

  const issuer: TestIssuer = {
    name: setup.name,
    url,
    jwksUri: `${url}/jwks`,
    algorithms: [...new Set(keys.map((one) => one.alg))],
    sign,
    idClaims: (ask) => idTokenClaims(ask, framing()),
    jobClaims: (ask) => githubClaims(ask, framing()),
    idToken: (ask) => sign(idTokenClaims(ask, framing())),
    jobToken: (ask) => sign(githubClaims(ask, framing())),
    githubToken: (ask) => sign(githubClaims(ask, framing())),
    gitlabToken: (ask) => sign(gitlabClaims(ask, framing())),
    kubernetesToken: (ask) => sign(kubernetesClaims(ask, framing())),
    buildkiteToken: (ask) => sign(buildkiteClaims(ask, framing())),
    lies: makeLies({ key, attacker, attackerUrl: `${origin}${ATTACKER_PATH}` }),
    rotate: async () => {
      keys = [issuerKey(await generateIssuerJwk(key().alg)), ...keys];
    },
    dropOldKeys: () => {
      keys = [key()];
    },
    skew: (seconds) => {
      skewSeconds = seconds;
    },
    failJwks: (fault) => {
      jwksFault = fault;
    },
    publishJwks: (text) => {
      jwksText = text;
    },
    publishDiscovery: (text) => {
      discoveryText = text;
    },
    failDiscovery: (fault) => {
      discoveryFault = fault;
    },
    exportKeys: () => keys.map((one) => one.jwk),
  };
  const jwks: Publication = {
    path: `/${setup.name}/jwks`,
    document: () => jwksText ?? jwksDocument(keys),
    fault: () => jwksFault,
  };
  const discovery: Publication = {
    path: `/${setup.name}/.well-known/openid-configuration`,
    document: () => discoveryText ?? discoveryDocument(url, setup.clients === undefined ? {} : providerMembers(url)),
    fault: () => discoveryFault,
  };
  const provider = setup.clients === undefined ? {} : { provider: makeProvider(issuer, setup.clients) };
  return { issuer, ...provider, publications: [jwks, discovery] };
}
