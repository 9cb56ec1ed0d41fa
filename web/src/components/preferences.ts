/** The reader's choices (theme, columns), stored in the browser or, if storage is forbidden, as long as the page. */
import { useCallback, useState } from 'react';

const PREFIX = 'locust.';

function read<Value>(name: string, fallback: Value, isValid: (value: unknown) => value is Value): Value {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(PREFIX + name) ?? 'null');
    return isValid(value) ? value : fallback;
  } catch {
    return fallback;
  }
}

export function usePreference<Value>(
  name: string,
  fallback: Value,
  isValid: (value: unknown) => value is Value,
): [Value, (value: Value) => void] {
  const [value, setValue] = useState(() => read(name, fallback, isValid));
  const store = useCallback(
    (next: Value) => {
      setValue(next);
      try {
        localStorage.setItem(PREFIX + name, JSON.stringify(next));
      } catch {
        // A private window may have no storage: the choice then lasts as long as the page.
      }
    },
    [name],
  );
  return [value, store];
}

export const isNumberList = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every(item => typeof item === 'number' && item > 0 && item <= 1);

export const isBoolean = (value: unknown): value is boolean => typeof value === 'boolean';

export const isStringList = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every(item => typeof item === 'string');
