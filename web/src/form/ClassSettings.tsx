/** The settings of one user class, which are sent to the server when the test starts. */
import { useState } from 'react';
import type { UserClassConfig } from '../api/page';
import { type ClassChanges, optionTitle, ownAttributes } from '../model/swarm';
import { ChoiceList } from './ChoiceList';
import { Field } from './Field';

interface ClassSettingsProps {
  name: string;
  config: UserClassConfig;
  tasks: string[];
  onChange: (changes: ClassChanges) => void;
}

/** Reads a whole number from 0; null for any other text. */
const wholeNumber = (text: string): number | null => (/^\d+$/.test(text.trim()) ? Number(text) : null);

export function ClassSettings({ name, config, tasks, onChange }: ClassSettingsProps) {
  return (
    <div className="class-settings" data-testid={`class-settings-${name}`}>
      <div className="fields">
        <NumberField
          label="Weight"
          hint="Share among the classes without a fixed count."
          value={config.weight ?? 1}
          onChange={weight => onChange({ weight })}
        />
        <NumberField
          label="Fixed count"
          hint="Exactly this many users; 0 goes by weight."
          value={config.fixed_count ?? 0}
          onChange={fixed_count => onChange({ fixed_count })}
        />
      </div>
      <Field label="Host" hint="Empty: the host of the test.">
        {ids => (
          <input
            {...ids}
            type="text"
            inputMode="url"
            spellCheck={false}
            value={config.host ?? ''}
            onChange={event => onChange({ host: event.target.value })}
          />
        )}
      </Field>
      {tasks.length > 0 && (
        <ChoiceList
          legend="Tasks"
          choices={tasks}
          chosen={config.tasks ?? tasks}
          onChange={chosen => onChange({ tasks: chosen })}
        />
      )}
      {ownAttributes(config).map(([attribute, value]) => (
        <AttributeField
          key={attribute}
          attribute={attribute}
          value={value}
          onChange={changed => onChange({ [attribute]: changed })}
        />
      ))}
    </div>
  );
}

interface NumberFieldProps {
  label: string;
  hint: string;
  value: number;
  onChange: (value: number) => void;
}

function NumberField({ label, hint, value, onChange }: NumberFieldProps) {
  const [text, setText] = useState(String(value));
  const isWrong = wholeNumber(text) === null;
  return (
    <Field label={label} hint={hint} error={isWrong ? 'Enter a whole number, 0 or more.' : undefined}>
      {ids => (
        <input
          {...ids}
          type="text"
          inputMode="numeric"
          value={text}
          onChange={event => {
            setText(event.target.value);
            const number = wholeNumber(event.target.value);
            if (number !== null) onChange(number);
          }}
        />
      )}
    </Field>
  );
}

interface AttributeFieldProps {
  attribute: string;
  value: unknown;
  onChange: (value: unknown) => void;
}

/** Edits an attribute without changing its type: text, a number, or JSON for everything else. */
function AttributeField({ attribute, value, onChange }: AttributeFieldProps) {
  const [initial] = useState(value);
  const isText = typeof initial === 'string';
  const [text, setText] = useState(isText ? String(value) : JSON.stringify(value));
  if (typeof initial === 'boolean') {
    return (
      <label className="check">
        <input type="checkbox" checked={value === true} onChange={event => onChange(event.target.checked)} />
        <span>{optionTitle(attribute)}</span>
      </label>
    );
  }
  const parsed = isText ? { value: text } : parseLike(initial, text);
  return (
    <Field label={optionTitle(attribute)} error={parsed ? undefined : expectation(initial)}>
      {ids => (
        <input
          {...ids}
          type="text"
          spellCheck={false}
          value={text}
          onChange={event => {
            setText(event.target.value);
            const next = isText ? { value: event.target.value } : parseLike(initial, event.target.value);
            if (next) onChange(next.value);
          }}
        />
      )}
    </Field>
  );
}

const expectation = (initial: unknown): string =>
  typeof initial === 'number' ? 'Enter a number.' : 'Enter valid JSON, such as ["a", "b"] or {"key": 1}.';

export function parseLike(initial: unknown, text: string): { value: unknown } | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof initial === 'number' && typeof value !== 'number' ? null : { value };
  } catch {
    return null;
  }
}
