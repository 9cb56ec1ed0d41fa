/** Arithmetic of the small charts in a line of a table. */

/** The paths of a line through values from zero up, with a gap where nothing was measured; `height` is that of the highest. */
export function sparkPath(values: readonly (number | null)[], width: number, height: number): string {
  const most = Math.max(...values.map(value => value ?? 0), 0);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  let isOpen = false;
  return values
    .flatMap((value, index) => {
      if (value === null) {
        isOpen = false;
        return [];
      }
      const x = (index * step).toFixed(1);
      const y = (height - (most > 0 ? value / most : 0) * height).toFixed(1);
      // A value between two gaps is a dot: a line of no length with round ends.
      const isAlone = !isOpen && (values[index + 1] ?? null) === null;
      const command = isAlone ? `M${x} ${y}h0` : `${isOpen ? 'L' : 'M'}${x} ${y}`;
      isOpen = true;
      return [command];
    })
    .join('');
}
