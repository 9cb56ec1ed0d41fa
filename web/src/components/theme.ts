/** Light, dark, or what the system says. The choice hangs on the root element, where the styles look for it. */
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

/** @returns the theme on screen, and how to switch to the other one. */
export function useThemeChoice(): { theme: ThemeName; toggle: () => void } {
  const system = useSystemTheme();
  const [chosen, choose] = usePreference<ThemeName | null>('theme', null, isThemeOrNone);
  const [forPage, setForPage] = useState(pageTheme);
  const isPrinting = useIsPrinting();
  const theme = isPrinting ? 'light' : (forPage ?? chosen ?? system);
  // Before the effects of what reads colours from the styles: the charts.
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

/** For what is drawn on a canvas and has to be drawn again in other colours. */
export const useTheme = (): ThemeName => useContext(ThemeContext);
