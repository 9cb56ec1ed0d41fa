/** The logo and the theme switch at the top of every page. */
import { Icon } from './Icon';
import { useTheme } from './theme';

export function BrandMark() {
  return (
    <svg className="brand-mark" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" />
      <path d="M7 21c5 0 8-2 10-6l3-6 2 1-3 7 4 6-2 1-4-5c-2 3-6 4-10 4z" />
      <circle cx="23" cy="8" r="2" />
    </svg>
  );
}

export function ThemeButton({ onToggle }: { onToggle: () => void }) {
  const isDark = useTheme() === 'dark';
  const label = isDark ? 'Switch to light' : 'Switch to dark';
  return (
    <button
      type="button"
      className="quiet"
      onClick={onToggle}
      aria-label={label}
      title={label}
      data-testid="theme"
    >
      <Icon name={isDark ? 'sun' : 'moon'} />
    </button>
  );
}
