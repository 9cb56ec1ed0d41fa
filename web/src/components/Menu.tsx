/** A button that opens a small panel; Escape or a click elsewhere closes it. */
import { type ReactNode, useEffect, useRef } from 'react';
import { Icon, type IconName } from './Icon';

interface MenuProps {
  title: string;
  icon: IconName;
  testId: string;
  children: ReactNode;
}

export function Menu({ title, icon, testId, children }: MenuProps) {
  const element = useRef<HTMLDetailsElement>(null);
  useEffect(() => {
    const onPointer = (event: PointerEvent) => {
      const menu = element.current;
      if (menu?.open && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    };
    const onKey = (event: KeyboardEvent) => {
      const menu = element.current;
      if (event.key !== 'Escape' || !menu?.open) return;
      menu.open = false;
      menu.querySelector('summary')?.focus();
    };
    document.addEventListener('pointerdown', onPointer);
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('pointerdown', onPointer);
      document.removeEventListener('keydown', onKey);
    };
  }, []);
  return (
    <details className="menu" ref={element}>
      <summary data-testid={testId}>
        <Icon name={icon} />
        {title}
      </summary>
      <div className="menu-body">{children}</div>
    </details>
  );
}
