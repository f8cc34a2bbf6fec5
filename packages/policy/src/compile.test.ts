/** What a policy file compiles to, and every way it can be wrong. */
import { describe, expect, test } from '@jest/globals';
import { evaluate, loginIssuer, person, type ResourceId, type RoleId, workload } from '@sallyport/core';
import { compilePolicy } from './compile.ts';
import { parseCompiled, serializePolicy } from './compiled.ts';
import { formatIssue } from './issue.ts';
import { briefly, compiled, compileText, EXAMPLE, issuesOf } from './test-support/example.ts';

const HTTP_OK = { allowHttpIssuers: true };

function rule(text: string): string {
  return `${EXAMPLE.slice(0, EXAMPLE.indexOf('rules:'))}rules:\n${text}\n`;
}

describe("the contract's example", () => {
  const { policy, issues } = compiled(EXAMPLE);

  test('compiles, and is told what deserves a second look', () => {
    expect(briefly(issues)).toEqual(['warning clients[2].jwks', 'advice rules[0].effect']);
    expect(policy.version).toMatch(/^[0-9a-f]{64}$/);
  });

  test('defaults are those of the contract', () => {
    const { policy: bare } = compiled(`version: 1
issuers:
  - { name: ci, kind: workload, issuer: "https://ci.acme.test", audience: a, algorithms: [ES256] }
  - { name: idp, kind: workforce, issuer: "https://idp.acme.test", audience: a, algorithms: [ES256] }
resources: [{ id: db, audience: "https://db.acme.test", roles: [{ id: read, scopes: [r], max_duration: 1h }] }]
people: [{ id: ann }]
rules: [{ id: r, who: [anyone], resource: db, roles: [read], effect: auto_approve }]`);
    expect(bare.issuers.map((one) => [one.maxTokenAge, one.singleUse, one.preset, one.enabled])).toEqual([
      [86_400_000, true, 'generic', true],
      [86_400_000, false, 'generic', true],
    ]);
    expect(bare.resources[0]).toMatchObject({
      risk: 'medium',
      token: { ttl: 600_000, dpop: 'optional' },
      enabled: true,
    });
    expect(bare.rules[0]).toMatchObject({ pendingTtl: 14_400_000, justificationMinLength: 0, approvals: [] });
    expect(bare.people[0]).toMatchObject({ name: 'ann', groups: [] });
    expect([bare.clients, bare.workloads]).toEqual([[], []]);
  });

  test('judges as the story says: admin needs a dba and the manager, read nobody', () => {
    const ask = (role: string) => ({
      subject: workload('payments-deploy'),
      requester: person('alice@acme.test'),
      resource: 'orders-db' as ResourceId,
      role: role as RoleId,
    });
    expect(evaluate(policy, ask('admin')).kind).toBe('needs_approval');
    expect(evaluate(policy, ask('read')).kind).toBe('forbidden');
    expect(evaluate(policy, { ...ask('read'), subject: person('alice@acme.test') }).kind).toBe('auto_approved');
  });

  test('well-known issuers bring their preset; a named one wins', () => {
    expect(policy.issuers[0]?.preset).toBe('github');
    const named = EXAMPLE.replace('max_token_age: 1h', 'preset: generic');
    expect(compiled(named).policy.issuers[0]?.preset).toBe('generic');
  });

  test('a resource says in which workspace its channel is, or leaves it open', () => {
    const there = EXAMPLE.replace(
      'slack: { channel: C01APPROVALS }',
      'slack: { channel: C01APPROVALS, team: T02OTHER }',
    );
    expect(compiled(there).policy.resources[0]).toMatchObject({ slackChannel: 'C01APPROVALS', slackTeam: 'T02OTHER' });
    expect(compiled(EXAMPLE).policy.resources[0]).not.toHaveProperty('slackTeam');
    const again = parseCompiled(serializePolicy(compiled(there).policy));
    expect(again.resources[0]).toEqual(compiled(there).policy.resources[0]);
  });

  test('an empty policy compiles and forbids', () => {
    const { policy: empty } = compiled('version: 1');
    const question = {
      subject: person('x'),
      requester: person('x'),
      resource: 'r' as ResourceId,
      role: 'r' as RoleId,
    };
    expect(evaluate(empty, question).kind).toBe('forbidden');
  });
});

