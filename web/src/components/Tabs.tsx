/**
 * Tabs in the ARIA pattern: one tab stop, arrow keys move between tabs, and the address names the open one. Only the
 * open panel exists, so closed ones fetch and draw nothing.
 */
import { type KeyboardEvent, type ReactNode, useCallback, useEffect, useRef, useState } from 'react';

export interface Tab {
  /** Also the address fragment and the test id: `tab-<id>`. */
  id: string;
  title: string;
  /** A number that is shown even while the tab is closed. */
  badge?: string | null;
  tone?: 'bad';
  panel: () => ReactNode;
}

const fragment = (): string => decodeURIComponent(window.location.hash.slice(1));

/** The open tab, which the address names; following a link or going back changes it. */
export function useOpenTab(ids: readonly string[]): [string, (id: string) => void] {
  const [open, setOpen] = useState(fragment);
  useEffect(() => {
    const onHashChange = () => setOpen(fragment());
    window.addEventListener('hashchange', onHashChange);
    return () => window.removeEventListener('hashchange', onHashChange);
  }, []);
  const choose = useCallback((id: string) => {
    window.history.replaceState(null, '', `#${encodeURIComponent(id)}`);
    setOpen(id);
  }, []);
  return [ids.includes(open) ? open : (ids[0] ?? ''), choose];
}

const STEPS: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };

interface TabsProps {
  tabs: Tab[];
  open: string;
  onOpen: (id: string) => void;
  label: string;
}

export function Tabs({ tabs, open, onOpen, label }: TabsProps) {
  const list = useRef<HTMLDivElement>(null);

  // On a narrow screen the list scrolls, and the open tab must be visible.
  // biome-ignore lint/correctness/useExhaustiveDependencies: another tab was opened
  useEffect(() => {
    const selected = list.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    if (list.current && selected) list.current.scrollLeft = selected.offsetLeft - 48;
  }, [open]);

  const onKeyDown = (event: KeyboardEvent) => {
    const index = tabs.findIndex(tab => tab.id === open);
    const step = STEPS[event.key];
    const target =
      step !== undefined
        ? tabs[(index + step + tabs.length) % tabs.length]
        : event.key === 'Home'
          ? tabs[0]
          : event.key === 'End'
            ? tabs[tabs.length - 1]
            : undefined;
    if (!target) return;
    event.preventDefault();
    onOpen(target.id);
    list.current?.querySelectorAll<HTMLElement>('[role="tab"]')[tabs.indexOf(target)]?.focus();
  };

  const shown = tabs.find(tab => tab.id === open);
  return (
    <>
      <div className="tabs" role="tablist" aria-label={label} ref={list} onKeyDown={onKeyDown}>
        {tabs.map(tab => (
          <button
            key={tab.id}
            type="button"
            role="tab"
            id={`tab-${tab.id}`}
            data-testid={`tab-${tab.id}`}
            aria-selected={tab.id === open}
            aria-controls={tab.id === open ? `panel-${tab.id}` : undefined}
            tabIndex={tab.id === open ? 0 : -1}
            onClick={() => onOpen(tab.id)}
          >
            {tab.title}
            {tab.badge && (
              <span className="badge" data-tone={tab.tone}>
                {tab.badge}
              </span>
            )}
          </button>
        ))}
      </div>
      {shown && (
        <section
          className="panel"
          role="tabpanel"
          id={`panel-${shown.id}`}
          data-testid={`panel-${shown.id}`}
          aria-labelledby={`tab-${shown.id}`}
        >
          <h2 className="visually-hidden">{shown.title}</h2>
          {shown.panel()}
        </section>
      )}
    </>
  );
}
