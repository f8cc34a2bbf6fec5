/** Tests of presets: which issuer is of which kind, and that what is known of a kind holds together. */
import { expect, test } from '@jest/globals';
import { PRESETS, presetOf } from './presets.ts';

test.each([
  ['https://token.actions.githubusercontent.com', 'github'],
  ['https://token.actions.githubusercontent.com/acme', 'github'],
  ['https://token.actions.acme.ghe.com', 'github'],
  ['https://github.acme.test/_services/token', 'github'],
  ['https://gitlab.com', 'gitlab'],
  ['https://agent.buildkite.com', 'buildkite'],
  ['https://oidc.eks.eu-central-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE', 'kubernetes'],
  ['https://container.googleapis.com/v1/projects/acme/locations/europe-west1/clusters/prod', 'kubernetes'],
  ['https://westeurope.oic.prod-aks.azure.com/0000/1111/', 'kubernetes'],
  ['https://kubernetes.default.svc.cluster.local', 'kubernetes'],
])('%s is %s', (issuer, preset) => {
  expect(presetOf(issuer)).toBe(preset);
});

test.each([
  ['https://token.actions.githubusercontent.com.evil.test'],
  ['https://evil.test/https://gitlab.com'],
  ['https://gitlab.com.evil.test'],
  ['https://gitlab.com/'],
  ['http://gitlab.com'],
  ['https://token.actions.githubusercontent.com\n'],
  ['https://gitlab.acme.test'],
])('%s is nobody well known', (issuer) => {
  expect(presetOf(issuer)).toBe('generic');
});

test('no ordinary run is one that outsiders can start', () => {
  const outside = /pull|merge|issue|comment|discussion|fork|watch|workflow_run|external|parent|trigger_job/;
  for (const { runs } of Object.values(PRESETS))
    expect(runs?.ordinary.filter((run) => outside.test(run)) ?? []).toEqual([]);
});
