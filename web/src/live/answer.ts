/** Answers that are asked for once, and again when somebody changes what they tell of. */
import { useCallback, useEffect, useState } from 'react';
import type { Client } from '../api/client';

export interface Answered<Answer> {
  /** The last answer, also while the next one is on its way. */
  value: Answer | null;
  /** Why the last request failed; null if it did not. */
  error: Error | null;
  isLoading: boolean;
  reload: () => void;
}

/** The answers of several routes together, in their order. */
export function useAnswers<Answer>(client: Client, paths: readonly string[]): Answered<Answer[]> {
  const [state, setState] = useState<Omit<Answered<Answer[]>, 'reload'>>({
    value: null,
    error: null,
    isLoading: true,
  });
  const [turn, setTurn] = useState(0);
  const key = paths.join('\n');
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn asks again for the same
  useEffect(() => {
    let isWanted = true;
    setState(before => ({ ...before, isLoading: true }));
    Promise.all(key.split('\n').map(path => client.get<Answer>(path))).then(
      value => isWanted && setState({ value, error: null, isLoading: false }),
      (error: unknown) => {
        const told = error instanceof Error ? error : new Error(String(error));
        if (isWanted) setState({ value: null, error: told, isLoading: false });
      },
    );
    return () => {
      isWanted = false;
    };
  }, [client, key, turn]);
  const reload = useCallback(() => setTurn(before => before + 1), []);
  return { ...state, reload };
}

/** The answer of one route. */
export function useAnswer<Answer>(client: Client, path: string): Answered<Answer> {
  const { value, ...rest } = useAnswers<Answer>(client, [path]);
  return { ...rest, value: value?.[0] ?? null };
}
