/** The icons of the page, as strokes in the colour of the adjacent text. Decorative: never the only label. */

const PATHS = {
  play: 'M7 5v14l12-7z',
  pause: 'M7 5h3v14H7zM14 5h3v14h-3z',
  stop: 'M7 7h10v10H7z',
  edit: 'M4 20h4L19 9l-4-4L4 16zM13 7l4 4',
  reset: 'M4 12a8 8 0 1 0 3-6.2M4 4v5h5',
  plus: 'M12 5v14M5 12h14',
  sun: 'M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.5 1.5M17.5 17.5 19 19M19 5l-1.5 1.5M6.5 17.5 5 19',
  moon: 'M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z',
  search: 'M11 5a6 6 0 1 0 0 12 6 6 0 0 0 0-12M15.5 15.5 20 20',
  chart: 'M4 19h16M6 15l4-5 4 3 5-7',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  warning: 'M12 4 2.5 20h19zM12 10v4M12 17v.5',
  offline: 'M3 3l18 18M8.5 8.7A9 9 0 0 0 4 12M12 6a12 12 0 0 1 9 4M9 15a5 5 0 0 1 6 0M12 19v.5',
  columns: 'M4 5h16v14H4zM10 5v14M15 5v14',
  close: 'M6 6l12 12M18 6 6 18',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  info: 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18M12 11v6M12 7.5v.5',
  copy: 'M9 9h11v11H9zM5 15H4V4h11v1',
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name }: { name: IconName }) {
  return (
    <svg className="icon" data-name={name} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} />
    </svg>
  );
}
