/** Tests that the metrics are those of the public contract, names and labels. */
import { describe, expect, test } from '@jest/globals';
import { createMetrics } from './metrics.ts';

const contract =
  `exchanges_total{result} exchange_seconds introspections_total{active} introspection_seconds revocations_total
  decisions_total{verdict,result} requests_pending request_oldest_pending_seconds slack_ack_seconds slack_outbox_oldest_seconds
  slack_rate_limited_total outbox_oldest_seconds sweep_lag_seconds expiry_lateness_seconds worker_canary_age_seconds
  audit_unsealed_seconds jwks_age_seconds{issuer} policy_reload_failures_total`
    .trim()
    .split(/\s+/);
/** What we count beyond it. */
const ours = [
  'signing_keys_reload_failures_total',
  'signing_keys_behind_seconds',
  'slack_cards_rerouted_total{to}',
  'slack_channels_unusable',
  'slack_workspaces{state}',
];

describe('metrics', () => {
  test('there is every metric of the contract, and of ours only those named here', async () => {
    const text = await createMetrics({ processMetrics: false }).text();
    const names = [...text.matchAll(/^# TYPE (\S+)/gm)].map((m) => m[1]);
    expect(names.sort()).toEqual([...contract, ...ours].map((c) => `sallyport_${c.replace(/\{.*/, '')}`).sort());
  });

  test('labels are those of the contract', async () => {
    const metrics = createMetrics({ processMetrics: false });
    metrics.exchangesTotal.inc({ result: 'issued' });
    metrics.introspectionsTotal.inc({ active: 'true' });
    metrics.decisionsTotal.inc({ verdict: 'approve', result: 'recorded' });
    metrics.jwksAgeSeconds.set({ issuer: 'github' }, 3);
    const text = await metrics.text();
    expect(text).toContain('sallyport_exchanges_total{result="issued"} 1');
    expect(text).toContain('sallyport_introspections_total{active="true"} 1');
    expect(text).toContain('sallyport_decisions_total{verdict="approve",result="recorded"} 1');
    expect(text).toContain('sallyport_jwks_age_seconds{issuer="github"} 3');
  });

  test('a gauge nobody set gives no sample; a counter starts at 0', async () => {
    const metrics = createMetrics({ processMetrics: false });
    expect(await metrics.text()).not.toMatch(/^sallyport_requests_pending \d/m);
    expect(await metrics.text()).toMatch(/^sallyport_revocations_total 0/m);
    metrics.requestsPending.set(0);
    expect(await metrics.text()).toMatch(/^sallyport_requests_pending 0/m);
  });

  test('ages are read when the text is made, and a failing reader harms no other', async () => {
    const metrics = createMetrics();
    let age = 1;
    metrics.beforeText(() => Promise.reject(new Error('away')));
    metrics.beforeText(() => metrics.workerCanaryAgeSeconds.set(age));
    expect(await metrics.text()).toMatch(/^sallyport_worker_canary_age_seconds 1$/m);
    age = 2;
    const text = await metrics.text();
    expect(text).toMatch(/^sallyport_worker_canary_age_seconds 2$/m);
    expect(text).toContain('process_resident_memory_bytes');
    expect(metrics.contentType).toContain('text/plain');
  });
});
