/** Owns the Block Kit this workspace models: one strict schema per block and element, with Slack's own size limits in it. */
import { z } from 'zod';

// Limits are Slack's published ones, written down here on their own so that an app's table of limits is checked against
// something else than itself. Lengths are UTF-16 units, the stricter of the two readings.

const blockId = z.string().min(1).max(255).optional();
const actionId = z.string().min(1).max(255).optional();

const plain = (max: number) =>
  z.strictObject({ type: z.literal('plain_text'), text: z.string().min(1).max(max), emoji: z.boolean().optional() });
const mrkdwn = (max: number) =>
  z.strictObject({ type: z.literal('mrkdwn'), text: z.string().min(1).max(max), verbatim: z.boolean().optional() });
const anyText = (max: number) => z.discriminatedUnion('type', [plain(max), mrkdwn(max)]);

const confirm = z.strictObject({
  title: plain(100),
  text: anyText(300),
  confirm: plain(30),
  deny: plain(30),
  style: z.enum(['primary', 'danger']).optional(),
});

const option = z.strictObject({
  text: anyText(75),
  value: z.string().min(1).max(150),
  description: anyText(75).optional(),
  url: z.string().max(3000).optional(),
});
const optionGroup = z.strictObject({ label: plain(75), options: z.array(option).min(1).max(100) });

const button = z.strictObject({
  type: z.literal('button'),
  text: plain(75),
  action_id: actionId,
  url: z.string().max(3000).optional(),
  value: z.string().max(2000).optional(),
  style: z.enum(['primary', 'danger']).optional(),
  confirm: confirm.optional(),
  accessibility_label: z.string().min(1).max(75).optional(),
});
const staticSelect = z
  .strictObject({
    type: z.literal('static_select'),
    action_id: actionId,
    placeholder: plain(150).optional(),
    options: z.array(option).min(1).max(100).optional(),
    option_groups: z.array(optionGroup).min(1).max(100).optional(),
    initial_option: option.optional(),
    confirm: confirm.optional(),
    focus_on_load: z.boolean().optional(),
  })
  .refine((e) => (e.options === undefined) !== (e.option_groups === undefined), 'needs options or option_groups')
  .refine((e) => isAmong(e.initial_option, optionsOf(e)), 'initial_option must be one of the options');
const externalSelect = z.strictObject({
  type: z.literal('external_select'),
  action_id: actionId,
  placeholder: plain(150).optional(),
  initial_option: option.optional(),
  min_query_length: z.int().min(0).optional(),
  confirm: confirm.optional(),
  focus_on_load: z.boolean().optional(),
});
const radioButtons = z
  .strictObject({
    type: z.literal('radio_buttons'),
    action_id: actionId,
    options: z.array(option).min(1).max(10),
    initial_option: option.optional(),
    confirm: confirm.optional(),
    focus_on_load: z.boolean().optional(),
  })
  .refine((e) => isAmong(e.initial_option, e.options), 'initial_option must be one of the options');
const checkboxes = z
  .strictObject({
    type: z.literal('checkboxes'),
    action_id: actionId,
    options: z.array(option).min(1).max(10),
    initial_options: z.array(option).min(1).max(10).optional(),
    confirm: confirm.optional(),
    focus_on_load: z.boolean().optional(),
  })
  .refine(
    (e) => (e.initial_options ?? []).every((o) => isAmong(o, e.options)),
    'initial_options must be among the options',
  );
const overflow = z.strictObject({
  type: z.literal('overflow'),
  action_id: actionId,
  options: z.array(option).min(1).max(5),
  confirm: confirm.optional(),
});
const plainTextInput = z
  .strictObject({
    type: z.literal('plain_text_input'),
    action_id: actionId,
    placeholder: plain(150).optional(),
    initial_value: z.string().max(3000).optional(),
    multiline: z.boolean().optional(),
    min_length: z.int().min(0).max(3000).optional(),
    max_length: z.int().min(1).max(3000).optional(),
    dispatch_action_config: z
      .strictObject({ trigger_actions_on: z.array(z.enum(['on_enter_pressed', 'on_character_entered'])).min(1) })
      .optional(),
    focus_on_load: z.boolean().optional(),
  })
  .refine((e) => (e.initial_value ?? '').length <= (e.max_length ?? 3000), 'initial_value is longer than max_length');
/** Seconds since 1970, ten digits; the client shows and takes them in the reader's zone. */
const dateTimePicker = z.strictObject({
  type: z.literal('datetimepicker'),
  action_id: actionId,
  initial_date_time: z.int().min(1_000_000_000).max(9_999_999_999).optional(),
  confirm: confirm.optional(),
  focus_on_load: z.boolean().optional(),
});
const image = z.strictObject({
  type: z.literal('image'),
  image_url: z.string().min(1).max(3000),
  alt_text: z.string().min(1).max(2000),
});

const style = z
  .strictObject({
    bold: z.boolean().optional(),
    italic: z.boolean().optional(),
    strike: z.boolean().optional(),
    code: z.boolean().optional(),
    underline: z.boolean().optional(),
  })
  .optional();
