/** Tests that a secret has no string form (I-15). */
import { inspect } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { secret } from './secret.ts';

describe('Secret', () => {
  const hidden = secret('s3cr3t-canary');

  test('I-15: every string form is [redacted]', () => {
    const forms = [
      String(hidden),
      `${hidden}`,
      `x${hidden}`.slice(1),
      JSON.stringify({ hidden }),
      inspect(hidden),
      inspect({ deep: [hidden] }, { showHidden: true, depth: 9 }),
      JSON.stringify(Object.entries(hidden)),
    ];
    expect(forms.join('\n')).not.toContain('canary');
    expect(String(hidden)).toBe('[redacted]');
    expect(JSON.stringify({ hidden })).toBe('{"hidden":"[redacted]"}');
  });

  test('only reveal gives the value', () => {
    expect(hidden.reveal()).toBe('s3cr3t-canary');
    expect(Object.keys(hidden)).toEqual([]);
  });
});