describe('a policy that cannot be read is refused with file, line and path', () => {
  test('an unknown member', () => {
    const issue = issuesOf(EXAMPLE.replace('risk: high', 'riks: high')).find((one) => one.severity === 'error');
    expect(issue).toMatchObject({ severity: 'error', file: 'policy.yaml', line: 19, path: 'resources[0].riks' });
    expect(issue && formatIssue(issue)).toBe('policy.yaml:19:5: error: resources[0].riks: unknown member "riks"');
  });

  test('all of them at once, sorted, also those that need the whole', () => {
    const broken = EXAMPLE.replace('kind: workforce', 'kind: people')
      .replace('max_duration: 8h', 'max_duration: 8 hours')
      .replace('ttl: 10m', 'ttl: 2h')
      .replace('id: deployer', 'id: "person:deployer"')
      .replace('rules:  ', 'ruled:  ');
    expect(briefly(issuesOf(broken)).filter((one) => one.startsWith('error'))).toEqual([
      'error issuers[1].kind',
      'error clients[2].id',
      'error resources[0].token.ttl',
      'error resources[0].roles[0].max_duration',
      'error ruled',
    ]);
  });

  test.each([
    ['no version', 'issuers: []', 'error version'],
    ['another version', 'version: 2', 'error version'],
    ['not a map', '- 1', 'error '],
    ['nothing at all', '', 'error '],
    ['a list that is none', 'version: 1\nrules: x', 'error rules'],
    ['an item that is none', 'version: 1\nrules: [x]', 'error rules[0]'],
    ['a member missing', 'version: 1\npeople: [{ name: Ann }]', 'error people[0].id'],
    ['a person id too odd for `sub`', 'version: 1\npeople: [{ id: "a b" }]', 'error people[0].id'],
    [
      'a member that is wrong deep down',
      'version: 1\npeople: [{ id: ann, slack: { team: 1, user: U1 } }]',
      'error people[0].slack.team',
    ],
  ])('%s', (_, text, issue) => {
    expect(briefly(issuesOf(text))).toEqual([issue]);
  });

  test.each([['8 h'], ['0s'], ['1m1h'], ['1.5h'], ['-1h'], ['10']])('a duration spelled %s', (text) => {
    expect(briefly(issuesOf(EXAMPLE.replace('pending_ttl: 4h', `pending_ttl: "${text}"`)))).toContain(
      'error rules[1].pending_ttl',
    );
  });

  test.each([['HS256'], ['none'], ['rs256']])('the algorithm %s', (alg) => {
    expect(briefly(issuesOf(EXAMPLE.replace('[RS256]', `[${alg}]`)))).toContain('error issuers[0].algorithms[0]');
  });

  test.each([['orders:read orders:write'], ['a\\"b'], ['é'], ['']])('the scope %j', (scope) => {
    expect(briefly(issuesOf(EXAMPLE.replace('["orders:read"]', `["${scope}"]`)))).toContain(
      'error resources[0].roles[0].scopes[0]',
    );
  });

  test.each([['orders-db'], ['https://orders-db.acme.test/#x'], ['/orders'], ['https://orders db']])(
    'the audience %s',
    (audience) => {
      const text = EXAMPLE.replace('audience: https://orders-db.acme.test', `audience: "${audience}"`);
      expect(briefly(issuesOf(text))).toContain('error resources[0].audience');
    },
  );

  test.each([
    ['https://login.acme.test?x=1'],
    ['https://login.acme.test/#'],
    ['https://u:p@login.acme.test'],
    ['ftp://login.acme.test'],
    ['login.acme.test'],
    ['https://'],
  ])('the issuer %s', (issuer) => {
    expect(briefly(issuesOf(EXAMPLE.replace('"https://login.acme.test"', `"${issuer}"`)))).toContain(
      'error issuers[1].issuer',
    );
  });

  test.each([
    ['{}'],
    ['{ repository_id: null }'],
    ['{ repository_id: ["1"] }'],
    ['{ repository_id: "1", nested: {} }'],
    ['"123"'],
  ])('the match %s', (match) => {
    const text = EXAMPLE.replace(/match: \{.*?\}/, `match: ${match}`);
    expect(briefly(issuesOf(text)).some((one) => one.startsWith('error workloads[0].match'))).toBe(true);
  });

  test.each([
    ['SHA-256 in capitals', { secret_sha256: 'A'.repeat(64) }],
    ['no SHA-256', {}],
  ])('a Basic client with %s', (_, members) => {
    const client = JSON.stringify({ id: 'c', auth: 'client_secret_basic', ...members });
    expect(briefly(issuesOf(`version: 1\nclients: [${client}]`))[0]).toMatch(/^error clients\[0\]/);
  });

  test.each([
    ['a secret for nobody', { auth: 'none', secret_sha256: 'a'.repeat(64) }, 'error clients[0].secret_sha256'],
    ['keys for nobody', { auth: 'none', jwks: { keys: [] } }, 'error clients[0].jwks'],
    [
      'a private key',
      { auth: 'private_key_jwt', jwks: { keys: [{ kty: 'EC', d: 'x' }] } },
      'error clients[0].jwks.keys[0]',
    ],
    [
      'a shared key',
      { auth: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'x' }] } },
      'error clients[0].jwks.keys[0]',
    ],
    ['a space in its id', { id: 'a b', auth: 'none' }, 'error clients[0].id'],
  ])('a client with %s', (_, members, issue) => {
    expect(briefly(issuesOf(`version: 1\nclients: [${JSON.stringify({ id: 'c', ...members })}]`))).toEqual([issue]);
  });

  test('S32: client ids that look like principals', () => {
    for (const id of ['person:x', 'workload:payments-deploy', 'Person:x']) {
      const text = `version: 1\nclients: [{ id: "${id}", auth: none }]`;
      expect(briefly(issuesOf(text))).toEqual(['error clients[0].id']);
    }
  });

  test('CI issuers that would count as people', () => {
    for (const issuer of ['https://token.actions.githubusercontent.com', 'https://gitlab.com']) {
      const text = EXAMPLE.replace('"https://login.acme.test"', `"${issuer}"`).replace(
        /^ {2}- \{ name: github.*\n/m,
        '',
      );
      expect(briefly(issuesOf(text))).toContain('error issuers[0].kind');
    }
  });

  test('http issuers, unless they are on loopback and allowed', () => {
    const at = (url: string) =>
      `version: 1\nissuers: [{ name: i, kind: workforce, issuer: "${url}", audience: a, algorithms: [ES256] }]`;
    for (const url of ['http://127.0.0.1:8084', 'http://localhost:8084', 'http://[::1]:8084']) {
      expect(briefly(issuesOf(at(url)))).toEqual(['error issuers[0].issuer']);
      expect(issuesOf(at(url), HTTP_OK)).toEqual([]);
    }
    for (const url of ['http://10.0.0.1', 'http://localhost.evil.test', 'http://127.0.0.1.evil.test']) {
      expect(briefly(issuesOf(at(url), HTTP_OK))).toEqual(['error issuers[0].issuer']);
    }
  });

  test('ceilings on time', () => {
    expect(briefly(issuesOf(EXAMPLE.replace('max_token_age: 1h', 'max_token_age: 25h')))).toContain(
      'error issuers[0].max_token_age',
    );
    expect(briefly(issuesOf(EXAMPLE.replace('ttl: 10m', 'ttl: 61m')))).toContain('error resources[0].token.ttl');
    expect(briefly(issuesOf(EXAMPLE.replace('ttl: 10m', 'ttl: 1h')))).toContain('advice resources[0].token.ttl');
    expect(briefly(issuesOf(EXAMPLE.replace('pending_ttl: 4h', 'pending_ttl: 31d')))).toContain(
      'error rules[1].pending_ttl',
    );
  });

  test.each([
    ['count 0', 'count: 0'],
    ['count 1.5', 'count: 1.5'],
    ['count -1', 'count: -1'],
    ['no count', 'counts: 1'],
  ])('an approval line with %s', (_, count) => {
    expect(compileText(EXAMPLE.replace('count: 1, from: [group:dba]', `${count}, from: [group:dba]`)).ok).toBe(false);
  });

  test('auto_approve with approvals reads safer than it is', () => {
    const text = EXAMPLE.replace('effect: require_approval', 'effect: auto_approve');
    expect(briefly(issuesOf(text))).toContain('error rules[1].approvals');
  });
});

