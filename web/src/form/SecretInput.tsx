/** A password field whose content can be shown. */
import { useState } from 'react';
import type { ControlIds } from './Field';

interface SecretInputProps {
  ids: ControlIds;
  name: string;
  isRequired?: boolean | undefined;
  /** Omitted if the browser keeps the value (in the login form). */
  value?: string;
  defaultValue?: string;
  onChange?: (value: string) => void;
  autoComplete?: string;
}

export function SecretInput({
  ids,
  name,
  isRequired,
  value,
  defaultValue,
  onChange,
  autoComplete = 'off',
}: SecretInputProps) {
  const [isVisible, setIsVisible] = useState(false);
  return (
    <div className="secret">
      <input
        {...ids}
        name={name}
        type={isVisible ? 'text' : 'password'}
        required={isRequired}
        autoComplete={autoComplete}
        spellCheck={false}
        value={value}
        defaultValue={defaultValue}
        onChange={onChange && (event => onChange(event.target.value))}
      />
      <button type="button" aria-pressed={isVisible} onClick={() => setIsVisible(!isVisible)}>
        {isVisible ? 'Hide' : 'Show'}
      </button>
    </div>
  );
}
