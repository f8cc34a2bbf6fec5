/** The manifest asks Slack for exactly what the code needs and listens to, in both variants. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { SLACK_BOT_SCOPES } from '@sallyport/platform';
import { z } from 'zod';
import { COMMAND, SHORTCUT } from './action-ids.ts';
import { REDIRECT_PATH } from './install/door.ts';
import { eventListeners } from './listeners/index.ts';
import { BOT_EVENTS, EVENTS_PATH, MANIFEST_COMMANDS, MANIFEST_SHORTCUTS } from './manifest-facts.ts';

const SOURCE = new URL('../../../infra/slack/manifest.mjs', import.meta.url);
const shape = z.object({
  features: z.object({
    app_home: z.object({ home_tab_enabled: z.boolean(), messages_tab_read_only_enabled: z.boolean() }),
    shortcuts: z.array(
      z.object({ callback_id: z.string(), name: z.string(), description: z.string(), type: z.string() }),
    ),
    slash_commands: z.array(z.object({ command: z.string(), url: z.string().optional() }).loose()),
  }),
  oauth_config: z.object({
    redirect_urls: z.array(z.string()).optional(),
    scopes: z.object({ bot: z.array(z.string()) }),
  }),
  settings: z.object({
    event_subscriptions: z.object({ request_url: z.string().optional(), bot_events: z.array(z.string()) }),
    interactivity: z.object({ request_url: z.string().optional(), message_menu_options_url: z.string().optional() }),
    org_deploy_enabled: z.boolean(),
    socket_mode_enabled: z.boolean(),
    token_rotation_enabled: z.boolean(),
  }),
});

interface Source {
  manifest(mode: string, origin?: string): unknown;
  files(): Record<string, string>;
}
async function source(): Promise<Source> {
  return (await import(SOURCE.href)) as Source;
}

describe.each(['http', 'socket'] as const)('the manifest for %s', (mode) => {
  test('asks for the scopes, events, commands and shortcuts of the code', async () => {
    const made = shape.parse((await source()).manifest(mode, 'https://slack.acme.test'));
    expect(made.oauth_config.scopes.bot).toEqual([...SLACK_BOT_SCOPES]);
    // Neither addresses nor user groups say who somebody is.
    for (const unused of ['users:read.email', 'usergroups:read']) expect(SLACK_BOT_SCOPES).not.toContain(unused);
    expect(made.settings.event_subscriptions.bot_events).toEqual([...BOT_EVENTS]);
    expect(Object.keys(eventListeners).toSorted()).toEqual([...BOT_EVENTS].toSorted());
    expect(made.features.slash_commands.map(({ url: _, ...rest }) => rest)).toEqual([...MANIFEST_COMMANDS]);
    expect(made.features.shortcuts).toEqual(MANIFEST_SHORTCUTS.map((one) => expect.objectContaining(one)));
    expect([MANIFEST_COMMANDS[0].command, MANIFEST_SHORTCUTS[0].callback_id]).toEqual([COMMAND, SHORTCUT]);
    expect(made.settings).toMatchObject({ org_deploy_enabled: false, token_rotation_enabled: false });
    expect(made.features.app_home).toEqual({ home_tab_enabled: true, messages_tab_read_only_enabled: true });
  });

  test('names the one address where Slack calls us, or none', async () => {
    const made = shape.parse((await source()).manifest(mode, 'https://slack.acme.test'));
    const { event_subscriptions: events, interactivity } = made.settings;
    const addresses = [
      made.features.slash_commands[0]?.url,
      events.request_url,
      interactivity.request_url,
      interactivity.message_menu_options_url,
    ];
    const wanted = mode === 'http' ? `https://slack.acme.test${EVENTS_PATH}` : undefined;
    expect(addresses).toEqual([wanted, wanted, wanted, wanted]);
    expect(made.settings.socket_mode_enabled).toBe(mode === 'socket');
    const back = mode === 'http' ? [`https://slack.acme.test${REDIRECT_PATH}`] : undefined;
    expect(made.oauth_config.redirect_urls).toEqual(back);
  });
});

test('the checked-in files are what the source gives', async () => {
  for (const [name, text] of Object.entries((await source()).files())) {
    expect(readFileSync(new URL(name, SOURCE), 'utf8')).toBe(text);
  }
});