describe('what would be ambiguous is refused, naming both places', () => {
  const people = (second: string) =>
    `version: 1\npeople:\n  - { id: ann, slack: { team: T1, user: U1 }, subject: { issuer: i, sub: a } }\n  - ${second}\n`;

  test.each([
    ['two people with one id', '{ id: ann }', 'error people[1].id'],
    ['two people in one Slack account', '{ id: bob, slack: { team: T1, user: U1 } }', 'error people[1].slack'],
    ['two people with one subject', '{ id: bob, subject: { issuer: i, sub: a } }', 'error people[1].subject'],
    ['also when one of them is disabled', '{ id: ann, enabled: false }', 'error people[1].id'],
  ])('%s', (_, second, issue) => {
    const found = issuesOf(people(second)).filter((one) => one.severity === 'error');
    expect(briefly(found)).toEqual([issue]);
    expect(found[0]?.message).toMatch(/^the same as people\[0\].* \(policy\.yaml:3\)$/);
  });

  test('two resources with one audience, roles, rules, clients, workloads, issuers with one name', () => {
    const double = (list: string, item: string, member: string) => {
      expect(briefly(issuesOf(`version: 1\n${list}: [${item}, ${item}]`))).toContain(`error ${list}[1].${member}`);
    };
    double('resources', '{ id: a, audience: "urn:x:a" }', 'audience');
    double('resources', '{ id: a, audience: "urn:x:a" }', 'id');
    double('clients', '{ id: a, auth: none }', 'id');
    double('rules', '{ id: a, resource: r, effect: auto_approve }', 'id');
    double('issuers', '{ name: a, kind: workload, issuer: "https://a.test", audience: a }', 'name');
    double('issuers', '{ name: a, kind: workload, issuer: "https://a.test", audience: a }', 'issuer');
    double('workloads', '{ id: a, issuer: i, match: { a: 1 } }', 'id');
    const roles = '{ id: r, max_duration: 1h }';
    expect(
      briefly(issuesOf(`version: 1\nresources: [{ id: a, audience: "urn:x:a", roles: [${roles}, ${roles}] }]`)),
    ).toContain('error resources[0].roles[1].id');
  });

  test('two workloads with one match, whatever the order of its members', () => {
    const text = `version: 1
issuers: [{ name: i, kind: workload, issuer: "https://ci.test", audience: a, algorithms: [ES256] }]
workloads:
  - { id: a, issuer: i, match: { project: "1", ref: main } }
  - { id: b, issuer: i, match: { ref: main, project: "1" } }
  - { id: c, issuer: i, match: { ref: main, project: 1 } }
  - { id: d, issuer: i, match: { project: "1", ref: main, environment: prod } }`;
    expect(briefly(issuesOf(text)).filter((one) => /^(?:error|warning) workloads/.test(one))).toEqual([
      'error workloads[1].match',
      'warning workloads[3].match',
    ]);
  });

  test('two files that define one thing: the second is told, with its own file and line', () => {
    const out = compilePolicy(
      [
        { file: 'a.yaml', text: 'version: 1\npeople: [{ id: ann }]' },
        { file: 'b.yaml', text: 'version: 1\n\npeople:\n  - id: ann' },
      ],
      HTTP_OK,
    );
    expect(out.ok ? [] : out.error).toMatchObject([{ file: 'b.yaml', line: 4, path: 'people[0].id' }]);
  });
});

