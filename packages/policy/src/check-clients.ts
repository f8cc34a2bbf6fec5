/** OAuth clients: ids that cannot be taken for principals, and credentials that fit how they authenticate. */
import type { PolicyIssue } from './issue.ts';
import type { Joined } from './joined.ts';

type ClientItem = Joined['clients'][number];

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

export function checkClients({ clients }: Joined): readonly PolicyIssue[] {
  return clients.flatMap((client) => [
    ...looksLikePrincipal(client),
    ...secretFits(client),
    ...keysFit(client),
    ...introspectionFits(client),
  ]);
}

/** RFC 9068 section 5: `sub` and `client_id` must never be mixed up. */
function looksLikePrincipal(client: ClientItem): readonly PolicyIssue[] {
  if (!/^(?:person|workload):/i.test(client.value.id)) return [];
  return [client.issueAt('error', ['id'], 'a client id must not look like the name of a person or workload')];
}

function secretFits(client: ClientItem): readonly PolicyIssue[] {
  const { auth, secret_sha256: secret } = client.value;
  if (auth === 'client_secret_basic' && secret === undefined) {
    return [client.issueAt('error', [], 'client_secret_basic needs secret_sha256')];
  }
  if (auth === 'client_secret_basic' || secret === undefined) return [];
  return [client.issueAt('error', ['secret_sha256'], `a client with auth: ${auth} has no secret`)];
}

function keysFit(client: ClientItem): readonly PolicyIssue[] {
  const { auth, jwks } = client.value;
  if (auth !== 'private_key_jwt') {
    return jwks === undefined ? [] : [client.issueAt('error', ['jwks'], `a client with auth: ${auth} has no keys`)];
  }
  const keys = jwks?.keys ?? [];
  if (keys.length === 0) return [client.issueAt('warning', ['jwks'], 'no key: it can never authenticate')];
  return keys.flatMap((key, index) => {
    const secret = key.kty === 'oct' || PRIVATE_MEMBERS.some((name) => Object.hasOwn(key, name));
    return secret ? [client.issueAt('error', ['jwks', 'keys', index], 'only public keys belong in a policy')] : [];
  });
}

function introspectionFits(client: ClientItem): readonly PolicyIssue[] {
  const { auth, introspect = [] } = client.value;
  if (auth !== 'none' || introspect.length === 0) return [];
  return [client.issueAt('warning', ['introspect'], 'a client with auth: none can never introspect')];
}
