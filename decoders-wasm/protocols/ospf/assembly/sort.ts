/** Heap sort of u32 addresses by a comparison: rows and exports come in canonical order. */

/** Sorts `count` addresses (u32 each) at `list`, smallest first. */
export function sortAddresses(list: usize, count: u32, order: (a: usize, b: usize) => i32): void {
  if (count < 2) return;
  for (let i: i32 = ((count >>> 1) as i32) - 1; i >= 0; i--) sift(list, i as u32, count, order);
  for (let end = count - 1; end > 0; end--) {
    const top = load<u32>(list);
    store<u32>(list, load<u32>(list + ((end as usize) << 2)));
    store<u32>(list + ((end as usize) << 2), top);
    sift(list, 0, end, order);
  }
}

function sift(list: usize, from: u32, count: u32, order: (a: usize, b: usize) => i32): void {
  const moved = load<u32>(list + ((from as usize) << 2));
  let hole = from;
  for (let child: u32 = 2 * hole + 1; child < count; child = 2 * hole + 1) {
    if (child + 1 < count && order(at(list, child), at(list, child + 1)) < 0) child += 1;
    if (order(moved as usize, at(list, child)) >= 0) break;
    store<u32>(list + ((hole as usize) << 2), at(list, child) as u32);
    hole = child;
  }
  store<u32>(list + ((hole as usize) << 2), moved);
}

function at(list: usize, index: u32): usize {
  return load<u32>(list + ((index as usize) << 2)) as usize;
}