describe('login: where people sign in', () => {
  const withLogin = (login: string) => `${EXAMPLE}\nlogin: ${login}\n`;
  const aboutLogin = (login: string) => briefly(issuesOf(withLogin(login))).filter((one) => one.includes(' login'));

  test('names a workforce issuer, and who we are there', () => {
    const { policy, issues } = compiled(withLogin('{ issuer: workforce, client_id: sallyport-web }'));
    expect(policy.login).toEqual({ issuer: 'workforce', clientId: 'sallyport-web' });
    expect(loginIssuer(policy)).toMatchObject({ issuer: 'https://login.acme.test', audience: 'sallyport-web' });
    expect(issues.filter((one) => one.path.startsWith('login'))).toEqual([]);
  });

  test('absent: nobody signs in', () => {
    expect(loginIssuer(compiled(EXAMPLE).policy)).toBeUndefined();
  });

  test('an issuer that speaks for workloads is refused', () => {
    expect(aboutLogin('{ issuer: github, client_id: x }')).toEqual(['error login.issuer']);
  });

  test('I-18: an issuer that was removed is warned about, and nobody signs in', () => {
    const gone = withLogin('{ issuer: gone, client_id: x }');
    expect(briefly(compiled(gone).issues)).toContain('warning login.issuer');
    expect(loginIssuer(compiled(gone).policy)).toBeUndefined();
  });

  test('a disabled issuer signs nobody in', () => {
    const off = EXAMPLE.replace('algorithms: [ES256, RS256] }', 'algorithms: [ES256, RS256], enabled: false }');
    expect(loginIssuer(compiled(`${off}\nlogin: { issuer: workforce, client_id: x }`).policy)).toBeUndefined();
  });

  test.each([
    ['no client_id', '{ issuer: workforce }', 'error login.client_id'],
    ['a member nobody knows', '{ issuer: workforce, client_id: x, secret: y }', 'error login.secret'],
    ['a list', '[]', 'error login'],
    ['nothing', '', 'error login'],
  ])('with %s', (_, login, issue) => {
    expect(aboutLogin(login)).toEqual([issue]);
  });

  test('said in two files: the second is told', () => {
    const file = (name: string) => ({ file: name, text: 'version: 1\nlogin: { issuer: a, client_id: b }' });
    const out = compilePolicy([file('a.yaml'), file('b.yaml')], HTTP_OK);
    expect(out.ok ? [] : out.error.filter((one) => one.severity === 'error')).toMatchObject([
      { file: 'b.yaml', line: 2, path: 'login' },
    ]);
  });
});

