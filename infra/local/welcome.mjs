/** The screenful a newcomer sees when the house stands: what to open, what to try, where things are. */
import path from 'node:path';

const exchange = (urls) => [
  `JOB=$(curl -s '${urls.demoIssuer}/ci/token?workload=payments-deploy')`,
  `curl -s ${urls.broker}/oauth/token -d client_id=ci \\`,
  '  -d grant_type=urn:ietf:params:oauth:grant-type:token-exchange \\',
  '  -d subject_token_type=urn:ietf:params:oauth:token-type:jwt -d "subject_token=$JOB" \\',
  '  -d audience=https://orders-db.acme.test -d scope=orders:write',
];

const as = (urls, user) => `${urls.workspace}/?as=${user}&channel=C01APPROVALS`;

/** The walk through the story; needs the local workspace and the example policy. */
function story(urls, { bold, cyan, dim }) {
  return [
    `  ${bold('Open the local Slack workspace as Alice')}   ${cyan(as(urls, 'U01ALICE'))}`,
    '',
    `  ${bold('Try')}`,
    `  1. Type ${bold('/request-access')}: Orders database, admin, 30 minutes, for payments-deploy, and say why.`,
    `  2. Approve as her manager Bob:      ${cyan(as(urls, 'U01BOB'))}`,
    `     and as the database's Dan:       ${cyan(as(urls, 'U01DAN'))}`,
    '  3. Be the pipeline: exchange its own token for one that opens the database.',
    ...exchange(urls).map((line) => `       ${dim(line)}`),
    '  4. Press "End now" as Alice, and exchange again: access_denied.',
    `  5. Read what was written down:      ${bold('npx sallyport audit export')}`,
    '',
    `  Or watch all of it, in another terminal:   ${bold('npm run demo')}`,
  ];
}

const connected = (urls, { cyan }) => [
  `  OAuth metadata          ${cyan(`${urls.broker}/.well-known/oauth-authorization-server`)}`,
  ...(urls.workspace ? [`  Local Slack workspace   ${cyan(urls.workspace)}`] : []),
  ...(urls.demoIssuer ? [`  Demo token issuer       ${cyan(urls.demoIssuer)}`] : []),
];

/** @returns {string[]} lines */
export function welcome({ urls, files, colour }) {
  const near = (dir) => path.relative(process.cwd(), dir) || dir;
  const whole = urls.workspace !== undefined && urls.demoIssuer !== undefined;
  return [
    '',
    `  ${colour.bold('Sallyport runs.')} One person asks, another opens.`,
    '',
    ...(whole ? story(urls, colour) : connected(urls, colour)),
    '',
    `  API ${colour.cyan(`${urls.broker}/docs`)}   logs ${near(files.logs)}/   state ${near(files.dir)}/   ${colour.bold('Ctrl-C')} ends everything`,
    '',
  ];
}
