// Cycles in a graph: Tarjan's strongly connected components in linear time, then the shortest way round within one.

export type Edge = { readonly from: string; readonly to: string; readonly why: string };

/** A shortest cycle through some node of the first component that has one; undefined when there is none. */
export function cycleIn(edges: readonly Edge[]): readonly Edge[] | undefined {
  const out = new Map<string, Edge[]>();
  for (const edge of edges) {
    const list = out.get(edge.from);
    if (list) list.push(edge);
    else out.set(edge.from, [edge]);
  }
  for (const component of components(out)) {
    if (component.length < 2) continue;
    const within = new Set(component);
    const cycles = component.map((start) => wayRound(start, out, within));
    return cycles.reduce((best, each) => (each.length < best.length ? each : best));
  }
  return undefined;
}

type Frame = { readonly node: string; next: number };

/** Tarjan, with a stack of its own: histories are longer than a call stack is deep. */
export function components(out: ReadonlyMap<string, readonly Edge[]>): string[][] {
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const open = new Set<string>();
  const stack: string[] = [];
  const found: string[][] = [];
  const enter = (node: string): Frame => {
    index.set(node, index.size);
    low.set(node, index.get(node)!);
    stack.push(node);
    open.add(node);
    return { node, next: 0 };
  };
  for (const root of out.keys()) {
    if (index.has(root)) continue;
    const frames = [enter(root)];
    for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
      const { node } = frame;
      const edge = out.get(node)?.[frame.next++];
      if (edge) {
        if (!index.has(edge.to)) frames.push(enter(edge.to));
        else if (open.has(edge.to)) low.set(node, Math.min(low.get(node)!, index.get(edge.to)!));
        continue;
      }
      frames.pop();
      const above = frames.at(-1)?.node;
      if (above !== undefined) low.set(above, Math.min(low.get(above)!, low.get(node)!));
      if (low.get(node) === index.get(node)) found.push(closed(node, stack, open));
    }
  }
  return found;
}

function closed(node: string, stack: string[], open: Set<string>): string[] {
  const component = stack.splice(stack.lastIndexOf(node));
  for (const each of component) open.delete(each);
  return component;
}

/** Breadth first from a node back to itself, within its component. */
function wayRound(start: string, out: ReadonlyMap<string, readonly Edge[]>, within: ReadonlySet<string>): Edge[] {
  const cameBy = new Map<string, Edge>();
  const queue = [start];
  for (let node = queue.shift(); node !== undefined; node = queue.shift()) {
    for (const edge of out.get(node) ?? []) {
      if (!within.has(edge.to) || cameBy.has(edge.to)) continue;
      cameBy.set(edge.to, edge);
      if (edge.to === start) return path(start, cameBy);
      queue.push(edge.to);
    }
  }
  throw new Error(`${start} is not on a cycle of its component`);
}

function path(end: string, cameBy: ReadonlyMap<string, Edge>): Edge[] {
  const edges: Edge[] = [];
  let node = end;
  do {
    const edge = cameBy.get(node)!;
    edges.unshift(edge);
    node = edge.from;
  } while (node !== end);
  return edges;
}