describe('slack: where a card goes that its own channel does not take', () => {
  const withSlack = (slack: string) => `${EXAMPLE}\nslack: ${slack}\n`;
  const aboutSlack = (text: string) => briefly(issuesOf(text)).filter((one) => / slack(\.|$)/.test(one));

  test('names a channel by its id', () => {
    const { policy, issues } = compiled(withSlack('{ fallback_channel: C01FALLBACK }'));
    expect(policy.slack).toEqual({ fallbackChannel: 'C01FALLBACK' });
    expect(issues.filter((one) => one.path.startsWith('slack'))).toEqual([]);
    expect(compiled(EXAMPLE).policy.slack).toBeUndefined();
  });

  test('the own channel of a resource is no other one: said, and it loads', () => {
    const { issues } = compiled(withSlack('{ fallback_channel: C01APPROVALS }'));
    expect(issues.filter((one) => one.path === 'slack.fallback_channel')).toMatchObject([
      { severity: 'advice', message: 'is the own channel of orders-db: no other is tried for them' },
    ]);
  });

  test.each([
    ['a name', '{ fallback_channel: "#approvals" }', 'error slack.fallback_channel'],
    ['no channel', '{}', 'error slack.fallback_channel'],
    ['a member nobody knows', '{ fallback_channel: C01FALLBACK, team: x }', 'error slack.team'],
    ['a list', '[]', 'error slack'],
    ['nothing', '', 'error slack'],
  ])('with %s', (_, slack, issue) => {
    expect(aboutSlack(withSlack(slack))).toEqual([issue]);
  });

  test('said in two files: the second is told', () => {
    const file = (name: string) => ({ file: name, text: 'version: 1\nslack: { fallback_channel: C01FALLBACK }' });
    const out = compilePolicy([file('a.yaml'), file('b.yaml')], HTTP_OK);
    expect(out.ok ? [] : out.error).toMatchObject([{ file: 'b.yaml', line: 2, message: 'slack is said twice' }]);
  });
});

