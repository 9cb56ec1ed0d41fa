/** Light, dark, or the system's setting. The choice is an attribute of the root element, which the styles use. */
import { createContext, useContext, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { pageTheme, type ThemeName } from '../api/page';
import { usePreference } from './preferences';
import { useIsPrinting } from './useIsPrinting';

const isTheme = (value: unknown): value is ThemeName => value === 'dark' || value === 'light';

const isThemeOrNone = (value: unknown): value is ThemeName | null => value === null || isTheme(value);

const DARK_SYSTEM = '(prefers-color-scheme: dark)';

function useSystemTheme(): ThemeName {
  const query = useMemo(() => window.matchMedia?.(DARK_SYSTEM), []);
  const [isDark, setIsDark] = useState(query?.matches ?? false);
  useEffect(() => {
    const onChange = (event: MediaQueryListEvent) => setIsDark(event.matches);
    query?.addEventListener('change', onChange);
    return () => query?.removeEventListener('change', onChange);
  }, [query]);
  return isDark ? 'dark' : 'light';
}

/** @returns the present theme, and a function that switches to the other one. */
export function useThemeChoice(): { theme: ThemeName; toggle: () => void } {
  const system = useSystemTheme();
  const [chosen, choose] = usePreference<ThemeName | null>('theme', null, isThemeOrNone);
  const [forPage, setForPage] = useState(pageTheme);
  const isPrinting = useIsPrinting();
  const theme = isPrinting ? 'light' : (forPage ?? chosen ?? system);
  // Runs before the effects of the charts, which read colours from the styles.
  useLayoutEffect(() => {
    document.documentElement.dataset.theme = theme;
  }, [theme]);
  const toggle = () => {
    setForPage(null);
    choose(theme === 'dark' ? 'light' : 'dark');
  };
  return { theme, toggle };
}

export const ThemeContext = createContext<ThemeName>('light');

/** The theme on screen, for drawings on a canvas, which have to be redrawn in other colours. */
export const useTheme = (): ThemeName => useContext(ThemeContext);
