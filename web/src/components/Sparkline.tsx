/** A small chart in a line of a table: how something went, without an axis. */
import { sparkPath } from '../model/sparkline';

const WIDTH = 100;
const HEIGHT = 20;

interface SparklineProps {
  values: readonly (number | null)[];
  /** Name of the custom property with the colour. */
  color: string;
  /** What it shows, for screen readers. */
  label: string;
}

export function Sparkline({ values, color, label }: SparklineProps) {
  if (values.every(value => value === null)) return null;
  return (
    <svg
      className="sparkline"
      role="img"
      aria-label={label}
      viewBox={`-1 -1 ${WIDTH + 2} ${HEIGHT + 2}`}
      preserveAspectRatio="none"
    >
      <path d={sparkPath(values, WIDTH, HEIGHT)} style={{ stroke: `var(${color})` }} />
    </svg>
  );
}