describe('I-18: what leads nowhere is warned about and loads, so that a removal is never refused', () => {
  test.each([
    ['a manager who left', /^ {2}- \{ id: bob.*\n/m, 'warning people[0].manager'],
    ['a group nobody is in any more', /^ {2}- \{ id: dan.*\n/m, 'warning rules[1].approvals[0].from[0]'],
    ['an issuer', /^ {2}- \{ name: workforce.*\n/m, 'warning people[0].subject.issuer'],
    ['a workload', /^ {2}- \{ id: payments-deploy.*\n/m, 'warning rules[1].who[1]'],
  ])('%s', (_, line, issue) => {
    expect(EXAMPLE).toMatch(line);
    expect(briefly(compiled(EXAMPLE.replace(line, '')).issues)).toContain(issue);
  });

  test('a resource or a role', () => {
    expect(briefly(compiled(EXAMPLE.replaceAll('resource: orders-db', 'resource: gone')).issues)).toContain(
      'warning rules[0].resource',
    );
    expect(briefly(compiled(EXAMPLE.replace('roles: [read]', 'roles: [reed]')).issues)).toContain(
      'warning rules[0].roles[0]',
    );
    expect(briefly(compiled(EXAMPLE.replace('introspect: [orders-db]', 'introspect: [gone]')).issues)).toContain(
      'warning clients[1].introspect[0]',
    );
  });

  test('an item that is itself wrong is not called unknown as well', () => {
    const issues = issuesOf(EXAMPLE.replace('id: bob@acme.test, name: Bob Baker', 'id: bob@acme.test, nmae: Bob'));
    expect(briefly(issues).filter((one) => one.includes('manager'))).toEqual([]);
  });
});

describe('rules nobody can satisfy are named', () => {
  test('no approvals: loads, and nobody may approve', () => {
    const text = rule('  - { id: r, who: [anyone], resource: orders-db, roles: [admin], effect: require_approval }');
    expect(briefly(compiled(text).issues)).toContain('warning rules[0].approvals');
    const line =
      '{ id: r, who: [anyone], resource: orders-db, roles: [admin], effect: require_approval, approvals: [{ count: 1 }] }';
    expect(briefly(compiled(rule(`  - ${line}`)).issues)).toContain('warning rules[0].approvals[0]');
  });

  test.each([
    ['more dbas than there are', '{ count: 2, from: [group:dba] }'],
    ['the same person in two lines', '{ count: 1, from: [group:dba] }, { count: 1, from: [person:dan@acme.test] }'],
    ['only the one who asks', '{ count: 1, from: [group:payments] }'],
    ['a workload', '{ count: 1, from: [workload:payments-deploy] }'],
  ])('%s', (_, lines) => {
    const text = rule(
      `  - { id: r, who: [group:payments], resource: orders-db, roles: [admin], effect: require_approval, approvals: [${lines}] }`,
    );
    expect(briefly(compiled(text).issues)).toContain('warning rules[0].approvals');
  });

  test('one who may ask and can be approved is enough', () => {
    expect(briefly(compiled(EXAMPLE).issues)).not.toContain('warning rules[1].approvals');
  });

  test('nobody may ask, no role, never reached', () => {
    const text = rule(`  - { id: a, resource: orders-db, effect: auto_approve }
  - { id: b, who: [anyone], resource: orders-db, roles: [read, admin], effect: auto_approve }
  - { id: c, who: [group:dba], resource: orders-db, roles: [read], effect: auto_approve }`);
    expect(briefly(compiled(text).issues).filter((one) => one.startsWith('warning rules'))).toEqual([
      'warning rules[0].roles',
      'warning rules[0].who',
      'warning rules[2]',
    ]);
  });
});

describe('people who are away, reminders, step-up', () => {
  const base = (extra: string) => `version: 1
people:
  - { id: a@acme.test, time_zone: Europe/Berlin, quiet_hours: "22:00-07:00" }
  - { id: b@acme.test }
resources:
  - { id: db, audience: "https://db.acme.test", description: The database, roles: [ { id: read, scopes: ["db:read"], max_duration: 1h, description: Look } ] }
rules:
  - id: r
    who: [group:x, person:a@acme.test]
    resource: db
    roles: [read]
    effect: require_approval
    approvals: [ { count: 1, from: [person:b@acme.test] } ]
    remind: [ { after: 30m }, { after: 2h } ]
    escalate: [ { after: 1h, to: [person:a@acme.test] } ]
${extra}`;
  const compiledText = (extra: string) =>
    compilePolicy([{ file: 'policy.yaml', text: base(extra) }], { allowHttpIssuers: true });
  const messages = (extra: string) => {
    const result = compiledText(extra);
    return (result.ok ? result.value.issues : result.error).map((issue) => issue.message);
  };
  const delegation = (starts: string, ends: string, to = 'a@acme.test') =>
    `delegations: [ { from: b@acme.test, to: ${to}, starts: "${starts}", ends: "${ends}" } ]`;

  test('they are read whole, and survive being stored', () => {
    const result = compiledText(delegation('2031-08-01T09:00Z', '2031-08-15T18:00+02:00'));
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    const { policy } = result.value;
    expect(policy.people[0]).toMatchObject({
      timeZone: 'Europe/Berlin',
      quietHours: { fromMinute: 1_320, toMinute: 420 },
    });
    expect(policy.resources[0]).toMatchObject({ description: 'The database' });
    expect(policy.rules[0]).toMatchObject({
      remind: [1_800_000, 7_200_000],
      escalate: [{ after: 3_600_000 }],
    });
    expect(policy.delegations).toEqual([
      { from: 'b@acme.test', to: 'a@acme.test', starts: Date.UTC(2031, 7, 1, 9), ends: Date.UTC(2031, 7, 15, 16) },
    ]);
    expect(parseCompiled(JSON.parse(JSON.stringify(serializePolicy(policy))))).toEqual(policy);
  });

  const signIn = `issuers: [ { name: workforce, kind: workforce, issuer: "https://login.acme.test", audience: x, algorithms: [ES256] } ]
login: { issuer: workforce, client_id: web }`;
  const bound = (text: string) =>
    text.replace('{ id: b@acme.test }', '{ id: b@acme.test, subject: { issuer: workforce, sub: b } }');
  const ofResource = (text: string) => text.replace('roles: [ {', 'step_up: true, roles: [ {');
  const issuesIn = (text: string) => {
    const result = compilePolicy([{ file: 'policy.yaml', text }], { allowHttpIssuers: true });
    return (result.ok ? result.value.issues : result.error).map(
      (issue) => `${issue.severity} ${issue.path} ${issue.message}`,
    );
  };

  test('step-up is read on a resource and on a rule, and survives being stored', () => {
    for (const text of [bound(ofResource(base(signIn))), bound(base(`    step_up: true\n${signIn}`))]) {
      const result = compilePolicy([{ file: 'policy.yaml', text }], { allowHttpIssuers: true });
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      const { policy, issues } = result.value;
      expect(issues.filter((issue) => issue.message.includes('sign'))).toEqual([]);
      expect([policy.resources[0]?.stepUp, policy.rules[0]?.stepUp].filter(Boolean)).toEqual([true]);
      expect(parseCompiled(JSON.parse(JSON.stringify(serializePolicy(policy))))).toEqual(policy);
    }
  });

  test('step-up without login does not load: nobody could approve', () => {
    const said = (path: string) =>
      expect.stringMatching(new RegExp(`^error ${path}.step_up nobody could approve this`));
    expect(issuesIn(ofResource(base('')))).toContainEqual(said('resources\\[0\\]'));
    expect(issuesIn(base('    step_up: true'))).toContainEqual(said('rules\\[0\\]'));
  });

  test('step-up where nobody is asked does not load: nobody would sign in', () => {
    const auto = (text: string) =>
      text
        .replace('effect: require_approval', 'effect: auto_approve')
        .replace('    approvals: [ { count: 1, from: [person:b@acme.test] } ]\n', '');
    expect(issuesIn(auto(base(`    step_up: true\n${signIn}`)))).toContainEqual(
      expect.stringMatching(/^error rules\[0\].step_up auto_approve asks nobody/),
    );
    expect(issuesIn(auto(ofResource(base(signIn))))).toContainEqual(
      expect.stringMatching(/^error rules\[0\].effect db asks for step_up/),
    );
  });

  test('approvers who cannot sign in where people sign in are warned of', () => {
    expect(issuesIn(ofResource(base(signIn)))).toContainEqual(
      expect.stringMatching(/^warning rules\[0\].approvals\[0\] too few of them can sign in/),
    );
  });

  test('what cannot be meant is an error, what may have left is a warning', () => {
    expect(messages(delegation('2031-08-15T09:00Z', '2031-08-01T18:00Z'))).toContain('ends before it starts');
    expect(messages(delegation('2031-08-01T09:00Z', '2031-08-15T18:00Z', 'b@acme.test'))).toContain(
      'nobody stands in for themselves',
    );
    expect(messages(delegation('2031-08-01T09:00Z', '2031-08-15T18:00Z', 'c@acme.test'))).toContain(
      'nothing in people is called c@acme.test',
    );
    expect(messages(delegation('2031-01-01T09:00Z', '2032-01-01T09:00Z')).join()).toContain('longer than 90 days');
    for (const bad of ['time_zone: Mars/Olympus', 'quiet_hours: "22:00-22:00"', 'quiet_hours: "25:00-07:00"']) {
      const text = base('').replace('{ id: b@acme.test }', `{ id: b@acme.test, ${bad} }`);
      expect(compilePolicy([{ file: 'policy.yaml', text }], { allowHttpIssuers: true }).ok).toBe(false);
    }
  });
});
