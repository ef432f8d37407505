/** AS paths and communities in the notation that all readers of truth share. */

/** The AS numbers of a path text, those inside sets and confederations included. */
export function asNumbers(text: string): number[] {
  return [...text.matchAll(/\d+/g)].map(([digits]) => Number(digits));
}

/** Sets in braces without spaces, one space between the rest: `65010 {65022,65023}`. */
export function normalAsPath(text: string): string {
  return text
    .replaceAll(/\{([^}]*)\}/g, (_, inside: string) => `{${asNumbers(inside).join(',')}}`)
    .trim()
    .replaceAll(/\s+/g, ' ');
}

/** Communities in ascending order of their numbers. */
export function sortCommunities(communities: string[]): string[] {
  return communities.toSorted((a, b) => {
    const right = asNumbers(b);
    for (const [index, number] of asNumbers(a).entries()) {
      const difference = number - (right[index] ?? 0);
      if (difference !== 0) return difference;
    }
    return 0;
  });
}
