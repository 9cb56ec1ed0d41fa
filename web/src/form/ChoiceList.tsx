/** A list of check boxes, with buttons for all and none. */
import { useId } from 'react';

interface ChoiceListProps {
  legend: string;
  choices: readonly string[];
  chosen: readonly string[];
  onChange: (chosen: string[]) => void;
  hint?: string | null | undefined;
  testId?: string;
}

export function ChoiceList({ legend, choices, chosen, onChange, hint, testId }: ChoiceListProps) {
  const id = useId();
  const toggle = (choice: string) =>
    onChange(choices.filter(item => (item === choice ? !chosen.includes(item) : chosen.includes(item))));
  return (
    <fieldset className="choices" aria-describedby={hint ? `${id}-hint` : undefined} data-testid={testId}>
      <legend>{legend}</legend>
      <div className="choices-all">
        <button type="button" className="link" onClick={() => onChange([...choices])}>
          All
        </button>
        <button type="button" className="link" onClick={() => onChange([])}>
          None
        </button>
      </div>
      <div className="choices-list">
        {choices.map(choice => (
          <label key={choice} className="check">
            <input type="checkbox" checked={chosen.includes(choice)} onChange={() => toggle(choice)} />
            <span>{choice}</span>
          </label>
        ))}
      </div>
      {hint && (
        <p className="field-hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </fieldset>
  );
}
