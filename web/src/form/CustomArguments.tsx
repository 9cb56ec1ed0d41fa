/** The locustfile's own arguments, each with a suitable control. */
import type { ExtraOption } from '../api/page';
import { type OptionValue, optionKind, optionTitle } from '../model/swarm';
import { ChoiceList } from './ChoiceList';
import { Field } from './Field';
import { SecretInput } from './SecretInput';

interface CustomArgumentsProps {
  options: Record<string, ExtraOption>;
  values: Record<string, OptionValue>;
  onChange: (name: string, value: OptionValue) => void;
}

export function CustomArguments({ options, values, onChange }: CustomArgumentsProps) {
  return (
    <div className="fields" data-testid="custom-arguments">
      {Object.entries(options).map(([name, option]) => (
        <CustomArgument
          key={name}
          name={name}
          option={option}
          value={values[name] ?? ''}
          onChange={value => onChange(name, value)}
        />
      ))}
    </div>
  );
}

interface CustomArgumentProps {
  name: string;
  option: ExtraOption;
  value: OptionValue;
  onChange: (value: OptionValue) => void;
}

function CustomArgument({ name, option, value, onChange }: CustomArgumentProps) {
  const kind = optionKind(option);
  const title = optionTitle(name);
  const text = typeof value === 'string' ? value : '';
  const choices = (option.choices ?? []).map(String);
  const isRequired = option.is_required ?? false;
  if (kind === 'boolean') {
    return (
      <div className="field">
        <label className="check">
          <input
            type="checkbox"
            name={name}
            checked={value === true}
            onChange={event => onChange(event.target.checked)}
          />
          <span>{title}</span>
        </label>
        {option.help_text && <p className="field-hint">{option.help_text}</p>}
      </div>
    );
  }
  if (kind === 'choices') {
    return (
      <ChoiceList
        legend={isRequired ? `${title} (required)` : title}
        choices={choices}
        chosen={Array.isArray(value) ? value : []}
        onChange={onChange}
        hint={option.help_text}
        testId={`choices-${name}`}
      />
    );
  }
  return (
    <Field label={title} hint={option.help_text} isRequired={isRequired}>
      {ids => {
        if (kind === 'secret') {
          return (
            <SecretInput ids={ids} name={name} isRequired={isRequired} value={text} onChange={onChange} />
          );
        }
        if (kind === 'choice') {
          return (
            <select
              {...ids}
              name={name}
              required={isRequired}
              value={text}
              onChange={event => onChange(event.target.value)}
            >
              {!choices.includes(text) && <option value={text}>{text || '–'}</option>}
              {choices.map(choice => (
                <option key={choice}>{choice}</option>
              ))}
            </select>
          );
        }
        return (
          <input
            {...ids}
            name={name}
            type="text"
            inputMode={kind === 'number' ? 'decimal' : undefined}
            required={isRequired}
            spellCheck={false}
            value={text}
            onChange={event => onChange(event.target.value)}
          />
        );
      }}
    </Field>
  );
}
