/** Finds the things a person can press, choose or fill among blocks. */
import type { Block, Element } from './blocks.ts';
import type { Located } from './model.ts';

/** Every interactive element, in reading order. */
export function elementsOf(blocks: readonly Block[]): Located[] {
  return blocks.flatMap((block) =>
    interactive(block).map((element) => ({ block, block_id: block.block_id ?? '', element })),
  );
}

/** The first element with this action_id (and block_id; and button value, where several share an action_id). */
export function locate(
  blocks: readonly Block[],
  wanted: { action_id: string; block_id?: string | undefined; value?: string | null | undefined },
): Located | undefined {
  const found = elementsOf(blocks).filter(
    (at) =>
      at.element.action_id === wanted.action_id && (wanted.block_id === undefined || at.block_id === wanted.block_id),
  );
  if (typeof wanted.value !== 'string' || found[0]?.element.type !== 'button') return found[0];
  return found.find((at) => at.element.type === 'button' && at.element.value === wanted.value);
}

/** Whether a change of this element is sent to the app as `block_actions`. */
export function dispatches(at: Located): boolean {
  return at.block.type !== 'input' || at.block.dispatch_action === true;
}

function interactive(block: Block): Element[] {
  switch (block.type) {
    case 'section':
      return block.accessory && block.accessory.type !== 'image' ? [block.accessory] : [];
    case 'actions':
      return block.elements;
    case 'input':
      return [block.element];
    default:
      return [];
  }
}
