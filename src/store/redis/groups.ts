/** So many addresses go in one script call: each keeps Redis busy for a millisecond or two at most. */
const MOST_PER_CALL = 200;

/**
 * Splits what is asked about addresses into script calls: batches on a single
 * server, one call an address on a cluster, where a script may touch one hash
 * tag only.
 */
export function groupByCall<T>(items: readonly T[], isCluster: boolean): readonly (readonly T[])[] {
  const size = isCluster ? 1 : MOST_PER_CALL;
  const groups: T[][] = [];
  for (let from = 0; from < items.length; from += size) groups.push(items.slice(from, from + size));
  return groups;
}

/** All items of several lists, in order. A loop, where `flat` and `flatMap` set each item by a slow path of V8's. */
export function inOneList<T>(lists: readonly (readonly T[])[]): readonly T[] {
  const [only] = lists;
  if (only !== undefined && lists.length === 1) return only;
  const all: T[] = [];
  for (const list of lists) for (const item of list) all.push(item);
  return all;
}
