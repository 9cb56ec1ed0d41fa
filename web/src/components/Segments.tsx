/** A choice of one of a few, side by side. */
interface SegmentsProps<Value> {
  /** What is chosen, for screen readers. */
  legend: string;
  options: readonly { value: Value; title: string }[];
  /** Undefined: none. */
  chosen: Value | undefined;
  onChoose: (value: Value) => void;
  testId?: string;
  className?: string;
}

export function Segments<Value extends string | number | null>(props: SegmentsProps<Value>) {
  const { legend, options, chosen, onChoose, testId, className = 'segments' } = props;
  return (
    <fieldset className={className} data-testid={testId}>
      <legend className="visually-hidden">{legend}</legend>
      {options.map(({ value, title }) => (
        <button key={title} type="button" aria-pressed={chosen === value} onClick={() => onChoose(value)}>
          {title}
        </button>
      ))}
    </fieldset>
  );
}
