/** Tests of the largest flow: what goes through a small graph, and that a path taken too early is taken back. */
import { expect, test } from '@jest/globals';
import { maxFlow } from './max-flow.ts';

const edge = (from: string, to: string, capacity = 1) => ({ from, to, capacity });
const into = (edges: readonly { readonly to: string }[], flow: readonly number[], sink: string): number =>
  edges.reduce((sum, one, index) => sum + (one.to === sink ? (flow[index] ?? 0) : 0), 0);

test('a path that blocks another is rerouted', () => {
  const edges = [
    edge('s', 'a'),
    edge('s', 'b'),
    edge('a', 'x'),
    edge('a', 'y'),
    edge('b', 'x'),
    edge('x', 't'),
    edge('y', 't'),
  ];
  const flow = maxFlow(edges, 's', 't');
  expect(into(edges, flow, 't')).toBe(2);
  expect(flow).toEqual([1, 1, 0, 1, 1, 1, 1]);
});

test('no edge carries more than it can, nothing is lost on the way, and the first path given is used where it is as good', () => {
  const edges = [edge('s', 'a', 3), edge('a', 'b', 2), edge('a', 'c', 2), edge('b', 't', 5), edge('c', 't', 5)];
  const flow = maxFlow(edges, 's', 't');
  expect(flow).toEqual([3, 2, 1, 2, 1]);
});

test('nothing flows where there is no way', () => {
  expect(maxFlow([edge('s', 'a'), edge('b', 't')], 's', 't')).toEqual([0, 0]);
  expect(maxFlow([], 's', 't')).toEqual([]);
});