const richInline = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('text'), text: z.string().min(1), style }),
  z.strictObject({
    type: z.literal('link'),
    url: z.string().min(1),
    text: z.string().optional(),
    unsafe: z.boolean().optional(),
    style,
  }),
  z.strictObject({ type: z.literal('emoji'), name: z.string().min(1), unicode: z.string().optional() }),
  z.strictObject({ type: z.literal('user'), user_id: z.string().min(1), style }),
  z.strictObject({ type: z.literal('channel'), channel_id: z.string().min(1), style }),
  z.strictObject({ type: z.literal('usergroup'), usergroup_id: z.string().min(1), style }),
  z.strictObject({ type: z.literal('broadcast'), range: z.enum(['here', 'channel', 'everyone']) }),
  z.strictObject({
    type: z.literal('date'),
    timestamp: z.int(),
    format: z.string().min(1),
    url: z.string().optional(),
    fallback: z.string().optional(),
    style,
  }),
]);
const richSection = z.strictObject({ type: z.literal('rich_text_section'), elements: z.array(richInline) });
const richBlock = z.discriminatedUnion('type', [
  richSection,
  z.strictObject({
    type: z.literal('rich_text_list'),
    style: z.enum(['bullet', 'ordered']),
    elements: z.array(richSection),
    indent: z.int().optional(),
    offset: z.int().optional(),
    border: z.int().optional(),
  }),
  z.strictObject({
    type: z.literal('rich_text_preformatted'),
    elements: z.array(richInline),
    border: z.int().optional(),
  }),
  z.strictObject({ type: z.literal('rich_text_quote'), elements: z.array(richInline), border: z.int().optional() }),
]);

const pressable = [button, staticSelect, externalSelect, radioButtons, checkboxes, overflow] as const;
/** A date and time stands in actions and inputs, not beside a section. */
const inActions = [...pressable, dateTimePicker] as const;
const fillable = [plainTextInput, staticSelect, externalSelect, radioButtons, checkboxes, dateTimePicker] as const;

export const blockSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('header'), block_id: blockId, text: plain(150) }),
  z.strictObject({ type: z.literal('divider'), block_id: blockId }),
  z
    .strictObject({
      type: z.literal('section'),
      block_id: blockId,
      text: anyText(3000).optional(),
      fields: z.array(anyText(2000)).min(1).max(10).optional(),
      accessory: z.discriminatedUnion('type', [...pressable, image]).optional(),
      expand: z.boolean().optional(),
    })
    .refine((b) => b.text !== undefined || b.fields !== undefined, 'a section needs text or fields'),
  z.strictObject({
    type: z.literal('context'),
    block_id: blockId,
    elements: z
      .array(z.discriminatedUnion('type', [plain(2000), mrkdwn(2000), image]))
      .min(1)
      .max(10),
  }),
  z.strictObject({
    type: z.literal('actions'),
    block_id: blockId,
    elements: z.array(z.discriminatedUnion('type', inActions)).min(1).max(25),
  }),
  z.strictObject({
    type: z.literal('input'),
    block_id: blockId,
    label: plain(2000),
    element: z.discriminatedUnion('type', fillable),
    dispatch_action: z.boolean().optional(),
    hint: plain(2000).optional(),
    optional: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal('rich_text'), block_id: blockId, elements: z.array(richBlock) }),
]);

const callbackId = z.string().max(255).optional();
const privateMetadata = z.string().max(3000).optional();
const viewBlocks = z.array(blockSchema).max(100);

export const modalSchema = z
  .strictObject({
    type: z.literal('modal'),
    title: plain(24),
    blocks: viewBlocks,
    submit: plain(24).optional(),
    close: plain(24).optional(),
    private_metadata: privateMetadata,
    callback_id: callbackId,
    external_id: z.string().max(255).optional(),
    clear_on_close: z.boolean().optional(),
    notify_on_close: z.boolean().optional(),
    submit_disabled: z.boolean().optional(),
  })
  .refine((v) => v.submit !== undefined || v.blocks.every((b) => b.type !== 'input'), {
    path: ['submit'],
    message: 'missing required field: submit (a view with input blocks needs it)',
  });

export const homeSchema = z.strictObject({
  type: z.literal('home'),
  blocks: viewBlocks,
  private_metadata: privateMetadata,
  callback_id: callbackId,
  external_id: z.string().max(255).optional(),
});

export const suggestionSchema = z.union([
  z.strictObject({ options: z.array(option) }),
  z.strictObject({ option_groups: z.array(z.strictObject({ label: plain(75), options: z.array(option) })) }),
]);

export type Block = z.infer<typeof blockSchema>;
export type BlockOf<T extends Block['type']> = Extract<Block, { type: T }>;
export type TextObject = z.infer<ReturnType<typeof anyText>>;
export type PlainText = z.infer<ReturnType<typeof plain>>;
export type Option = z.infer<typeof option>;
export type Confirm = z.infer<typeof confirm>;
export type RichInline = z.infer<typeof richInline>;
export type RichBlock = z.infer<typeof richBlock>;
export type ImageElement = z.infer<typeof image>;
export type Pressable = z.infer<(typeof inActions)[number]>;
export type Fillable = z.infer<(typeof fillable)[number]>;
/** Anything a person can press, choose from or type into. */
export type Element = Pressable | Fillable;
export type ElementOf<T extends Element['type']> = Extract<Element, { type: T }>;
export type ModalPayload = z.infer<typeof modalSchema>;
export type HomePayload = z.infer<typeof homeSchema>;

/** Every option of a static select, groups flattened. */
export function optionsOf(element: {
  options?: readonly Option[] | undefined;
  option_groups?: readonly { options: readonly Option[] }[] | undefined;
}): readonly Option[] {
  return element.options ?? (element.option_groups ?? []).flatMap((group) => group.options);
}

/** Whether the option is absent, or one of the list by text and value (Slack compares both). */
function isAmong(wanted: Option | undefined, options: readonly Option[]): boolean {
  return wanted === undefined || options.some((o) => o.value === wanted.value && o.text.text === wanted.text.text);
}
