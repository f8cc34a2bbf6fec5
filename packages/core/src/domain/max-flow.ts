/** Owns the largest flow through a small directed graph of whole capacities. Pure; edges given first are tried first. */

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** A whole number from 1 on. */
  readonly capacity: number;
}

interface Arc {
  readonly edge: number;
  /** Along the edge, or taking back what flows over it. */
  readonly step: 1 | -1;
  readonly to: string;
}

/**
 * The flow over each edge, by its index, when as much as possible goes from source to sink (Ford and Fulkerson: one
 * augmenting path at a time, each worth one). Ends after at most as many paths as the sink can take.
 */
export function maxFlow(edges: readonly Edge[], source: string, sink: string): readonly number[] {
  const flow = edges.map(() => 0);
  const arcs = arcsOf(edges);
  const hasRoom = ({ edge, step }: Arc): boolean =>
    step === 1 ? (flow[edge] ?? 0) < (edges[edge]?.capacity ?? 0) : (flow[edge] ?? 0) > 0;
  const augment = (at: string, seen: Set<string>): boolean => {
    if (at === sink) return true;
    seen.add(at);
    return (arcs.get(at) ?? []).some((arc) => {
      if (seen.has(arc.to) || !hasRoom(arc) || !augment(arc.to, seen)) return false;
      flow[arc.edge] = (flow[arc.edge] ?? 0) + arc.step;
      return true;
    });
  };
  let more = true;
  while (more) more = augment(source, new Set());
  return flow;
}

function arcsOf(edges: readonly Edge[]): ReadonlyMap<string, readonly Arc[]> {
  const arcs = new Map<string, Arc[]>();
  const add = (from: string, arc: Arc): void => {
    const known = arcs.get(from);
    if (known === undefined) arcs.set(from, [arc]);
    else known.push(arc);
  };
  edges.forEach(({ from, to }, edge) => {
    add(from, { edge, step: 1, to });
    add(to, { edge, step: -1, to: from });
  });
  return arcs;
}
